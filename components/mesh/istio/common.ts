import type * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

export type Metadata = pulumi.Input<kubernetes.types.input.meta.v1.ObjectMeta>;

export interface WorkloadSelector {
  matchLabels: Record<string, string>;
}

export interface TargetReference {
  group: string;
  kind: string;
  name: string;
}
