import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Metadata } from "../mesh/istio";

/** The Dragonfly operator's custom resource, as far as this platform uses it. */

export interface DragonflySpec {
  /** The primary among them. */
  replicas: number;
  image: pulumi.Input<string>;
  imagePullPolicy: "IfNotPresent";
  args: string[];
  resources: { requests: Record<string, string>; limits: Record<string, string> };
  serviceAccountName: pulumi.Input<string>;
  priorityClassName: string;
  podSecurityContext: kubernetes.types.input.core.v1.PodSecurityContext;
  containerSecurityContext: kubernetes.types.input.core.v1.SecurityContext;
  topologySpreadConstraints: kubernetes.types.input.core.v1.TopologySpreadConstraint[];
  authentication: { passwordFromSecret: { name: pulumi.Input<string>; key: string } };
  tlsSecretRef: { name: string };
  snapshot?: { cron: string; persistentVolumeClaimSpec: kubernetes.types.input.core.v1.PersistentVolumeClaimSpec };
  pdb: { maxUnavailable: number };
  networkPolicyEnabled: boolean;
  enableReplicationReadinessGate: boolean;
}

export interface DragonflyArgs {
  metadata: Metadata;
  spec: DragonflySpec;
}

export class Dragonfly extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: DragonflyArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion: "dragonflydb.io/v1alpha1", kind: "Dragonfly", ...args }, options);
  }
}
