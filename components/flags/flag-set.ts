import { createHash } from "node:crypto";
import type { Flag, FlagSet } from "./flag";

/** Key of the store under which all flags are: one read answers all of them, and they change together. */
export const flagsKey = "flags";

/** Flags as the store keeps them. In whatever order they were written, the same flags are the same version. */
export function flagSet(flags: Readonly<Record<string, Flag>>): FlagSet {
  const text = canonicalText(flags);
  return { version: createHash("sha256").update(text).digest("hex").slice(0, 16), flags };
}

/** JSON whose objects have their keys sorted: neither configuration nor the engine keeps an order. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([left], [right]) => (left < right ? -1 : 1)))
      : each,
  );
}
