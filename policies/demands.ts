import { kindOf } from "./kubernetes";
import type { Finding, Resource } from "./policy";
import { at, empty, isMissing, list, numberOf, unknown, type Value } from "./values";

/**
 * What a property must be. `spec.cells[].name` is the name of every cell; a key with dots in it is quoted, as in
 * `spec.config["a.b"]`. The last part follows what the property is, e.g. "is not set, so …".
 */
export type Demand = [path: string, fits: (value: Value) => boolean, why: string];

/** Demands by kind. */
export type Demands = Record<string, readonly Demand[]>;

/** Where a resource isn't as demanded; what isn't known yet is left alone. */
export function judge(resource: Resource, demands: Demands): Finding[] {
  return (demands[kindOf(resource)] ?? []).flatMap(([path, fits, why]) =>
    places(resource.props, path)
      .filter(({ value }) => value !== unknown && !fits(value))
      .map((place) => ({ resource, path: place.path, reason: `${described(place.value)}, ${why}` })),
  );
}

interface Place {
  path: string;
  value: Value;
}

/** Every place that a path leads to; none in a list that isn't there or isn't known. */
export function places(props: Value, path: string): Place[] {
  const [first = "", ...rest] = path.split("[]");
  return rest.reduce<Place[]>(
    (found, step) =>
      found.flatMap((place) =>
        list(place.value).map((item, index) => ({
          path: `${place.path}[${index}]${step}`,
          value: at(item, ...stepsOf(step)),
        })),
      ),
    [{ path: first, value: at(props, ...stepsOf(first)) }],
  );
}

/** `spec.config["a.b"]` as steps. */
function stepsOf(path: string): string[] {
  return [...path.matchAll(/\["([^"]+)"\]|([^.[\]]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

/** A step as a path has it. */
export function quoted(key: string): string {
  return key.includes(".") ? `["${key}"]` : `.${key}`;
}

export function described(value: Value): string {
  if (!isSet(value)) return "is not set";
  return typeof value === "object" ? "is set" : `is ${String(value)}`;
}

/** Whether there is something in it; providers write an empty text for what nobody set. */
export function isSet(value: Value): boolean {
  return value !== "" && empty(value) !== true;
}

export function isTrue(value: Value): boolean {
  return value === true || value === "true";
}

export function isNotTrue(value: Value): boolean {
  return !isTrue(value);
}

export function isNotFalse(value: Value): boolean {
  return value !== false && value !== "false";
}

export function isAtLeast(minimum: number): (value: Value) => boolean {
  return (value) => {
    const number = numberOf(value);
    return typeof number === "number" && number >= minimum;
  };
}

/** Where a default does that is good enough. */
export function isMissingOr(fits: (value: Value) => boolean): (value: Value) => boolean {
  return (value) => isMissing(value) || fits(value);
}
