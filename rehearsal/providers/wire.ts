import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { type Properties, UNKNOWN } from "./stand-in";

// How the engine's protocol marks a secret: sdk/go/common/resource/properties.go in pulumi/pulumi.
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

export function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function hasUnknown(value: unknown): boolean {
  if (Array.isArray(value) || isObject(value)) return Object.values(value).some(hasUnknown);
  return value === UNKNOWN;
}

/** Marks an output that a stand-in computed itself as secret. Inputs keep their marks without this. */
export function secret(value: unknown): Properties {
  return { [signatureKey]: secretSignature, value };
}

function isSecret(value: unknown): value is Properties {
  return isObject(value) && value[signatureKey] === secretSignature;
}

const mapFields = (fields: Properties, convert: (value: unknown, key: string) => unknown): Properties =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, convert(value, key)]));

export function withoutMarks(value: unknown): unknown {
  if (isSecret(value)) return withoutMarks(value.value);
  if (Array.isArray(value)) return value.map(withoutMarks);
  return isObject(value) ? mapFields(value, withoutMarks) : value;
}

export function containsSecret(value: unknown): boolean {
  if (isSecret(value)) return true;
  return (Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []).some(containsSecret);
}

/** What the engine does for a provider that takes no marks (annotateSecrets): a secret input is a secret output too. */
function mark(value: unknown, like: unknown): unknown {
  if (isSecret(value) || !containsSecret(like)) return value;
  if (isObject(value) && isObject(like) && !isSecret(like)) {
    return mapFields(value, (child, key) => mark(child, like[key]));
  }
  return secret(value);
}

function toValue(value: unknown): JavaScriptValue {
  if (value === null || typeof value === "number" || typeof value === "string" || typeof value === "boolean")
    return value;
  if (Array.isArray(value)) return value.map(toValue);
  if (isObject(value)) return toFields(value);
  throw new Error(`a property can't hold a ${typeof value}`);
}

function toFields(properties: Properties): Record<string, JavaScriptValue> {
  // Undefined is "not there"; the protocol has no word for it.
  const present = Object.entries(properties).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present.map(([key, value]) => [key, toValue(value)]));
}

/** Values that are secret in `like` are marked as secret. */
export function encode(properties: Properties, like: Properties = {}): Struct {
  return Struct.fromJavaScript(toFields(mapFields(properties, (value, key) => mark(value, like[key]))));
}

/** With the marks of secrets still on. */
export const decodeMarked = (struct: Struct | undefined): Properties => struct?.toJavaScript() ?? {};

export const decode = (struct: Struct | undefined): Properties => mapFields(decodeMarked(struct), withoutMarks);
