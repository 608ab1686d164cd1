import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ArgumentProblem } from "../arguments";
import { sourceFolder } from "../sources";
import { type DataSchema, dataSchemaProblems, DataType, isDataSchema } from "./data-schema";
import { isEventPattern } from "./event-types";
import { unreadable } from "./schema-compatibility";

/** What the data of an event type's version look like. */
export interface EventSchema {
  /** E.g. `order.created`. */
  type: string;
  /** As the envelope says it; from 1, each version one more than the last. */
  version: number;
  schema: DataSchema;
}

export interface EventSchemas {
  schemas: EventSchema[];
  /** What is wrong with files; paths are `<type>/<version>.json`. */
  problems: ArgumentProblem[];
}

export const eventSchemasFolder = join(sourceFolder, "events/schemas");

const isEventType = (name: string): boolean => isEventPattern(name) && !name.endsWith("*");
const fileName = /^([1-9]\d{0,3})\.json$/;

/** The schemas of a folder, `<type>/<version>.json`, by type and version. */
export function eventSchemas(folder = eventSchemasFolder): EventSchemas {
  const schemas: EventSchema[] = [];
  const problems: ArgumentProblem[] = [];
  const types = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name: type } of types.sort((left, right) => (left.name < right.name ? -1 : 1))) {
    if (!isEventType(type)) problems.push({ path: type, reason: 'must be an event type such as "order.created"' });
    for (const file of readdirSync(join(folder, type))) {
      const [, version] = fileName.exec(file) ?? [];
      const path = `${type}/${file}`;
      if (version === undefined) {
        problems.push({ path, reason: 'must be a version such as "1.json"' });
        continue;
      }
      const schema = parsed(readFileSync(join(folder, type, file), "utf8"));
      problems.push(...dataSchemaProblems(schema, path));
      if (isDataSchema(schema)) schemas.push({ type, version: Number(version), schema });
    }
  }
  schemas.sort((left, right) =>
    left.type < right.type ? -1 : left.type > right.type ? 1 : left.version - right.version,
  );
  return { schemas, problems: [...problems, ...(problems.length === 0 ? eventSchemaProblems(schemas) : [])] };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * What is wrong between the versions of each type. Producers and consumers are rolled out on their own, and an event is kept
 * for ever: each version must be read by the readers of all later ones, and, since an old consumer meets a new producer, of all
 * earlier ones too.
 */
export function eventSchemaProblems(schemas: readonly EventSchema[]): ArgumentProblem[] {
  return schemas.flatMap(({ type, version, schema }): ArgumentProblem[] => {
    const path = schemaPath(type, version);
    const own: ArgumentProblem[] = [];
    if (schema.type !== DataType.Object) own.push({ path: `${path}.type`, reason: "must be object" });
    const same = schemas.find((other) => other.type === type && other.version === version);
    if (same?.schema !== schema) own.push({ path, reason: "is there twice" });
    const others = schemas.filter((other) => other.type === type && other.version < version);
    if (others.length !== version - 1) {
      own.push({ path, reason: "is counted from 1 without a gap, and a version before it is missing" });
    }
    return [
      ...own,
      ...others.flatMap((earlier) => [
        ...breaks(path, `breaks consumers that know version ${earlier.version}`, unreadable(schema, earlier.schema)),
        ...breaks(
          path,
          `breaks the reading of events of version ${earlier.version}`,
          unreadable(earlier.schema, schema),
        ),
      ]),
    ];
  });
}

/** The newest version; of a type's schemas in the order in which `eventSchemas` gives them. */
export const latestSchema = (type: string, schemas: readonly EventSchema[]): EventSchema | undefined =>
  schemas.filter((schema) => schema.type === type).at(-1);

const schemaPath = (type: string, version: number): string => `${type}/${version}.json`;

const breaks = (path: string, what: string, problems: ArgumentProblem[]): ArgumentProblem[] =>
  problems.map((problem) => ({ path, reason: `${what}: ${problem.path} ${problem.reason}` }));
