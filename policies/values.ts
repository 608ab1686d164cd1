/** Stands for a value that the engine learns only during the update. */
export const unknown: unique symbol = Symbol("unknown");

export type Unknown = typeof unknown;
export type Value = string | number | boolean | null | undefined | Unknown | Value[] | { [key: string]: Value };

/** A yes or no that may have to wait for the update. */
export type Answer = boolean | Unknown;

/** What the engine sends in place of a value that it doesn't know yet; @pulumi/policy keeps this list to itself. */
const placeholders = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Marks a wrapped value (a secret, an output) in the engine's wire format. */
const signature = "4dabf18193072939515e22adb298388d";

/**
 * Copies properties to plain values with every unknown marked in place. Reading an unknown of the policy SDK throws, and
 * that would end a whole validation, so each read is guarded on its own.
 */
export function reveal(source: unknown): Value {
  if (typeof source === "string") {
    return placeholders.has(source) ? unknown : source;
  }
  if (typeof source === "number" || typeof source === "boolean" || source === null) {
    return source;
  }
  if (Array.isArray(source)) {
    return Array.from({ length: source.length }, (_, index) => read(source, index));
  }
  if (typeof source !== "object") {
    return undefined;
  }
  if ("__pulumiUnknown" in source) {
    return unknown;
  }
  if (signature in source) {
    return "value" in source ? read(source, "value") : unknown;
  }
  return Object.fromEntries(Object.keys(source).map((key) => [key, read(source, key)]));
}

function read(container: object, key: string | number): Value {
  try {
    return reveal(Reflect.get(container, key));
  } catch (error) {
    if (error instanceof Error && "unknownTypeSentinel" in error) {
      return unknown;
    }
    throw error;
  }
}

/** The value at a path; unknown if any step is, undefined if a step is missing. */
export function at(value: Value, ...path: (string | number)[]): Value {
  let current = value;
  for (const step of path) {
    if (current === unknown) {
      return unknown;
    }
    current = Array.isArray(current) ? current[Number(step)] : isRecord(current) ? current[step] : undefined;
  }
  return current;
}

export function isRecord(value: Value): value is { [key: string]: Value } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The known elements' list; empty if it is missing or can't be told yet. */
export function list(value: Value): Value[] {
  return Array.isArray(value) ? value : [];
}

export function isMissing(value: Value): value is null | undefined {
  return value === undefined || value === null;
}

/** Equality that waits for both sides to be known. */
export function equal(left: Value, right: Value): Answer {
  return left === unknown || right === unknown ? unknown : left === right;
}

export function every(answers: readonly Answer[]): Answer {
  return answers.includes(false) ? false : answers.includes(unknown) ? unknown : true;
}

export function some(answers: readonly Answer[]): Answer {
  return answers.includes(true) ? true : answers.includes(unknown) ? unknown : false;
}

export function not(answer: Answer): Answer {
  return answer === unknown ? unknown : !answer;
}

export function present(value: Value): Answer {
  return value === unknown ? unknown : !isMissing(value);
}

/** Adds to one of several lists, which the first one begins. */
export function append<Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

/** Whether there is nothing in it: no element, no field that is set. */
export function empty(value: Value): Answer {
  if (value === unknown) return unknown;
  return isMissing(value) || (typeof value === "object" && Object.values(value).every(isMissing));
}

/** What a text in JSON says; unknown if it can't be told yet, or isn't JSON. */
export function parsedJson(text: Value): Value {
  if (typeof text !== "string") return text;
  try {
    return reveal(JSON.parse(text));
  } catch {
    return unknown;
  }
}

/** The number that a value is or spells, as settings in text do; unknown stays unknown, anything else is none. */
export function numberOf(value: Value): number | Unknown | undefined {
  if (value === unknown || typeof value === "number") return value;
  return typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : undefined;
}

/** Whether a text is like a pattern, in which * stands for anything. */
export function matchesPattern(pattern: string, text: string): boolean {
  const expression = pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${expression}$`).test(text);
}
