import { planProgram } from "../../../rehearsal/engine/plan";
import type { MeshObject } from "./mesh";

/** Objects of Istio and of the Gateway API that components emit: a program that makes components is run under mocks. */
export async function emitted(program: () => void): Promise<MeshObject[]> {
  const { resources } = await planProgram(() => Promise.resolve(program()), "data-plane", { config: {}, secrets: [] });
  return resources.map(({ props }) => props).filter(isOfMesh);
}

function isOfMesh(props: Record<string, unknown>): props is MeshObject {
  return typeof props.apiVersion === "string" && /\.istio\.io\/|^gateway\.networking\.k8s\.io\//.test(props.apiVersion);
}
