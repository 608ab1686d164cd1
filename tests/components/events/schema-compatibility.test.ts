import Ajv2020 from "ajv/dist/2020";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { type DataSchema, dataSchemaProblems, DataType } from "../../../components/events/data-schema";
import { unreadable } from "../../../components/events/schema-compatibility";
import { dataOf } from "./data-of-schemas";

const { Object: object, Array: array, String: string, Integer: integer, Number: number, Boolean: boolean } = DataType;

const ajv = new Ajv2020({ strict: true });
addFormats(ajv);

function reads(schema: DataSchema, data: unknown): boolean {
  const isValid = ajv.compile(schema)(data);
  ajv.removeSchema(schema);
  return isValid;
}

const names = ["alpha", "beta", "gamma", "delta"];

/** Any schema of the subset. */
function schemas(depth: number): fc.Arbitrary<DataSchema> {
  const range = (least: string, most: string) =>
    fc
      .tuple(fc.option(fc.nat(3), { nil: undefined }), fc.option(fc.nat(3), { nil: undefined }))
      .map(([from, to]) => given({ [least]: from, [most]: to === undefined ? undefined : (from ?? 0) + to }));
  const texts: fc.Arbitrary<DataSchema> = fc
    .oneof(
      range("minLength", "maxLength"),
      fc.record({ enum: fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1 }) }),
      fc.record({ pattern: fc.constantFrom("^[a-z]{1,3}$", "^[A-Z]{3}$") }),
      fc.record({ format: fc.constantFrom("date-time", "uuid", "email") }),
    )
    .map((rest) => ({ ...rest, type: string }));
  const numbers = fc
    .tuple(fc.constantFrom(integer, number), range("minimum", "maximum"))
    .map(([type, rest]): DataSchema => ({ ...rest, type }));
  const leaves = fc.oneof(texts, numbers, fc.constant<DataSchema>({ type: boolean }));
  if (depth === 0) return leaves;
  const part = schemas(depth - 1);
  const lists = fc
    .tuple(part, range("minItems", "maxItems"))
    .map(([items, rest]): DataSchema => ({ ...rest, type: array, items }));
  const records = fc
    .tuple(
      fc.dictionary(fc.constantFrom(...names), part, { minKeys: 1 }),
      fc.subarray(names),
      fc.option(part, { nil: undefined }),
    )
    .map(([properties, required, additionalProperties]): DataSchema => ({
      ...{ type: object, properties },
      required: required.filter((name) => name in properties),
      ...given({ additionalProperties }),
    }));
  return fc.oneof({ weight: 1, arbitrary: leaves }, { weight: 1, arbitrary: lists }, { weight: 3, arbitrary: records });
}

const given = (fields: Record<string, unknown>): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** The schema with a few things changed, as a next version would have. */
function nextVersions(schema: DataSchema, depth: number): fc.Arbitrary<DataSchema> {
  const { properties, required = [], items } = schema;
  const mostly = <Value>(value: Value, other: fc.Arbitrary<Value>) =>
    fc.oneof({ weight: 6, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: other });
  if (properties !== undefined) {
    const kept = Object.entries(properties).map(([name, property]) =>
      mostly(name, fc.constant("")).chain((key) =>
        nextVersions(property, depth - 1).map((next) => [key, next] as const),
      ),
    );
    const added = fc.option(fc.tuple(fc.constantFrom(...names), schemas(0)), { nil: undefined });
    return fc.tuple(fc.tuple(...kept), added, fc.boolean()).map(([old, one, isRequired]) => {
      const next = Object.fromEntries([...(one === undefined ? [] : [one]), ...old].filter(([name]) => name !== ""));
      const still = required.filter((name) => name in next);
      const demanded = one !== undefined && isRequired && !still.includes(one[0]) ? [...still, one[0]] : still;
      return { ...schema, properties: next, required: demanded };
    });
  }
  if (items !== undefined) return nextVersions(items, depth - 1).map((next) => ({ ...schema, items: next }));
  const bounds = (["minLength", "maxLength", "minimum", "maximum"] as const).filter((key) => schema[key] !== undefined);
  const moved = fc.tuple(fc.subarray(bounds), fc.integer({ min: -1, max: 1 })).map(([keys, by]) => ({
    ...schema,
    ...Object.fromEntries(keys.map((key) => [key, Math.max(0, Number(schema[key]) + by)])),
  }));
  return mostly(schema, fc.oneof(moved, schemas(0), fc.constant<DataSchema>({ type: schema.type })));
}

test("whatever is called readable is read: data of the one schema are valid under the other", () => {
  let readable = 0;
  const pairs = schemas(2).chain((writer) =>
    nextVersions(writer, 2).chain((reader) => dataOf(writer).map((data) => ({ writer, reader, data }))),
  );
  fc.assert(
    fc.property(pairs, ({ writer, reader, data }) => {
      fc.pre(dataSchemaProblems(reader, "").length === 0);
      if (unreadable(writer, reader).length > 0) return;
      readable++;
      expect(reads(reader, data)).toBe(true);
    }),
    { numRuns: 800 },
  );
  expect(readable).toBeGreaterThan(100);
});

test("every schema reads what it writes", () => {
  const written = schemas(2).chain((schema) => dataOf(schema).map((data) => ({ schema, data })));
  fc.assert(
    fc.property(written, ({ schema, data }) => {
      expect(unreadable(schema, schema)).toEqual([]);
      expect(reads(schema, data)).toBe(true);
    }),
  );
});

const record = (properties: Record<string, DataSchema>, required: string[] = []): DataSchema => ({
  ...{ type: object, properties, required },
});
const id: DataSchema = { type: string };

describe("what a reader can't read is named, and there are data that show it", () => {
  test.each<[string, DataSchema, DataSchema, unknown, string]>([
    ["another type", record({ id }), record({ id: { type: integer } }), { id: "x" }, "properties.id.type"],
    ["a fraction", { type: number }, { type: integer }, 0.5, "type"],
    ["a required property", record({ id }), record({ id }, ["id"]), {}, "required"],
    ["a value of a list", { type: string, enum: ["a", "b"] }, { type: string, enum: ["a"] }, "b", "enum"],
    ["any value", { type: string }, { type: string, enum: ["a"] }, "b", "enum"],
    ["a shorter text", { type: string }, { type: string, minLength: 1 }, "", "minLength"],
    ["a longer text", { type: string, maxLength: 2 }, { type: string, maxLength: 1 }, "xy", "maxLength"],
    ["another pattern", { type: string, pattern: "^.$" }, { type: string, pattern: "^a$" }, "b", "pattern"],
    ["another format", { type: string }, { type: string, format: "date-time" }, "today", "format"],
    ["a smaller number", { type: integer, minimum: 0 }, { type: integer, minimum: 1 }, 0, "minimum"],
    ["a larger number", { type: number }, { type: number, maximum: 1 }, 2, "maximum"],
    ["an empty list", { type: array, items: id }, { type: array, items: id, minItems: 1 }, [], "minItems"],
    ["a longer list", { type: array, items: id }, { type: array, items: id, maxItems: 0 }, ["x"], "maxItems"],
    ["another item", { type: array, items: id }, { type: array, items: { type: boolean } }, ["x"], "items.type"],
    [
      "another value of a map",
      { type: object, additionalProperties: id },
      { type: object, additionalProperties: { type: integer } },
      { any: "x" },
      "additionalProperties.type",
    ],
    [
      "a property that the map of the reader has otherwise",
      record({ id }),
      { type: object, additionalProperties: { type: integer } },
      { id: "x" },
      "properties.id.type",
    ],
    [
      "a key of a map that is the reader's property",
      { type: object, additionalProperties: id },
      record({ id: { type: integer } }),
      { id: "x" },
      "properties.id.type",
    ],
  ])("%s", (_, writer, reader, data, path) => {
    expect(reads(writer, data)).toBe(true);
    expect(reads(reader, data)).toBe(false);
    expect(unreadable(writer, reader).map((problem) => problem.path)).toEqual([path]);
  });
});

describe("what a reader takes more of is readable", () => {
  test.each<[string, DataSchema, DataSchema]>([
    ["whole numbers as numbers", { type: integer }, { type: number }],
    ["wider bounds", { type: integer, minimum: 1, maximum: 2 }, { type: integer, minimum: 0 }],
    ["no format", { type: string, format: "uuid" }, { type: string }],
    ["no pattern", { type: string, pattern: "^a$" }, { type: string }],
    ["more values", { type: string, enum: ["a"] }, { type: string, enum: ["a", "b"] }],
    ["any value", { type: string, enum: ["a"] }, { type: string }],
    ["fewer required properties", record({ id }, ["id"]), record({ id })],
    ["a record as a map", record({ id }), { type: object, additionalProperties: id }],
  ])("%s", (_, writer, reader) => {
    expect(unreadable(writer, reader)).toEqual([]);
  });
});

test("a property may come and go as long as it is not required", () => {
  const [without, having] = [record({ id }, ["id"]), record({ id, note: { type: string } }, ["id"])];
  expect([...unreadable(without, having), ...unreadable(having, without)]).toEqual([]);
});
