import { createHash, randomBytes } from "node:crypto";
import { annotation, objectAt, stringAt, valueAt, withMetadata } from "./objects";
import type { Properties } from "../stand-in";

const autonamed = "pulumi.com/autonamed";

/** `<prefix>-<8 hexadecimal digits>`; the same for the same seed, so that a preview and its update agree. */
export function uniqueName(prefix: string, seed?: Uint8Array): string {
  const digits =
    seed === undefined || seed.length === 0
      ? randomBytes(4).toString("hex")
      : createHash("sha256").update(seed).digest("hex").slice(0, 8);
  return `${prefix}-${digits}`;
}

export function isAutonamed(object: Properties): boolean {
  return annotation(object, autonamed) === "true";
}

/** The object with a name: its own, else the one that it was given before, else a new one. */
export function withName(
  object: Properties,
  before: Properties | undefined,
  name: string,
  seed: Uint8Array,
): Properties {
  const given = valueAt(object, "metadata", "name");
  if (given !== undefined && given !== "") return object;
  const kept = before !== undefined && isAutonamed(before) ? stringAt(before, "metadata", "name") : "";
  return withMetadata(object, {
    name: kept === "" ? uniqueName(name, seed) : kept,
    annotations: { ...objectAt(object, "metadata", "annotations"), [autonamed]: "true" },
  });
}
