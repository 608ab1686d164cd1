import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Metadata } from "../mesh/istio";

/** The Gateway API's custom resources, standard channel, as far as this platform uses them. */

const apiVersion = "gateway.networking.k8s.io/v1";

export interface ObjectReference {
  group: string;
  kind: string;
  name: pulumi.Input<string>;
}

export interface KubernetesGatewayArgs {
  metadata: Metadata;
  spec: {
    gatewayClassName: string;
    /** The Service before the gateway's pods: with one, Istio makes neither pods nor a Service. */
    addresses: { type: "Hostname"; value: pulumi.Input<string> }[];
    listeners: {
      name: string;
      port: number;
      protocol: "HTTPS";
      tls: { mode: "Terminate"; certificateRefs: { name: pulumi.Input<string> }[] };
      allowedRoutes: {
        namespaces: { from: "Selector"; selector: { matchLabels: Record<string, pulumi.Input<string>> } };
        kinds: { kind: "HTTPRoute" }[];
      };
    }[];
    /** Whose certificates callers must have. */
    tls?: { frontend: { default: { validation: { caCertificateRefs: ObjectReference[] } } } };
  };
}

/** Listeners and their certificates; the component around it is what makes the pods. */
export class KubernetesGateway extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: KubernetesGatewayArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion, kind: "Gateway", ...args }, options);
  }
}

export interface CorsFilter {
  allowOrigins: string[];
  allowMethods: string[];
  allowHeaders?: string[];
  exposeHeaders?: string[];
  allowCredentials?: boolean;
  /** Seconds. */
  maxAge: number;
}

export interface HttpRouteRule {
  name: string;
  matches: {
    path: { type: "PathPrefix"; value: string };
    headers?: { name: string; value: string }[];
  }[];
  filters?: { type: "CORS"; cors: CorsFilter }[];
  backendRefs: { name: string; port: number; weight: number }[];
  timeouts: { request: string; backendRequest: string };
}

export interface KubernetesHttpRouteArgs {
  metadata: Metadata;
  spec: {
    parentRefs: { name: string; namespace: pulumi.Input<string>; sectionName: string }[];
    hostnames: string[];
    rules: HttpRouteRule[];
  };
}

export class KubernetesHttpRoute extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: KubernetesHttpRouteArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion, kind: "HTTPRoute", ...args }, options);
  }
}
