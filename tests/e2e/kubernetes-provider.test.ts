import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import { type EngineEvent, LocalWorkspace, type PulumiFn, PulumiCommand, type Stack } from "@pulumi/pulumi/automation";
import { kubectlCommand, rehearsalTools, startControlPlanes, stopControlPlanes } from "../../rehearsal/control-plane";
import { rehearsalPaths } from "../../rehearsal/paths";
import { installPlugins } from "../../rehearsal/providers/install";

jest.setTimeout(300_000);

const tools = rehearsalTools();
const paths = rehearsalPaths(mkdtempSync(join(tmpdir(), "kubernetes-provider-")));
const definitions = join(paths.root, "crds");

/** What kubectl prints; the first region unless told otherwise. */
function kubectl(...args: string[]): string {
  const [command = "", ...rest] = kubectlCommand(args, { tools, paths });
  return execFileSync(command, rest, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/** As a stack's program makes it: one provider for each region's context. */
function provider(region: string, args: k8s.ProviderArgs = {}): k8s.Provider {
  return new k8s.Provider(region, { kubeconfig: readFileSync(paths.kubeconfig, "utf8"), context: region, ...args });
}

const widgets = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { plural: "widgets", singular: "widget", kind: "Widget" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: { type: "object", properties: { size: { type: "integer" } } },
              status: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
            },
          },
        },
      },
    ],
  },
};

async function openStack(name: string): Promise<Stack> {
  const workDir = join(paths.root, "work", name);
  mkdirSync(workDir, { recursive: true });
  return LocalWorkspace.createOrSelectStack(
    { stackName: name, projectName: "kubernetes-provider", program: async () => undefined },
    {
      workDir,
      pulumiHome: paths.pulumiHome,
      pulumiCommand: await PulumiCommand.get({ root: join(paths.pulumiHome, "cli"), skipVersionCheck: true }),
      envVars: {
        PULUMI_BACKEND_URL: `file://${paths.state}`,
        PULUMI_CONFIG_PASSPHRASE: "rehearsal",
        PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: "true",
        OMEGA_CRDS_DIR: definitions,
      },
    },
  );
}

/** Each step's operation and paths, as `update ConfigMap settings: data.mode`. */
function steps(events: EngineEvent[]): string[] {
  return events.flatMap(({ resOutputsEvent, resourcePreEvent }) => {
    const metadata = resOutputsEvent?.metadata ?? resourcePreEvent?.metadata;
    if (metadata === undefined || metadata.op === "same" || metadata.type.startsWith("pulumi:")) {
      return [];
    }
    const name = metadata.urn.split("::").at(-1);
    const paths = Object.keys(metadata.detailedDiff ?? {}).sort();
    return [`${metadata.op} ${metadata.type.split(":").at(-1)} ${name}: ${paths.join(", ")}`];
  });
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
  const cli = join(paths.pulumiHome, "cli", "bin");
  mkdirSync(cli, { recursive: true });
  symlinkSync(join(process.env.OMEGA_TOOLS_BIN ?? "", "pulumi"), join(cli, "pulumi"));
  installPlugins(paths.pulumiHome);
  mkdirSync(join(definitions, "keda"), { recursive: true });
  writeFileSync(join(definitions, "keda", "widgets.yaml"), JSON.stringify(widgets));
  await startControlPlanes(["one", "two"], { tools, paths });
});

afterAll(async () => {
  await stopControlPlanes(paths);
  rmSync(paths.root, { recursive: true, force: true });
});

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

  kubectl("patch", "deployment", "web", "-p", '{"spec":{"replicas":3}}');
  kubectl("label", "deployment", "web", "somebody=else");
  const events: EngineEvent[] = [];
  await stack.refresh({ onEvent: (event) => events.push(event) });
  expect(steps(events).filter((step) => step.startsWith("update"))).toEqual(["update Deployment web: spec.replicas"]);
  expect((await up(stack, program("a"))).summary).toEqual({ same: 5, update: 1 });
  expect(kubectl("get", "deployment", "web", "-o", "jsonpath={.spec.replicas}")).toBe("2");

  expect((await up(stack, program("b"))).steps).toContain("update Service web: metadata.labels.label");
  const { value: namespace } = (await stack.outputs()).namespace ?? {};
  const state = join(paths.state, ".pulumi/stacks/kubernetes-provider/lifecycle.json");
  expect(readFileSync(state, "utf8")).not.toMatch(/s3cr3t|czNjcjN0/);
  expect((await stack.destroy()).summary.resourceChanges).toEqual({ delete: 6 });
  expect(kubectl("get", "namespaces,deployments,services", "-A", "-o", "name")).not.toMatch(/\/web|team-/);
  expect(namespace).toMatch(/^team-[0-9a-f]{8}$/);
});

test("a change that Kubernetes can't make in place replaces the object; a field taken by others is a conflict", async () => {
  const stack = await openStack("replacement");
  const program =
    (app: string, replicas: number): PulumiFn =>
    async () => {
      const labels = { app };
      new k8s.apps.v1.Deployment(
        "fixed",
        {
          metadata: { name: "fixed" },
          spec: {
            replicas,
            selector: { matchLabels: labels },
            template: { metadata: { labels }, spec: { containers: [{ name: "app", image: "app:1" }] } },
          },
        },
        { provider: provider("one") },
      );
    };
  await up(stack, program("a", 1));
  const replaced = await up(stack, program("b", 1));
  expect(replaced.summary).toMatchObject({ replace: 1 });
  expect(replaced.steps).toContain(
    "replace Deployment fixed: spec.selector.matchLabels.app, spec.template.metadata.labels.app",
  );
  kubectl("patch", "deployment", "fixed", "-p", '{"spec":{"replicas":3}}');
  await up(stack, program("b", 2)).then(
    () => expect("no conflict").toBe("a conflict"),
    (error: Error) => expect(error.message).toMatch(/conflict with "kubectl-patch" using apps\/v1: \.spec\.replicas/),
  );
  await stack.destroy();
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
  expect(kubectl("get", "namespaces", "-o", "name")).not.toContain("later");
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
  expect(kubectl("get", "deployment", "big", "-o", "name")).toBe("deployment.apps/big");
  await expect(up(stack, program("1000"))).rejects.toThrow(/Unschedulable/);
  expect((await up(stack, program("1"))).summary).toEqual({ same: 2, update: 1 });
  await stack.destroy();
});

test("a release installs its chart's kinds, whose objects are waited for as they ask", async () => {
  const stack = await openStack("release");
  const program =
    (version: string, expected: string): PulumiFn =>
    async () => {
      const one = provider("one");
      const release = new k8s.helm.v3.Release(
        "operator",
        { chart: "keda", version, namespace: "operators", createNamespace: true, values: { password: "s3cr3t" } },
        { provider: one },
      );
      const annotations = {
        "pulumi.com/waitFor": `jsonpath={.status.phase}=${expected}`,
        "pulumi.com/timeoutSeconds": "3",
      };
      const widget = { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "w", annotations } };
      new k8s.apiextensions.CustomResource(
        "widget",
        { ...widget, spec: { size: 1 } },
        { provider: one, dependsOn: release },
      );
      return { status: release.status };
    };
  expect((await preview(stack, program("1.0.0", "Ready"))).summary).toEqual({ create: 4 });
  await expect(up(stack, program("1.0.0", "Ready"))).rejects.toThrow(/not met: jsonpath=\{\.status\.phase\}=Ready/);
  kubectl("patch", "widget", "w", "--subresource", "status", "--type", "merge", "-p", '{"status":{"phase":"Ready"}}');
  await up(stack, program("1.0.0", "Ready"));
  expect((await up(stack, program("1.1.0", "Ready"))).steps).toContain("update Release operator: version");
  const { value: status } = (await stack.outputs()).status ?? {};
  expect(status).toMatchObject({
    revision: 2,
    status: "deployed",
    chart: "keda",
    version: "1.1.0",
    namespace: "operators",
  });
  expect(kubectl("get", "secrets", "-n", "operators", "-l", "owner=helm", "-o", "name").split("\n")).toHaveLength(1);
  await stack.destroy();
  expect(kubectl("get", "secrets", "-n", "operators", "-o", "name")).toBe("");
  expect(kubectl("get", "customresourcedefinitions", "-o", "name")).toContain("widgets.example.com");
});

test("objects land in their own provider's cluster, one of which is only known during the update", async () => {
  const stack = await openStack("regions");
  const program: PulumiFn = async () => {
    const one = provider("one");
    const first = new k8s.core.v1.ConfigMap("first", { metadata: { name: "first" } }, { provider: one });
    const kubeconfig = first.metadata.uid.apply(() => readFileSync(paths.kubeconfig, "utf8"));
    const two = provider("two", { kubeconfig });
    new k8s.core.v1.ConfigMap("second", { metadata: { name: "second" } }, { provider: two });
  };
  expect((await preview(stack, program)).summary).toEqual({ create: 5 });
  await up(stack, program);
  const names = (context: string) => kubectl("--context", context, "get", "configmaps", "-n", "default", "-o", "name");
  expect(names("one")).toContain("configmap/first");
  expect(names("one")).not.toContain("second");
  expect(names("two")).toContain("configmap/second");
  expect(names("two")).not.toContain("first");

  kubectl("create", "configmap", "taken", "-n", "default");
  const taken =
    (args: k8s.ProviderArgs): PulumiFn =>
    async () => {
      new k8s.core.v1.ConfigMap("taken", { metadata: { name: "taken" } }, { provider: provider("one", args) });
    };
  await expect(up(stack, taken({}))).rejects.toThrow(/in the cluster already.*configmaps "taken" already exists/s);
  await up(stack, taken({ upsertExistingObjects: true }));
  await stack.destroy();
  expect(names("one") + names("two")).not.toMatch(/first|second|taken/);
});
