import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ControlPlaneOptions, startControlPlanes, stopControlPlanes } from "../../rehearsal/control-plane";
import { processStartTime } from "../../rehearsal/control-plane/processes";
import { provideTools } from "../../rehearsal/toolchain";
import { TestRehearsal } from "./support";

jest.setTimeout(600_000);

const regions = ["us-east-1", "eu-west-1"];
const components = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"];
const canary = "canary-5f0d1c9e7a";
const rehearsal = new TestRehearsal();
const { paths } = rehearsal;
const kubectl = (command: string, input?: object) => rehearsal.kubectl(command, input);
let options: ControlPlaneOptions;

const field = (resource: string, path: string, region = regions[0]) =>
  kubectl(`get ${resource} --context=${region} -o jsonpath={${path}}`);

async function eventually<Value>(read: () => Value, accept: (value: Value) => boolean): Promise<Value> {
  for (const deadline = Date.now() + 30_000; ; await sleep(250)) {
    const value = read();
    if (accept(value)) return value;
    if (Date.now() > deadline) throw new Error(`Still ${JSON.stringify(value)}`);
  }
}

type Processes = Record<string, { pid: number; startTime: string }>;

const processesOf = (region: string): Processes =>
  JSON.parse(readFileSync(join(paths.controlPlanes, region, "processes.json"), "utf8"));

function processIn(processes: Processes, name: string) {
  const found = processes[name];
  if (!found) throw new Error(`No process ${name}`);
  return found;
}

function pidsOf(region: string): number[] {
  return Object.values(processesOf(region)).map(({ pid }) => pid);
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

const podTemplate = (app: string, pod: object) => ({
  selector: { matchLabels: { app } },
  template: { metadata: { labels: { app } }, spec: pod },
});

const container = { name: "main", image: "registry.example/shop:1" };

beforeAll(async () => {
  const { "gateway-api-crds": gatewayApi } = await provideTools(["gateway-api-crds"]);
  const gateways = join(gatewayApi, "config/crd/standard/gateway.networking.k8s.io_gateways.yaml");
  options = await rehearsal.startClusters(regions, [gateways]);
});

afterAll(() => rehearsal.remove());

test("two regions run beside each other, each over three zones", () => {
  for (const region of regions) {
    const zones = field("nodes", ".items[*].metadata.labels.topology\\.kubernetes\\.io/zone", region).split(" ");
    expect(zones.sort()).toEqual(["a", "a", "b", "b", "c", "c"].map((letter) => region + letter));
    expect(kubectl(`get namespaces --context=${region} -o name`)).toContain("namespace/kube-system");
  }
  kubectl(`create namespace only-here --context=${regions[1]}`);
  expect(kubectl("get namespaces -o name")).not.toContain("only-here");
});

test("nothing listens beyond loopback, and files are private", () => {
  const pids = regions.flatMap(pidsOf);
  const listening = execFileSync("ss", ["-Htulnp"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => pids.some((pid) => line.includes(`pid=${pid},`)));
  expect(listening).toHaveLength(regions.length);
  expect(listening.filter((line) => !/ 127\.0\.0\.1:\d+ /.test(line))).toEqual([]);
  for (const name of readdirSync(paths.controlPlanes)) {
    expect(statSync(join(paths.controlPlanes, name)).mode & 0o077).toBe(0);
  }
  expect(statSync(paths.kubeconfig).mode & 0o077).toBe(0);
});

test("a Secret is encrypted at rest and in no log", async () => {
  kubectl(`create secret generic canary --from-literal=value=${canary}`);
  kubectl("create configmap canary --from-literal=value=not-so-secret-9b1e");
  expect(Buffer.from(field("secret/canary", ".data.value"), "base64").toString()).toBe(canary);
  const holding = (text: string) => filesIn(paths.root).filter((path) => readFileSync(path).includes(text));
  await eventually(
    () => holding("not-so-secret-9b1e"),
    (paths) => paths.length > 0,
  );
  expect(holding(canary)).toEqual([]);
  expect(holding(Buffer.from(canary).toString("base64"))).toEqual([]);
});

test("a Deployment becomes available over three zones", () => {
  const spread = { maxSkew: 1, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "DoNotSchedule" };
  const topologySpreadConstraints = [{ ...spread, labelSelector: { matchLabels: { app: "shop" } } }];
  kubectl("apply -f -", {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "shop" },
    spec: { replicas: 3, ...podTemplate("shop", { containers: [container], topologySpreadConstraints }) },
  });
  kubectl("wait deployment/shop --for=condition=Available --timeout=30s");
  const nodes = field("pods -l app=shop", ".items[*].spec.nodeName").split(" ");
  expect(nodes.map((name) => name.replace(/-\d$/, "")).sort()).toEqual(["us-east-1a", "us-east-1b", "us-east-1c"]);
});

test("a pod too big for every node gets the scheduler's own message", async () => {
  const resources = { requests: { cpu: "9" } };
  kubectl("apply -f -", {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "big" },
    spec: { containers: [{ ...container, resources }] },
  });
  const message = await eventually(() => field("pod/big", ".status.conditions[*].message"), Boolean);
  expect(message).toContain("0/6 nodes are available: 6 Insufficient cpu");
});

test("a pod fails on demand, and recovers", async () => {
  kubectl("run broken --image=registry.example/none --annotations=rehearsal.omega.dev/fail=ImagePullBackOff");
  const waiting = ".status.containerStatuses[0].state.waiting.reason";
  await eventually(
    () => field("pod/broken", waiting),
    (reason) => reason === "ImagePullBackOff",
  );
  kubectl("annotate pod/broken rehearsal.omega.dev/fail-");
  kubectl("wait pod/broken --for=condition=Ready --timeout=30s");
});

test("volumes are bound in their pod's zone, and go with their claims", async () => {
  const volume = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
  kubectl("apply -f -", {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "store" },
    spec: {
      replicas: 3,
      serviceName: "store",
      ...podTemplate("store", { containers: [container] }),
      volumeClaimTemplates: [{ metadata: { name: "data" }, spec: volume }],
    },
  });
  kubectl("rollout status statefulset/store --timeout=60s");
  expect(field("pvc", ".items[*].status.phase")).toBe("Bound Bound Bound");
  const name = field("pvc/data-store-0", ".spec.volumeName");
  const zone = field(`pv/${name}`, ".spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values[0]");
  expect(field("pod/store-0", ".spec.nodeName")).toMatch(new RegExp(`^${zone}-\\d$`));
  kubectl("delete statefulset/store pvc/data-store-0");
  await eventually(
    () => kubectl("get pv -o name"),
    (volumes) => !volumes.includes(name),
  );
});

test("a load balancer gets an address, marked as simulated", async () => {
  kubectl("create service loadbalancer shop --tcp=443");
  await eventually(
    () => field("service/shop", ".status.loadBalancer.ingress[0].ip"),
    (ip) => /^192\.0\.2\.\d+$/.test(ip),
  );
  expect(field("service/shop", ".status.conditions[0].reason")).toBe("Simulated");
});

test("a Gateway is programmed and fails on demand", async () => {
  const listeners = [{ name: "https", port: 80, protocol: "HTTP" }];
  kubectl("apply -f -", {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "Gateway",
    metadata: { name: "edge" },
    spec: { gatewayClassName: "istio", listeners },
  });
  kubectl("wait gateway/edge --for=condition=Programmed --timeout=30s");
  expect(field("gateway/edge", ".status.addresses[0].value")).toBe("192.0.2.1");
  expect(field("gateway/edge", ".status.conditions[*].reason")).toBe("Simulated Simulated");
  kubectl("annotate gateway/edge rehearsal.omega.dev/fail=quota");
  kubectl("wait gateway/edge --for=condition=Programmed=false --timeout=30s");
  kubectl("annotate gateway/edge rehearsal.omega.dev/fail-");
  kubectl("wait gateway/edge --for=condition=Programmed --timeout=30s");
});

test.each([
  { killed: ["etcd"] },
  { killed: ["kube-apiserver"] },
  { killed: ["kube-controller-manager", "kube-scheduler", "kwok"] },
  { killed: components },
])("after kill -9 of $killed only that is started again, and nothing is lost", async ({ killed }) => {
  const before = processesOf("us-east-1");
  const kubeconfig = readFileSync(paths.kubeconfig, "utf8");
  for (const name of killed) {
    const { pid } = processIn(before, name);
    process.kill(pid, "SIGKILL");
    await eventually(
      () => processStartTime(pid),
      (startTime) => startTime === undefined,
    );
  }
  const [repaired, untouched] = await startControlPlanes(regions, options);
  expect(repaired?.started).toEqual(killed);
  expect(untouched?.started).toEqual([]);
  expect(readFileSync(paths.kubeconfig, "utf8")).toBe(kubeconfig);
  const kept = components.filter((name) => !killed.includes(name));
  for (const name of kept) expect(processesOf("us-east-1")[name]).toEqual(before[name]);
  expect(field("deployment/shop", ".status.readyReplicas")).toBe("3");
  const name = `after-${killed.length}-${killed[0]}`;
  kubectl(`create deployment ${name} --image=registry.example/shop`);
  kubectl(`wait deployment/${name} --for=condition=Available --timeout=30s`);
});

test("KWOK that crashes at its start is started again", async () => {
  const folder = mkdtempSync(join(rehearsal.paths.root, "kwok-"));
  const kwok = join(folder, "kwok");
  const real = options.tools.kwok;
  const crash = `[ -e '${folder}/crashed' ] || { touch '${folder}/crashed'; exit 2; }`;
  writeFileSync(kwok, `#!/bin/sh\nPATH=/usr/bin:/bin\n${crash}\nexec '${real}' "$@"\n`, { mode: 0o755 });
  const { pid } = processIn(processesOf("us-east-1"), "kwok");
  process.kill(pid, "SIGKILL");
  await eventually(
    () => processStartTime(pid),
    (startTime) => startTime === undefined,
  );
  const again = await startControlPlanes(["us-east-1"], { ...options, tools: { ...options.tools, kwok } });
  expect(again).toEqual([{ region: "us-east-1", started: ["kwok"] }]);
  kubectl("create deployment after-a-crash --image=registry.example/shop");
  kubectl("wait deployment/after-a-crash --for=condition=Available --timeout=30s");
});

test("stop leaves no process and keeps the data", async () => {
  const pids = regions.flatMap(pidsOf);
  expect((await stopControlPlanes(paths)).sort()).toEqual([...regions].sort());
  expect(pids.filter((pid) => processStartTime(pid) !== undefined)).toEqual([]);
  await startControlPlanes(regions, options);
  expect(field("deployment/shop", ".metadata.name")).toBe("shop");
});
