import { planProgram } from "../../../rehearsal/engine/plan";
import { isOfMesh } from "./adapt";
import type { MeshObject } from "./mesh";

/** Objects of Istio and of the Gateway API that components emit: a program that makes components is run under mocks. */
export async function emitted(program: () => void): Promise<MeshObject[]> {
  const objects = await emittedObjects(program);
  return objects.filter(({ apiVersion }) => isOfMesh(apiVersion));
}

/** And all others of Kubernetes. */
export async function emittedObjects(program: () => void): Promise<MeshObject[]> {
  const { resources } = await planProgram(() => Promise.resolve(program()), "data-plane", { config: {}, secrets: [] });
  return resources.map(({ props }) => props).filter(isObject);
}

const isObject = (props: Record<string, unknown>): props is MeshObject =>
  typeof props.apiVersion === "string" && typeof props.kind === "string";
