import type * as pulumi from "@pulumi/pulumi";

/** A database, a cache or a broker as the pods that use it reach it. */
export interface StoreEndpoint {
  /** Fully qualified host name. */
  host: pulumi.Input<string>;
  /** TCP port. */
  port: number;
  /** Its pods. Default: it is no pod of this cluster. */
  pods?: StorePods;
  /**
   * Whether a client's first bytes are a TLS greeting with the host's name, by which proxies can tell hosts at one port
   * apart. Default false, as for what begins in plain text and changes to TLS (MySQL, PostgreSQL).
   */
  startsWithTls?: boolean;
}

export interface StorePods {
  /** Name of the namespace. */
  namespace: string;
  labels: Record<string, string>;
}

/** The key of a Secret in the namespace of the pods that use it. */
export interface SecretVariable {
  /** Name of the environment variable. */
  variable: string;
  secretName: pulumi.Input<string>;
  key: string;
}

/** All that a service needs to use a store: the way to it, its share of it, and what its containers are told. */
export interface StoreConnection {
  /** A DNS label, e.g. `database`; also the folder of its certificates: `/etc/omega/<name>`. */
  name: string;
  endpoints: StoreEndpoint[];
  /** Connections from one replica at most, at least 1: one more is refused by its proxy. */
  connectionsPerReplica: number;
  /** Environment variables. No secrets. */
  environment: Record<string, pulumi.Input<string>>;
  secrets: SecretVariable[];
  /** Secret whose key `ca.crt` is the authority that the store's certificate is checked against. Default: public ones. */
  authoritySecretName?: pulumi.Input<string>;
  /**
   * What the service's pods may do in AWS for it. A service account has one role only, which the stack makes from the
   * statements of all its stores. Default nothing.
   */
  awsStatements?: AwsStatement[];
}

/** Of an IAM policy that allows. */
export interface AwsStatement {
  /** E.g. `kafka-cluster:Connect`. */
  actions: string[];
  /** ARNs. */
  resources: pulumi.Input<string>[];
}
