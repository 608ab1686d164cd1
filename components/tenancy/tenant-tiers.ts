import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, refuse, wholeNumberProblems } from "../arguments";
import { Bulkhead, bulkheads } from "../mesh/bulkheads";
import { containerResources, Size } from "../service/size";
import { TenantTier } from "./tenant";
import { quotaOf, tierPodPriority, tierPriorityClassName } from "./tiers";

export interface TierQuota {
  tier: TenantTier;
  /** Of all pools of the tier together; a unit is 0.1 vCPU and 256 MiB. From 1 to 1 billion. */
  computeUnits: number;
}

export interface TenantTiersArgs {
  /** Name of the services' namespace. */
  namespace: pulumi.Input<string>;
  /** Tiers with pools of their own; one at least, each once. */
  tiers: TierQuota[];
}

/**
 * What tiers of tenants are to a region's cluster: pods that serve one tier alone have that tier's PriorityClass, and by it a
 * ResourceQuota counts what they request. A tier that grows without bound then fails to grow, and takes nothing from the
 * others; and when nodes are lost, the higher tier is placed first.
 */
export class TenantTiers extends pulumi.ComponentResource {
  constructor(name: string, args: TenantTiersArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:TenantTiers", name, {}, options);
    refuse(`TenantTiers "${name}"`, tierProblems(args.tiers));
    const { namespace, tiers } = args;
    const child = { parent: this };
    for (const { tier, computeUnits } of tiers) {
      const labels = { "omega-platform/tier": tier };
      for (const bulkhead of bulkheads) {
        new kubernetes.scheduling.v1.PriorityClass(
          `${name}-${bulkhead}-${tier}`,
          {
            metadata: { name: tierPriorityClassName(bulkhead, tier), labels },
            description: `Pods that serve ${bulkhead} requests of ${tier} tenants alone`,
            value: tierPodPriority(bulkhead, tier),
            preemptionPolicy: bulkhead === Bulkhead.Background ? "Never" : "PreemptLowerPriority",
          },
          child,
        );
      }
      new kubernetes.core.v1.ResourceQuota(
        `${name}-${tier}-quota`,
        {
          metadata: { name: `tier-${tier}`, namespace, labels },
          spec: {
            hard: quotaOf(computeUnits),
            scopeSelector: {
              matchExpressions: [
                {
                  ...{ scopeName: "PriorityClass", operator: "In" },
                  values: bulkheads.map((bulkhead) => tierPriorityClassName(bulkhead, tier)),
                },
              ],
            },
          },
        },
        child,
      );
    }
    const { memory } = containerResources(Size.Large);
    new kubernetes.core.v1.LimitRange(
      `${name}-containers`,
      {
        metadata: { name: "containers", namespace },
        spec: {
          limits: [
            {
              type: "Container",
              // A quota refuses pods with a container that requests nothing, e.g. one that somebody's webhook adds.
              defaultRequest: { cpu: "100m", memory: "128Mi" },
              default: { memory: "256Mi" },
              // The largest size: without it one pod could be all of its tier's quota.
              max: { memory },
            },
          ],
        },
      },
      child,
    );
    this.registerOutputs({});
  }
}

const most = 1_000_000_000;

function tierProblems(tiers: readonly TierQuota[]): ArgumentProblem[] {
  const names = tiers.map(({ tier }) => tier);
  return [
    ...(tiers.length === 0 ? [{ path: "tiers", reason: "must name one at least" }] : []),
    ...tiers.flatMap(({ tier, computeUnits }, index) => [
      ...(names.indexOf(tier) === index
        ? []
        : [{ path: `tiers[${index}].tier`, reason: `"${tier}" is there already` }]),
      ...wholeNumberProblems(`tiers[${index}].computeUnits`, computeUnits, 1, most),
    ]),
  ];
}
