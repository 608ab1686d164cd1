import { type Properties } from "../stand-in";
import type { KubernetesClient } from "./client";
import { annotation, isObject, listAt, objectAt, stringAt, valueAt } from "./objects";

const poolLabel = "karpenter.sh/nodepool";
const zoneLabel = "topology.kubernetes.io/zone";
const fakeNode = "kwok.x-k8s.io/node";

export const isNodePool = (object: Properties): boolean =>
  stringAt(object, "kind") === "NodePool" && stringAt(object, "apiVersion").startsWith("karpenter.sh/");

/**
 * What Karpenter does for a pool, simulated: a node in each zone with the pool's labels and taints, at once and not when a pod asks,
 * as a copy of the zone's first one. On a cluster whose nodes are real there is somebody else to do it.
 */
export async function provideNodes(client: KubernetesClient, pool: Properties): Promise<void> {
  const name = stringAt(pool, "metadata", "name");
  const nodes = listAt(await client.request("/api/v1/nodes"), "items").filter(isObject);
  const simulated = nodes.filter((node) => annotation(node, fakeNode) === "fake");
  if (simulated.some((node) => valueAt(node, "metadata", "labels", poolLabel) === name)) return;
  const zones = new Map(simulated.map((node) => [stringAt(objectAt(node, "metadata", "labels"), zoneLabel), node]));
  for (const [zone, model] of zones) {
    await client.request("/api/v1/nodes", { method: "POST", body: nodeOf(pool, zone, model, simulated) });
  }
}

export async function removeNodes(client: KubernetesClient, pool: Properties): Promise<void> {
  const name = stringAt(pool, "metadata", "name");
  const nodes = listAt(await client.request("/api/v1/nodes"), "items").filter(isObject);
  const own = nodes.filter(
    (node) => annotation(node, fakeNode) === "fake" && valueAt(node, "metadata", "labels", poolLabel) === name,
  );
  for (const node of own) {
    await client.request(`/api/v1/nodes/${stringAt(node, "metadata", "name")}`, { method: "DELETE" });
  }
}

function nodeOf(pool: Properties, zone: string, model: Properties, nodes: Properties[]): Properties {
  // Its zone and a number, as the volumes' stage expects.
  const numbers = nodes
    .map((node) => stringAt(node, "metadata", "name"))
    .filter((each) => each.startsWith(`${zone}-`))
    .map((each) => Number(each.slice(zone.length + 1)));
  const name = `${zone}-${Math.max(0, ...numbers) + 1}`;
  const status = objectAt(model, "status");
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      annotations: { [fakeNode]: "fake" },
      labels: {
        ...objectAt(model, "metadata", "labels"),
        ...objectAt(pool, "spec", "template", "metadata", "labels"),
        "kubernetes.io/hostname": name,
        [poolLabel]: stringAt(pool, "metadata", "name"),
      },
    },
    spec: { taints: listAt(pool, "spec", "template", "spec", "taints") },
    status: { allocatable: objectAt(status, "allocatable"), capacity: objectAt(status, "capacity") },
  };
}
