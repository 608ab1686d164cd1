import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Metadata, WorkloadSelector } from "./common";

export interface ConnectionPool {
  tcp?: { maxConnections?: number; connectTimeout?: string; maxConnectionDuration?: string };
  http?: {
    http1MaxPendingRequests?: number;
    maxConcurrentStreams?: number;
    maxRequestsPerConnection?: number;
    idleTimeout?: string;
  };
}

export interface OutlierDetection {
  consecutive5xxErrors: number;
  interval: string;
  baseEjectionTime: string;
  maxEjectionPercent: number;
}

export enum LoadBalancing {
  LeastRequest = "LEAST_REQUEST",
  RoundRobin = "ROUND_ROBIN",
}

export interface LoadBalancer {
  simple: LoadBalancing;
  /** How long an endpoint that has just come gets less than its share. */
  warmup?: { duration: string; minimumPercent?: number };
  localityLbSetting?: { enabled: boolean; failoverPriority?: string[] };
}

export interface TrafficPolicy {
  connectionPool?: ConnectionPool;
  outlierDetection?: OutlierDetection;
  loadBalancer?: LoadBalancer;
  retryBudget?: { percent: number; minRetryConcurrency: number };
  tls?: { mode: "ISTIO_MUTUAL" | "SIMPLE" | "DISABLE"; sni?: string; subjectAltNames?: string[] };
}

export interface Subset {
  name: string;
  labels: Record<string, string>;
  trafficPolicy: TrafficPolicy;
}

export interface DestinationRuleArgs {
  metadata: Metadata;
  spec: {
    /** Fully qualified: a short name means another service in every other namespace. */
    host: pulumi.Input<string>;
    /** Client pods of the rule's namespace that it is for. Default all. */
    workloadSelector?: WorkloadSelector;
    trafficPolicy: TrafficPolicy;
    subsets?: Subset[];
    exportTo?: string[];
  };
}

export class DestinationRule extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: DestinationRuleArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion: "networking.istio.io/v1", kind: "DestinationRule", ...args }, options);
  }
}

export interface StringMatch {
  exact?: string;
  prefix?: string;
  regex?: string;
}

export interface HttpMatch {
  name?: string;
  uri?: StringMatch;
  headers?: Record<string, StringMatch>;
  sourceLabels?: Record<string, string>;
}

export interface FaultShare {
  /** Percent of the requests. */
  value: number;
}

export interface HttpFaultDelay {
  percentage: FaultShare;
  /** A duration, e.g. `2s`. */
  fixedDelay: string;
}

export interface HttpFaultAbort {
  percentage: FaultShare;
  httpStatus: number;
}

export interface HttpFault {
  delay?: HttpFaultDelay;
  abort?: HttpFaultAbort;
}

export interface HttpRoute {
  name: string;
  match?: HttpMatch[];
  route: { destination: { host: pulumi.Input<string>; subset?: string }; weight?: number }[];
  timeout?: string;
  retries?: { attempts: number; perTryTimeout?: string; retryOn?: string };
  fault?: HttpFault;
}

export interface VirtualServiceArgs {
  metadata: Metadata;
  spec: {
    hosts: pulumi.Input<string>[];
    gateways?: string[];
    http?: HttpRoute[];
    tls?: TlsRoute[];
    exportTo?: string[];
  };
}

/** By the name in the greeting of TLS that the proxy passes through. */
interface TlsRoute {
  match: { port: number; sniHosts: pulumi.Input<string>[] }[];
  route: { destination: { host: pulumi.Input<string>; port: { number: number } } }[];
}

export class VirtualService extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: VirtualServiceArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion: "networking.istio.io/v1", kind: "VirtualService", ...args }, options);
  }
}

export interface SidecarArgs {
  metadata: Metadata;
  spec: {
    workloadSelector?: { labels: Record<string, string> };
    /** `<namespace>/<host>`: what the proxy knows of, and so what it can reach. */
    egress?: { hosts: pulumi.Input<string>[] }[];
    inboundConnectionPool?: ConnectionPool;
    outboundTrafficPolicy?: { mode: "REGISTRY_ONLY" };
  };
}

export class Sidecar extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: SidecarArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion: "networking.istio.io/v1", kind: "Sidecar", ...args }, options);
  }
}

export interface ServiceEntryArgs {
  metadata: Metadata;
  spec: {
    hosts: pulumi.Input<string>[];
    ports: { number: number; name: string; protocol: string; targetPort?: number }[];
    location: "MESH_EXTERNAL" | "MESH_INTERNAL";
    resolution: "DNS" | "STATIC" | "NONE" | "DYNAMIC_DNS";
    exportTo?: string[];
  };
}

export class ServiceEntry extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: ServiceEntryArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion: "networking.istio.io/v1", kind: "ServiceEntry", ...args }, options);
  }
}

export interface EnvoyFilterArgs {
  metadata: Metadata;
  spec: {
    workloadSelector?: { labels: Record<string, string> };
    targetRefs?: { group: string; kind: string; name: string }[];
    configPatches: EnvoyPatch[];
    priority?: number;
  };
}

export interface EnvoyPatch {
  applyTo: "HTTP_FILTER" | "HTTP_ROUTE" | "VIRTUAL_HOST" | "NETWORK_FILTER" | "CLUSTER" | "ROUTE_CONFIGURATION";
  match?: pulumi.Inputs;
  patch: { operation: "INSERT_BEFORE" | "INSERT_FIRST" | "MERGE" | "ADD"; value: pulumi.Inputs };
}

/** The API server takes any patch: only Envoy knows whether it is right, and keeps its old listener if it is not. */
export class EnvoyFilter extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: EnvoyFilterArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion: "networking.istio.io/v1alpha3", kind: "EnvoyFilter", ...args }, options);
  }
}
