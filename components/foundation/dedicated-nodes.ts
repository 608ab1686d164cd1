import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, refuse, wholeNumberProblems } from "../arguments";
import { dedicatedNodesKey } from "../service/isolation";

export interface DedicatedNodesArgs {
  /** Name of the service whose pods alone they take; also the NodePool's. */
  service: string;
  /** vCPU of all its nodes together at most: a bound on what they cost. Default 64, from 2 to 10,000. */
  cpuLimit?: number;
}

/**
 * Nodes of one service, which EKS Auto Mode starts when its pods need them: a NodePool with a taint that no other pod
 * tolerates. https://docs.aws.amazon.com/eks/latest/userguide/create-node-pool.html
 */
export class DedicatedNodes extends pulumi.ComponentResource {
  constructor(name: string, args: DedicatedNodesArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:DedicatedNodes", name, {}, options);
    refuse(`DedicatedNodes "${name}"`, nodesProblems(args));
    const { service, cpuLimit = 64 } = args;
    new kubernetes.apiextensions.CustomResource(
      `${name}-node-pool`,
      {
        apiVersion: "karpenter.sh/v1",
        kind: "NodePool",
        metadata: { name: service },
        spec: {
          template: {
            metadata: { labels: { [dedicatedNodesKey]: service } },
            spec: {
              // Auto Mode's own class, which is there with its built-in pools.
              nodeClassRef: { group: "eks.amazonaws.com", kind: "NodeClass", name: "default" },
              taints: [{ key: dedicatedNodesKey, value: service, effect: "NoSchedule" }],
              requirements: [
                // What may be taken back at two minutes' notice is no place for payments.
                { key: "karpenter.sh/capacity-type", operator: "In", values: ["on-demand"] },
                { key: "kubernetes.io/arch", operator: "In", values: ["amd64"] },
                { key: "eks.amazonaws.com/instance-category", operator: "In", values: ["c", "m", "r"] },
                { key: "eks.amazonaws.com/instance-generation", operator: "Gt", values: ["4"] },
              ],
              // As Auto Mode's own pools: a node is replaced by one of the newest image after two weeks.
              expireAfter: "336h",
            },
          },
          disruption: {
            consolidationPolicy: "WhenEmptyOrUnderutilized",
            consolidateAfter: "30s",
            budgets: [{ nodes: "10%" }],
          },
          limits: { cpu: String(cpuLimit) },
        },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

function nodesProblems({ service, cpuLimit }: DedicatedNodesArgs): ArgumentProblem[] {
  const builtIn = ["general-purpose", "system"].includes(service)
    ? [{ path: "service", reason: `"${service}" names a node pool of EKS Auto Mode's own` }]
    : [];
  return [...builtIn, ...wholeNumberProblems("cpuLimit", cpuLimit, 2, 10_000)];
}
