import { readFileSync } from "node:fs";
import * as k8s from "@pulumi/kubernetes";
import type { Stack } from "@pulumi/pulumi/automation";
import { Operators } from "../../components/foundation/operators";
import { linkDefinitions } from "../../rehearsal/environment";
import { TestRehearsal } from "./support";

jest.setTimeout(600_000);

const rehearsal = new TestRehearsal();
const kubectl = (command: string) => rehearsal.kubectl(command);
const metadata = (name: string, waitFor: string) => ({
  name,
  namespace: "default",
  annotations: { "pulumi.com/waitFor": waitFor },
});

const program = (highlyAvailable: boolean) => async (): Promise<void> => {
  const kubeconfig = readFileSync(rehearsal.paths.kubeconfig, "utf8");
  const provider = new k8s.Provider("one", { kubeconfig, context: "one" });
  const { certManager, gatewayApi, keda } = new Operators(
    "operators",
    { chaosMesh: true, highlyAvailable },
    { providers: [provider] },
  );
  const custom = (name: string, args: k8s.apiextensions.CustomResourceArgs, dependsOn: typeof keda) =>
    new k8s.apiextensions.CustomResource(name, args, { provider, dependsOn });
  const ready = "condition=Ready";
  const issuers = { apiVersion: "cert-manager.io/v1", spec: { selfSigned: {} } };
  custom("issuer", { ...issuers, kind: "Issuer", metadata: metadata("self-signed", ready) }, certManager);
  custom("all", { ...issuers, kind: "ClusterIssuer", metadata: metadata("all", ready) }, certManager);
  custom(
    "certificate",
    {
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      metadata: metadata("shop", ready),
      spec: { secretName: "shop", dnsNames: ["shop.test"], issuerRef: { name: "self-signed" } },
    },
    certManager,
  );
  custom(
    "scaled-object",
    {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: metadata("shop", ready),
      spec: {
        scaleTargetRef: { name: "shop" },
        triggers: [{ type: "cpu", metricType: "Utilization", metadata: { value: "70" } }],
      },
    },
    keda,
  );
  custom(
    "route",
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: metadata("shop", "jsonpath={.status.parents[0].conditions[0].status}=True"),
      spec: { parentRefs: [{ name: "edge" }], rules: [{}] },
    },
    gatewayApi,
  );
};

let stack: Stack;

beforeAll(async () => {
  await linkDefinitions(rehearsal.charts, () => undefined);
  await rehearsal.startClusters(["one"]);
  stack = await rehearsal.stack("operators", program(true));
});

afterAll(() => rehearsal.remove());

test("operators' kinds come with their releases, and their objects become ready as if the operators ran", async () => {
  expect(() => kubectl("get certificates")).toThrow("the server doesn't have a resource type");
  await stack.up();
  const groups = kubectl("get crds -o jsonpath={.items[*].spec.group}").split(" ");
  expect([...new Set(groups)].sort()).toEqual([
    "acme.cert-manager.io",
    "cert-manager.io",
    "chaos-mesh.org",
    "eventing.keda.sh",
    "gateway.networking.k8s.io",
    "keda.sh",
    "kwok.x-k8s.io",
    "monitoring.coreos.com",
  ]);
  const { summary } = await stack.up();
  expect(Object.keys(summary.resourceChanges ?? {})).toEqual(["same"]);
});

test.each(["certificate/shop", "issuer/self-signed", "clusterissuer/all", "scaledobject/shop"])(
  "%s fails on demand, in the words asked for, and recovers",
  (object) => {
    kubectl(`annotate ${object} rehearsal.omega.dev/fail=quota`);
    kubectl(`wait ${object} --for=condition=Ready=false --timeout=30s`);
    expect(kubectl(`get ${object} -o jsonpath={.status.conditions[*].message}`)).toBe("quota");
    kubectl(`annotate ${object} rehearsal.omega.dev/fail-`);
    kubectl(`wait ${object} --for=condition=Ready --timeout=30s`);
  },
);

test("a route follows its parents", () => {
  kubectl('patch httproute/shop --type=merge --patch {"spec":{"parentRefs":[{"name":"edge"},{"name":"mesh"}]}}');
  kubectl("wait httproute/shop --for=jsonpath={.status.parents[1].conditions[0].status}=True --timeout=30s");
  expect(kubectl("get httproute/shop -o jsonpath={.status.parents[*].parentRef.name}")).toBe("edge mesh");
});

test("an upgrade brings a chart's newer kinds, except of one that keeps them where Helm leaves them alone", async () => {
  const hash = "rehearsal.omega.dev/hash";
  const older = ["certificates.cert-manager.io", "schedules.chaos-mesh.org"];
  for (const name of older) kubectl(`annotate crd ${name} ${hash}=older --overwrite`);
  await stack.up({ program: program(false) });
  const hashes = older.map((name) =>
    kubectl(`get crd ${name} -o jsonpath={.metadata.annotations.${hash.replaceAll(".", "\\.")}}`),
  );
  expect(hashes).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), "older"]);
});

test("kinds outlive their releases", async () => {
  await stack.destroy();
  expect(kubectl("get crds certificates.cert-manager.io -o name")).toContain("certificates.cert-manager.io");
});
