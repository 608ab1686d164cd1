import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import type { EngineEvent, PulumiFn, Stack } from "@pulumi/pulumi/automation";
import { provideTools } from "../../rehearsal/toolchain";
import { TestRehearsal } from "./support";

jest.setTimeout(600_000);

const rehearsal = new TestRehearsal();
const { paths } = rehearsal;
const kubectl = (command: string) => rehearsal.kubectl(command);
const openStack = (name: string) => rehearsal.stack(name, async () => undefined);

/** As a stack's program makes it: one provider for each region's context. */
function provider(region: string, args: k8s.ProviderArgs = {}): k8s.Provider {
  return new k8s.Provider(region, { kubeconfig: readFileSync(paths.kubeconfig, "utf8"), context: region, ...args });
}

/** Each step's operation and paths, as `update ConfigMap settings: data.mode`. */
function steps(events: EngineEvent[]): string[] {
  const told = events.flatMap(({ resOutputsEvent, resourcePreEvent }) => {
    const metadata = resOutputsEvent?.metadata ?? resourcePreEvent?.metadata;
    if (metadata === undefined || metadata.op === "same" || metadata.type.startsWith("pulumi:")) {
      return [];
    }
    const name = metadata.urn.split("::").at(-1);
    const paths = Object.keys(metadata.detailedDiff ?? {}).sort();
    return [`${metadata.op} ${metadata.type.split(":").at(-1)} ${name}: ${paths.join(", ")}`];
  });
  return [...new Set(told)];
}

interface Outcome {
  steps: string[];
  summary: Record<string, number>;
}

async function up(stack: Stack, program: PulumiFn): Promise<Outcome> {
  const events: EngineEvent[] = [];
  const { summary } = await stack.up({ program, onEvent: (event) => events.push(event) });
  return { steps: steps(events), summary: summary.resourceChanges ?? {} };
}

async function preview(stack: Stack, program: PulumiFn): Promise<Outcome> {
  const events: EngineEvent[] = [];
  const { changeSummary } = await stack.preview({ program, onEvent: (event) => events.push(event) });
  return { steps: steps(events), summary: { ...changeSummary } };
}

function deployment(name: string, parent: k8s.Provider, cpu: string, annotations: Record<string, string> = {}) {
  return new k8s.apps.v1.Deployment(
    name,
    {
      metadata: { name, annotations },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: { containers: [{ name: "app", image: "app:1", resources: { requests: { cpu } } }] },
        },
      },
    },
    { provider: parent },
  );
}

beforeAll(async () => {
  const { "gateway-api-crds": gatewayApi } = await provideTools(["gateway-api-crds"]);
  const file = "gateway.networking.k8s.io_gateways.yaml";
  mkdirSync(join(rehearsal.charts, "istio"), { recursive: true });
  copyFileSync(join(gatewayApi, "config/crd/standard", file), join(rehearsal.charts, "istio", file));
  await rehearsal.startClusters(["one"]);
});

afterAll(() => rehearsal.remove());

test("an update is repeated without a change, drift is named and restored, and nothing is left behind", async () => {
  const stack = await openStack("lifecycle");
  const program =
    (label: string): PulumiFn =>
    async () => {
      const one = provider("one", { enablePatchForce: true });
      const namespace = new k8s.core.v1.Namespace("team", {}, { provider: one });
      const metadata = { namespace: namespace.metadata.name };
      new k8s.core.v1.Secret("key", { metadata, stringData: { token: "s3cr3t" } }, { provider: one });
      const app = deployment("web", one, "1000m");
      const selector = app.spec.selector.matchLabels;
      new k8s.core.v1.Service(
        "web",
        { metadata: { labels: { label } }, spec: { selector, ports: [{ port: 80 }] } },
        { provider: one },
      );
      return { namespace: namespace.metadata.name };
    };
  expect((await preview(stack, program("a"))).summary).toEqual({ create: 6 });
  expect((await up(stack, program("a"))).summary).toEqual({ create: 6 });
  expect((await up(stack, program("a"))).summary).toEqual({ same: 6 });

  kubectl('patch deployment web -p {"spec":{"replicas":3}}');
  kubectl("label deployment web somebody=else");
  const events: EngineEvent[] = [];
  await stack.refresh({ onEvent: (event) => events.push(event) });
  expect(steps(events).filter((step) => step.startsWith("update"))).toEqual(["update Deployment web: spec.replicas"]);
  const { steps: taken } = await up(stack, program("b"));
  expect(taken).toEqual(["update Deployment web: spec.replicas", "update Service web: metadata.labels.label"]);
  expect(kubectl("get deployment web -o jsonpath={.spec.replicas}")).toBe("2");
  const { value: namespace } = (await stack.outputs()).namespace ?? {};
  const state = join(paths.state, ".pulumi/stacks/test/lifecycle.json");
  expect(readFileSync(state, "utf8")).not.toMatch(/s3cr3t|czNjcjN0/);
  expect((await stack.destroy()).summary.resourceChanges).toEqual({ delete: 6 });
  expect(kubectl("get namespaces,deployments,services -A -o name")).not.toMatch(/\/web|team-/);
  expect(namespace).toMatch(/^team-[0-9a-f]{8}$/);
});

test("a change that Kubernetes can't make in place replaces the object; a field taken by others is a conflict", async () => {
  const stack = await openStack("replacement");
  const program =
    (app: string, replicas: number, metadata = {}, ignoreChanges: string[] = []): PulumiFn =>
    async () => {
      const labels = { app };
      new k8s.apps.v1.Deployment(
        "fixed",
        {
          metadata: { name: "fixed", ...metadata },
          spec: {
            replicas,
            selector: { matchLabels: labels },
            template: { metadata: { labels }, spec: { containers: [{ name: "app", image: "app:1" }] } },
          },
        },
        { provider: provider("one"), ignoreChanges },
      );
    };
  await up(stack, program("a", 1));
  const replaced = await up(stack, program("b", 1));
  expect(replaced.summary).toMatchObject({ replace: 1 });
  expect(replaced.steps).toContain(
    "replace Deployment fixed: spec.selector.matchLabels.app, spec.template.metadata.labels.app",
  );
  kubectl('patch deployment fixed -p {"spec":{"replicas":3}}');
  await expect(up(stack, program("b", 2))).rejects.toThrow(
    /conflict with "kubectl-patch" using apps\/v1: \.spec\.replicas/,
  );
  const ignoring = await up(stack, program("b", 2, { annotations: { note: "a" } }, ["spec.replicas"]));
  expect(ignoring.summary).toMatchObject({ update: 1 });
  expect(kubectl("get deployment fixed -o jsonpath={.spec.replicas}-{.metadata.annotations.note}")).toBe("3-a");
});

test("the API server itself refuses an invalid object in preview, also in a namespace that isn't there yet", async () => {
  const stack = await openStack("invalid");
  const program: PulumiFn = async () => {
    const one = provider("one");
    const namespace = new k8s.core.v1.Namespace("later", { metadata: { name: "later" } }, { provider: one });
    const metadata = { namespace: namespace.metadata.name };
    const spec = { minAvailable: -1, selector: { matchLabels: { app: "web" } } };
    new k8s.policy.v1.PodDisruptionBudget("budget", { metadata, spec }, { provider: one });
  };
  await expect(preview(stack, program)).rejects.toThrow(/spec\.minAvailable: Invalid value: -1/);
  expect(kubectl("get namespaces -o name")).not.toContain("later");
});

test("pods that fit nowhere fail with the scheduler's reason, and the next update waits again", async () => {
  const stack = await openStack("too-big");
  const program =
    (cpu: string): PulumiFn =>
    async () => {
      deployment("big", provider("one"), cpu, { "pulumi.com/timeoutSeconds": "3" });
    };
  await expect(up(stack, program("1000"))).rejects.toThrow(
    /\[Unschedulable\] 0\/6 nodes are available.*Insufficient cpu/,
  );
  expect(kubectl("get deployment big -o name")).toBe("deployment.apps/big");
  await expect(up(stack, program("1000"))).rejects.toThrow(/Unschedulable/);
  expect((await up(stack, program("1"))).summary).toEqual({ same: 2, update: 1 });
});

test("a release installs its chart's kinds, whose objects are simulated and waited for as they ask", async () => {
  const stack = await openStack("release");
  const program =
    (version: string, failure: Record<string, string>): PulumiFn =>
    async () => {
      const one = provider("one");
      const release = new k8s.helm.v3.Release(
        "operator",
        { chart: "base", version, namespace: "operators", createNamespace: true, values: { password: "s3cr3t" } },
        { provider: one },
      );
      const annotations = {
        "pulumi.com/waitFor": 'jsonpath={.status.conditions[?(@.type=="Programmed")].status}=True',
        ...failure,
      };
      const gateway = {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "Gateway",
        metadata: { name: "edge", annotations },
      };
      const spec = { gatewayClassName: "istio", listeners: [{ name: "http", port: 80, protocol: "HTTP" }] };
      new k8s.apiextensions.CustomResource("edge", { ...gateway, spec }, { provider: one, dependsOn: release });
      return { status: release.status };
    };
  const failing = program("1.0.0", { "rehearsal.omega.dev/fail": "quota", "pulumi.com/timeoutSeconds": "3" });
  expect((await preview(stack, failing)).summary).toEqual({ create: 4 });
  await expect(up(stack, failing)).rejects.toThrow(/not met: jsonpath=\{\.status.*\[Simulated\] quota/s);
  expect((await up(stack, program("1.1.0", {}))).steps).toContain("update Release operator: version");
  const { value: status } = (await stack.outputs()).status ?? {};
  expect(status).toMatchObject({
    revision: 2,
    status: "deployed",
    chart: "base",
    version: "1.1.0",
    namespace: "operators",
  });
  expect(kubectl("get secrets -n operators -l owner=helm -o name").split("\n")).toHaveLength(1);
  await stack.destroy();
  expect(kubectl("get secrets -n operators -o name")).toBe("");
  expect(kubectl("get customresourcedefinitions -o name")).toContain("gateways.gateway.networking.k8s.io");
});

test("what exists already is not taken over", async () => {
  const stack = await openStack("taken");
  kubectl("create configmap taken -n default");
  const taken: PulumiFn = async () => {
    new k8s.core.v1.ConfigMap("taken", { metadata: { name: "taken" } }, { provider: provider("one") });
  };
  await expect(up(stack, taken)).rejects.toThrow(/in the cluster already.*configmaps "taken" already exists/s);
});
