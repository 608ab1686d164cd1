import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { TriggerAuthentication } from "../trigger-authentication";

export interface MskClientArgs {
  /** Of the service. */
  namespace: string;
  /** Name of the TriggerAuthentication. */
  authentication: string;
}

/** How KEDA logs in at MSK, as itself: by the role that EKS gives its operator. */
export class MskClient extends pulumi.ComponentResource {
  constructor(name: string, args: MskClientArgs, options: pulumi.ComponentResourceOptions) {
    super("omega:index:MskClient", name, {}, options);
    const child = { parent: this };
    const metadata = { name: args.authentication, namespace: args.namespace };
    const data = { sasl: "oauthbearer", saslTokenProvider: "aws_msk_iam" };
    const parameters = new kubernetes.core.v1.ConfigMap(`${name}-scaling`, { metadata, data }, child);
    new TriggerAuthentication(
      `${name}-authentication`,
      {
        metadata,
        spec: {
          podIdentity: { provider: "aws" },
          configMapTargetRef: Object.keys(data).map((key) => ({
            ...{ parameter: key, name: parameters.metadata.name, key },
          })),
        },
      },
      child,
    );
    this.registerOutputs({});
  }
}
