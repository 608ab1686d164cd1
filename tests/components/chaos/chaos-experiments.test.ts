import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { Bulkhead } from "../../../components";
import {
  ChaosExperiments,
  type ChaosExperimentsArgs,
  chaosProblems,
} from "../../../components/chaos/chaos-experiments";
import { Experiment, experiments } from "../../../components/chaos/experiment";
import { planProgram } from "../../../rehearsal/engine/plan";

const args: ChaosExperimentsArgs = {
  namespace: "chaos",
  targetNamespace: "shop",
  targets: [{ service: "catalog", bulkhead: Bulkhead.Standard, entry: "cart", path: "/cart" }],
  limits: { errorRatePercent: 5, p99Milliseconds: 1000 },
  window: { cron: "0 10 * * 2-4", minutes: 60 },
  prometheusUrl: "http://prometheus.monitoring.svc.cluster.local:9090",
};
const problemsOf = (changes: Partial<ChaosExperimentsArgs>) =>
  chaosProblems({ ...args, ...changes }).map(({ path, reason }) => `${path}: ${reason}`);

async function resourcesOf(given: ChaosExperimentsArgs) {
  const program = () => {
    new ChaosExperiments("chaos", given);
    return Promise.resolve({});
  };
  const { resources } = await planProgram(program, "test", { config: {}, secrets: [] });
  return resources.map(({ type, name, props }) => ({ type, name, props }));
}

test("the resources and what they are given", async () => {
  expect(
    await resourcesOf({ ...args, experiments: [Experiment.Failure, Experiment.ResourcePressure] }),
  ).toMatchSnapshot();
});

test("resource pressure alone opens no way into the services", async () => {
  const types = (await resourcesOf({ ...args, experiments: [Experiment.ResourcePressure] })).map(({ type }) => type);
  // Both are of the experiments' own namespace, and deny.
  expect(types.filter((type) => type.endsWith(":NetworkPolicy"))).toHaveLength(1);
  expect(types.filter((type) => type.endsWith(":AuthorizationPolicy"))).toHaveLength(1);
});

test("experiments' requests are let in to one path, as GET, with their header", async () => {
  const policies = (await resourcesOf(args)).filter(({ name }) => name === "chaos-catalog-traffic");
  expect(policies.map(({ props }) => props.spec)).toEqual([
    {
      selector: { matchLabels: { "app.kubernetes.io/name": "cart" } },
      rules: [
        {
          from: [{ source: { principals: ["cluster.local/ns/chaos/sa/default"] } }],
          to: [{ operation: { methods: ["GET"], paths: ["/cart"] } }],
          when: [{ key: "request.headers[x-omega-chaos]", values: ["latency", "failure"] }],
        },
      ],
    },
  ]);
});

test("every problem of the arguments is reported, each with its path", () => {
  const wrong: ChaosExperimentsArgs = {
    ...args,
    targets: [
      { service: "Payment", bulkhead: Bulkhead.Critical, port: 0, path: "health" },
      { service: "catalog", bulkhead: Bulkhead.Standard, entry: "a".repeat(30) },
      { service: "catalog", bulkhead: Bulkhead.Background },
    ],
    limits: { errorRatePercent: 50, p99Milliseconds: NaN },
    window: { cron: "*/5 * * * *", minutes: 481 },
    experiments: [Experiment.Latency, Experiment.Latency],
    experimentMinutes: 0.5,
  };
  const paths = (() => {
    try {
      new ChaosExperiments("chaos", wrong);
    } catch (error) {
      if (pulumi.InputPropertiesError.isInstance(error)) return error.errors.map(({ propertyPath }) => propertyPath);
    }
    return [];
  })();
  expect(paths).toEqual([
    "targets[0].service",
    "targets[0].bulkhead",
    "targets[0].port",
    "targets[0].path",
    "targets[1].entry",
    "targets[1].path",
    "targets[2].service",
    "limits.errorRatePercent",
    "limits.p99Milliseconds",
    "window.cron",
    "window.minutes",
    "experiments",
    "experimentMinutes",
  ]);
});

test.each(["/*", "/carts/{*}", "/cart?full=1", "cart", ""])(
  "a path that would allow more or nothing is refused: %s",
  (path) => {
    expect(problemsOf({ targets: [{ service: "cart", bulkhead: Bulkhead.Standard, path }] })).toHaveLength(1);
  },
);

test("a critical service is never a target", () => {
  expect(problemsOf({ targets: [{ service: "payment", bulkhead: Bulkhead.Critical }] })).toEqual([
    'targets[0].bulkhead: "payment" is critical: experiments never touch it',
  ]);
});

test("nothing is accepted that names no service or no experiment", () => {
  expect(problemsOf({ targets: [], experiments: [] })).toEqual([
    "targets: must name one service at least",
    "experiments: must name one at least, and none twice",
  ]);
});

test("experiments that don't fit in the window are refused, and those that just fit are not", () => {
  const sizes = fc.record({
    services: fc.integer({ min: 1, max: 8 }),
    some: fc.subarray([...experiments], { minLength: 1 }),
    experimentMinutes: fc.integer({ min: 1, max: 15 }),
  });
  fc.assert(
    fc.property(sizes, ({ services, some, experimentMinutes }) => {
      const targets = Array.from({ length: services }, (_, index) => ({
        service: `service-${index}`,
        bulkhead: Bulkhead.Standard,
      }));
      const needed = services * some.length * (experimentMinutes + 1);
      const inWindow = (minutes: number) =>
        chaosProblems({ ...args, targets, experiments: some, experimentMinutes, window: { ...args.window, minutes } });
      expect(inWindow(needed)).toEqual([]);
      expect(inWindow(needed - 1).map(({ path }) => path)).toContain("window.minutes");
    }),
  );
});

test.each(["0 10 * * 2-4", "30 9 1-7 * MON", "5 23 * 1,7 *"])("a window may open at %s", (cron) => {
  expect(problemsOf({ window: { cron, minutes: 60 } })).toEqual([]);
});

test.each(["", "* * * * *", "0 */2 * * *", "0 9,15 * * *", "60 10 * * *", "0 24 * * *", "0 10 * *", "@daily"])(
  "a window that would open more than once a day, or never, is refused: %s",
  (cron) => {
    expect(problemsOf({ window: { cron, minutes: 60 } })).toHaveLength(1);
  },
);
