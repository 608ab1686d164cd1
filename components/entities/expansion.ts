import { ColumnType, type TableDefinition } from "../database/tables";
import { type DataSchema, DataType } from "../events/data-schema";
import type { EventContract } from "../events/event-plan";
import type { EventSchema } from "../events/event-schemas";
import { commonTypes } from "../events/event-types";
import type { TopicDeclaration } from "../events/topics";
import { auditOf, consumerOf, type EntityDefinition, entityEvents, EntityHook, plural } from "./entity";

/** What the entities add to a platform. */
export interface EntityExpansion {
  tables: { keyspace: string; table: TableDefinition }[];
  topics: TopicDeclaration[];
  schemas: EventSchema[];
  /** What their owners and hooks publish and consume, beside what contracts say. */
  contracts: EventContract[];
}

/** What is there without the entities: they add nothing that is there already. */
export interface Declared {
  topics: readonly TopicDeclaration[];
  schemas: readonly EventSchema[];
}

/** A year, the longest that a topic keeps: what must be kept longer belongs into an archive. */
const auditRetentionHours = 8760;

export function expandEntities(entities: readonly EntityDefinition[], declared: Declared): EntityExpansion {
  const carried = declared.topics.flatMap(({ events }) => events);
  const isNew = (type: string) => commonTypes([type], carried).length === 0;
  return {
    tables: entities.map((entity) => ({ keyspace: entity.keyspace, table: entityTable(entity) })),
    topics: entities.flatMap((entity) => entityTopics(entity).filter(({ events }) => events.every(isNew))),
    schemas: entities.flatMap((entity) =>
      entitySchemas(entity).filter(({ type }) => !declared.schemas.some((schema) => schema.type === type)),
    ),
    contracts: mergeContracts(entities.flatMap(entityContracts)),
  };
}

/** One table for every kind of entity: what differs between them is in `data`, which the schema describes. */
export function entityTable({ name }: Pick<EntityDefinition, "name">): TableDefinition {
  return {
    name: plural(name.replaceAll("-", "_")),
    columns: [
      { name: "id", type: ColumnType.Identifier },
      { name: "type", type: ColumnType.Text, length: 64 },
      { name: "version", type: ColumnType.Integer },
      { name: "created_at", type: ColumnType.Timestamp },
      { name: "updated_at", type: ColumnType.Timestamp },
      { name: "data", type: ColumnType.Json },
    ],
    primaryKey: ["id"],
    // For readers that go on from where they were.
    indexes: [{ columns: ["updated_at", "id"] }],
  };
}

function entityTopics({ name, topic = plural(name), hooks = [] }: EntityDefinition): TopicDeclaration[] {
  const audit = auditOf(name);
  return [
    { name: topic, events: [`${name}.*`] },
    ...(hooks.some(({ kind }) => kind === EntityHook.Audit)
      ? [{ name: audit.topic, events: [audit.event], retentionHours: auditRetentionHours }]
      : []),
  ];
}

const text: DataSchema = { type: DataType.String, minLength: 1, maxLength: 64 };
const moment: DataSchema = { type: DataType.String, format: "date-time" };

/** Of its events, as its own schemas make them. */
export function entitySchemas({
  name,
  schemas,
  hooks = [],
}: Pick<EntityDefinition, "name" | "schemas" | "hooks">): EventSchema[] {
  const record = (data: DataSchema): DataSchema => ({
    type: DataType.Object,
    properties: {
      id: text,
      type: text,
      version: { type: DataType.Integer, minimum: 1 },
      createdAt: moment,
      updatedAt: moment,
      data,
    },
    required: ["id", "type", "version", "createdAt", "updatedAt", "data"],
  });
  const changes = entityEvents(name).flatMap((type) =>
    schemas.map((data, index) => ({ type, version: index + 1, schema: record(data) })),
  );
  if (!hooks.some(({ kind }) => kind === EntityHook.Audit)) return changes;
  const audit: DataSchema = {
    type: DataType.Object,
    // Who did it is in the envelope's metadata, which the audit keeps with the event's own id.
    properties: { eventId: text, eventType: text, entityId: text, version: { type: DataType.Integer }, at: moment },
    required: ["eventId", "eventType", "entityId", "version", "at"],
  };
  return [...changes, { type: auditOf(name).event, version: 1, schema: audit }];
}

function entityContracts({ name, owner, hooks = [] }: EntityDefinition): EventContract[] {
  return [
    { name: owner, publishes: entityEvents(name), consumes: [] },
    ...hooks.map((hook) => ({
      name: consumerOf(hook),
      publishes: hook.kind === EntityHook.Audit ? [auditOf(name).event] : [],
      consumes: entityEvents(name),
    })),
  ];
}

/** Each name once, with everything that any of them says. */
export function mergeContracts(contracts: readonly EventContract[]): EventContract[] {
  const names = [...new Set(contracts.map(({ name }) => name))];
  return names.map((name) => {
    const same = contracts.filter((contract) => contract.name === name);
    return {
      name,
      publishes: [...new Set(same.flatMap(({ publishes }) => publishes))],
      consumes: [...new Set(same.flatMap(({ consumes }) => consumes))],
    };
  });
}
