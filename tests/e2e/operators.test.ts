import { execFileSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AgenticService, CertificateIssuer, Gateway } from "../../components";
import { waitFor } from "../../rehearsal/control-plane/wait";
import { provideTools } from "../../rehearsal/toolchain";
import { emittedObjects } from "./data-plane/emitted";
import { RunningProgram } from "./data-plane/processes";
import { type Broker, startKafkaMetadata } from "./operators-kafka";
import { TestRehearsal } from "./support";

jest.setTimeout(1_800_000);

const rehearsal = new TestRehearsal();
const { paths } = rehearsal;
const kubectl = (command: string, input?: object) => rehearsal.kubectl(command, input);
const apply = (object: object) => kubectl("apply -f -", object);
const topics = ["orders", "payments"];
const hosts = ["shop.example.com", "api.shop.example.com"];
/** The gateway's certificate and its Secret. */
const tls = "gateway-tls";
const controllers: RunningProgram[] = [];
let broker: Broker;

/** Stages stand for the controllers that run here. */
function removeStages(): void {
  const names = kubectl("get stages -o name").split("\n");
  const simulated = names.filter((name) => /\/(certificate|issuer|clusterissuer|scaledobject)(-fail)?$/.test(name));
  expect(simulated).toHaveLength(8);
  kubectl(`delete ${simulated.join(" ")}`);
}

function start(command: string, args: string[], environment: Record<string, string> = {}): void {
  const logFile = join(paths.root, `controller-${controllers.length}.log`);
  controllers.push(new RunningProgram({ command, args, folder: paths.root, logFile, environment }));
}

function secretData(name: string, key: string): Buffer {
  const { data } = JSON.parse(kubectl(`get secret ${name} -n gateway -o json`)) as { data: Record<string, string> };
  return Buffer.from(data[key] ?? "", "base64");
}

/** What cert-manager is asked for by a gateway whose certificate an authority of its own issues. */
async function applyCertificates(): Promise<void> {
  const objects = await emittedObjects(() => {
    const { reference } = new CertificateIssuer("gateway", { namespace: "gateway" });
    new Gateway("gateway", {
      ...{ namespace: "gateway", routesNamespace: "shop", routes: [] },
      ...{ hosts, issuer: reference, sources: ["203.0.113.0/24"] },
    });
  });
  const needed = objects.filter(({ apiVersion }) => apiVersion.startsWith("cert-manager.io/"));
  expect(needed.map(({ kind }) => kind).sort()).toEqual(["Certificate", "Certificate", "Issuer", "Issuer"]);
  needed.forEach(apply);
}

/** The service as its component makes it; what the scaling needs of it goes to the cluster. */
async function applyService(): Promise<void> {
  const objects = await emittedObjects(() => {
    new AgenticService("orders", {
      namespace: "shop",
      image: "registry.example.com/orders:1",
      contract: {
        ...{ name: "orders", version: "1.0.0", capabilities: ["ordering"] },
        ...{ owns: [], publishes: [], consumes: [], dependencies: [] },
      },
      consumerLag: {
        bootstrapServers: broker.address,
        subscriptions: topics.map((topic) => ({ topic, group: `orders.${topic}` })),
        messagesPerReplica: 50,
      },
    });
  });
  const needed = objects.filter(({ kind }) => ["ServiceAccount", "Deployment", "ScaledObject"].includes(kind));
  expect(needed).toHaveLength(3);
  needed.forEach(apply);
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
  await applyCertificates();
  kubectl(`wait certificate/${tls} -n gateway --for=condition=Ready --timeout=60s`);

  // KEDA's metrics service needs a certificate too: this one will do.
  const certificates = join(paths.root, "keda");
  mkdirSync(certificates);
  for (const key of ["ca.crt", "tls.crt", "tls.key"]) writeFileSync(join(certificates, key), secretData(tls, key));
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
  for (const controller of controllers) await controller.stop();
  broker?.close();
  await rehearsal.remove();
});

test("cert-manager issues a certificate for the gateway's hosts, signed by its authority", () => {
  const leaf = new X509Certificate(secretData(tls, "tls.crt"));
  const authority = new X509Certificate(secretData("gateway-authority", "tls.crt"));
  expect(authority.ca).toBe(true);
  expect(authority.verify(authority.publicKey)).toBe(true);
  expect(leaf.checkIssued(authority)).toBe(true);
  expect(leaf.verify(authority.publicKey)).toBe(true);
  expect(leaf.ca).toBe(false);
  expect(leaf.subjectAltName).toBe(hosts.map((host) => `DNS:${host}`).join(", "));
  expect(leaf.checkHost("api.shop.example.com")).toBe("api.shop.example.com");
  expect(leaf.checkHost("other.example.com")).toBeUndefined();
  for (const { publicKey } of [leaf, authority]) {
    expect([publicKey.asymmetricKeyType, publicKey.asymmetricKeyDetails?.namedCurve]).toEqual(["ec", "prime256v1"]);
  }
  expect(new X509Certificate(secretData(tls, "ca.crt")).fingerprint256).toBe(authority.fingerprint256);
  expect(Date.parse(leaf.validTo) - Date.parse(leaf.validFrom)).toBe(2160 * 3_600_000);
});

test("its private key is the certificate's, and is replaced when it is gone", () => {
  const first = secretData(tls, "tls.key").toString();
  kubectl(`delete secret ${tls} -n gateway`);
  kubectl(`wait secret/${tls} -n gateway --for=create --timeout=60s`);
  kubectl(`wait certificate/${tls} -n gateway --for=condition=Ready --timeout=60s`);
  const key = secretData(tls, "tls.key").toString();
  expect(key).not.toBe(first);
  expect(new X509Certificate(secretData(tls, "tls.crt")).checkPrivateKey(createPrivateKey(key))).toBe(true);
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
  expect(controllers.map(({ pid }) => typeof pid)).toEqual(["number", "number"]);
  const own = listening.filter((line) => controllers.some(({ pid }) => line.includes(`pid=${pid},`)));
  expect(own.length).toBeGreaterThan(0);
  expect(own.filter((line) => !/ 127\.0\.0\.1:\d+ /.test(line))).toEqual([]);
});
