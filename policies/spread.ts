import { isAlone, replicated, selects } from "./kubernetes";
import { metadata } from "./metadata";
import { definePolicy, type Resource } from "./policy";
import { at, equal, every, list, present, some, unknown, type Answer, type Value } from "./values";

interface SpreadConfig {
  topologyKey: string;
}

export const zoneSpread = definePolicy<SpreadConfig>({
  metadata: metadata.zoneSpread,
  settings: {
    topologyKey: {
      type: "string",
      minLength: 1,
      default: "topology.kubernetes.io/zone",
      description: "The node label that tells failure domains apart.",
    },
  },
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

/** Either way counts only if it is about the workload's own pods: a constraint without a selector counts none. */
function spreads(workload: Resource, topologyKey: string): Answer {
  const template = at(workload.props, "spec", "template");
  const labels = at(template, "metadata", "labels");
  const constraints = at(template, "spec", "topologySpreadConstraints");
  const antiAffinity = at(template, "spec", "affinity", "podAntiAffinity");
  const required = at(antiAffinity, "requiredDuringSchedulingIgnoredDuringExecution");
  const preferred = at(antiAffinity, "preferredDuringSchedulingIgnoredDuringExecution");
  const terms = [...list(required), ...list(preferred).map((each) => at(each, "podAffinityTerm"))];
  return some([
    ...[constraints, required, preferred].map((each): Answer => (each === unknown ? unknown : false)),
    ...[...list(constraints), ...terms].map((each) => counts(each, labels, topologyKey)),
  ]);
}

function counts(rule: Value, labels: Value, topologyKey: string): Answer {
  const selector = at(rule, "labelSelector");
  return every([equal(at(rule, "topologyKey"), topologyKey), present(selector), selects(selector, labels)]);
}
