import { isDeepStrictEqual } from "node:util";
import { replacementPaths, touches } from "./kinds";
import { isObject, listAt, objectAt, stringAt, valueAt, withMetadata, without } from "./objects";
import { isAutonamed } from "./naming";
import { changesOf, segments, valueAtPath } from "../property-path";
import { UNKNOWN, type Difference, type ExistingResource, type Properties } from "../stand-in";

/** What changed from the inputs of last time, or from what a refresh made of them, to the new ones. */
export function difference(
  resource: Pick<ExistingResource, "inputs" | "outputs">,
  news: Properties,
  ignoreChanges: string[],
  changesConfigMaps: boolean,
): Difference {
  const changed = changesOf(resource.inputs, news, ignoreChanges);
  const patterns = replacementPaths(news, changesConfigMaps);
  const replaces = changed.filter((path) =>
    patterns.some((pattern) => touches(pattern, segments(path), valueAtPath(news, path))),
  );
  const stays = (key: string): boolean => valueAt(news, "metadata", key) === valueAt(resource.outputs, "metadata", key);
  const deleteBeforeReplace = replaces.length > 0 && !isAutonamed(news) && stays("name") && stays("namespace");
  return { changed, replaces, deleteBeforeReplace };
}

/**
 * Inputs as the cluster has them now. What is still as the server answered last time keeps the way the program wrote it
 * (`1000m` although the server says `1`); what others added stays out; what they changed shows.
 */
export function observedInputs(inputs: unknown, answered: unknown, live: unknown): unknown {
  if (isDeepStrictEqual(answered, live) && answered !== undefined) return inputs;
  if (isObject(inputs) && isObject(live)) {
    return Object.fromEntries(
      Object.entries(inputs)
        .map(([key, value]) => [key, observedInputs(value, valueAt(answered, key), live[key])])
        .filter(([, value]) => value !== undefined),
    );
  }
  if (Array.isArray(inputs) && Array.isArray(live)) {
    const before = Array.isArray(answered) ? answered : [];
    return inputs.slice(0, live.length).map((value, i) => observedInputs(value, before[i], live[i]));
  }
  // Never stored, such as an empty map or a Secret's stringData.
  return live === undefined && answered === undefined ? inputs : live;
}

/** A Secret's `stringData` is write-only: it is compared through the `data` that the server made of it. */
export function observedStringData(inputs: Properties, live: Properties): Properties {
  const data = objectAt(live, "data");
  const entries = Object.keys(objectAt(inputs, "stringData"))
    .filter((key) => key in data)
    .map((key) => [key, Buffer.from(stringAt(data, key), "base64").toString()]);
  return "stringData" in inputs ? { ...inputs, stringData: Object.fromEntries(entries) } : inputs;
}

/** In preview the server's dry run invents identities and addresses; only the update can know them. */
export function withoutInvented(dryRun: Properties, inputs: Properties): Properties {
  const invented = { uid: UNKNOWN, creationTimestamp: UNKNOWN, resourceVersion: UNKNOWN, generation: UNKNOWN };
  const result = withMetadata(without(dryRun, ["status"]), { ...invented });
  return dryRun.apiVersion === "v1" && dryRun.kind === "Service"
    ? { ...result, spec: withoutAddresses(objectAt(dryRun, "spec"), objectAt(inputs, "spec")) }
    : result;
}

function withoutAddresses(spec: Properties, wanted: Properties): Properties {
  const hide = (from: Properties, chosen: unknown, names: string[]): Properties =>
    Object.fromEntries(
      Object.entries(from).map(([key, value]) => [
        key,
        names.includes(key) && valueAt(chosen, key) === undefined ? UNKNOWN : value,
      ]),
    );
  const wantedPorts = listAt(wanted, "ports");
  const ports = listAt(spec, "ports").map((port, i) =>
    isObject(port) ? hide(port, wantedPorts[i], ["nodePort"]) : port,
  );
  return hide({ ...spec, ports }, wanted, ["clusterIP", "clusterIPs", "healthCheckNodePort"]);
}
