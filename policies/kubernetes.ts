import type { Resource } from "./policy";
import {
  append,
  at,
  equal,
  every,
  isMissing,
  isRecord,
  list,
  not,
  some,
  unknown,
  type Answer,
  type Value,
} from "./values";

/**
 * Group and kind of a type token whatever its version: `apps:Deployment` of `kubernetes:apps/v1:Deployment`. Another
 * provider's token is its kind.
 */
export function kindOf({ type }: Resource): string {
  const before = kinds.get(type);
  if (before !== undefined) return before;
  const [, group, name] = /^kubernetes:([^/]+)\/v\w+:(\w+)$/.exec(type) ?? [];
  const kind = group === undefined ? type : `${group}:${name}`;
  kinds.set(type, kind);
  return kind;
}

/** By type token: every rule asks for every resource's. */
const kinds = new Map<string, string>();

/** By list: rules about one resource ask for all of a kind again and again, and none changes a list. */
const byKind = new WeakMap<readonly Resource[], Map<string, Resource[]>>();

export function ofKind(resources: readonly Resource[], ...kinds: string[]): readonly Resource[] {
  const [only = "", ...others] = kinds;
  if (others.length > 0 || resources.length === 1) return resources.filter((each) => kinds.includes(kindOf(each)));
  const before = byKind.get(resources);
  if (before !== undefined) return before.get(only) ?? none;
  const sorted = new Map<string, Resource[]>();
  for (const resource of resources) append(sorted, kindOf(resource), resource);
  byKind.set(resources, sorted);
  return sorted.get(only) ?? none;
}

const none: readonly Resource[] = [];

/** What keeps a wanted number of pods running; a DaemonSet's number is the cluster's. */
export function replicated(resources: readonly Resource[]): readonly Resource[] {
  return ofKind(resources, "apps:Deployment", "extensions:Deployment", "apps:StatefulSet");
}

export function autoscalers(resources: readonly Resource[]): readonly Resource[] {
  return ofKind(resources, "autoscaling:HorizontalPodAutoscaler", "keda.sh:ScaledObject");
}

/**
 * Whether annotations give a reason for what is so by nature, and so needs no exemption that expires: a text under
 * `omega-policies/<what>`.
 */
export function saysWhy(annotations: Value, what: string): Answer {
  const reason = at(annotations, `omega-policies/${what}`);
  return reason === unknown ? unknown : typeof reason === "string" && reason.trim() !== "";
}

/** One replica can be what a workload is, e.g. a store that shares nothing with a second one. */
export function isAlone(workload: Resource): Answer {
  return saysWhy(at(workload.props, "metadata", "annotations"), "single-replica");
}

/** The object's own name; an object without one is named by the provider. */
export function objectName(resource: Resource): Value {
  return at(resource.props, "metadata", "name") ?? unknown;
}

export function namespaceOf(resource: Resource): Value {
  return at(resource.props, "metadata", "namespace") ?? "default";
}

/** The least number of pods that an autoscaler keeps. */
export function minimumOf(autoscaler: Resource): { path: string; minimum: Value } {
  const [field, standard] =
    kindOf(autoscaler) === "keda.sh:ScaledObject" ? (["minReplicaCount", 0] as const) : (["minReplicas", 1] as const);
  return { path: `spec.${field}`, minimum: at(autoscaler.props, "spec", field) ?? standard };
}

export function scales(autoscaler: Resource, workload: Resource): Answer {
  const target = at(autoscaler.props, "spec", "scaleTargetRef");
  return every([
    equal(namespaceOf(autoscaler), namespaceOf(workload)),
    equal(at(target, "kind") ?? "Deployment", kindOf(workload).split(":")[1]),
    equal(at(target, "name"), objectName(workload)),
  ]);
}

/** How many pods a workload keeps at its quietest. */
export function replicasOf(workload: Resource, resources: readonly Resource[]): Value {
  const candidates = autoscalers(resources).map((autoscaler) => ({ autoscaler, answer: scales(autoscaler, workload) }));
  const sure = candidates.find(({ answer }) => answer === true);
  if (sure) {
    return minimumOf(sure.autoscaler).minimum;
  }
  return candidates.some(({ answer }) => answer === unknown) ? unknown : (at(workload.props, "spec", "replicas") ?? 1);
}

/** Whether a label selector (`matchLabels` and `matchExpressions`, all of them) picks an object with these labels. */
export function selects(selector: Value, labels: Value): Answer {
  if (selector === unknown || labels === unknown) {
    return unknown;
  }
  const pairs = at(selector, "matchLabels");
  return every([
    pairs !== unknown || unknown,
    ...(isRecord(pairs) ? Object.entries(pairs).map(([key, value]) => equal(at(labels, key), value)) : []),
    at(selector, "matchExpressions") !== unknown || unknown,
    ...list(at(selector, "matchExpressions")).map((expression) => satisfies(expression, labels)),
  ]);
}

function satisfies(expression: Value, labels: Value): Answer {
  const key = at(expression, "key");
  const operator = at(expression, "operator");
  if (typeof key !== "string" || typeof operator !== "string") {
    return unknown;
  }
  const label = at(labels, key);
  const exists = label === unknown ? unknown : !isMissing(label);
  const values = at(expression, "values");
  const isIn = values === unknown ? unknown : some(list(values).map((value) => equal(label, value)));
  switch (operator) {
    case "In":
      return isIn;
    case "NotIn":
      return not(isIn);
    case "Exists":
      return exists;
    case "DoesNotExist":
      return not(exists);
    default:
      return false;
  }
}
