import { isObject, listAt, objectAt, stringAt, valueAt } from "./objects";
import type { Kind } from "./kinds";
import { UNKNOWN, type CheckFailure, type Properties } from "../stand-in";

/**
 * Checks what is known of an object against the API server's own OpenAPI v3 document: the fallback for objects that can't
 * be dry-run because some of their values only an update will know. Undefined: the document says nothing of this kind.
 */
export function validate(document: Properties, kind: Kind, object: Properties): CheckFailure[] | undefined {
  const schemas = objectAt(document, "components", "schemas");
  const schema = Object.values(schemas).find((each) =>
    listAt(each, "x-kubernetes-group-version-kind").some(
      (named) =>
        stringAt(named, "group") === kind.group &&
        stringAt(named, "version") === kind.version &&
        stringAt(named, "kind") === kind.kind,
    ),
  );
  return isObject(schema) ? compare(schemas, schema, object, "") : undefined;
}

function resolve(schemas: Properties, schema: Properties): Properties {
  const reference = stringAt(schema, "$ref") || stringAt(listAt(schema, "allOf")[0], "$ref");
  const target = schemas[reference.replace("#/components/schemas/", "")];
  return isObject(target) ? resolve(schemas, target) : schema;
}

function compare(schemas: Properties, reference: Properties, value: unknown, path: string): CheckFailure[] {
  const schema = resolve(schemas, reference);
  const type = stringAt(schema, "type");
  if (value === UNKNOWN || value === null || value === undefined || type === "" || isFlexible(schema)) return [];
  if (!isOfType(value, type)) {
    return [{ property: path, reason: `expected ${type}, got ${Array.isArray(value) ? "array" : typeof value}` }];
  }
  if (Array.isArray(value)) {
    return value.flatMap((each, i) => compare(schemas, objectAt(schema, "items"), each, `${path}[${i}]`));
  }
  if (isObject(value)) return compareObject(schemas, schema, value, path);
  const allowed = listAt(schema, "enum");
  return allowed.length === 0 || allowed.includes(value)
    ? []
    : [{ property: path, reason: `"${String(value)}" is not one of ${allowed.join(", ")}` }];
}

function compareObject(schemas: Properties, schema: Properties, value: Properties, path: string): CheckFailure[] {
  const properties = objectAt(schema, "properties");
  const additional = schema.additionalProperties;
  const at = (key: string): string => (path === "" ? key : `${path}.${key}`);
  const missing = listAt(schema, "required")
    .map(String)
    .filter((key) => value[key] === undefined)
    .map((key) => ({ property: at(key), reason: "required value is missing" }));
  const nested = Object.entries(value).flatMap(([key, each]) => {
    const known = properties[key] ?? additional;
    if (isObject(known)) return compare(schemas, known, each, at(key));
    // Without any property listed the schema leaves the object open.
    const open = known === true || Object.keys(properties).length === 0;
    return open ? [] : [{ property: at(key), reason: "unknown field" }];
  });
  return [...missing, ...nested];
}

function isFlexible(schema: Properties): boolean {
  return (
    schema["x-kubernetes-int-or-string"] === true ||
    schema["x-kubernetes-preserve-unknown-fields"] === true ||
    schema["x-kubernetes-embedded-resource"] === true ||
    valueAt(schema, "oneOf") !== undefined ||
    stringAt(schema, "format") === "int-or-string"
  );
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case "array":
      return Array.isArray(value);
    case "object":
      return isObject(value);
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
