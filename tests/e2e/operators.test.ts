import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AgenticService } from "../../components";
import { waitFor } from "../../rehearsal/control-plane/wait";
import { planProgram } from "../../rehearsal/engine/plan";
import { provideTools } from "../../rehearsal/toolchain";
import { type Broker, startKafkaMetadata } from "./operators-kafka";
import { TestRehearsal } from "./support";

jest.setTimeout(1_800_000);

const rehearsal = new TestRehearsal();
const { paths } = rehearsal;
const kubectl = (command: string, input?: object) => rehearsal.kubectl(command, input);
const apply = (object: object) => kubectl("apply -f -", object);
const topics = ["orders", "payments"];
const controllers: ChildProcess[] = [];
let broker: Broker;

/** Stages stand for the controllers that run here. */
function removeStages(): void {
  const names = kubectl("get stages -o name").split("\n");
  const simulated = names.filter((name) => /\/(certificate|issuer|clusterissuer|scaledobject)(-fail)?$/.test(name));
  expect(simulated).toHaveLength(8);
  kubectl(`delete ${simulated.join(" ")}`);
}

function start(command: string, argv: string[], environment: Record<string, string> = {}): void {
  const log = openSync(join(paths.root, `controller-${controllers.length}.log`), "w");
  controllers.push(spawn(command, argv, { cwd: paths.root, env: environment, stdio: ["ignore", log, log] }));
}

const certificate = (name: string, spec: object) => ({
  apiVersion: "cert-manager.io/v1",
  kind: "Certificate",
  metadata: { name, namespace: "gateway" },
  spec: { secretName: name, privateKey: { algorithm: "ECDSA", size: 256 }, ...spec },
});
const issuer = (name: string, spec: object) => ({
  apiVersion: "cert-manager.io/v1",
  kind: "Issuer",
  metadata: { name, namespace: "gateway" },
  spec,
});

function secretData(name: string, key: string): Buffer {
  const { data } = JSON.parse(kubectl(`get secret ${name} -n gateway -o json`)) as { data: Record<string, string> };
  return Buffer.from(data[key] ?? "", "base64");
}

/** The service as its component makes it; what the scaling needs of it goes to the cluster. */
async function applyService(): Promise<void> {
  const program = async () => {
    new AgenticService("orders", {
      namespace: "shop",
      image: "registry.example.com/orders:1",
      contract: {
        ...{ name: "orders", version: "1.0.0", capabilities: ["ordering"] },
        ...{ owns: [], publishes: [], consumes: [], dependencies: [] },
      },
      consumerLag: { bootstrapServers: broker.address, consumerGroup: "orders", topics, messagesPerReplica: 50 },
    });
  };
  const { resources } = await planProgram(program, "test", { config: {}, secrets: [] });
  const needed = resources.filter(({ type }) => /:(ServiceAccount|Deployment|ScaledObject)$/.test(type));
  expect(needed).toHaveLength(3);
  for (const { props } of needed) apply(props);
}

beforeAll(async () => {
  const names = ["cert-manager-crds", "keda-crds", "cert-manager-controller", "keda-operator"] as const;
  const tools = await provideTools(names);
  broker = await startKafkaMetadata(topics);
  await rehearsal.startClusters(
    ["one"],
    [join(tools["cert-manager-crds"], "deploy/crds"), join(tools["keda-crds"], "config/crd/bases")],
  );
  removeStages();
  for (const name of ["cert-manager", "gateway", "keda", "shop"]) kubectl(`create namespace ${name}`);

  start(tools["cert-manager-controller"], [paths.kubeconfig]);
  apply(issuer("self-signed", { selfSigned: {} }));
  apply(certificate("authority", { isCA: true, commonName: "omega", issuerRef: { name: "self-signed" } }));
  apply(issuer("authority", { ca: { secretName: "authority" } }));
  apply(
    certificate("shop", {
      dnsNames: ["shop.example.com", "api.shop.example.com"],
      duration: "2160h0m0s",
      issuerRef: { name: "authority" },
    }),
  );
  kubectl("wait certificate/shop -n gateway --for=condition=Ready --timeout=60s");

  // KEDA's metrics service needs a certificate too: this one will do.
  const certificates = join(paths.root, "keda");
  mkdirSync(certificates);
  for (const key of ["ca.crt", "tls.crt", "tls.key"]) writeFileSync(join(certificates, key), secretData("shop", key));
  start(
    tools["keda-operator"],
    [
      `--kubeconfig=${paths.kubeconfig}`,
      `--cert-dir=${certificates}`,
      "--enable-prometheus-metrics=false",
      "--health-probe-bind-address=0",
      "--metrics-service-bind-address=127.0.0.1:0",
    ],
    { WATCH_NAMESPACE: "", KEDA_CLUSTER_OBJECT_NAMESPACE: "keda" },
  );
  await applyService();
});

afterAll(async () => {
  for (const controller of controllers) controller.kill();
  broker?.close();
  await rehearsal.remove();
});

test("cert-manager issues a certificate for the gateway's hosts, signed by its authority", () => {
  const leaf = new X509Certificate(secretData("shop", "tls.crt"));
  const authority = new X509Certificate(secretData("authority", "tls.crt"));
  expect(authority.ca).toBe(true);
  expect(authority.verify(authority.publicKey)).toBe(true);
  expect(leaf.checkIssued(authority)).toBe(true);
  expect(leaf.verify(authority.publicKey)).toBe(true);
  expect(leaf.ca).toBe(false);
  expect(leaf.checkHost("api.shop.example.com")).toBe("api.shop.example.com");
  expect(leaf.checkHost("other.example.com")).toBeUndefined();
  expect(new X509Certificate(secretData("shop", "ca.crt")).fingerprint256).toBe(authority.fingerprint256);
  expect(Date.parse(leaf.validTo) - Date.parse(leaf.validFrom)).toBe(2160 * 3_600_000);
});

test("its private key is the certificate's, and is replaced when it is gone", () => {
  const first = secretData("shop", "tls.key").toString();
  kubectl("delete secret shop -n gateway");
  kubectl("wait secret/shop -n gateway --for=create --timeout=60s");
  kubectl("wait certificate/shop -n gateway --for=condition=Ready --timeout=60s");
  const key = secretData("shop", "tls.key").toString();
  expect(key).not.toBe(first);
  expect(new X509Certificate(secretData("shop", "tls.crt")).checkPrivateKey(createPrivateKey(key))).toBe(true);
});

test("KEDA makes of a consumer's ScaledObject an autoscaler on CPU, memory and the lag of each topic", async () => {
  // Not by kubectl, which would keep the broker in this process from answering.
  const status = '.status.conditions[?(@.type=="Ready")].status';
  const isReady = async () => kubectl(`get scaledobject orders -n shop -o jsonpath={${status}}`) === "True";
  await waitFor("the ScaledObject to be ready", isReady, 60);
  const { spec } = JSON.parse(kubectl("get hpa orders -n shop -o json"));
  expect(spec).toMatchObject({
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "orders" },
    minReplicas: 2,
    maxReplicas: 100,
    behavior: { scaleDown: { stabilizationWindowSeconds: 300 }, scaleUp: { stabilizationWindowSeconds: 0 } },
  });
  const targets = spec.metrics.map(({ type, resource, external }: Metric) =>
    type === "External"
      ? `${external?.metric.name} ${external?.target.averageValue}`
      : `${resource?.name} ${resource?.target.averageUtilization} %`,
  );
  expect(targets.sort()).toEqual(["cpu 70 %", "memory 80 %", "s2-kafka-orders 50", "s3-kafka-payments 50"]);
});

interface Metric {
  type: "Resource" | "External";
  resource?: { name: string; target: { averageUtilization: number } };
  external?: { metric: { name: string }; target: { averageValue: string } };
}

test("the controllers listen on loopback alone", () => {
  const listening = execFileSync("ss", ["-Htulnp"], { encoding: "utf8" }).split("\n");
  const own = listening.filter((line) => controllers.some(({ pid }) => line.includes(`pid=${pid},`)));
  expect(own.length).toBeGreaterThan(0);
  expect(own.filter((line) => !/ 127\.0\.0\.1:\d+ /.test(line))).toEqual([]);
  expect(controllers.map(({ exitCode }) => exitCode)).toEqual([null, null]);
});
