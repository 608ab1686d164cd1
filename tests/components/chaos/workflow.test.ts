import fc from "fast-check";
import type { WorkflowSpec, WorkflowTemplate } from "../../../components/chaos/chaos-mesh";
import { Experiment, experiments } from "../../../components/chaos/experiment";
import { scheduleSpec, type WorkflowArgs, workflowMinutes, workflowSpec } from "../../../components/chaos/workflow";

const service = fc.stringMatching(/^[a-z]([a-z0-9-]{0,27}[a-z0-9])?$/);
const target = fc.record({ service, entry: service, port: fc.constant(8080), path: fc.constant("/products") });
const anyArgs: fc.Arbitrary<WorkflowArgs> = fc.record({
  targetNamespace: fc.constant("shop"),
  targets: fc.uniqueArray(target, { minLength: 1, maxLength: 4, selector: (each) => each.service }),
  experiments: fc.subarray([...experiments], { minLength: 1 }),
  experimentMinutes: fc.integer({ min: 1, max: 60 }),
  limits: fc.constant({ errorRatePercent: 5, p99Milliseconds: 1000 }),
  window: fc.constant({ cron: "0 10 * * 2-4", minutes: 480 }),
  prometheusUrl: fc.constant("http://prometheus.monitoring.svc:9090"),
  image: fc.constant("registry.example/fortio:1"),
});

const named = ({ templates }: WorkflowSpec, name: string): WorkflowTemplate => {
  const found = templates.filter((template) => template.name === name);
  expect(found).toHaveLength(1);
  return found[0] as WorkflowTemplate;
};
const childrenOf = (spec: WorkflowSpec, { children = [] }: WorkflowTemplate) =>
  children.map((name) => named(spec, name));
const descendantsOf = (spec: WorkflowSpec, template: WorkflowTemplate): WorkflowTemplate[] =>
  childrenOf(spec, template).flatMap((child) => [child, ...descendantsOf(spec, child)]);
const injects = ({ templateType }: WorkflowTemplate) => ["Task", "StressChaos"].includes(templateType);

/** Minutes that a template can take; what has a deadline ends by it. */
function longest(spec: WorkflowSpec, template: WorkflowTemplate): number {
  const [, amount, unit] = /^(\d+)([ms])$/.exec(template.deadline ?? "") ?? [];
  if (amount !== undefined) return unit === "m" ? Number(amount) : Number(amount) / 60;
  const { statusCheck } = template;
  if (statusCheck?.mode === "Synchronous") {
    return ((statusCheck.intervalSeconds + statusCheck.timeoutSeconds) * (statusCheck.successThreshold ?? 1)) / 60;
  }
  return childrenOf(spec, template).reduce((sum, child) => sum + longest(spec, child), 0);
}

test("the entry runs every experiment on every service, each behind a gate, one after the other", () => {
  fc.assert(
    fc.property(anyArgs, (args) => {
      const spec = workflowSpec(args);
      const entry = named(spec, spec.entry);
      expect(entry.templateType).toBe("Serial");
      const expected = args.targets.flatMap((each) =>
        args.experiments.flatMap((experiment) => [
          `${each.service}-${experiment}-gate`,
          `${each.service}-${experiment}-guarded`,
        ]),
      );
      expect(entry.children).toEqual(expected);
      childrenOf(spec, entry).forEach(({ templateType, statusCheck, abortWithStatusCheck }, index) => {
        if (index % 2 === 1) return expect(templateType).toBe("Parallel");
        expect([templateType, statusCheck?.mode, abortWithStatusCheck]).toEqual(["StatusCheck", "Synchronous", true]);
      });
    }),
  );
});

test("nothing is injected but beside a continuous check that aborts, and after a pause under it", () => {
  fc.assert(
    fc.property(anyArgs, (args) => {
      const spec = workflowSpec(args);
      const guarded = spec.templates.filter(({ templateType }) => templateType === "Parallel");
      const underGuard = guarded.flatMap((template) => {
        const [watch, injection] = childrenOf(spec, template);
        expect(watch).toMatchObject({ templateType: "StatusCheck", abortWithStatusCheck: true });
        expect(watch?.statusCheck).toMatchObject({ mode: "Continuous", failureThreshold: 1 });
        expect(injection?.templateType).toBe("Serial");
        const [first, ...others] = childrenOf(spec, injection as WorkflowTemplate);
        expect(first?.templateType).toBe("Suspend");
        expect(others.every(injects)).toBe(true);
        return descendantsOf(spec, template).filter(injects);
      });
      expect(new Set(underGuard)).toEqual(new Set(spec.templates.filter(injects)));
      const reached = new Set(descendantsOf(spec, named(spec, spec.entry)));
      expect(reached.size).toBe(spec.templates.length - 1);
    }),
  );
});

test("the pause is long enough for the check beside it to fail", () => {
  const [, seconds] = /^(\d+)s$/.exec(named(specOf(Experiment.Latency), "pause").deadline ?? "") ?? [];
  const watch = named(specOf(Experiment.Latency), "catalog-latency-watch").statusCheck;
  expect(Number(seconds)).toBeGreaterThan((watch?.intervalSeconds ?? 0) + (watch?.timeoutSeconds ?? 0));
});

test("all experiments take no longer than the minutes that are asked of the window", () => {
  fc.assert(
    fc.property(anyArgs, (args) => {
      const spec = workflowSpec(args);
      const minutes = childrenOf(spec, named(spec, spec.entry)).reduce((sum, step) => sum + longest(spec, step), 0);
      const asked = workflowMinutes(args.targets.length * args.experiments.length, args.experimentMinutes);
      expect(minutes).toBeLessThanOrEqual(asked);
      expect(named(spec, spec.entry).deadline).toBe(`${args.window.minutes}m`);
    }),
  );
});

test("names stay within 63 characters when Chaos Mesh appends its own to them", () => {
  fc.assert(
    fc.property(anyArgs, (args) => {
      for (const { name } of workflowSpec(args).templates) expect(`${name}-abcde`.length).toBeLessThanOrEqual(63);
    }),
  );
});

test("requests ask the entry for their experiment's fault", () => {
  expect(named(specOf(Experiment.Failure), "catalog-failure-burst").task?.container.args.slice(-3)).toEqual([
    "-H",
    "x-omega-chaos: failure",
    "http://cart.shop.svc.cluster.local:8080/products",
  ]);
});

test("a hundredth of the pods is pressed, in the one namespace and of the one service", () => {
  expect(named(specOf(Experiment.ResourcePressure), "catalog-resource-pressure-stress").stressChaos).toMatchObject({
    mode: "fixed-percent",
    value: "1",
    selector: { namespaces: ["shop"], labelSelectors: { "app.kubernetes.io/name": "catalog" } },
  });
});

test("a workflow starts when the window opens, in UTC, never beside another, and not late", () => {
  expect(scheduleSpec(argsFor(Experiment.Latency))).toMatchObject({
    type: "Workflow",
    schedule: "CRON_TZ=UTC 0 10 * * 2-4",
    concurrencyPolicy: "Forbid",
    startingDeadlineSeconds: 60,
  });
});

function argsFor(experiment: Experiment): WorkflowArgs {
  return {
    targetNamespace: "shop",
    targets: [{ service: "catalog", entry: "cart", port: 8080, path: "/products" }],
    experiments: [experiment],
    experimentMinutes: 5,
    limits: { errorRatePercent: 5, p99Milliseconds: 1000 },
    window: { cron: "0 10 * * 2-4", minutes: 60 },
    prometheusUrl: "http://prometheus.monitoring.svc:9090",
    image: "registry.example/fortio:1",
  };
}

function specOf(experiment: Experiment): WorkflowSpec {
  return workflowSpec(argsFor(experiment));
}
