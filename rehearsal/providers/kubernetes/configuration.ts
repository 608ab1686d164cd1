import { isDeepStrictEqual } from "node:util";
import { existsSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { clusterIn } from "../clouds/cluster";
import { UNKNOWN, type CheckFailure, type Difference, type Properties } from "../stand-in";
import { isObject, stringAt } from "./objects";

/** Arguments of the provider resource, and the environment variables that stand in for them. */
export interface Configuration {
  /** Contents; empty: as kubectl finds it. */
  kubeconfig: string;
  context: string;
  namespace: string;
  deleteUnreachable: boolean;
  enablePatchForce: boolean;
  enableConfigMapMutable: boolean;
}

/** Contents of a kubeconfig that is given as contents, as a path, or as an object. */
function contents(value: unknown): string {
  if (isObject(value)) return JSON.stringify(value);
  const given = typeof value === "string" ? value : "";
  return !given.includes("\n") && existsSync(given) ? readFileSync(given, "utf8") : given;
}

export function readConfiguration(given: Properties): Configuration {
  const flag = (name: string, variable: string): boolean =>
    String(given[name] ?? process.env[`PULUMI_K8S_${variable}`]) === "true";
  return {
    kubeconfig: contents(given.kubeconfig),
    context: stringAt(given, "context"),
    namespace: stringAt(given, "namespace"),
    deleteUnreachable: flag("deleteUnreachable", "DELETE_UNREACHABLE"),
    enablePatchForce: flag("enablePatchForce", "ENABLE_PATCH_FORCE"),
    enableConfigMapMutable: flag("enableConfigMapMutable", "ENABLE_CONFIGMAP_MUTABLE"),
  };
}

// Every provider resource also carries where its plug-in comes from.
const knownArguments =
  "kubeconfig context namespace deleteUnreachable enablePatchForce enableConfigMapMutable enableServerSideApply version pluginDownloadURL";

export function checkConfiguration(given: Properties): CheckFailure[] {
  const known = knownArguments.split(" ");
  const failures = Object.keys(given)
    .filter((property) => !known.includes(property))
    .map((property) => ({ property, reason: "the rehearsal does not know this argument" }));
  if (String(given.enableServerSideApply) === "false") {
    failures.push({ property: "enableServerSideApply", reason: "only server-side apply is rehearsed" });
  }
  return failures;
}

/** Another cluster means that everything in it is made anew; other credentials don't. */
export function diffConfiguration(olds: Properties, news: Properties): Difference {
  const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
  const changed = keys.filter((key) => !isDeepStrictEqual(olds[key], news[key]));
  const target = changed.filter((key) => key === "kubeconfig" || key === "context");
  const unknown = target.filter((key) => news[key] === UNKNOWN);
  if (unknown.length > 0) return { changed, replaces: unknown };
  const [before, after] = [olds, news].map((given) =>
    clusterIn(parse(contents(given.kubeconfig)), stringAt(given, "context")),
  );
  const moved = before !== undefined && after !== undefined && !isDeepStrictEqual(before, after);
  return { changed, replaces: moved ? target : [] };
}
