import { existsSync } from "node:fs";
import { join } from "node:path";

/** Charts that bring CRDs, with their folder under OMEGA_CRDS_DIR. */
const definitionSets: Record<string, string> = {
  base: "istio",
};

/** `istio/base` and `oci://registry/istio/base` are the chart `base`. */
export function chartName(chart: string): string {
  return chart.replace(/\/$/, "").split("/").at(-1) ?? "";
}

/** Undefined: no kinds come with this chart, or none that we know of. */
export function definitionsFolder(chart: string): string | undefined {
  const set = definitionSets[chartName(chart)];
  if (set === undefined) return undefined;
  const folder = join(process.env.OMEGA_CRDS_DIR ?? "", set);
  if (!existsSync(folder)) {
    throw new Error(`the CRDs of ${set} are not in this rehearsal: OMEGA_CRDS_DIR has no folder ${set}`);
  }
  return folder;
}
