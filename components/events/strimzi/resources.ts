import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Metadata } from "../../mesh/istio";
import type { TieredStorage } from "./remote-storage";

/** Strimzi's custom resources, as far as this platform uses them. */

export const strimziApiVersion = "kafka.strimzi.io/v1";

type Resources = kubernetes.types.input.core.v1.ResourceRequirements;

export interface ContainerTemplate {
  securityContext: kubernetes.types.input.core.v1.SecurityContext;
  env?: kubernetes.types.input.core.v1.EnvVar[];
}

export interface PodTemplate {
  priorityClassName?: string;
  terminationGracePeriodSeconds?: number;
  topologySpreadConstraints?: kubernetes.types.input.core.v1.TopologySpreadConstraint[];
}

export interface CertificateAndKey {
  secretName: pulumi.Input<string>;
  certificate: string;
  key: string;
}

export interface Listener {
  /** Lower-case letters and digits. */
  name: string;
  port: number;
  type: "internal" | "loadbalancer";
  tls: boolean;
  authentication: { type: "scram-sha-512" };
  configuration: {
    brokerCertChainAndKey: CertificateAndKey;
    loadBalancerSourceRanges?: string[];
    advertisedHostTemplate?: string;
    bootstrap?: { annotations: Record<string, string> };
    perBrokerAnnotationsTemplate?: Record<string, string>;
  };
  networkPolicyPeers: kubernetes.types.input.networking.v1.NetworkPolicyPeer[];
}

export interface KafkaSpec {
  kafka: {
    version: string;
    image?: string;
    tieredStorage?: TieredStorage;
    listeners: Listener[];
    authorization: { type: "simple" };
    rack: { topologyKey: string };
    config: Record<string, string | number | boolean>;
    metricsConfig: { type: "strimziMetricsReporter" };
    template: { podDisruptionBudget: { maxUnavailable: number } };
  };
  entityOperator: {
    topicOperator: { resources: Resources };
    userOperator: { watchedNamespace: pulumi.Input<string>; secretPrefix: string; resources: Resources };
    template: { topicOperatorContainer: ContainerTemplate; userOperatorContainer: ContainerTemplate };
  };
  cruiseControl: {
    autoRebalance: { mode: "add-brokers" | "remove-brokers"; template: { name: string } }[];
    resources: Resources;
    template: { cruiseControlContainer: ContainerTemplate };
  };
  kafkaExporter: {
    topicRegex: string;
    groupRegex: string;
    resources: Resources;
    template: { container: ContainerTemplate };
  };
}

export interface KafkaArgs {
  metadata: Metadata;
  spec: KafkaSpec;
}

export class Kafka extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: KafkaArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion: strimziApiVersion, kind: "Kafka", ...args }, options);
  }
}

export interface KafkaNodePoolArgs {
  metadata: Metadata;
  spec: {
    replicas: number;
    roles: ("controller" | "broker")[];
    storage: {
      type: "jbod";
      volumes: {
        id: number;
        type: "persistent-claim";
        size: string;
        class?: pulumi.Input<string>;
        deleteClaim: boolean;
        kraftMetadata: "shared";
      }[];
    };
    resources: Resources;
    jvmOptions: { "-Xms": string; "-Xmx": string };
    template: { pod: PodTemplate; kafkaContainer: ContainerTemplate; initContainer: ContainerTemplate };
  };
}

export class KafkaNodePool extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: KafkaNodePoolArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion: strimziApiVersion, kind: "KafkaNodePool", ...args }, options);
  }
}

export interface KafkaTopicArgs {
  metadata: Metadata;
  spec: { partitions: number; replicas: number; config: Record<string, string | number> };
}

export class KafkaTopic extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: KafkaTopicArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion: strimziApiVersion, kind: "KafkaTopic", ...args }, options);
  }
}

export type AclOperation =
  "Alter" | "AlterConfigs" | "Create" | "Delete" | "Describe" | "DescribeConfigs" | "Read" | "Write";

/** Allows; nothing is denied, for what no ACL allows is refused. */
export interface Acl {
  resource: { type: "topic" | "group"; name: string; patternType: "literal" | "prefix" };
  operations: AclOperation[];
}

export interface KafkaUserArgs {
  metadata: Metadata;
  spec: {
    authentication: {
      type: "scram-sha-512";
      /** Default: one that the user operator makes. */
      password?: { valueFrom: { secretKeyRef: { name: pulumi.Input<string>; key: string } } };
    };
    authorization: { type: "simple"; acls: Acl[] };
    /** Of each broker. */
    quotas?: { producerByteRate: number; consumerByteRate: number };
  };
}

export class KafkaUser extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: KafkaUserArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion: strimziApiVersion, kind: "KafkaUser", ...args }, options);
  }
}

export interface KafkaRebalanceArgs {
  metadata: Metadata;
  spec: Record<string, never>;
}

export class KafkaRebalance extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: KafkaRebalanceArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion: strimziApiVersion, kind: "KafkaRebalance", ...args }, options);
  }
}
