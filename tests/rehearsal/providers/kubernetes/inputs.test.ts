import { checkRelease } from "../../../../rehearsal/providers/kubernetes/helm";
import { checkConfiguration, diffConfiguration } from "../../../../rehearsal/providers/kubernetes/configuration";
import { ApiError, explain } from "../../../../rehearsal/providers/kubernetes/client";
import { fromServer, toServer } from "../../../../rehearsal/providers/kubernetes/objects";
import { withName } from "../../../../rehearsal/providers/kubernetes/naming";
import { checkKind, inputsOfImported } from "../../../../rehearsal/providers/kubernetes/resources";
import { validate } from "../../../../rehearsal/providers/kubernetes/schema";
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

test.each([
  ["kubernetes:apps/v1:DeploymentPatch", "kind"],
  ["kubernetes:helm.sh/v4:Chart", ""],
])("%s is refused", (type, property) => {
  expect(checkKind(type, { apiVersion: "apps/v1", kind: "Deployment" })).toMatchObject([{ property }]);
});

test("an imported object's inputs have nothing that only the server writes", () => {
  const metadata = { name: "a", uid: "1", annotations: { "deployment.kubernetes.io/revision": "1" } };
  expect(inputsOfImported({ kind: "Deployment", metadata, spec: {}, status: {} })).toEqual({
    kind: "Deployment",
    metadata: { name: "a" },
    spec: {},
  });
});

test("property names with dashes go to the server and come back", () => {
  const inputs = { spec: [{ x_kubernetes_list_type: "set" }] };
  expect(toServer(inputs)).toEqual({ spec: [{ "x-kubernetes-list-type": "set" }] });
  expect(fromServer(toServer(inputs))).toEqual(inputs);
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
  expect(checkRelease("x", undefined, { chart: "keda", version: "1" }, "default", seed).failures).toMatchObject([
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
  const pinned = { ...olds, clusterIdentifier: "shop" };
  expect(diffConfiguration(pinned, { ...pinned, context: "two" })).toEqual({ changed: ["context"], replaces: [] });
});

test("options that are not rehearsed are refused", () => {
  expect(checkConfiguration({ enableServerSideApply: "false", renderYamlToDirectory: "out" })).toHaveLength(2);
  expect(checkConfiguration({ context: "one", suppressDeprecationWarnings: "true" })).toEqual([]);
});

test("what is known of an object is checked against the server's schema", () => {
  const schemas = {
    App: {
      "x-kubernetes-group-version-kind": [{ group: "a.io", version: "v1", kind: "App" }],
      type: "object",
      properties: { kind: { type: "string" }, spec: { allOf: [{ $ref: "#/components/schemas/Spec" }] } },
    },
    Spec: {
      type: "object",
      required: ["name"],
      properties: {
        name: { type: "string" },
        mode: { type: "string", enum: ["a", "b"] },
        ports: { type: "array", items: { type: "integer" } },
        target: { "x-kubernetes-int-or-string": true },
        labels: { type: "object", additionalProperties: { type: "string" } },
      },
    },
  };
  const kind = { group: "a.io", version: "v1", kind: "App" };
  const check = (spec: unknown) => validate({ components: { schemas } }, kind, { kind: "App", spec });
  expect(check({ name: UNKNOWN, mode: "a", ports: [80], target: "http", labels: { any: "x" } })).toEqual([]);
  expect(check({ mode: "c", ports: ["80"], labels: { any: 1 }, extra: true })?.map(({ property }) => property)).toEqual(
    ["spec.name", "spec.mode", "spec.ports[0]", "spec.labels.any", "spec.extra"],
  );
  expect(validate({ components: { schemas } }, { ...kind, kind: "Other" }, {})).toBeUndefined();
});
