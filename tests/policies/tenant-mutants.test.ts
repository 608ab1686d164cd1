import { compliant, mutant } from "./fixture";
import { reports, testTolerated, testWeakened } from "./reports";

const priority = "spec.template.spec.priorityClassName";
const workload = "Deployment/documents-enterprise";
const quota = "ResourceQuota/tier-enterprise";
const scope = "spec.scopeSelector.matchExpressions[0]";

testWeakened([
  ["bounded-tiers", workload, priority, undefined, "omega-standard"],
  ["tenant-limits", "WorkersKv/acme", "value", "{}", '{"requestsPerMinute":0}', '{"requestsPerMinute":null}', "[]"],
  ["tenant-limits", "WorkersKv/acme-host", "value", "{}"],
]);

test.each<[path: string, value: unknown]>([
  ['spec.hard["requests.cpu"]', undefined],
  ['spec.hard["requests.memory"]', undefined],
  ["spec.scopeSelector", undefined],
  [`${scope}.scopeName`, "BestEffort"],
  [`${scope}.operator`, "NotIn"],
  [`${scope}.values`, ["omega-standard-pro"]],
  ["metadata.namespace", "elsewhere"],
])("a quota whose %s is %j bounds no tier", (path, value) => {
  expect(reports(mutant(quota, path, value), "bounded-tiers")).toEqual([`${workload} ${priority}`]);
});

test("a quota that isn't there bounds none", () => {
  const without = compliant.filter(({ name }) => name !== "tier-enterprise");
  expect(reports(without, "bounded-tiers")).toEqual([`${workload} ${priority}`]);
});

testTolerated([
  [workload, "metadata.labels", undefined],
  ["WorkersKv/flag", "value", "{}"],
  ["WorkersKv/acme", "keyName", "note:acme"],
]);
