import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Metadata } from "../mesh/istio";

interface TargetReference {
  /** Of the scaler. */
  parameter: string;
  name: pulumi.Input<string>;
  key: string;
}

export interface TriggerAuthenticationArgs {
  metadata: Metadata;
  spec: {
    configMapTargetRef: TargetReference[];
    secretTargetRef?: TargetReference[];
    /** Whose identity KEDA takes on. */
    podIdentity?: { provider: "aws" };
  };
}

/** How KEDA logs in at what it asks. */
export class TriggerAuthentication extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: TriggerAuthenticationArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion: "keda.sh/v1alpha1", kind: "TriggerAuthentication", ...args }, options);
  }
}
