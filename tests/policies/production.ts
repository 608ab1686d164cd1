import type { ResourceUnderTest } from "../../policies/rules";

export const zone = "topology.kubernetes.io/zone";
export const spread = {
  topologySpreadConstraints: [{ topologyKey: zone, labelSelector: { matchLabels: { app: "any" } } }],
};
export const objectives = {
  "omega-platform/recovery-point-seconds": "0",
  "omega-platform/recovery-time-seconds": "60",
};

/** In a stack whose data must be kept, as the engine has it. */
export function kept(target: ResourceUnderTest): ResourceUnderTest {
  return { ...target, urn: target.urn.replace(":dev:", ":prod-us:"), isProtected: true };
}

export function cloud(type: string, name: string, props: Record<string, unknown>): ResourceUnderTest {
  return kept({ type: `aws:${type}`, name, urn: `urn:pulumi:dev::shop::aws:${type}::${name}`, props });
}
