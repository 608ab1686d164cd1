import fc from "fast-check";
import { type DataSchema, DataType, type EntityDefinition, EntityHook } from "../../../components";
import { expandEntities, mergeContracts } from "../../../components/entities/expansion";
import { entityProblems } from "../../../components/entities/problems";
import { tableProblems } from "../../../components/database/tables";
import { eventPlan, eventProblems } from "../../../components/events/event-plan";
import { eventSchemaProblems, eventSchemas } from "../../../components/events/event-schemas";

const user: EntityDefinition = {
  name: "user",
  owner: "account",
  keyspace: "shop",
  schemas: [{ type: DataType.Object, properties: { email: { type: DataType.String } }, required: ["email"] }],
  hooks: [{ kind: EntityHook.Audit }, { kind: EntityHook.Notification }],
};
const product: EntityDefinition = {
  ...{ name: "product", owner: "catalog", keyspace: "shop", schemas: user.schemas },
  hooks: [{ kind: EntityHook.Inventory }, { kind: EntityHook.SearchIndex, service: "catalog" }],
};
const nothing = { topics: [], schemas: [] };

const anyEntity: fc.Arbitrary<EntityDefinition> = fc.record({
  name: fc.stringMatching(/^[a-z][a-z-]{0,10}[a-z]$/),
  owner: fc.constantFrom("account", "catalog"),
  keyspace: fc.constantFrom("shop", "other"),
  schemas: fc.constant(user.schemas),
  hooks: fc.uniqueArray(fc.record({ kind: fc.constantFrom(...Object.values(EntityHook)) }), {
    selector: ({ kind }) => kind,
  }),
});
const anyEntities = fc.uniqueArray(anyEntity, { maxLength: 6, selector: ({ name }) => name });

test("the architecture's user: its table, its events with their schemas, its audit, and a subscription for each hook", () => {
  const { tables, topics, schemas, contracts } = expandEntities([user], nothing);
  expect(tables).toMatchObject([{ keyspace: "shop", table: { name: "users", primaryKey: ["id"] } }]);
  expect(tables[0]?.table.columns.map(({ name }) => name)).toEqual(
    ["id", "type", "version", "created_at", "updated_at", "data"], // prettier-ignore
  );
  expect(topics).toEqual([
    { name: "users", events: ["user.*"] },
    { name: "users-audit", events: ["user-audit.recorded"], retentionHours: 8760 },
  ]);
  expect(schemas.map(({ type, version }) => `${type} ${version}`)).toEqual([
    "user.created 1",
    "user.updated 1",
    "user-audit.recorded 1",
  ]);
  expect(contracts).toEqual([
    { name: "account", publishes: ["user.created", "user.updated"], consumes: [] },
    { name: "audit", publishes: ["user-audit.recorded"], consumes: ["user.created", "user.updated"] },
    { name: "notification", publishes: [], consumes: ["user.created", "user.updated"] },
  ]);
  const [users] = eventPlan(topics, contracts).topics;
  expect(users?.subscriptions.map(({ group }) => group)).toEqual(["audit.users", "notification.users"]);
});

test("the architecture's product: what the shop has of it already is not there twice", () => {
  const declared = {
    topics: [{ name: "products", events: ["product.*"] }],
    schemas: [{ type: "product.created", version: 1, schema: { type: DataType.Object, properties: {} } }],
  };
  const { topics, schemas, contracts } = expandEntities([product], declared);
  expect(topics).toEqual([]);
  expect(schemas.map(({ type }) => type)).toEqual(["product.updated"]);
  expect(contracts.map(({ name, consumes }) => [name, consumes.length])).toEqual([
    ["catalog", 2],
    ["inventory", 2],
  ]);
});

test("whatever the entities, what they add is accepted where it goes", () => {
  fc.assert(
    fc.property(anyEntities, (entities) => {
      const { tables, topics, schemas, contracts } = expandEntities(entities, nothing);
      expect(eventProblems(topics, contracts)).toEqual([]);
      expect(eventSchemaProblems(schemas)).toEqual([]);
      for (const keyspace of ["shop", "other"]) {
        const own = tables.filter((each) => each.keyspace === keyspace).map(({ table }) => table);
        expect(tableProblems("tables", own, true)).toEqual([]);
      }
      const subscriptions = eventPlan(topics, contracts).topics.flatMap((topic) => topic.subscriptions);
      expect(subscriptions).toHaveLength(entities.reduce((sum, { hooks = [] }) => sum + hooks.length, 0));
    }),
  );
});

test("contracts of one name are one, and say everything that any of them says once", () => {
  fc.assert(
    fc.property(anyEntities, (entities) => {
      const { contracts } = expandEntities(entities, nothing);
      const merged = mergeContracts([...contracts, ...contracts]);
      expect(merged).toEqual(contracts);
      expect(new Set(merged.map(({ name }) => name)).size).toBe(merged.length);
    }),
  );
});

test("an entity that can't be is refused, with everything that is wrong with it", () => {
  const neighbours = { services: ["account", "catalog"], keyspaces: ["shop"] };
  expect(entityProblems([user, product], neighbours)).toEqual([]);
  const wrong: EntityDefinition = {
    ...{ name: "User", owner: "nobody", keyspace: "nowhere" },
    schemas: [
      { type: DataType.Object, properties: { email: { type: DataType.String } }, required: ["mail"] },
      { type: DataType.String },
    ],
    hooks: [{ kind: EntityHook.Audit }, { kind: EntityHook.Audit, service: "other" }],
  };
  expect(entityProblems([user, wrong, user], neighbours).map(({ path }) => path)).toEqual([
    "[1].name",
    "[1].owner",
    "[1].keyspace",
    "[1].hooks[1].kind",
    "[1].schemas[0].required",
    "[1].schemas[1].type",
    "[2].name",
  ]);
});

test("a version of its schema that breaks who reads the last one is refused at its place", () => {
  const next = { type: DataType.Object, properties: { email: { type: DataType.Integer } }, required: ["email"] };
  const problems = entityProblems([{ ...user, schemas: [...user.schemas, next] }], {
    services: ["account"],
    keyspaces: ["shop"],
  });
  expect(problems.length).toBeGreaterThan(0);
  for (const { path, reason } of problems) {
    expect(path).toMatch(/^\[0\]\.schemas\[1\]/);
    expect(reason).toContain("breaks");
  }
});

test("an event that has a schema already must be the same one", () => {
  const neighbours = { services: ["catalog"], keyspaces: ["shop"], schemas: eventSchemas().schemas };
  const price = {
    type: DataType.Object,
    properties: {
      amountMinor: { type: DataType.Integer, minimum: 0 },
      currency: { type: DataType.String, pattern: "^[A-Z]{3}$" },
    },
    required: ["amountMinor", "currency"],
  };
  const text = (maxLength: number) => ({ type: DataType.String, minLength: 1, maxLength });
  const data = (name: DataSchema) => ({
    ...{ type: DataType.Object, properties: { sku: text(64), name, price }, required: ["sku", "name", "price"] },
  });
  expect(entityProblems([{ ...product, schemas: [data(text(255))] }], neighbours)).toEqual([]);
  expect(entityProblems([{ ...product, schemas: [data(text(300))] }], neighbours)).toEqual([
    {
      path: "[0].schemas[0]",
      reason:
        'makes "product.created" another event than the one that has a schema already: ' +
        "properties.data.properties.name.maxLength is 300 where 255 is read",
    },
  ]);
});
