import { isDeepStrictEqual } from "node:util";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { parse } from "yaml";
import { isObject, listAt, stringAt } from "./objects";
import { UNKNOWN, type CheckFailure, type Difference, type Properties } from "../stand-in";

/** Arguments of the provider resource, and the environment variables that stand in for them. */
export interface Configuration {
  /** Contents; undefined: as kubectl finds it. */
  kubeconfig: string | undefined;
  context: string;
  cluster: string;
  namespace: string;
  deleteUnreachable: boolean;
  skipUpdateUnreachable: boolean;
  enablePatchForce: boolean;
  upsertExistingObjects: boolean;
  enableConfigMapMutable: boolean;
  enableSecretMutable: boolean;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Contents of a kubeconfig that is given as contents, as a path, or as an object. */
function contents(value: unknown): string {
  if (isObject(value)) return JSON.stringify(value);
  const given = text(value).replace(/^~(?=\/|$)/, homedir());
  return !given.includes("\n") && existsSync(given) ? readFileSync(given, "utf8") : given;
}

export function readConfiguration(given: Properties): Configuration {
  const flag = (name: string, variable: string): boolean =>
    String(given[name] ?? process.env[`PULUMI_K8S_${variable}`]) === "true";
  return {
    kubeconfig: contents(given.kubeconfig) || undefined,
    context: text(given.context),
    cluster: text(given.cluster),
    namespace: text(given.namespace),
    deleteUnreachable: flag("deleteUnreachable", "DELETE_UNREACHABLE"),
    skipUpdateUnreachable: flag("skipUpdateUnreachable", "SKIP_UPDATE_UNREACHABLE"),
    enablePatchForce: flag("enablePatchForce", "ENABLE_PATCH_FORCE"),
    upsertExistingObjects: flag("upsertExistingObjects", "UPSERT_EXISTING_OBJECTS"),
    enableConfigMapMutable: flag("enableConfigMapMutable", "ENABLE_CONFIGMAP_MUTABLE"),
    enableSecretMutable: flag("enableSecretMutable", "ENABLE_SECRET_MUTABLE"),
  };
}

const missing = {
  renderYamlToDirectory: "rendering to YAML is not rehearsed",
  alwaysRender: "rendering to YAML is not rehearsed",
};

export function checkConfiguration(given: Properties): CheckFailure[] {
  const failures = Object.entries(missing)
    .filter(([property]) => Boolean(given[property]))
    .map(([property, reason]) => ({ property, reason }));
  if (String(given.enableServerSideApply) === "false") {
    failures.push({ property: "enableServerSideApply", reason: "only server-side apply is rehearsed" });
  }
  for (const property of String(given.strictMode) === "true" ? ["kubeconfig", "context"] : []) {
    if (!given[property]) {
      failures.push({ property, reason: `strict mode requires Provider "${property}" argument` });
    }
  }
  return failures;
}

/** The cluster that a kubeconfig, a context and a cluster name lead to: what a provider's objects live in. */
function activeCluster(given: Properties): unknown {
  const kubeconfig: unknown = parse(contents(given.kubeconfig));
  const named = (list: string, name: string): unknown =>
    listAt(kubeconfig, list).find((each) => stringAt(each, "name") === name);
  const context = named("contexts", text(given.context) || stringAt(kubeconfig, "current-context"));
  return named("clusters", text(given.cluster) || stringAt(context, "context", "cluster"));
}

/** Another cluster means that everything in it is made anew; other credentials don't. */
export function diffConfiguration(olds: Properties, news: Properties): Difference {
  const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
  const changed = keys.filter((key) => !isDeepStrictEqual(olds[key], news[key]));
  const identifier = "clusterIdentifier";
  if (olds[identifier] !== undefined && news[identifier] !== undefined) {
    return { changed, replaces: changed.filter((key) => key === identifier) };
  }
  const target = ["kubeconfig", "context", "cluster"];
  const unknown = target.filter((key) => news[key] === UNKNOWN);
  if (unknown.length > 0) {
    return { changed, replaces: unknown.filter((key) => changed.includes(key)) };
  }
  const before = activeCluster(olds);
  const after = activeCluster(news);
  const moved = before !== undefined && after !== undefined && !isDeepStrictEqual(before, after);
  return { changed, replaces: moved ? changed.filter((key) => target.includes(key)) : [] };
}
