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

export function valueAtPath(value: unknown, path: string): unknown {
  return segments(path).reduce(child, value);
}

const matches = (pattern: string | number | undefined, key: string | number | undefined): boolean =>
  pattern === "*" || String(pattern) === String(key);

/** Is `path` the same as `ancestor`, where `*` stands for any key, or inside it? */
export function isWithin(path: string, ancestor: string): boolean {
  const steps = segments(path);
  return segments(ancestor).every((step, index) => index < steps.length && matches(step, steps[index]));
}

/** `value` with what `other` has at a path, if both have something there. */
export function withValueOf(value: unknown, other: unknown, path: (string | number)[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined || other === undefined) return other ?? value;
  const replaced = (key: string | number, item: unknown): unknown =>
    matches(step, key) ? withValueOf(item, child(other, key), rest) : item;
  if (Array.isArray(value)) return value.map((item, index) => replaced(index, item));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaced(key, item)]));
}

/** The deepest paths at which two values differ, but for what is to be ignored. */
export function changesOf(olds: unknown, news: unknown, ignored: readonly string[]): string[] {
  return differences(olds, news).filter((path) => !ignored.some((each) => isWithin(path, each)));
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
