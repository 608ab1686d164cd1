import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Definition,
  selectChanged,
  selectMissing,
  toInstalled,
} from "../../../rehearsal/control-plane/custom-resource-definitions";
import { readManifests } from "../../../rehearsal/control-plane/manifests";
import { nodesOf } from "../../../rehearsal/control-plane/nodes";
import { selectStages, type Stage } from "../../../rehearsal/control-plane/stages";

const definition = (name: string, spec = {}): Definition => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name },
  spec: { group: "example.com", versions: [], conversion: { strategy: "Webhook" }, ...spec },
});

test("nodes spread over three zones, with a pod network each", () => {
  const nodes = nodesOf("eu-west-1");
  expect(nodes.map(({ metadata }) => metadata.name)).toEqual(
    ["a-1", "a-2", "b-1", "b-2", "c-1", "c-2"].map((suffix) => `eu-west-1${suffix}`),
  );
  expect(nodes[3]?.metadata.labels).toMatchObject({
    "topology.kubernetes.io/region": "eu-west-1",
    "topology.kubernetes.io/zone": "eu-west-1b",
    "kubernetes.io/hostname": "eu-west-1b-2",
  });
  expect(nodes[3]?.status).toMatchObject({ allocatable: { cpu: "8", memory: "32Gi", pods: "110" } });
  expect(new Set(nodes.map(({ spec }) => JSON.stringify(spec))).size).toBe(6);
});

test("stages of kinds that are not installed are left out", () => {
  const stage = (apiGroup: string, kind: string): Stage => ({
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name: kind.toLowerCase() },
    spec: { resourceRef: { apiGroup, kind } },
  });
  const pod = stage("v1", "Pod");
  const kafka = stage("kafka.strimzi.io/v1", "Kafka");
  expect(selectStages([pod, kafka], new Set(["v1/Pod", "kafka.strimzi.io/v1/KafkaTopic"]))).toEqual([pod]);
  expect(selectStages([pod, kafka], new Set(["v1/Pod", "kafka.strimzi.io/v1/Kafka"]))).toEqual([pod, kafka]);
});

test("our own stages are well-formed, each of a name of its own", () => {
  const stages = readManifests<Stage>(join(__dirname, "../../../rehearsal/control-plane/stages"), "Stage");
  expect(new Set(stages.map(({ metadata }) => metadata.name)).size).toBe(stages.length);
  for (const { spec } of stages) expect(spec.resourceRef.kind).toMatch(/^[A-Z]/);
});

test("definitions are installed when they are missing or different", () => {
  const [first, second] = [toInstalled(definition("a")), toInstalled(definition("b"))];
  expect(selectChanged([first, second], [])).toEqual([first, second]);
  expect(selectChanged([first, second], [second])).toEqual([first]);
  const other = toInstalled(definition("a", { scope: "Cluster" }));
  expect(selectChanged([first], [other])).toEqual([first]);
  expect(selectMissing([first, second], [other])).toEqual([second]);
});

test("definitions come without conversion webhooks", () => {
  expect(toInstalled(definition("a")).spec.conversion).toEqual({ strategy: "None" });
});

test("manifests are read by kind, as Kubernetes' own parser reads them", () => {
  const folder = mkdtempSync(join(tmpdir(), "manifests-"));
  writeFileSync(join(folder, "b.yaml"), "kind: Stage\nmetadata: { name: b }\n---\nkind: Role\n---\n");
  writeFileSync(join(folder, "a.yml"), "kind: Stage\nmetadata:\n  name: 'a\n  c'\n");
  writeFileSync(join(folder, "kustomization.yaml"), "kind: Stage\n");
  expect(readManifests(folder, "Stage").map(({ metadata }) => metadata.name)).toEqual(["a c", "b"]);
  rmSync(folder, { recursive: true });
  expect(() => readManifests(folder, "Stage")).toThrow(`There is no file or folder ${folder}.`);
});
