import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { type PlannedResource, planProgram } from "../../../rehearsal/engine/plan";
import { Operators, type OperatorsArgs } from "../../../components/foundation/operators";
import {
  type MetricsStorage,
  metricsProblems,
  prometheusValues,
} from "../../../components/foundation/operators/monitoring";
import {
  certManagerValues,
  chaosMeshValues,
  dragonflyValues,
  kedaValues,
  metricsServerValues,
  strimziValues,
} from "../../../components/foundation/operators/values";

interface Made {
  operators: Operators | undefined;
  resources: PlannedResource[];
  releases: PlannedResource[];
}

async function make(args: OperatorsArgs): Promise<Made> {
  let operators: Operators | undefined;
  const program = async () => {
    operators = new Operators("operators", args);
  };
  const { resources } = await planProgram(program, "test", { config: {}, secrets: [] });
  return { operators, resources, releases: resources.filter(({ type }) => type.endsWith("v3:Release")) };
}

test("what a cluster gets unless it is told otherwise", async () => {
  const { resources } = await make({});
  const graph = resources.map(({ type, name, props }) => ({ type, name, props }));
  expect(graph.sort((left, right) => (left.name < right.name ? -1 : 1))).toMatchSnapshot();
});

const choices = [
  "gatewayApi",
  "prometheus",
  "certManager",
  "metricsServer",
  "keda",
  "chaosMesh",
  "strimzi",
  "dragonfly",
] as const;
const chartOf = {
  gatewayApi: "gateway-api-crds",
  prometheus: "kube-prometheus-stack",
  certManager: "cert-manager",
  metricsServer: "metrics-server",
  keda: "keda",
  chaosMesh: "chaos-mesh",
  strimzi: "strimzi-kafka-operator",
  dragonfly: "dragonfly-operator",
};

test("each release is there exactly when it is wanted, and so is the output to depend on", async () => {
  const wanted = fc.subarray([...choices]);
  await fc.assert(
    fc.asyncProperty(wanted, async (chosen) => {
      const args = Object.fromEntries(choices.map((key) => [key, chosen.includes(key)]));
      const { operators, releases } = await make(args);
      const made = releases.map(({ props }) => String(props.chart).split("/").at(-1));
      expect(made.sort()).toEqual(chosen.map((key) => chartOf[key]).sort());
      for (const key of choices) expect(operators?.[key]).toHaveLength(chosen.includes(key) ? 1 : 0);
    }),
    { numRuns: 20 },
  );
});

test("every release is pinned and rolled back as a whole", async () => {
  const { releases } = await make({ chaosMesh: true, strimzi: true, dragonfly: true });
  expect(releases).toHaveLength(choices.length);
  for (const { props } of releases) {
    expect(props).toMatchObject({ version: expect.stringMatching(/^v?\d+\.\d+\.\d+$/), atomic: true });
  }
});

test("nothing of Prometheus' kinds is made where its operator isn't", async () => {
  const { releases } = await make({ prometheus: false });
  const monitors = JSON.stringify(releases).match(/"(podmonitor|podMonitor|serviceMonitor)":\{"enabled":(true|false)/g);
  expect(monitors).not.toBeNull();
  expect(monitors?.filter((found) => found.endsWith("true"))).toEqual([]);
});

const all = (highlyAvailable: boolean) => {
  const args = { highlyAvailable, isMonitored: true };
  return [
    certManagerValues(args, true),
    metricsServerValues(args, true),
    kedaValues(args),
    chaosMeshValues(args),
    strimziValues(args),
    dragonflyValues(args),
    prometheusValues(args, {}),
  ];
};

/** Every value at a key, at any depth. */
function valuesAt(value: unknown, keys: string[]): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(keys.includes(key) ? [inner] : []),
    ...valuesAt(inner, keys),
  ]);
}

test.each([
  [true, (replicas: number) => replicas >= 2],
  [false, (replicas: number) => replicas === 1],
])("with highlyAvailable %s every controller has as many replicas as that asks for", (highlyAvailable, holds) => {
  for (const values of all(highlyAvailable)) {
    const replicas = valuesAt(values, ["replicas", "replicaCount"]);
    expect(replicas.length).toBeGreaterThan(0);
    expect(replicas.filter((count) => !holds(Number(count)))).toEqual([]);
  }
});

test("a controller with one replica has no disruption budget, which would keep its node from being drained", () => {
  const budgets = all(false).flatMap((values) => valuesAt(values, ["podDisruptionBudget"]));
  expect(JSON.stringify(budgets)).not.toMatch(/"enabled":true|maxUnavailable/);
});

test("the administrator's password of Grafana is in nothing that Pulumi keeps", () => {
  expect(JSON.stringify(prometheusValues({ highlyAvailable: true }, {}))).not.toMatch(/password/i);
});

test("metrics are dropped before their volume is full", () => {
  const storage = fc.record({
    retentionDays: fc.integer({ min: 1, max: 365 }),
    gibibytes: fc.integer({ min: 2, max: 16_384 }),
  });
  fc.assert(
    fc.property(storage, (metrics) => {
      const { prometheusSpec } = prometheusValues({ highlyAvailable: true }, metrics).prometheus;
      expect(metricsProblems(metrics)).toEqual([]);
      const kept = Number(/^(\d+)GB$/.exec(prometheusSpec.retentionSize)?.[1]);
      expect(kept).toBeGreaterThan(0);
      expect(kept).toBeLessThan(metrics.gibibytes);
      expect(prometheusSpec.retention).toBe(`${metrics.retentionDays}d`);
    }),
  );
});

test.each<[MetricsStorage, string[]]>([
  [{ retentionDays: 0, gibibytes: 1 }, ["metrics.retentionDays", "metrics.gibibytes"]],
  [{ retentionDays: 1.5 }, ["metrics.retentionDays"]],
  [{ gibibytes: 20_000 }, ["metrics.gibibytes"]],
])("storage %j is refused, each problem with its path", (metrics, paths) => {
  expect(metricsProblems(metrics).map(({ path }) => path)).toEqual(paths);
  expect(() => new Operators("operators", { metrics })).toThrow(pulumi.InputPropertiesError);
});
