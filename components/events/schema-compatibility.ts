import type { ArgumentProblem } from "../arguments";
import { type DataSchema, DataType } from "./data-schema";

/**
 * Why a reader that expects one schema can't read all data that are written by another; none if it can. Data written by a
 * schema have the properties that it declares and no others; a reader skips those that it doesn't know.
 */
export function unreadable(writer: DataSchema, reader: DataSchema, path = ""): ArgumentProblem[] {
  const isWider = reader.type === DataType.Number && writer.type === DataType.Integer;
  if (reader.type !== writer.type && !isWider) {
    return [{ path: at(path, "type"), reason: `is ${writer.type} where ${reader.type} is read` }];
  }
  switch (writer.type) {
    case DataType.Object:
      return unreadableObject(writer, reader, path);
    case DataType.Array:
      return [
        ...unreadableBounds(writer, reader, path),
        ...unreadablePart(writer.items, reader.items, at(path, "items")),
      ];
    case DataType.String:
      return [...unreadableBounds(writer, reader, path), ...unreadableText(writer, reader, path)];
    default:
      return unreadableBounds(writer, reader, path);
  }
}

const at = (path: string, key: string): string => (path === "" ? key : `${path}.${key}`);

/** Whatever the reader doesn't describe, it takes as it is. */
function unreadablePart(
  writer: DataSchema | undefined,
  reader: DataSchema | undefined,
  path: string,
): ArgumentProblem[] {
  return writer === undefined || reader === undefined ? [] : unreadable(writer, reader, path);
}

function unreadableObject(writer: DataSchema, reader: DataSchema, path: string): ArgumentProblem[] {
  const written = writer.required ?? [];
  const missing = (reader.required ?? []).filter((name) => !written.includes(name));
  const names = new Set([...Object.keys(writer.properties ?? {}), ...Object.keys(reader.properties ?? {})]);
  return [
    ...missing.map((name) => ({
      path: at(path, "required"),
      reason: `"${name}" is read always and written sometimes`,
    })),
    ...[...names].flatMap((name) =>
      unreadablePart(
        writer.properties?.[name] ?? writer.additionalProperties,
        reader.properties?.[name] ?? reader.additionalProperties,
        at(path, `properties.${name}`),
      ),
    ),
    ...unreadablePart(writer.additionalProperties, reader.additionalProperties, at(path, "additionalProperties")),
  ];
}

const lowerBounds = ["minItems", "minLength", "minimum"] as const;
const upperBounds = ["maxItems", "maxLength", "maximum"] as const;

function unreadableBounds(writer: DataSchema, reader: DataSchema, path: string): ArgumentProblem[] {
  const outside = (
    keyword: (typeof lowerBounds | typeof upperBounds)[number],
    isWithin: (w: number, r: number) => boolean,
    none: number,
  ) => {
    const [written = none, read = none] = [writer[keyword], reader[keyword]];
    if (isWithin(written, read)) return [];
    return [{ path: at(path, keyword), reason: `is ${bound(written)} where ${read} is read` }];
  };
  return [
    ...lowerBounds.flatMap((keyword) => outside(keyword, (w, r) => w >= r, keyword === "minimum" ? -Infinity : 0)),
    ...upperBounds.flatMap((keyword) => outside(keyword, (w, r) => w <= r, Infinity)),
  ];
}

const bound = (value: number): string => (Number.isFinite(value) ? String(value) : "not set");

function unreadableText(writer: DataSchema, reader: DataSchema, path: string): ArgumentProblem[] {
  const differs = (["pattern", "format"] as const)
    .filter((keyword) => reader[keyword] !== undefined && reader[keyword] !== writer[keyword])
    .map((keyword) => ({
      path: at(path, keyword),
      reason: `is ${writer[keyword] ?? "not set"} where ${reader[keyword]} is read`,
    }));
  if (reader.enum === undefined) return differs;
  const unknown = writer.enum?.filter((value) => !reader.enum?.includes(value)) ?? ["any text"];
  if (unknown.length === 0) return differs;
  return [...differs, { path: at(path, "enum"), reason: `has ${unknown.join(", ")}, which is not read` }];
}
