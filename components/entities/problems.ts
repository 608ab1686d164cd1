import type { ArgumentProblem } from "../arguments";
import { type DataSchema, dataSchemaProblems, DataType, isDataSchema } from "../events/data-schema";
import { type EventSchema, eventSchemaProblems, latestSchema } from "../events/event-schemas";
import { unreadable } from "../events/schema-compatibility";
import { type EntityDefinition, entityEvents } from "./entity";
import { entitySchemas } from "./expansion";

const entityName = /^[a-z][a-z-]{0,28}[a-z]$/;

/** What entities refer to. */
export interface EntityNeighbours {
  /** Names of the platform's services. */
  services: readonly string[];
  /** Names of the database's keyspaces. */
  keyspaces: readonly string[];
  /** Of events that are declared without entities. Default none. */
  schemas?: readonly EventSchema[];
}

/** An entity whose schemas nobody has looked at yet. */
type EntityDeclaration = Omit<EntityDefinition, "schemas"> & { schemas: readonly unknown[] };

/** Everything that is wrong with entities, for themselves and between them; paths begin `[0]`. */
export function entityProblems(
  entities: readonly EntityDeclaration[],
  { services, keyspaces, schemas: declared = [] }: EntityNeighbours,
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
    if (ofForm.length > 0) return [...problems, ...ofForm];
    const versions = schemas.filter(isDataSchema);
    return [
      ...problems,
      ...evolutionProblems(name, versions, index),
      ...sharedProblems(name, versions, declared).map((reason) => ({
        path: `[${index}].schemas[${versions.length - 1}]`,
        reason,
      })),
    ];
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

/** An event that is declared beside the entity is the same one, if each can read what the other writes. */
function sharedProblems(name: string, schemas: DataSchema[], declared: readonly EventSchema[]): string[] {
  const own = entitySchemas({ name, schemas });
  return entityEvents(name).flatMap((type) => {
    const [made, given] = [latestSchema(type, own)?.schema, latestSchema(type, declared)?.schema];
    if (made === undefined || given === undefined) return [];
    return [...unreadable(made, given), ...unreadable(given, made)].map(
      ({ path, reason }) => `makes "${type}" another event than the one that has a schema already: ${path} ${reason}`,
    );
  });
}
