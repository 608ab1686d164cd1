import { createHash, randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { changesOf, isWithin, valueAtPath } from "../property-path";
import { type CheckFailure, type Difference, type Properties, UNKNOWN } from "../stand-in";
import { hasUnknown, isObject, secret } from "../wire";
import type { Described, Neighbours, PackageTable, ResourceType } from "./table";

const remedy = (table: PackageTable): string => `add it to rehearsal/providers/tables/${table.package}.ts`;

function listed<Value>(table: PackageTable, list: Record<string, Value>, token: string): Value {
  const found = Object.hasOwn(list, token) ? list[token] : undefined;
  if (found === undefined) throw new Error(`the rehearsal does not know ${token}: ${remedy(table)}`);
  return found;
}

export const typeOf = (table: PackageTable, token: string): ResourceType => listed(table, table.types, token);

export function callFunction(
  table: PackageTable,
  token: string,
  arguments_: Properties,
  settings: Properties,
  neighbours: Neighbours,
): Properties {
  return listed(table, table.functions, token)(arguments_, settings, neighbours);
}

/** As bridged providers name: the logical name and seven digits that differ from stack to stack. */
export function autoname(name: string, randomSeed: Uint8Array): string {
  const seed = randomSeed.length > 0 ? randomSeed : randomBytes(32);
  return `${name}-${createHash("sha256").update(seed).digest("hex").slice(0, 7)}`;
}

const isAutonamed = (value: unknown, start: string): value is string =>
  typeof value === "string" && value.startsWith(`${start}-`) && /^[0-9a-f]{7}$/.test(value.slice(start.length + 1));

interface CheckRequest {
  token: string;
  name: string;
  olds: Properties | undefined;
  news: Properties;
  settings: Properties;
  randomSeed: Uint8Array;
}

export function checkResource(
  table: PackageTable,
  { token, name, olds, news, settings, randomSeed }: CheckRequest,
): { inputs: Properties; failures: CheckFailure[] } {
  const type = typeOf(table, token);
  const given = Object.fromEntries(Object.entries(news).filter(([, value]) => value !== null && value !== undefined));
  const inputs: Properties = { ...type.defaults?.(settings), ...given };
  if (type.autonamed && inputs[type.autonamed.property] === undefined) {
    const { property, prefix = "" } = type.autonamed;
    const last = olds?.[property];
    inputs[property] = isAutonamed(last, prefix + name) ? last : prefix + autoname(name, randomSeed);
  }
  const failures: CheckFailure[] = [];
  for (const property of Object.keys(given).filter((property) => !Object.hasOwn(type.inputs, property))) {
    failures.push({ property, reason: `the rehearsal does not know this input of ${token}: ${remedy(table)}` });
  }
  for (const property of (type.required ?? []).filter((property) => inputs[property] === undefined)) {
    failures.push({ property, reason: "a required input is missing" });
  }
  for (const [property, check] of Object.entries(type.checks ?? {})) {
    const value = valueAtPath(inputs, property);
    const reason = value === undefined || hasUnknown(value) ? undefined : check(value);
    if (reason !== undefined) failures.push({ property, reason });
  }
  for (const { reads, problem } of type.combinations ?? []) {
    const refused = failures.some(({ property }) => reads.some((read) => isWithin(property, read)));
    const reason = refused || reads.some((read) => hasUnknown(inputs[read])) ? undefined : problem(inputs);
    if (reason !== undefined) failures.push({ property: reads[0], reason });
  }
  return { inputs, failures };
}

export function diffResource(
  type: ResourceType,
  name: string,
  olds: Properties,
  news: Properties,
  ignoreChanges: readonly string[],
): Difference {
  const changed = changesOf(olds, news, ignoreChanges);
  const changeOf = (path: string) => {
    const known = Object.keys(type.inputs).filter((input) => isWithin(path, input));
    return type.inputs[known.sort((a, b) => b.length - a.length)[0] ?? ""];
  };
  const replaces = changed.filter((path) => changeOf(path) === "replace");
  if (replaces.length === 0 || !type.autonamed) return { changed, replaces };
  // A name that the program fixed can't be held by the old and the new one at once.
  const { property, prefix = "" } = type.autonamed;
  const fixed = olds[property] === news[property] && !isAutonamed(news[property], prefix + name);
  return { changed, replaces, deleteBeforeReplace: fixed };
}

/**
 * Inputs and computed outputs. In a preview (`preview` set) computed outputs are unknown, except those of an existing
 * resource that stay as they are.
 */
export function outputsOf(
  type: ResourceType,
  facts: Described,
  neighbours: Neighbours,
  preview?: { olds?: Properties },
): Properties {
  const outputs: Properties = { ...facts.inputs };
  const compute = (path: string, output: ResourceType["outputs"][string]): unknown => {
    if (!preview) return output(facts, neighbours);
    if (!preview.olds || hasUnknown(facts.inputs)) return UNKNOWN;
    const value = output(facts, neighbours);
    return isDeepStrictEqual(value, valueAtPath(preview.olds, path)) ? value : UNKNOWN;
  };
  for (const [path, output] of Object.entries(type.outputs)) {
    const [top = path, nested] = path.split(".");
    const current = outputs[top];
    if (nested === undefined) {
      outputs[top] ??= compute(path, output);
    } else if (isObject(current)) {
      outputs[top] = { [nested]: compute(path, output), ...current };
    } else if (current === undefined) {
      const value = compute(path, output);
      outputs[top] = value === UNKNOWN ? UNKNOWN : { [nested]: value };
    }
  }
  for (const key of type.secrets ?? []) if (outputs[key] !== undefined) outputs[key] = secret(outputs[key]);
  return outputs;
}
