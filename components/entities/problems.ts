import type { ArgumentProblem } from "../arguments";
import { type DataSchema, dataSchemaProblems, DataType, isDataSchema } from "../events/data-schema";
import { eventSchemaProblems } from "../events/event-schemas";
import { type EntityDefinition, entityEvents } from "./entity";

const entityName = /^[a-z][a-z-]{0,28}[a-z]$/;

/** What entities refer to. */
export interface EntityNeighbours {
  /** Names of the platform's services. */
  services: readonly string[];
  /** Names of the database's keyspaces. */
  keyspaces: readonly string[];
}

/** An entity whose schemas nobody has looked at yet. */
type EntityDeclaration = Omit<EntityDefinition, "schemas"> & { schemas: readonly unknown[] };

/** Everything that is wrong with entities, for themselves and between them; paths begin `[0]`. */
export function entityProblems(
  entities: readonly EntityDeclaration[],
  { services, keyspaces }: EntityNeighbours,
): ArgumentProblem[] {
  return entities.flatMap((entity, index) => {
    const { name, owner, keyspace, schemas, hooks = [] } = entity;
    const problems: ArgumentProblem[] = [];
    const report = (path: string, reason: string) => problems.push({ path: `[${index}].${path}`, reason });
    if (!entityName.test(name)) report("name", `"${name}" must be 2 to 30 lower-case letters and dashes, e.g. "user"`);
    const first = entities.findIndex((other) => other.name === name);
    if (first !== index) report("name", `"${name}" is taken by [${first}]`);
    if (!services.includes(owner)) report("owner", `"${owner}" is no service of this platform`);
    if (!keyspaces.includes(keyspace)) report("keyspace", `"${keyspace}" is no keyspace of the database`);
    hooks.forEach(({ kind }, position) => {
      if (hooks.findIndex((other) => other.kind === kind) !== position) {
        report(`hooks[${position}].kind`, `"${kind}" is there already`);
      }
    });
    if (schemas.length === 0) report("schemas", "must have one at least");
    const ofForm = schemas.flatMap((schema, version) => {
      const path = `[${index}].schemas[${version}]`;
      const isOther = isDataSchema(schema) && schema.type !== DataType.Object;
      return [
        ...dataSchemaProblems(schema, path),
        ...(isOther ? [{ path: `${path}.type`, reason: "must be object" }] : []),
      ];
    });
    const evolution = ofForm.length > 0 ? [] : evolutionProblems(name, schemas.filter(isDataSchema), index);
    return [...problems, ...ofForm, ...evolution];
  });
}

/** A version that breaks the readers of another one is named at its own place in the list. */
function evolutionProblems(name: string, schemas: DataSchema[], index: number): ArgumentProblem[] {
  const [type = ""] = entityEvents(name);
  const versions = schemas.map((schema, position) => ({ type, version: position + 1, schema }));
  return eventSchemaProblems(versions).map(({ path, reason }) => {
    const [, version = "1", rest = ""] = /\/(\d+)\.json(.*)$/.exec(path) ?? [];
    return { path: `[${index}].schemas[${Number(version) - 1}]${rest}`, reason };
  });
}
