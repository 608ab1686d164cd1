import { isObject } from "../wire";
import { UNKNOWN, type Properties } from "../stand-in";

/** Reading Kubernetes objects, which come as plain JSON of any kind. */

export { isObject };

export function valueAt(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((parent, key) => (isObject(parent) ? parent[key] : undefined), value);
}

export function stringAt(value: unknown, ...path: string[]): string {
  const found = valueAt(value, ...path);
  return typeof found === "string" ? found : "";
}

export function numberAt(value: unknown, ...path: string[]): number {
  const found = valueAt(value, ...path);
  return typeof found === "number" ? found : 0;
}

export function listAt(value: unknown, ...path: string[]): unknown[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
}

export function objectAt(value: unknown, ...path: string[]): Properties {
  const found = valueAt(value, ...path);
  return isObject(found) ? found : {};
}

export function annotation(object: Properties, name: string): string {
  return stringAt(object, "metadata", "annotations", name);
}

export function condition(object: Properties, type: string): Properties | undefined {
  return listAt(object, "status", "conditions")
    .filter(isObject)
    .find((each) => each.type === type);
}

export function without(object: Properties, keys: readonly string[]): Properties {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** A copy with other metadata; what is undefined goes. Metadata that isn't known yet stays so. */
export function withMetadata(object: Properties, changes: Properties): Properties {
  if (object.metadata === UNKNOWN) return object;
  const metadata = Object.entries({ ...objectAt(object, "metadata"), ...changes });
  return { ...object, metadata: Object.fromEntries(metadata.filter(([, value]) => value !== undefined)) };
}

/** `namespace/name`, or `name` for what belongs to no namespace. */
export function identifier(object: Properties): string {
  const namespace = stringAt(object, "metadata", "namespace");
  const name = stringAt(object, "metadata", "name");
  return namespace === "" ? name : `${namespace}/${name}`;
}

export function parseIdentifier(id: string): { namespace: string; name: string } {
  const [first = "", second] = id.split("/");
  return second === undefined ? { namespace: "", name: first } : { namespace: first, name: second };
}
