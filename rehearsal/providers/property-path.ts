import { isDeepStrictEqual } from "node:util";
import { isObject } from "./wire";

/** `spec.containers[0].image`; a key that is no identifier is written `["a.b"]`. */
function join(path: string, key: string | number): string {
  if (typeof key === "number") return `${path}[${key}]`;
  if (!/^[A-Za-z_$][\w$]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

export function segments(path: string): (string | number)[] {
  return Array.from(path.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g), ([, index, quoted, name]) =>
    index !== undefined ? Number(index) : quoted !== undefined ? String(JSON.parse(quoted)) : String(name),
  );
}

function child(value: unknown, key: string | number): unknown {
  if (Array.isArray(value) && typeof key === "number") return value[key];
  return isObject(value) ? value[key] : undefined;
}

export function valueAt(value: unknown, path: string): unknown {
  return segments(path).reduce(child, value);
}

/** Is `path` the same as `ancestor` or inside it? */
export function isWithin(path: string, ancestor: string): boolean {
  return path === ancestor || (path.startsWith(ancestor) && /^[.[]/.test(path.slice(ancestor.length)));
}

/** The deepest paths at which two values differ. */
export function differences(olds: unknown, news: unknown, path = ""): string[] {
  if (isDeepStrictEqual(olds, news)) return [];
  const keys: (string | number)[] | undefined =
    Array.isArray(olds) && Array.isArray(news)
      ? Array.from({ length: Math.max(olds.length, news.length) }, (_, index) => index)
      : isObject(olds) && isObject(news)
        ? [...new Set([...Object.keys(olds), ...Object.keys(news)])]
        : undefined;
  if (keys === undefined) return [path];
  return keys.flatMap((key) => differences(child(olds, key), child(news, key), join(path, key)));
}
