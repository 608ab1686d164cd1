import type { EnforcementLevel } from "@pulumi/policy";

/** The part of JSON Schema that the pack's configuration needs. */
export type Schema = { description?: string } & (
  | { type: "boolean"; default?: boolean }
  | { type: "integer"; minimum: number; maximum?: number; default?: number }
  | { type: "string"; minLength?: number; enum?: string[]; format?: "date"; default?: string }
  | { type: "array"; items: Schema; minItems?: number; default?: object[] | string[] }
  | { type: "object"; properties: Record<string, Schema>; required: string[]; additionalProperties: false }
);

export type Settings = Record<string, Schema>;

export type Level = Exclude<EnforcementLevel, "remediate">;

/** The same shape as the file that `--policy-pack-config` takes. */
export type PackConfig = Record<string, Level | ({ enforcementLevel?: Level } & Record<string, unknown>)>;

/** Lifts a policy from the resources whose name or URN matches, up to and including the day on which it expires. */
export interface Exemption {
  resource: string;
  reason: string;
  expires: string;
}

export const exemptions: Schema = {
  type: "array",
  description: "Resources that the policy leaves alone, each with a reason and a last day (UTC).",
  items: {
    type: "object",
    properties: {
      resource: { type: "string", minLength: 1, description: "A name or URN; * stands for anything." },
      reason: { type: "string", minLength: 1 },
      expires: { type: "string", format: "date", description: "The last day on which it holds, YYYY-MM-DD." },
    },
    required: ["resource", "reason", "expires"],
    additionalProperties: false,
  },
  default: [],
};

/** Refuses what doesn't fit the settings, every problem reported together; `C` is the type that the settings describe. */
export function assertConfig<C>(policy: string, settings: Settings, value: unknown): asserts value is C {
  const shape: Schema = {
    type: "object",
    properties: settings,
    required: Object.keys(settings),
    additionalProperties: false,
  };
  const problems = check(shape, value, "");
  if (problems.length > 0) {
    throw new Error(`invalid configuration of policy "${policy}": ${problems.join("; ")}`);
  }
}

export function defaultsOf(settings: Settings): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, schema]) => [key, "default" in schema ? schema.default : undefined]),
  );
}

function check(schema: Schema, value: unknown, path: string): string[] {
  switch (schema.type) {
    case "boolean":
      return typeof value === "boolean" ? [] : [`${path} must be true or false`];
    case "integer": {
      const maximum = schema.maximum ?? Number.MAX_SAFE_INTEGER;
      const fits = typeof value === "number" && Number.isInteger(value) && value >= schema.minimum && value <= maximum;
      return fits ? [] : [`${path} must be an integer from ${schema.minimum} to ${maximum}`];
    }
    case "string":
      return checkString(schema, value, path);
    case "array":
      if (!Array.isArray(value) || value.length < (schema.minItems ?? 0)) {
        return [`${path} must be a list of at least ${schema.minItems ?? 0}`];
      }
      return value.flatMap((item, index) => check(schema.items, item, `${path}[${index}]`));
    case "object":
      return checkObject(schema, value, path);
  }
}

function checkString(schema: Schema & { type: "string" }, value: unknown, path: string): string[] {
  if (typeof value !== "string" || value.trim().length < (schema.minLength ?? 0)) {
    return [`${path} must be a text that isn't blank`];
  }
  if (schema.enum && !schema.enum.includes(value)) {
    return [`${path} must be one of ${schema.enum.join(", ")}`];
  }
  return schema.format === "date" && !isDate(value) ? [`${path} must be a date such as 2030-01-31`] : [];
}

function checkObject(schema: Schema & { type: "object" }, value: unknown, path: string): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [`${path || "it"} must be an object`];
  }
  const child = (key: string): string => (path ? `${path}.${key}` : key);
  return [
    ...schema.required.filter((key) => !(key in value)).map((key) => `${child(key)} is missing`),
    ...Object.entries(value).flatMap(([key, item]) => {
      const property = Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
      return property ? check(property, item, child(key)) : [`${child(key)} is not a setting`];
    }),
  ];
}

/** A day that exists: JavaScript would read 2030-02-31 as 3 March. */
function isDate(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
