import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Bulkhead } from "../../components";
import { ChaosExperiments, type ChaosExperimentsArgs } from "../../components/chaos/chaos-experiments";
import type { ScheduleSpec } from "../../components/chaos/chaos-mesh";
import { Experiment } from "../../components/chaos/experiment";
import { assertionPath, steadyState } from "../../components/chaos/limits";
import { planProgram } from "../../rehearsal/engine/plan";
import { provideTools } from "../../rehearsal/toolchain";
import { startController } from "./chaos/controller";
import { Prometheus, type State } from "./chaos/prometheus";
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
  const rehearsal = new TestRehearsal();
  const kubectl = (command: string, input?: object) => rehearsal.kubectl(command, input);
  let controller: RunningProgram | undefined;

  beforeAll(async () => {
    const { "chaos-mesh-crds": definitions } = await provideTools(["chaos-mesh-crds"]);
    await rehearsal.startClusters(["chaos"], [join(definitions, "config/crd/bases")]);
    const annotations = { "chaos-mesh.org/inject": "enabled" };
    for (const metadata of [{ name: "chaos" }, { name: "shop", annotations }, { name: "closed" }]) {
      kubectl("apply -f -", { apiVersion: "v1", kind: "Namespace", metadata });
    }
    for (const namespace of ["shop", "closed"]) {
      kubectl("apply -f -", deploymentIn(namespace));
      kubectl(`wait deployment/catalog -n ${namespace} --for=condition=Available --timeout=60s`);
    }
    const { kubeconfig } = rehearsal.paths;
    controller = await startController({ folder: join(folder, "controller"), kubeconfig, kubectl });
  });

  afterAll(async () => {
    await controller?.stop();
    await rehearsal.remove();
  });

  interface Found {
    metadata: { name: string };
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

  async function eventually(holds: () => boolean, seconds = 30): Promise<void> {
    for (const deadline = Date.now() + seconds * 1000; !holds(); await sleep(250)) {
      if (Date.now() > deadline) throw new Error(`Not so: ${holds.toString()}`);
    }
  }

  /** Ended as a whole: Chaos Mesh starts nothing more in it. */
  const ended = (workflow: string) =>
    eventually(() =>
      labelled("workflownodes", workflow).every((step) => isTrue(step, "Aborted", "Accomplished", "DeadlineExceed")),
    );

  interface Wanted {
    experiments: Experiment[];
    targetNamespace?: string;
    cron?: string;
    prometheusPort?: number;
  }

  const schedule = ({ experiments, targetNamespace = "shop", cron = "0 10 * * *", prometheusPort }: Wanted) =>
    scheduleOf({
      namespace: "chaos",
      targetNamespace,
      targets: [{ service: "catalog", bulkhead: Bulkhead.Standard }],
      limits,
      window: { cron, minutes: 2 * experiments.length },
      experiments,
      experimentMinutes: 1,
      prometheusUrl: `http://127.0.0.1:${prometheusPort ?? prometheus.port}`,
    });

  /** What the Schedule would start, now. */
  async function start(name: string, wanted: Wanted): Promise<void> {
    const { spec } = await schedule(wanted);
    const metadata = { name, namespace: "chaos" };
    kubectl("apply -f -", { apiVersion: "chaos-mesh.org/v1alpha1", kind: "Workflow", metadata, spec: spec.workflow });
    await eventually(() => steps(name, "Serial").length > 0);
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

  test("injects nothing when the service turns bad after the gate has let the experiment in", async () => {
    await prometheus.show({ services: [good] });
    await start("late", { experiments: [ResourcePressure] });
    await eventually(() => steps("late", "Parallel").length > 0);
    await prometheus.show({ services: [{ ...good, latencyP99: 1500 }] });
    await ended("late");
    expect(steps("late", "StressChaos")).toEqual([]);
  });

  test("presses one pod of three, and takes it back as soon as the error rate reaches its limit", async () => {
    await prometheus.show({ services: [good] });
    await start("pressure", { experiments: [ResourcePressure] });
    await eventually(() => labelled("stresschaos", "pressure").some((found) => isTrue(found, "Selected")), 60);
    const [chaos] = labelled("stresschaos", "pressure");
    expect(chaos?.status?.experiment?.containerRecords).toEqual([
      expect.objectContaining({ id: expect.stringMatching(/^shop\/catalog-.*\/catalog$/) }),
    ]);
    await prometheus.show({ services: [{ ...good, errorRatio: 0.05 }] });
    // Well before the experiment's minute is over.
    await eventually(() => labelled("stresschaos", "pressure").length === 0, 15);
    await ended("pressure");
    expect(steps("pressure", "StressChaos").map((step) => isTrue(step, "Aborted"))).toEqual([true]);
  });

  test("presses no pod in a namespace that has not opted in", async () => {
    await prometheus.show({ services: [{ ...good, namespace: "closed" }] });
    await start("closed", { experiments: [ResourcePressure], targetNamespace: "closed" });
    await eventually(
      () => labelled("stresschaos", "closed").some(({ status }) => status?.experiment !== undefined),
      60,
    );
    await sleep(3_000);
    expect(labelled("stresschaos", "closed").map(({ status }) => status?.experiment?.containerRecords)).toEqual([
      undefined,
    ]);
    kubectl("annotate namespace/closed chaos-mesh.org/inject=enabled");
    const failures = "get events -n chaos --field-selector involvedObject.kind=StressChaos,reason=Failed -o json";
    await eventually(() => kubectl(failures).includes("no pod is selected"), 60);
    expect(labelled("stresschaos", "closed").map(({ status }) => status?.experiment?.containerRecords)).toEqual([
      undefined,
    ]);
    await prometheus.show({ services: [] });
    await ended("closed");
  });

  test("goes on to the next experiment when one is over, and sends no more requests once an alert pages", async () => {
    await prometheus.show({ services: [good] });
    await start("both", { experiments: [ResourcePressure, Latency] });
    await eventually(() => labelled("stresschaos", "both").length > 0, 60);
    await eventually(() => labelled("stresschaos", "both").length === 0, 90);
    expect(list("pods")).toEqual([]);
    await eventually(() => list("pods").length > 0, 60);
    expect(list("pods")[0]?.spec.containers?.[0]?.args).toEqual(
      expect.arrayContaining(["x-omega-chaos: latency", "http://catalog.shop.svc.cluster.local:8080/health/ready"]),
    );
    await prometheus.show({ services: [good], alert: "page" });
    await ended("both");
    expect(steps("both", "Task")).toHaveLength(1);
  });

  test("starts when the window opens, and removing the Schedule stops what is running", async () => {
    await prometheus.show({ services: [good] });
    const opening = new Date(Date.now() + 60_000);
    const cron = `${opening.getUTCMinutes()} ${opening.getUTCHours()} * * *`;
    kubectl("apply -f -", await schedule({ experiments: [ResourcePressure], cron }));
    expect(list("workflows -l managed-by=experiments")).toEqual([]);
    await eventually(() => list("stresschaos").length > 0, 120);
    const running = list("workflows -l managed-by=experiments").map(({ metadata }) => metadata.name);
    expect(running).toHaveLength(1);
    kubectl("delete schedule/experiments -n chaos --cascade=foreground --timeout=60s");
    expect(list("stresschaos")).toEqual([]);
    expect(labelled("workflownodes,statuschecks", String(running[0]))).toEqual([]);
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
