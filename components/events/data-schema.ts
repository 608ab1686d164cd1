import type { ArgumentProblem } from "../arguments";

export enum DataType {
  Object = "object",
  Array = "array",
  String = "string",
  Integer = "integer",
  Number = "number",
  Boolean = "boolean",
}

/**
 * The part of JSON Schema 2020-12 that the data of events is described in: enough for records, maps and lists, and so little
 * that it can be decided whether one schema reads what was written by another. What isn't required may be left out; null,
 * references and combinations of schemas are not in it.
 */
export interface DataSchema {
  $schema?: string;
  $id?: string;
  title?: string;
  description?: string;
  type: DataType;
  /** Of an object. Writers write no others; readers skip what they don't know. */
  properties?: Record<string, DataSchema>;
  required?: string[];
  /** What an object has under keys that are no property's: it makes a map of it. */
  additionalProperties?: DataSchema;
  items?: DataSchema;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  format?: string;
  /** Of texts alone, and never to change: where values may be added, a pattern says what they look like. */
  enum?: string[];
  minimum?: number;
  maximum?: number;
}

/** What is wrong with a keyword's value, or nothing. */
type Check = (value: unknown) => string | undefined;

const text: Check = (value) => (typeof value === "string" ? undefined : "must be a text");
const finite: Check = (value) => (Number.isFinite(value) ? undefined : "must be a number");
const count: Check = (value) =>
  Number.isInteger(value) && Number(value) >= 0 ? undefined : "must be a whole number from 0";

function expression(value: unknown): string | undefined {
  try {
    return typeof value === "string" && new RegExp(value, "u") ? undefined : "must be a text";
  } catch {
    return "must be a regular expression";
  }
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === "string") && new Set(value).size === value.length;
const texts: Check = (value) => (isTexts(value) ? undefined : "must be a list of different texts");
const choices: Check = (value) => (isTexts(value) && value.length > 0 ? undefined : `${texts([1])}, at least one`);

/** Those that each JSON Schema validator of note checks. */
const formats = ["date-time", "date", "uuid", "email", "uri"];
const format: Check = (value) =>
  typeof value === "string" && formats.includes(value) ? undefined : `must be one of ${formats.join(", ")}`;

const nested: Check = () => undefined;
const annotations: Record<string, Check> = { $schema: text, $id: text, title: text, description: text };
const bounds = { minimum: finite, maximum: finite };

const keywords: Record<DataType, Record<string, Check>> = {
  [DataType.Object]: { properties: nested, required: texts, additionalProperties: nested },
  [DataType.Array]: { items: nested, minItems: count, maxItems: count },
  [DataType.String]: { minLength: count, maxLength: count, pattern: expression, format, enum: choices },
  [DataType.Integer]: bounds,
  [DataType.Number]: bounds,
  [DataType.Boolean]: {},
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const types: string[] = Object.values(DataType);
const isType = (value: unknown): value is DataType => typeof value === "string" && types.includes(value);

/** What keeps a value from being a schema of data; paths begin at its own. */
export function dataSchemaProblems(schema: unknown, path: string): ArgumentProblem[] {
  if (!isObject(schema)) return [{ path, reason: "must be a schema" }];
  const { type } = schema;
  if (!isType(type)) return [{ path: `${path}.type`, reason: `must be one of ${types.join(", ")}` }];
  const known: Record<string, Check> = { ...annotations, type: nested, ...keywords[type] };
  const problems = Object.entries(schema).flatMap(([keyword, value]): ArgumentProblem[] => {
    const check = known[keyword];
    const reason = check === undefined ? `is not among the keywords of ${type}: ${names(known)}` : check(value);
    return reason === undefined ? [] : [{ path: `${path}.${keyword}`, reason }];
  });
  return [...problems, ...partProblems(schema, type, path), ...boundProblems(schema, path)];
}

export function isDataSchema(value: unknown): value is DataSchema {
  return dataSchemaProblems(value, "").length === 0;
}

const names = (known: object): string =>
  Object.keys(known)
    .filter((name) => !(name in annotations))
    .join(", ");

function partProblems(schema: Record<string, unknown>, type: DataType, path: string): ArgumentProblem[] {
  const { properties, required, additionalProperties, items } = schema;
  if (type === DataType.Array) return dataSchemaProblems(items, `${path}.items`);
  if (type !== DataType.Object) return [];
  const problems = mapProblems(additionalProperties, `${path}.additionalProperties`);
  if (properties === undefined) {
    if (additionalProperties !== undefined) return problems;
    return [{ path, reason: "must have properties, or additionalProperties where it is a map" }];
  }
  if (!isObject(properties)) return [...problems, { path: `${path}.properties`, reason: "must be schemas by name" }];
  for (const [name, property] of Object.entries(properties)) {
    problems.push(...dataSchemaProblems(property, `${path}.properties.${name}`));
  }
  const undeclared = isTexts(required) ? required.filter((name) => !(name in properties)) : [];
  return [
    ...problems,
    ...undeclared.map((name) => ({ path: `${path}.required`, reason: `"${name}" is none of its properties` })),
  ];
}

function mapProblems(values: unknown, path: string): ArgumentProblem[] {
  if (values === undefined) return [];
  if (isObject(values)) return dataSchemaProblems(values, path);
  return [{ path, reason: "must be a schema, or left out: readers skip what they do not know" }];
}

function boundProblems(schema: Record<string, unknown>, path: string): ArgumentProblem[] {
  const problems = [
    ["minItems", "maxItems"],
    ["minLength", "maxLength"],
    ["minimum", "maximum"],
  ].flatMap(([least = "", most = ""]) => {
    const [from, to] = [schema[least], schema[most]];
    if (typeof from !== "number" || typeof to !== "number" || from <= to) return [];
    return [{ path: `${path}.${most}`, reason: `is ${to}, must be at least ${least}, which is ${from}` }];
  });
  // Whether one such text is always another can't be told: each says all by itself.
  const [kind, ...others] = ["enum", "format", "pattern"].filter((keyword) => keyword in schema);
  if (kind === "enum") others.push(...["minLength", "maxLength"].filter((keyword) => keyword in schema));
  return [...problems, ...others.map((other) => ({ path: `${path}.${other}`, reason: `must not be beside ${kind}` }))];
}
