import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Metadata } from "../mesh/istio";

/** cert-manager's custom resources, as far as this platform uses them. */

const apiVersion = "cert-manager.io/v1";

export enum IssuerKind {
  /** Of the certificate's own namespace. */
  Issuer = "Issuer",
  ClusterIssuer = "ClusterIssuer",
}

export interface IssuerReference {
  kind: IssuerKind;
  name: pulumi.Input<string>;
}

interface CertificateSpec {
  secretName: string;
  issuerRef: IssuerReference & { group: string };
  dnsNames?: string[];
  commonName?: string;
  isCA?: boolean;
  privateKey: { algorithm: "ECDSA"; size: number; encoding?: "PKCS8"; rotationPolicy: "Always" };
  usages: string[];
  duration: string;
  renewBeforePercentage: number;
  revisionHistoryLimit: number;
}

export interface CertificateArgs {
  metadata: Metadata;
  spec: CertificateSpec;
}

export class Certificate extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: CertificateArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion, kind: "Certificate", ...args }, options);
  }
}

interface SecretKey {
  name: pulumi.Input<string>;
  key: string;
}

export interface IssuerArgs {
  metadata: Metadata;
  spec: {
    selfSigned?: Record<string, never>;
    ca?: { secretName: string };
    acme?: {
      server: string;
      email: pulumi.Input<string>;
      privateKeySecretRef: { name: string };
      solvers: {
        selector?: { dnsZones: string[] };
        dns01: { cloudflare: { apiTokenSecretRef: SecretKey } };
      }[];
    };
  };
}

export class Issuer extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: IssuerArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion, kind: "Issuer", ...args }, options);
  }
}

export class ClusterIssuer extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: IssuerArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion, kind: "ClusterIssuer", ...args }, options);
  }
}

const issuerReference = ({ kind, name }: IssuerReference) => ({ group: "cert-manager.io", kind, name });

/** Each renewal has a key of its own, and comes when a third of the time is left, however long the issuer's is. */
const renewal = {
  privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
  renewBeforePercentage: 33,
  revisionHistoryLimit: 1,
} as const;

/** For the TLS of a server with these names, 90 days if the issuer lets us choose. */
export function serverCertificateSpec(
  secretName: string,
  dnsNames: string[],
  issuer: IssuerReference,
): CertificateSpec {
  return {
    secretName,
    issuerRef: issuerReference(issuer),
    dnsNames,
    usages: ["digital signature", "server auth"],
    duration: "2160h",
    ...renewal,
  };
}

/** For a client with this name, 90 days. */
export function clientCertificateSpec(
  secretName: string,
  commonName: string,
  issuer: IssuerReference,
): CertificateSpec {
  return {
    secretName,
    issuerRef: issuerReference(issuer),
    commonName,
    usages: ["digital signature", "client auth"],
    duration: "2160h",
    ...renewal,
  };
}

/** For an authority of one's own, a year. */
export function authorityCertificateSpec(
  secretName: string,
  commonName: string,
  issuer: IssuerReference,
): CertificateSpec {
  return {
    secretName,
    issuerRef: issuerReference(issuer),
    commonName,
    isCA: true,
    usages: ["cert sign", "crl sign"],
    duration: "8760h",
    ...renewal,
  };
}
