import { namespaceOf, ofKind, replicasOf, replicated, selects } from "./kubernetes";
import { metadata } from "./metadata";
import { definePolicy, type Finding, type Resource } from "./policy";
import { at, equal, every, isMissing, isRecord, unknown, type Answer, type Value } from "./values";

interface Budget {
  resource: Resource;
  /** Of every workload of the stack, whether the budget covers its pods. */
  covers: Map<Resource, Answer>;
}

export const disruptionBudget = definePolicy<object>({
  metadata: metadata.disruptionBudget,
  settings: {},
  stack: (resources) => {
    const workloads = replicated(resources);
    const budgets = ofKind(resources, "policy:PodDisruptionBudget").map((resource): Budget => ({
      resource,
      covers: new Map(workloads.map((workload) => [workload, covers(resource, workload)])),
    }));
    return [
      ...workloads.flatMap((workload) => checkCoverage(workload, budgets)),
      ...budgets.flatMap((budget) => checkBudget(budget, resources)),
    ];
  },
});

function covers(budget: Resource, workload: Resource): Answer {
  const selector = at(budget.props, "spec", "selector");
  return every([
    equal(namespaceOf(budget), namespaceOf(workload)),
    !selectsNothing(budget, selector),
    selects(selector, at(workload.props, "spec", "template", "metadata", "labels")),
  ]);
}

/** No selector picks no pod; an empty one picks all of the namespace, but none in v1beta1. */
function selectsNothing(budget: Resource, selector: Value): boolean {
  const isEmpty = isRecord(selector) && Object.values(selector).every(isMissing);
  return isMissing(selector) || (isEmpty && budget.type.includes("/v1beta1:"));
}

function checkCoverage(workload: Resource, budgets: readonly Budget[]): Finding[] {
  const path = "spec.template.metadata.labels";
  const sure = budgets.filter((budget) => budget.covers.get(workload) === true);
  if (sure.length > 1) {
    const names = sure.map(({ resource }) => resource.name).join(", ");
    return [
      {
        resource: workload,
        path,
        reason: `several PodDisruptionBudgets select its pods (${names}), and Kubernetes refuses to evict such pods at all`,
        fix: "keep one of them",
      },
    ];
  }
  const isBare = sure.length === 0 && !budgets.some((budget) => budget.covers.get(workload) === unknown);
  return isBare
    ? [{ resource: workload, path, reason: "no PodDisruptionBudget of its namespace selects its pods" }]
    : [];
}

function checkBudget({ resource, covers }: Budget, resources: readonly Resource[]): Finding[] {
  const total = podsOf(covers, resources);
  const unavailable = at(resource.props, "spec", "maxUnavailable");
  const available = at(resource.props, "spec", "minAvailable");
  const blocks = "so it blocks every drain";
  const protectsNothing = "so it protects nothing";
  if (isMissing(unavailable) && isMissing(available)) {
    return [{ resource, path: "spec", reason: "sets neither maxUnavailable nor minAvailable" }];
  }
  const judge = (field: string, value: Value, atNone: string, atAll: string): Finding[] => {
    const path = `spec.${field}`;
    const share = shareOf(value, total);
    const of = typeof total === "number" && share === "all" ? ` of ${total} pods` : "";
    const reason = `is ${String(value)}${of}, ${share === "none" ? atNone : atAll}`;
    return share === "some" ? [] : [{ resource, path, reason }];
  };
  return [
    ...judge("maxUnavailable", unavailable, blocks, protectsNothing),
    ...judge("minAvailable", available, protectsNothing, blocks),
  ];
}

/** All pods under the budget; unknown where a workload or a count is, and where one pod leaves nothing to budget. */
function podsOf(covers: Budget["covers"], resources: readonly Resource[]): Value {
  const counts = [...covers]
    .filter(([, answer]) => answer !== false)
    .map(([workload, answer]) => (answer === true ? replicasOf(workload, resources) : unknown));
  const total = counts.reduce<number>((sum, count) => sum + (typeof count === "number" ? count : Number.NaN), 0);
  return total >= 2 ? total : unknown;
}

/** How much of the pods a number or a percentage stands for; Kubernetes rounds percentages up, for both fields. */
function shareOf(value: Value, total: Value): "none" | "some" | "all" {
  const percent = typeof value === "string" ? /^(\d+)%$/.exec(value)?.[1] : undefined;
  if (percent !== undefined) {
    const share = Number(percent) / 100;
    const isAll = share >= 1 || (typeof total === "number" && Math.ceil(share * total) >= total);
    return share === 0 ? "none" : isAll ? "all" : "some";
  }
  if (typeof value !== "number") {
    return "some";
  }
  return value === 0 ? "none" : typeof total === "number" && value >= total ? "all" : "some";
}
