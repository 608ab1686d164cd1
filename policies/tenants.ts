import { edge } from "./edge";
import { namespaceOf, ofKind, replicated } from "./kubernetes";
import { definePolicy, type Resource } from "./policy";
import { tenantMetadata } from "./tenant-metadata";
import {
  type Answer,
  at,
  equal,
  every,
  isRecord,
  list,
  numberOf,
  parsedJson,
  present,
  some,
  unknown,
  type Value,
} from "./values";

interface TiersConfig {
  tierLabel: string;
}

export const boundedTiers = definePolicy<TiersConfig>({
  metadata: tenantMetadata.boundedTiers,
  settings: {
    tierLabel: {
      type: "string",
      minLength: 1,
      default: "omega-platform/tier",
      description: "Label of workloads that serve one tier alone.",
    },
  },
  stack: (resources, { tierLabel }) => {
    const quotas = ofKind(resources, "core:ResourceQuota");
    return replicated(resources)
      .filter(({ props }) => present(at(props, "metadata", "labels", tierLabel)) === true)
      .filter((workload) => some(quotas.map((quota) => counts(quota, workload))) === false)
      .map((resource) => ({
        resource,
        path: "spec.template.spec.priorityClassName",
        reason: "is in the scope of no ResourceQuota of its namespace that bounds requests.cpu and requests.memory",
      }));
  },
});

/** Whether a quota bounds what the workload's pods request, by their PriorityClass. */
function counts(quota: Resource, workload: Resource): Answer {
  const hard = (name: string): Answer => present(at(quota.props, "spec", "hard", name));
  const scopes = at(quota.props, "spec", "scopeSelector", "matchExpressions");
  const priority = at(workload.props, "spec", "template", "spec", "priorityClassName");
  return every([
    equal(namespaceOf(quota), namespaceOf(workload)),
    hard("requests.cpu"),
    hard("requests.memory"),
    scopes === unknown || priority === unknown ? unknown : some(list(scopes).map((scope) => names(scope, priority))),
  ]);
}

function names(scope: Value, priority: Value): Answer {
  const values = at(scope, "values");
  return every([
    equal(at(scope, "scopeName"), "PriorityClass"),
    equal(at(scope, "operator"), "In"),
    values === unknown ? unknown : some(list(values).map((value) => equal(value, priority))),
  ]);
}

export const tenantLimits = definePolicy<object>({
  metadata: tenantMetadata.tenantLimits,
  settings: {},
  resource: (resource) =>
    ofKind([resource], edge.keyValue)
      .filter(({ props }) => isTenant(at(props, "keyName")))
      .flatMap((entry) => {
        const value = at(entry.props, "value");
        const tenant = parsedJson(value);
        if (value === unknown || tenant === unknown) return [];
        const limit = isRecord(tenant) ? numberOf(tenant["requestsPerMinute"]) : undefined;
        return limit === unknown || (typeof limit === "number" && limit > 0)
          ? []
          : [{ resource: entry, path: "value", reason: "says no requestsPerMinute, so the tenant has no limit" }];
      }),
});

/** As the directory names its entries: by id, and by each host. */
function isTenant(key: Value): boolean {
  return typeof key === "string" && /^(tenant|host):/.test(key);
}
