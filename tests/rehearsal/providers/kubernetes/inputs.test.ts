import { checkRelease } from "../../../../rehearsal/providers/kubernetes/helm";
import { checkConfiguration, diffConfiguration } from "../../../../rehearsal/providers/kubernetes/configuration";
import { explain } from "../../../../rehearsal/providers/kubernetes/client";
import { ApiError } from "../../../../rehearsal/control-plane/api";
import { withName } from "../../../../rehearsal/providers/kubernetes/naming";
import { checkKind, inputsOfImported } from "../../../../rehearsal/providers/kubernetes/resources";
import { segments, withValueOf } from "../../../../rehearsal/providers/property-path";
import { UNKNOWN } from "../../../../rehearsal/providers/stand-in";

const seed = new Uint8Array([1, 2, 3]);

test("an object without a name gets one, and keeps it", () => {
  const named = withName({ kind: "ConfigMap" }, undefined, "settings", seed);
  expect(named).toMatchObject({
    metadata: {
      name: expect.stringMatching(/^settings-[0-9a-f]{8}$/),
      annotations: { "pulumi.com/autonamed": "true" },
    },
  });
  expect(withName({ kind: "ConfigMap" }, named, "settings", new Uint8Array([9]))).toEqual(named);
  const own = { kind: "ConfigMap", metadata: { name: UNKNOWN } };
  expect(withName(own, named, "settings", seed)).toBe(own);
});

test("a patch of somebody else's object is refused", () => {
  const inputs = { kind: "Deployment" };
  expect(checkKind("kubernetes:apps/v1:DeploymentPatch", inputs)).toMatchObject([{ property: "kind" }]);
  expect(checkKind("kubernetes:apps/v1:Deployment", inputs)).toEqual([]);
});

test("an imported object's inputs have nothing that only the server writes", () => {
  const metadata = { name: "a", uid: "1", annotations: { "deployment.kubernetes.io/revision": "1" } };
  expect(inputsOfImported({ kind: "Deployment", metadata, spec: {}, status: {} })).toEqual({
    kind: "Deployment",
    metadata: { name: "a" },
    spec: {},
  });
});

test("an ignored field is sent as others made it", () => {
  const ours = { spec: { replicas: 2, containers: [{ image: "a:1", cpu: "1" }, { image: "b:1" }] } };
  const live = { spec: { replicas: 5, containers: [{ image: "a:2", cpu: "1000m" }], added: true } };
  const merged = (path: string) => withValueOf(ours, live, segments(path));
  expect(merged("spec.replicas")).toEqual({ spec: { ...ours.spec, replicas: 5 } });
  expect(merged("spec.containers[*].image")).toEqual({
    spec: { ...ours.spec, containers: [{ image: "a:2", cpu: "1" }, { image: "b:1" }] },
  });
  expect(merged("spec.added")).toEqual(ours);
});

test("a message about a Secret never quotes it", () => {
  const error = new ApiError(422, "Invalid", 'data[token]: Invalid value: "s3cr3t"', ["data[token]"]);
  expect(explain(error, "Secret")).toMatch(/^Invalid: data\[token\]/);
  expect(explain(error, "Secret")).not.toContain("s3cr3t");
  expect(explain(error, "ConfigMap")).toContain("s3cr3t");
});

test("a release needs a chart and a version, as nothing is looked up", () => {
  const { failures, inputs } = checkRelease("istio", undefined, {}, "default", seed);
  expect(failures.map(({ property }) => property)).toEqual(["chart", "version"]);
  expect(inputs).toMatchObject({ name: expect.stringMatching(/^istio-/), namespace: "default", timeout: 300 });
  expect(checkRelease("x", undefined, { chart: "istio/base", version: "1" }, "default", seed).failures).toMatchObject([
    { property: "chart", reason: expect.stringContaining("OMEGA_CRDS_DIR") },
  ]);
  expect(checkRelease("x", undefined, { chart: "unheard-of", version: "1" }, "default", seed).failures).toEqual([]);
});

function kubeconfig(server: string, token = "a"): string {
  return JSON.stringify({
    "current-context": "one",
    clusters: [
      { name: "one", cluster: { server } },
      { name: "two", cluster: { server: "https://two" } },
    ],
    users: [{ name: "one", user: { token } }],
    contexts: [
      { name: "one", context: { cluster: "one", user: "one" } },
      { name: "two", context: { cluster: "two", user: "one" } },
    ],
  });
}

test("another cluster replaces the provider, other credentials don't", () => {
  const olds = { kubeconfig: kubeconfig("https://one") };
  expect(diffConfiguration(olds, { kubeconfig: kubeconfig("https://one", "b") }).replaces).toEqual([]);
  expect(diffConfiguration(olds, { kubeconfig: kubeconfig("https://new") }).replaces).toEqual(["kubeconfig"]);
  expect(diffConfiguration(olds, { ...olds, context: "two" }).replaces).toEqual(["context"]);
  expect(diffConfiguration(olds, { kubeconfig: UNKNOWN }).replaces).toEqual(["kubeconfig"]);
});

test("options that are not rehearsed are refused", () => {
  expect(checkConfiguration({ enableServerSideApply: "false", renderYamlToDirectory: "out" })).toHaveLength(2);
  expect(checkConfiguration({ context: "one", enablePatchForce: "true" })).toEqual([]);
});
