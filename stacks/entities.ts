import type { EventContract, TopicDeclaration } from "../components";
import { type EntityExpansion, expandEntities, mergeContracts } from "../components/entities/expansion";
import { entityProblems } from "../components/entities/problems";
import { isDataSchema } from "../components/events/data-schema";
import { type EventSchema, eventSchemas } from "../components/events/event-schemas";
import type { ConfigurationError } from "./configuration-error";
import type { FurtherTables } from "./database";
import type { PlatformSections } from "./schema";

type Sections = Pick<PlatformSections, "entities" | "events" | "services">;

function expand({ entities, events }: Pick<Sections, "entities" | "events">): EntityExpansion {
  const definitions = entities.map((entity) => ({ ...entity, schemas: entity.schemas.filter(isDataSchema) }));
  return expandEntities(definitions, { topics: events?.topics ?? [], schemas: eventSchemas().schemas });
}

/** Schemas of the events of entities that have none in the folder. */
export function entitySchemas(sections: Pick<Sections, "entities" | "events">): EventSchema[] {
  return expand(sections).schemas;
}

/** Tables of entities, for the keyspaces that they name. */
export function entityTables(sections: Pick<Sections, "entities" | "events">): FurtherTables {
  const { tables } = expand(sections);
  const keyspaces = [...new Set(tables.map(({ keyspace }) => keyspace))];
  return Object.fromEntries(
    keyspaces.map((name) => [name, tables.filter(({ keyspace }) => keyspace === name).map(({ table }) => table)]),
  );
}

export interface EventDeclarations {
  /** Those of the section first, in its order, and those that entities add. */
  topics: TopicDeclaration[];
  /** Those of services first, in their order; those of hooks that no service of the platform runs come last. */
  contracts: EventContract[];
}

/** What is published and consumed, by whom and where: what is written down, and what entities add to it. */
export function eventDeclarations(sections: Sections): EventDeclarations {
  const { topics, contracts } = expand(sections);
  const declared = sections.services.map(({ name, publishes, consumes }) => ({ name, publishes, consumes }));
  // A tier's pool is its service once more: it makes the same changes, and tells of them.
  const ofPools = sections.services.flatMap(({ name, pool }) =>
    contracts.filter((each) => each.name === pool?.of).map(({ publishes }) => ({ name, publishes, consumes: [] })),
  );
  return {
    topics: [...(sections.events?.topics ?? []), ...topics],
    contracts: mergeContracts([...declared, ...ofPools, ...contracts]),
  };
}

/** Rules of entities, and between them, the services and the database. */
export function entityErrors(sections: PlatformSections): ConfigurationError[] {
  const { entities, services, database, events } = sections;
  if (entities.length === 0) return [];
  const missing = Object.entries({ database, events }).filter(([, section]) => section === undefined);
  if (missing.length > 0) {
    return missing.map(([name]) => ({ path: "entities", reason: `need the section ${name}, and there is none` }));
  }
  const neighbours = {
    services: services.map(({ name }) => name),
    keyspaces: database?.keyspaces.map(({ name }) => name) ?? [],
  };
  return entityProblems(entities, neighbours).map(({ path, reason }) => ({ path: `entities${path}`, reason }));
}
