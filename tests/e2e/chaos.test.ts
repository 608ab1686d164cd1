import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Bulkhead } from "../../components";
import { ChaosExperiments, type ChaosExperimentsArgs } from "../../components/chaos/chaos-experiments";
import type { ScheduleSpec } from "../../components/chaos/chaos-mesh";
import { Experiment } from "../../components/chaos/experiment";
import { assertionPath, steadyState } from "../../components/chaos/limits";
import { waitFor } from "../../rehearsal/control-plane/wait";
import { planProgram } from "../../rehearsal/engine/plan";
import { provideTools } from "../../rehearsal/toolchain";
import { startController } from "./chaos/controller";
import { type Measured, Prometheus, type State } from "./chaos/prometheus";
import { freePort } from "./data-plane/ports";
import type { RunningProgram } from "./data-plane/processes";
import { TestRehearsal } from "./support";

jest.setTimeout(600_000);

const folder = mkdtempSync(join(tmpdir(), "omega-chaos-"));
let prometheus: Prometheus;

const limits = { errorRatePercent: 5, p99Milliseconds: 1000 };
const good = { errorRatio: 0.01, latencyP99: 200 };

beforeAll(async () => {
  prometheus = await Prometheus.start(join(folder, "prometheus"));
});

afterAll(async () => {
  await prometheus.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("what the status check asks of Prometheus is answered", () => {
  const path = assertionPath(steadyState({ namespace: "shop", service: "catalog", limits }));
  const cases: [what: string, status: number, state: State][] = [
    ["both are within the limits", 200, { services: [good] }],
    ["nothing is known", 422, { services: [] }],
    ["the error rate is unknown", 422, { services: [{ latencyP99: 200 }] }],
    ["the latency is unknown", 422, { services: [{ errorRatio: 0.01 }] }],
    ["the error rate is at its limit", 422, { services: [{ ...good, errorRatio: 0.05 }] }],
    ["the error rate is just below its limit", 200, { services: [{ ...good, errorRatio: 0.0499 }] }],
    ["the latency is at its limit", 422, { services: [{ ...good, latencyP99: 1000 }] }],
    ["the latency is just below its limit", 200, { services: [{ ...good, latencyP99: 999 }] }],
    ["the error rate is not a number", 422, { services: [{ ...good, errorRatio: NaN }] }],
    ["the latency is not a number", 422, { services: [{ ...good, latencyP99: NaN }] }],
    ["a page fires", 422, { services: [good], alert: "page" }],
    ["a ticket fires", 200, { services: [good], alert: "ticket" }],
    ["another service of the namespace is slow", 422, { services: [good, { service: "cart", latencyP99: 1000 }] }],
    ["another service of the namespace is well", 200, { services: [good, { service: "cart", ...good }] }],
    ["another namespace's service fails", 200, { services: [good, { namespace: "other", errorRatio: 1 }] }],
    ["only another service is known", 422, { services: [{ service: "cart", ...good }] }],
  ];

  test.each(cases)("when %s: %d", async (_what, status, state) => {
    await prometheus.show(state);
    expect(await prometheus.statusOf(path)).toBe(status);
  });
});

/**
 * Chaos Mesh's controller and webhooks, the API server and Prometheus are real. Pods are KWOK's, and there is no daemon, so
 * nothing is pressed: what the daemon would be asked for, and when it would be told to stop, is in the objects.
 */
describe("Chaos Mesh's controller", () => {
  /** What happens to a service of one of them is nothing to an experiment on another. */
  const namespaces = ["shop", "late", "closed", "failing"];
  const rehearsal = new TestRehearsal();
  const kubectl = (command: string, input?: object) => rehearsal.kubectl(command, input);
  let controller: RunningProgram | undefined;

  beforeAll(async () => {
    const { "chaos-mesh-crds": definitions } = await provideTools(["chaos-mesh-crds"]);
    await rehearsal.startClusters(["chaos"], [join(definitions, "config/crd/bases")]);
    kubectl("create namespace chaos");
    for (const name of namespaces) {
      const annotations = name === "closed" ? {} : { "chaos-mesh.org/inject": "enabled" };
      kubectl("apply -f -", { apiVersion: "v1", kind: "Namespace", metadata: { name, annotations } });
      kubectl("apply -f -", deploymentIn(name));
    }
    for (const name of namespaces) {
      kubectl(`wait deployment/catalog -n ${name} --for=condition=Available --timeout=60s`);
    }
    const { kubeconfig } = rehearsal.paths;
    controller = await startController({ folder: join(folder, "controller"), kubeconfig, kubectl });
  });

  afterAll(async () => {
    await controller?.stop();
    await rehearsal.remove();
  });

  interface Found {
    metadata: { name: string; creationTimestamp: string };
    spec: { type?: string; templateName?: string; mode?: string; containers?: { args: string[] }[] };
    status?: { conditions?: { type: string; status: string }[]; experiment?: { containerRecords?: { id: string }[] } };
  }

  const list = (resource: string): Found[] =>
    (JSON.parse(kubectl(`get ${resource} -n chaos -o json`)) as { items: Found[] }).items;
  const labelled = (resource: string, workflow: string) => list(`${resource} -l chaos-mesh.org/workflow=${workflow}`);
  const isTrue = ({ status }: Found, ...types: string[]) =>
    status?.conditions?.some((condition) => types.includes(condition.type) && condition.status === "True") === true;
  const steps = (workflow: string, type: string) =>
    labelled("workflownodes", workflow).filter(({ spec }) => spec.type === type);
  /** Of each of its StressChaos; undefined as long as nothing is selected. */
  const pressedContainers = (workflow: string) =>
    labelled("stresschaos", workflow).map(({ status }) => status?.experiment?.containerRecords?.map(({ id }) => id));
  const created = ({ metadata }: Found) => Date.parse(metadata.creationTimestamp);

  const eventually = (what: string, holds: () => boolean, seconds = 30) =>
    waitFor(what, () => Promise.resolve(holds()), seconds);

  /** Ended as a whole: Chaos Mesh starts nothing more in it. */
  const ended = (workflow: string) =>
    eventually(`the end of ${workflow}`, () =>
      labelled("workflownodes", workflow).every((step) => isTrue(step, "Aborted", "Accomplished", "DeadlineExceed")),
    );

  interface Wanted {
    experiments: Experiment[];
    targetNamespace?: string;
    cron?: string;
    experimentMinutes?: number;
    prometheusPort?: number;
  }

  function schedule(wanted: Wanted): Promise<{ spec: ScheduleSpec }> {
    const {
      experiments,
      targetNamespace = "shop",
      cron = "0 10 * * *",
      experimentMinutes = 5,
      prometheusPort,
    } = wanted;
    return scheduleOf({
      namespace: "chaos",
      targetNamespace,
      targets: [{ service: "catalog", bulkhead: Bulkhead.Standard }],
      limits,
      window: { cron, minutes: (experimentMinutes + 1) * experiments.length },
      experiments,
      experimentMinutes,
      prometheusUrl: `http://127.0.0.1:${prometheusPort ?? prometheus.port}`,
    });
  }

  /** What the Schedule would start, now. */
  async function start(name: string, wanted: Wanted): Promise<void> {
    const { spec } = await schedule(wanted);
    const metadata = { name, namespace: "chaos" };
    kubectl("apply -f -", { apiVersion: "chaos-mesh.org/v1alpha1", kind: "Workflow", metadata, spec: spec.workflow });
    await eventually(`the start of ${name}`, () => steps(name, "Serial").length > 0);
  }

  const { ResourcePressure, Latency } = Experiment;
  const bad: [why: string, experiment: Experiment, state: State][] = [
    ["fails", ResourcePressure, { services: [{ ...good, errorRatio: 0.2 }] }],
    ["is slow", Latency, { services: [{ ...good, latencyP99: 1500 }] }],
    ["is not measured", ResourcePressure, { services: [] }],
    ["is well, but an alert pages", Latency, { services: [good], alert: "page" }],
  ];

  test.each(bad)("injects nothing into a service that %s: %s", async (why, experiment, state) => {
    const name = why.replace(/[ ,]+/g, "-");
    await prometheus.show(state);
    await start(name, { experiments: [experiment] });
    await ended(name);
    expect([...steps(name, "StressChaos"), ...steps(name, "Task")]).toEqual([]);
  });

  test("injects nothing while Prometheus does not answer", async () => {
    await start("unanswered", { experiments: [ResourcePressure], prometheusPort: await freePort() });
    await ended("unanswered");
    expect(steps("unanswered", "StressChaos")).toEqual([]);
  });

  /** These wait for minutes to pass, and do so together: each has a workflow of its own. */
  describe("while the services are well", () => {
    let opening: number;

    /** All are well, but for what is said of one namespace's. */
    const well = (except = "", bad: Measured = {}): Measured[] =>
      namespaces.map((namespace) => ({ ...good, namespace, ...(namespace === except ? bad : {}) }));

    beforeAll(async () => {
      await prometheus.show({ services: well() });
      // A Schedule that is made after its minute began waits until tomorrow: 20 s at least are left for that.
      opening = Math.floor((Date.now() + 80_000) / 60_000) * 60_000;
      const minute = new Date(opening);
      const cron = `${minute.getUTCMinutes()} ${minute.getUTCHours()} * * *`;
      kubectl("apply -f -", await schedule({ experiments: [ResourcePressure], cron }));
      await start("both", { experiments: [ResourcePressure, Latency], experimentMinutes: 1 });
      await start("closed", { experiments: [ResourcePressure], targetNamespace: "closed" });
      await start("failing", { experiments: [ResourcePressure], targetNamespace: "failing" });
    });

    test("injects nothing when the service turns bad after the gate has let the experiment in", async () => {
      await start("late", { experiments: [ResourcePressure], targetNamespace: "late" });
      await eventually("the gate to open", () => steps("late", "Parallel").length > 0);
      await prometheus.show({ services: well("late", { latencyP99: 1500 }) });
      await ended("late");
      expect(steps("late", "StressChaos")).toEqual([]);
    });

    test("presses one pod of three, and takes it back as soon as the error rate reaches its limit", async () => {
      await eventually("the pressure", () => pressedContainers("failing")[0] !== undefined, 60);
      expect(pressedContainers("failing")).toEqual([[expect.stringMatching(/^failing\/catalog-.*\/catalog$/)]]);
      await prometheus.show({ services: well("failing", { errorRatio: 0.05 }) });
      // Well before the experiment's five minutes are over.
      await eventually("the pressure's end", () => labelled("stresschaos", "failing").length === 0, 15);
      await ended("failing");
      expect(steps("failing", "StressChaos").map((step) => isTrue(step, "Aborted"))).toEqual([true]);
    });

    test("presses no pod in a namespace that has not opted in, and one once it has", async () => {
      await eventually("the attempt", () => labelled("stresschaos", "closed").length > 0, 60);
      const name = String(labelled("stresschaos", "closed")[0]?.metadata.name);
      const failures = `get events -n chaos --field-selector involvedObject.name=${name},reason=Failed -o json`;
      await eventually("Chaos Mesh to find no pod", () => kubectl(failures).includes("no pod is selected"));
      expect(pressedContainers("closed")).toEqual([undefined]);
      kubectl("annotate namespace/closed chaos-mesh.org/inject=enabled");
      await eventually("Chaos Mesh to find one", () => {
        // It looks again when the object changes.
        kubectl(`annotate stresschaos/${name} -n chaos --overwrite touched=${Date.now()}`);
        return pressedContainers("closed")[0] !== undefined;
      });
      expect(pressedContainers("closed")).toEqual([[expect.stringMatching(/^closed\/catalog-.*\/catalog$/)]]);
    });

    test("starts when the window opens, and removing the Schedule stops what is running", async () => {
      const scheduled = () => list("workflows -l managed-by=experiments");
      await eventually("the window to open", () => scheduled().length > 0, 120);
      expect(scheduled().map((workflow) => created(workflow) >= opening)).toEqual([true]);
      const name = String(scheduled()[0]?.metadata.name);
      await eventually("the pressure", () => labelled("stresschaos", name).length > 0, 60);
      kubectl("delete schedule/experiments -n chaos --cascade=foreground --timeout=60s");
      expect(scheduled()).toEqual([]);
      expect(labelled("stresschaos,workflownodes,statuschecks", name)).toEqual([]);
    });

    test("goes on to the next experiment when one is over, and sends no more requests once an alert pages", async () => {
      await eventually("the first burst", () => list("pods").length > 0, 120);
      const [first, ...others] = list("pods");
      expect(others).toEqual([]);
      expect(labelled("stresschaos", "both")).toEqual([]);
      expect(steps("both", "StressChaos")).toHaveLength(1);
      const begun = steps("both", "Parallel").map(created).sort();
      expect(Number(begun[1]) - Number(begun[0])).toBeGreaterThanOrEqual(60_000);
      expect(first?.spec.containers?.[0]?.args).toEqual(
        expect.arrayContaining(["x-omega-chaos: latency", "http://catalog.shop.svc.cluster.local:8080/health/ready"]),
      );
      // KWOK's pods end only when they are told.
      kubectl(`patch pod/${first?.metadata.name} -n chaos --subresource=status -p {"status":{"phase":"Succeeded"}}`);
      await eventually("the second burst", () => list("pods").length > 1);
      await prometheus.show({ services: well(), alert: "page" });
      await ended("both");
      expect(steps("both", "Task").filter((step) => isTrue(step, "Aborted"))).toHaveLength(1);
      expect(list("pods")).toHaveLength(2);
    });
  });
});

async function scheduleOf(args: ChaosExperimentsArgs): Promise<{ spec: ScheduleSpec }> {
  const program = () => {
    new ChaosExperiments("chaos", args);
    return Promise.resolve({});
  };
  const { resources } = await planProgram(program, "test", { config: {}, secrets: [] });
  const found = resources.find(({ props }) => props.kind === "Schedule");
  if (found === undefined) throw new Error("There is no Schedule");
  return found.props as unknown as { spec: ScheduleSpec };
}

function deploymentIn(namespace: string) {
  const labels = { "app.kubernetes.io/name": "catalog" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "catalog", namespace },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: "catalog", image: "registry.example/catalog:1" }] },
      },
    },
  };
}
