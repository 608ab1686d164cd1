import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
// Not `yaml`, which takes six times as long: a second for Istio's definitions.
import { CORE_SCHEMA, loadAll } from "js-yaml";
import type { KubernetesObject } from "./api";

/** The YAML files at a path: itself, or those right in the folder. */
function manifestFiles(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new Error(`There is no file or folder ${path}.`);
  if (!found.isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => /\.ya?ml$/.test(name) && name !== "kustomization.yaml");
  return names.sort().map((name) => join(path, name));
}

/** The objects of one kind in a file or a folder's files. */
export function readManifests<Manifest extends KubernetesObject>(path: string, kind: string): Manifest[] {
  return manifestFiles(path)
    .flatMap((filename) => loadAll(readFileSync(filename, "utf8"), null, { filename, schema: CORE_SCHEMA }))
    .filter((manifest): manifest is Manifest => isObjectOf(kind, manifest));
}

function isObjectOf(kind: string, manifest: unknown): boolean {
  return typeof manifest === "object" && manifest !== null && "kind" in manifest && manifest.kind === kind;
}
