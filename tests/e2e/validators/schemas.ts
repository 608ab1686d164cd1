import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

type Schema = Record<string, unknown>;

interface Discovery {
  paths: Record<string, { serverRelativeURL: string }>;
}

interface Document {
  components?: { schemas?: Record<string, Schema> };
}

/** Where kubeconform finds them. */
export const schemaLocation = (folder: string): string =>
  join(folder, "{{ .Group }}-{{ .ResourceAPIVersion }}-{{ .ResourceKind }}.json");

/**
 * Writes the JSON Schema of every kind that an API server serves, custom ones among them, in which no field is known but
 * those that it names.
 *
 * @param read reads a path of the API server
 */
export function writeSchemas(folder: string, read: (path: string) => string): void {
  mkdirSync(folder, { recursive: true });
  const { paths } = JSON.parse(read("/openapi/v3")) as Discovery;
  for (const [path, { serverRelativeURL }] of Object.entries(paths)) {
    if (!/^apis?\//.test(path)) continue;
    const { components } = JSON.parse(read(serverRelativeURL)) as Document;
    const definitions = Object.fromEntries(
      Object.entries(components?.schemas ?? {}).map(([name, schema]) => [name, strict(schema)] as const),
    );
    for (const [name, schema] of Object.entries(definitions)) {
      for (const { group, version, kind } of kindsOf(schema)) {
        // For the core group, kubeconform takes the version for the group.
        const file = `${group || version}-${version}-${kind.toLowerCase()}.json`;
        writeFileSync(join(folder, file), JSON.stringify({ $ref: `#/definitions/${name}`, definitions }));
      }
    }
  }
}

interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

function kindsOf(schema: Schema): GroupVersionKind[] {
  const kinds = schema["x-kubernetes-group-version-kind"];
  return Array.isArray(kinds) ? kinds : [];
}

function strict(value: unknown): Schema {
  return JSON.parse(JSON.stringify(value), (_, each: unknown) => {
    if (typeof each !== "object" || each === null || Array.isArray(each)) {
      return typeof each === "string" ? each.replace("#/components/schemas/", "#/definitions/") : each;
    }
    const schema: Schema = { ...each };
    const isOpen = schema["x-kubernetes-preserve-unknown-fields"] === true || "additionalProperties" in schema;
    // The API server takes null for what is left out.
    return schema.type === "object" && "properties" in schema && !isOpen
      ? { ...schema, additionalProperties: false }
      : schema;
  }) as Schema;
}
