import fc from "fast-check";
import { type DataSchema, DataType } from "../../../components/events/data-schema";

/** Data as a service writes them that knows this schema: what it declares, and nothing else. */
export function dataOf(schema: DataSchema): fc.Arbitrary<unknown> {
  const { minItems = 0, maxItems = minItems + 3, minimum = -1000, maximum = minimum + 5000 } = schema;
  switch (schema.type) {
    case DataType.Object:
      return objectOf(schema);
    case DataType.Array:
      return fc.array(schema.items === undefined ? fc.jsonValue() : dataOf(schema.items), {
        minLength: minItems,
        maxLength: Math.min(maxItems, minItems + 3),
      });
    case DataType.String:
      return textOf(schema);
    case DataType.Integer:
      return fc.integer({ min: Math.ceil(minimum), max: Math.floor(maximum) });
    case DataType.Number:
      return fc.double({ min: minimum, max: maximum, noNaN: true });
    case DataType.Boolean:
      return fc.boolean();
  }
}

function objectOf({ properties = {}, required = [], additionalProperties }: DataSchema): fc.Arbitrary<object> {
  const declared = Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, dataOf(property)]));
  const record = fc.record(declared, { requiredKeys: required });
  if (additionalProperties === undefined) return record;
  // Keys that other schemas of the tests declare, too.
  const key = fc.constantFrom("alpha", "beta", "gamma", "delta", "other").filter((name) => !(name in properties));
  const rest = fc.dictionary(key, dataOf(additionalProperties), { maxKeys: 3 });
  return fc.tuple(rest, record).map(([other, own]) => ({ ...other, ...own }));
}

const formatted: Record<string, fc.Arbitrary<string>> = {
  "date-time": fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
    .map((date) => date.toISOString()),
  date: fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
    .map((date) => date.toISOString().slice(0, 10)),
  uuid: fc.uuid(),
  email: fc.constantFrom("a@example.com", "b.c@example.org"),
  uri: fc.webUrl(),
};

function textOf({ enum: choices, pattern, format, minLength = 0, maxLength = Infinity }: DataSchema) {
  if (choices !== undefined) return fc.constantFrom(...choices);
  const fits = (text: string) => text.length >= minLength && text.length <= maxLength;
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern, "u")).filter(fits);
  const ofFormat = format === undefined ? undefined : formatted[format];
  return ofFormat?.filter(fits) ?? fc.string({ minLength, maxLength: Math.min(maxLength, minLength + 20) });
}
