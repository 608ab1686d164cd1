import { createHash } from "node:crypto";
import type { PlannedResource } from "../engine/plan";
import { releaseType } from "../providers/kubernetes/helm";
import { replacementPaths } from "../providers/kubernetes/kinds";
import { valueAtPath } from "../providers/property-path";
import { tables } from "../providers/tables";

/** What a new version makes anew on purpose, by type: a change of these inputs is how it is updated. */
const remadeOnPurpose: Record<string, readonly string[]> = {
  // A version of a Worker, or of a secret, is what it contains.
  "cloudflare:index/workerVersion:WorkerVersion": ["*"],
  "aws:secretsmanager/secretVersion:SecretVersion": ["secretBinary", "secretString"],
  // A Job runs once: another one is another run.
  "kubernetes:batch/v1:Job": ["spec.template"],
  "kubernetes:core/v1:Secret": ["data", "stringData"],
};

/** Longer values are compared by their digest. */
const longest = 80;

/**
 * The inputs of a resource that only a replacement can change, by their paths, as the stand-ins know them: of AWS,
 * Cloudflare and random from their tables, of Kubernetes as the real provider decides.
 *
 * Secret ones are left out: a digest of them would let one guess.
 */
export function immutableInputs({ type, props, secretProperties }: PlannedResource): Record<string, string> {
  const remade = remadeOnPurpose[type] ?? [];
  const paths = pathsOf(type, props).filter(
    (path) => !remade.includes("*") && !remade.includes(path) && !secretProperties.includes(path.split(".")[0] ?? ""),
  );
  const values = paths.map((path) => [path, valueAtPath(props, path)] as const);
  return Object.fromEntries(
    values.filter(([, value]) => value !== undefined && value !== null).map(([path, value]) => [path, brief(value)]),
  );
}

function pathsOf(type: string, props: Record<string, unknown>): string[] {
  if (type === releaseType) return ["name", "namespace"];
  // The platform's own provider lets ConfigMaps change (stacks/cluster.ts).
  if (type.startsWith("kubernetes:")) return replacementPaths(props, true).map((path) => path.join("."));
  const known = tables.find((table) => type.startsWith(`${table.package}:`))?.types[type];
  return Object.entries(known?.inputs ?? {}).flatMap(([path, change]) => (change === "replace" ? [path] : []));
}

function brief(value: unknown): string {
  const text = JSON.stringify(value, (_, item: unknown) => (isRecord(item) ? sorted(item) : item));
  return text.length <= longest ? text : `sha256:${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const sorted = (record: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1)));
