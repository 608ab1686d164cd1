import type { Schema } from "./config";
import { isAlone, replicated, selects } from "./kubernetes";
import { metadata } from "./metadata";
import { definePolicy, type Resource } from "./policy";
import { at, equal, every, list, present, some, unknown, type Answer, type Value } from "./values";

interface SpreadConfig {
  topologyKey: string;
}

export const topologyKeySetting: Schema = {
  type: "string",
  minLength: 1,
  default: "topology.kubernetes.io/zone",
  description: "The node label that tells failure domains apart.",
};

export const zoneSpread = definePolicy<SpreadConfig>({
  metadata: metadata.zoneSpread,
  settings: { topologyKey: topologyKeySetting },
  resource: (resource, { topologyKey }) =>
    replicated([resource])
      .filter((workload) => isAlone(workload) === false)
      .filter((workload) => spreads(workload, topologyKey) === false)
      .map((workload) => ({
        resource: workload,
        path: "spec.template.spec.topologySpreadConstraints",
        reason: `has none for ${topologyKey} that counts its own pods, and no such anti-affinity either`,
      })),
});

/** A rule counts only if it is about the workload's own pods: a constraint without a selector counts none. */
function spreads(workload: Resource, topologyKey: string): Answer {
  const template = at(workload.props, "spec", "template");
  const labels = at(template, "metadata", "labels");
  return some(
    spreadRules(at(template, "spec")).map((rule) =>
      every([isSpread(rule, topologyKey), selects(at(rule, "labelSelector"), labels)]),
    ),
  );
}

/** Constraints and anti-affinities of a pod; a list of them that isn't known is one rule that isn't. */
export function spreadRules(pod: Value): Value[] {
  const rules = (value: Value): Value[] => (value === unknown ? [unknown] : list(value));
  const antiAffinity = at(pod, "affinity", "podAntiAffinity");
  return [
    ...rules(at(pod, "topologySpreadConstraints")),
    ...rules(at(antiAffinity, "requiredDuringSchedulingIgnoredDuringExecution")),
    ...rules(at(antiAffinity, "preferredDuringSchedulingIgnoredDuringExecution")).map((preference) =>
      at(preference, "podAffinityTerm"),
    ),
  ];
}

/** Whether a rule spreads some pods over the domains of a label. */
export function isSpread(rule: Value, topologyKey: string): Answer {
  return every([equal(at(rule, "topologyKey"), topologyKey), present(at(rule, "labelSelector"))]);
}
