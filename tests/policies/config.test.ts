import { evaluate, policies, type PackConfig } from "../../policies/rules";
import { compliant, mutant } from "./fixture";

const today = new Date("2030-06-30T23:59:59Z");
const tomorrow = new Date("2030-07-01T00:00:00Z");
const oneReplica = mutant("StatefulSet/orders", "spec.replicas", 1);

const exemption = { resource: "orders", reason: "moves in June", expires: "2030-06-30" };
const exempting = (...exemptions: object[]): PackConfig => ({ "minimum-replicas": { exemptions } });

test("a violation names the policy, the resource, the path, the reason and the fix", () => {
  expect(evaluate(oneReplica)).toEqual([
    {
      policy: "minimum-replicas",
      level: "mandatory",
      resource: "orders",
      type: "kubernetes:apps/v1:StatefulSet",
      urn: "urn:pulumi:dev::shop::apps/v1:StatefulSet::orders",
      path: "spec.replicas",
      message:
        "minimum-replicas: orders (kubernetes:apps/v1:StatefulSet) spec.replicas: is 1, " +
        "must be at least 2. Fix: set spec.replicas, or an autoscaler's minimum, to 2 or more.",
      fix: "set spec.replicas, or an autoscaler's minimum, to 2 or more",
    },
  ]);
});

test.each<[string, PackConfig, string[]]>([
  ["one policy's", { "minimum-replicas": "advisory" }, ["advisory"]],
  ["every policy's", { all: "advisory" }, ["advisory"]],
  ["one policy's over every policy's", { all: "disabled", "minimum-replicas": "mandatory" }, ["mandatory"]],
  ["none", { "minimum-replicas": { enforcementLevel: "disabled" } }, []],
])("the level can be set: %s", (_, config, levels) => {
  expect(evaluate(oneReplica, config).map(({ level }) => level)).toEqual(levels);
});

describe("exemptions", () => {
  test.each(["orders", "ord*", "urn:pulumi:*::apps/v1:StatefulSet::orders", "*"])(
    "%s holds on its last day",
    (pattern) => {
      expect(evaluate(oneReplica, exempting({ ...exemption, resource: pattern }), today)).toEqual([]);
    },
  );

  test.each(["order", "rders", "Orders", "orders.", "o.ders", "urn:pulumi:dev"])("%s is not orders", (pattern) => {
    expect(evaluate(oneReplica, exempting({ ...exemption, resource: pattern }), today)).toHaveLength(1);
  });

  test("an expired one no longer holds, and the message says so", () => {
    const [violation] = evaluate(oneReplica, exempting(exemption), tomorrow);
    expect(violation?.message).toContain('Its exemption ("moves in June") expired on 2030-06-30.');
    expect(evaluate(oneReplica, exempting(exemption, { ...exemption, expires: "2030-07-01" }), tomorrow)).toEqual([]);
  });

  test("one policy's exemption is no other's", () => {
    expect(evaluate(oneReplica, { "disruption-budget": { exemptions: [exemption] } }, today)).toHaveLength(1);
  });
});

/** Each threshold, moved by one past what the compliant stack has, and back to where it fits. */
test.each<[policy: string, setting: string, strict: unknown, lenient: unknown]>([
  ["minimum-replicas", "minReplicas", 3, 1],
  ["health-probes", "probes", undefined, ["livenessProbe"]],
  [
    "bulkhead-limits",
    "classes",
    [{ subset: "any", inFlight: 19, queued: 1000 }],
    [{ subset: "any", inFlight: 20, queued: 1000 }],
  ],
  ["bulkhead-limits", "clusterDomain", undefined, "example.org"],
  ["circuit-breaker", "maxConsecutiveErrors", 4, 6],
  ["circuit-breaker", "minEjectionPercent", 51, 50],
  ["circuit-breaker", "minEjectionSeconds", 31, 29],
  ["circuit-breaker", "clusterDomain", "example.org", "cluster.local"],
  ["circuit-breaker", "serviceTypes", undefined, ["ClusterIP"]],
  ["zone-spread", "topologyKey", "example.com/rack", "topology.kubernetes.io/zone"],
  ["pinned-images", "requireDigest", true, false],
  ["request-timeouts", "maxRetries", 1, 2],
  ["request-timeouts", "maxTimeoutSeconds", 9, 10],
  ["request-timeouts", "clusterDomain", undefined, "cluster.local"],
  ["mutual-tls", "rootNamespace", undefined, "mesh"],
  ["default-deny", "rootNamespace", undefined, "mesh"],
  ["required-token", "rootNamespace", undefined, "mesh"],
  ["declared-egress", "rootNamespace", undefined, "mesh"],
  ["durable-topics", "minReplicas", 4, 2],
  ["durable-topics", "minInSyncReplicas", 3, 1],
  ["consumer-alerts", "lagMetric", "kafka_lag", "kafka_consumergroup_lag"],
  ["redundant-stores", "topologyKey", "example.com/rack", "topology.kubernetes.io/zone"],
  ["redundant-stores", "minBrokers", 4, 1],
  ["redundant-stores", "minZones", 4, 1],
  ["scheduled-backups", "minRetentionDays", 8, 7],
  ["recovery-objectives", "maxTimeSeconds", 59, 60],
  ["recovery-objectives", "maxPointSeconds", undefined, 0],
  ["kept-data", "stacks", undefined, ["production"]],
  ["bounded-stores", "maxRetentionDays", 13, 14],
  ["bounded-stores", "minDeadLetterDays", 15, 14],
])("%s can be configured: %s", (policy, setting, strict, lenient) => {
  const run = (value: unknown): Set<string> =>
    new Set(evaluate(compliant, { [policy]: { [setting]: value } }).map((each) => each.policy));
  expect(run(lenient)).toEqual(new Set());
  if (strict !== undefined) {
    expect(run(strict)).toEqual(new Set([policy]));
  }
});

test("an autoscaler without a minimum has its engine's", () => {
  const none = mutant("ScaledObject/worker", "spec.minReplicaCount", undefined);
  const stack = mutant("HorizontalPodAutoscaler/catalog", "spec.minReplicas", undefined, none);
  const violations = evaluate(stack, { "minimum-replicas": { minReplicas: 1 } });
  expect(violations.map(({ path, message }) => [path, message])).toEqual([
    ["spec.minReplicaCount", expect.stringContaining("down to 0")],
  ]);
});

test.each([
  ["encrypted-storage", { requireOwnKeys: false }, "BucketServerSideEncryptionConfiguration/archive", "bucket"],
  ["recovery-objectives", { maxPointSeconds: 90_000 }, "Cluster/ledger", "tags.omega-platform/recovery-point-seconds"],
  ["kept-data", { stacks: ["live", "*-eu"] }, "Cluster/ledger", "deletionProtection"],
])("%s can be relaxed by %j", (policy, settings, target, path) => {
  const stack = mutant(target, path, "90000");
  expect(evaluate(stack).map((violation) => violation.policy)).toEqual([policy]);
  expect(evaluate(stack, { [policy]: settings })).toEqual([]);
});

test.each([
  ["circuit-breaker", "DestinationRule/orders", "orders"],
  ["mutual-tls", "PeerAuthentication/edge", "edge"],
  ["default-deny", "AuthorizationPolicy/shop-hosts", "edge"],
  ["required-token", "AuthorizationPolicy/require-token", "edge"],
])("the root namespace's rules hold for every other: %s", (policy, target, lacking) => {
  const moved = mutant(target, "metadata.namespace", "mesh");
  expect(evaluate(moved).map((violation) => [violation.policy, violation.resource])).toEqual([[policy, lacking]]);
  expect(evaluate(moved, { [policy]: { rootNamespace: "mesh" } })).toEqual([]);
});

test.each<[string, PackConfig, string]>([
  ["a policy that doesn't exist", { replicas: "advisory" }, "no such policy: replicas"],
  ["a setting that doesn't exist", { "minimum-replicas": { minReplica: 3 } }, "minReplica is not a setting"],
  ["a number too small", { "minimum-replicas": { minReplicas: 0 } }, "minReplicas must be an integer from 1"],
  [
    "a fraction",
    { "circuit-breaker": { minEjectionPercent: 50.5 } },
    "minEjectionPercent must be an integer from 1 to 100",
  ],
  ["a number too large", { "circuit-breaker": { minEjectionPercent: 101 } }, "from 1 to 100"],
  ["a text for a number", { "minimum-replicas": { minReplicas: "2" } }, "minReplicas must be an integer"],
  ["an unknown probe", { "health-probes": { probes: ["lifenessProbe"] } }, "probes[0] must be one of startupProbe"],
  ["a text for a choice", { "pinned-images": { requireDigest: "yes" } }, "requireDigest must be true or false"],
  ["no probe", { "health-probes": { probes: [] } }, "probes must be a list of at least 1"],
  [
    "a class without a bound",
    { "bulkhead-limits": { classes: [{ subset: "a", inFlight: 1 }] } },
    "classes[0].queued is missing",
  ],
  ["a class that is no object", { "bulkhead-limits": { classes: ["critical"] } }, "classes[0] must be an object"],
  ["exemptions that are no list", exempting({}), "exemptions[0].resource is missing; exemptions[0].reason is missing"],
  ["an exemption without a reason", exempting({ ...exemption, reason: " " }), "exemptions[0].reason must be a text"],
  ["an exemption for ever", exempting({ resource: "*", reason: "x" }), "exemptions[0].expires is missing"],
  ["a day that doesn't exist", exempting({ ...exemption, expires: "2030-02-31" }), "expires must be a date"],
  ["a day of another form", exempting({ ...exemption, expires: "30.6.2030" }), "expires must be a date"],
])("%s is refused", (_, config, message) => {
  expect(() => evaluate([], config)).toThrow(message);
});

test("a level that doesn't exist is refused", () => {
  const config: PackConfig = JSON.parse('{"minimum-replicas":"fatal"}');
  expect(() => evaluate([], config)).toThrow("no such enforcement level: fatal");
});

test("every default is valid, and its policy complete", () => {
  expect(policies.map(({ metadata }) => metadata.name)).toHaveLength(
    new Set(policies.map(({ metadata }) => metadata.name)).size,
  );
  for (const { metadata, settings, resource, stack } of policies) {
    expect(resource ?? stack).toBeDefined();
    expect(metadata.url).toMatch(/^https:\/\/[a-z.-]+\.(io|com|org)\//);
    expect(Object.values(settings).every((schema) => "default" in schema && schema.description)).toBe(true);
  }
});
