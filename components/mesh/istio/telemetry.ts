import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Metadata } from "./common";

export interface MetricsOverride {
  match: { metric: "ALL_METRICS" | "REQUEST_SIZE" | "RESPONSE_SIZE" };
  disabled?: boolean;
  tagOverrides?: Record<string, { operation: "REMOVE" }>;
}

export interface TelemetryArgs {
  metadata: Metadata;
  spec: {
    accessLogging?: { providers: { name: string }[]; filter?: { expression: string } }[];
    tracing?: {
      providers: { name: string }[];
      randomSamplingPercentage: number;
      customTags?: Record<string, { literal: { value: string } } | { header: { name: string; defaultValue?: string } }>;
    }[];
    metrics?: { providers: { name: string }[]; overrides?: MetricsOverride[] }[];
  };
}

export class Telemetry extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: TelemetryArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion: "telemetry.istio.io/v1", kind: "Telemetry", ...args }, options);
  }
}
