import * as fc from "fast-check";
import {
  difference,
  observedInputs,
  observedStringData,
  withoutInvented,
} from "../../../../rehearsal/providers/kubernetes/difference";
import { UNKNOWN, type Properties } from "../../../../rehearsal/providers/stand-in";

function deployment(spec: Properties = {}, metadata: Properties = {}): Properties {
  const selector = { matchLabels: { app: "web" } };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "default", ...metadata },
    spec: { replicas: 2, selector, template: { containers: [{ name: "a", image: "a:1" }] }, ...spec },
  };
}

function compare(before: Properties, after: Properties, ignored: string[] = [], changesConfigMaps = false) {
  return difference({ inputs: before, outputs: before }, after, ignored, changesConfigMaps);
}

test("names the paths that changed", () => {
  const template = { containers: [{ name: "a", image: "a:2" }] };
  expect(compare(deployment(), deployment({ template })).changed).toEqual(["spec.template.containers[0].image"]);
  expect(compare(deployment(), deployment())).toMatchObject({ changed: [], replaces: [] });
});

test("a ConfigMap is replaced for its data, unless the provider may change it", () => {
  const configMap = (value: string) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "a" },
    data: { value },
  });
  expect(compare(configMap("1"), configMap("2")).replaces).toEqual(["data.value"]);
  expect(compare(configMap("1"), configMap("2"), [], true)).toMatchObject({ changed: ["data.value"], replaces: [] });
});

test("replaces for what Kubernetes can't change, first deleting what keeps its name", () => {
  const selector = { matchLabels: { app: "shop" } };
  expect(compare(deployment(), deployment({ selector }))).toEqual({
    changed: ["spec.selector.matchLabels.app"],
    replaces: ["spec.selector.matchLabels.app"],
    deleteBeforeReplace: true,
  });
  expect(compare(deployment(), deployment({}, { name: "other" }))).toMatchObject({
    replaces: ["metadata.name"],
    deleteBeforeReplace: false,
  });
  const annotations = { "pulumi.com/autonamed": "true" };
  const autonamed = deployment({}, { annotations });
  expect(compare(autonamed, deployment({ selector }, { annotations }))).toMatchObject({ deleteBeforeReplace: false });
});

test("replaces a ConfigMap for its data, which pods would not see change", () => {
  const before = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { mode: "a" } };
  expect(compare(before, { ...before, data: { mode: "b" } }).replaces).toEqual(["data.mode"]);
});

test("leaves out what ignoreChanges covers, wildcards included", () => {
  const after = deployment({ replicas: 3, template: { containers: [{ name: "a", image: "a:2" }] } });
  expect(compare(deployment(), after, ["spec.replicas"]).changed).toEqual(["spec.template.containers[0].image"]);
  expect(compare(deployment(), after, ["spec.replicas", "spec.template.containers[*].image"]).changed).toEqual([]);
});

test("a refresh keeps the program's way of writing, leaves out additions and shows what others changed", () => {
  const inputs = { cpu: "1000m", replicas: 2, labels: { app: "web" }, empty: {} };
  const answered = { cpu: "1", replicas: 2, labels: { app: "web" }, defaulted: true };
  expect(observedInputs(inputs, answered, { ...answered, status: "new" })).toEqual(inputs);
  expect(observedInputs(inputs, answered, { ...answered, replicas: 5 })).toEqual({ ...inputs, replicas: 5 });
  expect(observedInputs(inputs, answered, { ...answered, labels: { other: "b" } })).toEqual({ ...inputs, labels: {} });
});

test("a refresh of an object that nobody touched changes none of its inputs", () => {
  const properties = fc.dictionary(fc.string({ maxLength: 2 }), fc.jsonValue(), { noNullPrototype: true });
  fc.assert(
    fc.property(properties, properties, (inputs, stored) => {
      const answered = { ...inputs, ...stored, status: "starting" };
      expect(observedInputs(inputs, answered, { ...answered, status: "running" })).toEqual(inputs);
    }),
  );
});

test("a Secret's write-only data is compared through what the server stored", () => {
  const inputs = { kind: "Secret", stringData: { token: "a", gone: "b" } };
  const live = { kind: "Secret", data: { token: Buffer.from("changed").toString("base64") } };
  expect(observedStringData(inputs, live)).toEqual({ kind: "Secret", stringData: { token: "changed" } });
});

test("a preview knows neither identities nor addresses, unless the program chose them", () => {
  const ports = [
    { port: 80, nodePort: 30001 },
    { port: 81, nodePort: 30002 },
  ];
  const dryRun = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", uid: "invented" },
    spec: { clusterIP: "10.0.0.7", ports },
    status: { loadBalancer: {} },
  };
  const inputs = { spec: { ports: [{ port: 80, nodePort: 30001 }, { port: 81 }] } };
  const preview = withoutInvented(dryRun, inputs);
  expect(preview).toMatchObject({
    metadata: { name: "web", uid: UNKNOWN },
    spec: { clusterIP: UNKNOWN, ports: [ports[0], { port: 81, nodePort: UNKNOWN }] },
  });
  expect(preview).not.toHaveProperty("status");
});
