import { existsSync } from "node:fs";
import { join } from "node:path";

interface DefinitionSet {
  /** Folder under OMEGA_CRDS_DIR. */
  set: string;
  /** Whether an upgrade changes them: Helm does so with templates, never with what is in a chart's `crds` folder. */
  upgraded: boolean;
}

/** Charts that bring CRDs. */
const definitionSets: Record<string, DefinitionSet> = {
  base: { set: "istio", upgraded: true },
  "cert-manager": { set: "cert-manager", upgraded: true },
  "chaos-mesh": { set: "chaos-mesh", upgraded: false },
  "dragonfly-operator": { set: "dragonfly-operator", upgraded: true },
  "gateway-api-crds": { set: "gateway-api", upgraded: true },
  keda: { set: "keda", upgraded: true },
  // In its `crds` folder, and upgraded by a job of its own.
  "kube-prometheus-stack": { set: "prometheus-operator", upgraded: true },
  "strimzi-kafka-operator": { set: "strimzi", upgraded: false },
};

/** `istio/base` and `oci://registry/istio/base` are the chart `base`. */
export function chartName(chart: string): string {
  return chart.replace(/\/$/, "").split("/").at(-1) ?? "";
}

/** Undefined: no kinds come with this chart, or none that we know of. */
export function definitionsOf(chart: string): { folder: string; upgraded: boolean } | undefined {
  const found = definitionSets[chartName(chart)];
  if (found === undefined) return undefined;
  const { set, upgraded } = found;
  const folder = join(process.env.OMEGA_CRDS_DIR ?? "", set);
  if (!existsSync(folder)) {
    throw new Error(`the CRDs of ${set} are not in this rehearsal: OMEGA_CRDS_DIR has no folder ${set}`);
  }
  return { folder, upgraded };
}
