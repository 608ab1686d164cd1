import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/**
 * Istio's custom resources, as far as this platform uses them: the SDK types a custom resource's spec as `any`, so a
 * misspelt field would pass the compiler. The rehearsal's API server checks the same fields against Istio's CRDs.
 */
type Metadata = pulumi.Input<kubernetes.types.input.meta.v1.ObjectMeta>;

export interface ConnectionPool {
  tcp?: { maxConnections?: number; connectTimeout?: string };
  http?: { http1MaxPendingRequests?: number; maxConcurrentStreams?: number };
}

export interface OutlierDetection {
  consecutive5xxErrors: number;
  interval: string;
  baseEjectionTime: string;
  maxEjectionPercent: number;
}

export interface DestinationRuleArgs {
  metadata: Metadata;
  spec: {
    /** Fully qualified: a short name means another service in every other namespace. */
    host: pulumi.Input<string>;
    trafficPolicy: { connectionPool: ConnectionPool; outlierDetection: OutlierDetection };
  };
}

export class DestinationRule extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: DestinationRuleArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion: "networking.istio.io/v1", kind: "DestinationRule", ...args }, options);
  }
}

export enum MutualTlsMode {
  Strict = "STRICT",
  Permissive = "PERMISSIVE",
}

export interface PeerAuthenticationArgs {
  metadata: Metadata;
  spec: { mtls: { mode: MutualTlsMode } };
}

export class PeerAuthentication extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: PeerAuthenticationArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion: "security.istio.io/v1", kind: "PeerAuthentication", ...args }, options);
  }
}

export interface AuthorizationPolicyArgs {
  metadata: Metadata;
  /** Empty: it allows nothing, and so denies all that no other policy allows. */
  spec: Record<string, never>;
}

export class AuthorizationPolicy extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: AuthorizationPolicyArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion: "security.istio.io/v1", kind: "AuthorizationPolicy", ...args }, options);
  }
}
