import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Metadata, TargetReference, WorkloadSelector } from "./common";

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

export interface AuthorizationSource {
  /** `<trust domain>/ns/<namespace>/sa/<account>` of the calling workload. */
  principals?: pulumi.Input<string>[];
  notPrincipals?: pulumi.Input<string>[];
  /** `<issuer>/<subject>` of the request's token. */
  requestPrincipals?: string[];
  notRequestPrincipals?: string[];
  namespaces?: pulumi.Input<string>[];
}

export interface AuthorizationOperation {
  hosts?: string[];
  notHosts?: string[];
  ports?: string[];
  methods?: string[];
  notMethods?: string[];
  paths?: string[];
  notPaths?: string[];
}

export interface AuthorizationRule {
  from?: { source: AuthorizationSource }[];
  to?: { operation: AuthorizationOperation }[];
  when?: { key: string; values?: string[]; notValues?: string[] }[];
}

export interface AuthorizationPolicyArgs {
  metadata: Metadata;
  spec: {
    selector?: WorkloadSelector;
    targetRefs?: TargetReference[];
    /** Default ALLOW. */
    action?: "ALLOW" | "DENY";
    /** Without any, nothing matches: an ALLOW policy then denies all that no other policy allows. */
    rules?: AuthorizationRule[];
  };
}

export class AuthorizationPolicy extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: AuthorizationPolicyArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion: "security.istio.io/v1", kind: "AuthorizationPolicy", ...args }, options);
  }
}

export interface JwtRule {
  issuer: string;
  audiences: string[];
  jwksUri?: string;
  /** The keys themselves, where the proxy must not fetch them. */
  jwks?: string;
  /** Default `Authorization: Bearer`, and the parameter `access_token` of the URL. */
  fromHeaders?: { name: string; prefix?: string }[];
  forwardOriginalToken?: boolean;
  outputClaimToHeaders?: { header: string; claim: string }[];
}

export interface RequestAuthenticationArgs {
  metadata: Metadata;
  spec: { selector?: WorkloadSelector; targetRefs?: TargetReference[]; jwtRules: JwtRule[] };
}

/** Refuses a token that is wrong, not a request without one: that takes an AuthorizationPolicy beside it. */
export class RequestAuthentication extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: RequestAuthenticationArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion: "security.istio.io/v1", kind: "RequestAuthentication", ...args }, options);
  }
}
