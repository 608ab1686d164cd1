import fc from "fast-check";
import { Consistency } from "../../../components/database/capabilities";
import { mySqlSteps, postgreSqlSteps } from "../../../components/database/content/steps";
import { vitessContent } from "../../../components/database/content/vitess";
import { ColumnType, type TableDefinition, tableProblems } from "../../../components/database/tables";
import { TenantIsolation } from "../../../components/database/tenancy";
import { accessRules } from "../../../components/database/vitess/access";
import { sharedTableRules } from "../../../components/database/vitess/query-rules";
import { textsWithout } from "../../../components/database/vitess/texts-without";
import { ordersTable, productsTable } from "./fixture";

const orders = { name: "orders", tables: [ordersTable], tenantIsolation: TenantIsolation.SharedDatabase };
const catalog = { name: "catalog", tables: [ordersTable, productsTable] };
const apart = { name: "apart", tables: [productsTable], tenantIsolation: TenantIsolation.DatabasePerTenant };
const schemas = { name: "schemas", tables: [productsTable], tenantIsolation: TenantIsolation.SchemaPerTenant };
const user = (keyspace: string) => ({ name: "order", keyspace, consistency: Consistency.Strong });
const tenants = ["acme", "globex-2"];

test("Vitess: tables, and how their rows spread", () => {
  expect(vitessContent([orders, catalog], [])).toMatchSnapshot();
});

test("Vitess: where tenants share tables each of them is spread by the tenant, first in every key", () => {
  const [content] = vitessContent([orders], []);
  expect(content?.vschema.tables.orders?.column_vindexes).toEqual([{ column: "tenant_id", name: "xxhash" }]);
  expect(content?.ddl).toHaveLength(1);
  expect(content?.ddl[0]).toContain("PRIMARY KEY (`tenant_id`, `id`)");
  expect(content?.ddl[0]).toContain("UNIQUE KEY `orders_tenant_id_number_unique` (`tenant_id`, `number`)");
  expect(content?.ddl[0]).toContain("`tenant_id` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL");
});

test("Vitess: a tenant's own keyspace is reached by the tenant's own user alone", () => {
  const rules = accessRules([apart], tenants, [user("apart"), { ...user("apart"), name: "report" }]);
  expect(rules.map(({ keyspace }) => keyspace)).toEqual(["apart_acme", "apart_globex_2"]);
  expect(rules[1]?.tables.table_groups).toEqual([
    {
      ...{ name: "products", table_names_or_prefixes: ["products"], admins: ["_migrations"] },
      ...{ readers: ["order.globex-2", "report.globex-2"], writers: ["order.globex-2", "report.globex-2"] },
    },
  ]);
});

test("Vitess: lookup tables are written by whoever writes what they are for", () => {
  const [rules] = accessRules([catalog], [], [user("catalog")]);
  expect(rules?.tables.table_groups.map(({ name, writers }) => [name, writers])).toEqual([
    ["orders", ["order"]],
    ["orders_number_lookup", ["order"]],
    ["products", ["order"]],
  ]);
  expect(rules?.queryRules).toBeUndefined();
});

test.each([
  ["PostgreSQL of AWS", () => postgreSqlSteps({ keyspaces: [orders], tenants: [], users: [user("orders")] }, true)],
  [
    "PostgreSQL with schemas and databases of tenants",
    () => postgreSqlSteps({ keyspaces: [apart, schemas], tenants, users: [user("schemas")] }, false),
  ],
  ["MySQL", () => mySqlSteps({ keyspaces: [catalog], tenants: [], users: [user("catalog")] })],
])("%s: the steps of a migration", (_, steps) => {
  expect(steps()).toMatchSnapshot();
});

test("PostgreSQL: who may be each tenant is none of them before it says so", () => {
  const statements = postgreSqlSteps({ keyspaces: [schemas], tenants, users: [user("schemas")] }, false).map(
    ({ statement }) => statement,
  );
  const [alone, grant] = ['ALTER ROLE "order" NOINHERIT', 'GRANT "tenant_acme" TO "order"'].map((each) =>
    statements.indexOf(each),
  );
  expect(alone).toBeGreaterThan(-1);
  expect(grant).toBeGreaterThan(alone ?? Infinity);
});

test("PostgreSQL: each table that tenants share has row-level security before anybody may read it", () => {
  const statements = postgreSqlSteps(
    { keyspaces: [{ ...orders, tables: [ordersTable, productsTable] }], tenants: [], users: [user("orders")] },
    false,
  ).map(({ statement }) => statement);
  for (const table of ["orders", "products"]) {
    const at = (start: string) => statements.findIndex((statement) => statement.startsWith(start));
    const [enabled, policy, grant] = [
      at(`ALTER TABLE "${table}" ENABLE ROW LEVEL SECURITY`),
      at(`CREATE POLICY own_tenant ON "${table}"`),
      at(`GRANT SELECT, INSERT, UPDATE, DELETE ON "${table}"`),
    ];
    expect(enabled).toBeGreaterThan(-1);
    expect(policy).toBeGreaterThan(enabled ?? Infinity);
    expect(grant).toBeGreaterThan(policy ?? Infinity);
  }
});

test("texts without a word are matched, and no others", () => {
  const words = fc.constantFrom("tenant_id = :", "aab", "a", "abab");
  const pieces = fc.array(fc.constantFrom(..."abtenid_ =:", "tenant_id", " = :", "tenant_id = :", "ten"), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(words, pieces, (word, parts) => {
      const text = parts.join("");
      expect(new RegExp(`^(?:${textsWithout(word)})$`).test(text)).toBe(!text.includes(word));
    }),
    { numRuns: 2000 },
  );
});

const isRefused = (statement: string) =>
  sharedTableRules(["orders"]).some(
    ({ Query, Plans = ["Select"] }) =>
      Query !== undefined &&
      Plans.includes("Select") &&
      new RegExp(`^(?:${Query.replace("(?s)", "")})$`, "s").test(statement),
  );

test.each([
  ["select id from orders where tenant_id = :tenant_id and id = :id", false],
  ["select id from orders where tenant_id = :tenant_id and (id = :id or id = :id1)", false],
  ["select id from orders", true],
  ["select id from orders where id = :id", true],
  ["select id from orders where tenant_id in ::tenant_id", true],
  ["select id from orders where tenant_id = :tenant_id or id = :id", true],
  ["select id from orders where id = :id or tenant_id = :tenant_id", true],
  ["select id from orders where (id = :id or tenant_id = :tenant_id)", true],
])("%s is refused: %s", (statement, expected) => {
  expect(isRefused(statement)).toBe(expected);
});

const base: TableDefinition = productsTable;
test.each<[string, Partial<TableDefinition>, string[]]>([
  ["nothing", {}, []],
  ["a name", { name: "Order Items" }, ["tables[0].name"]],
  ["a key of no column", { primaryKey: ["sku"] }, ["tables[0].primaryKey[0]"]],
  ["no key", { primaryKey: [] }, ["tables[0].primaryKey"]],
  [
    "a tenant of its own",
    { columns: [...base.columns, { name: "tenant_id", type: ColumnType.Text }] },
    ["tables[0].columns[2].name"],
  ],
  [
    "a column twice",
    { columns: [...base.columns, { name: "stock", type: ColumnType.Text }] },
    ["tables[0].columns[2].name"],
  ],
  [
    "a key that may be null",
    { columns: [{ name: "id", type: ColumnType.Identifier, isNullable: true }] },
    ["tables[0].columns[0].isNullable"],
  ],
  ["a key that is a document", { columns: [{ name: "id", type: ColumnType.Json }] }, ["tables[0].columns[0].type"]],
  ["a sharding column outside the key", { shardingColumn: "stock" }, ["tables[0].shardingColumn"]],
  [
    "uniqueness over shards",
    {
      columns: [...base.columns, { name: "sku", type: ColumnType.Text }],
      indexes: [{ columns: ["stock", "sku"], isUnique: true }],
    },
    ["tables[0].indexes[0]"],
  ],
  ["an index of no column", { indexes: [{ columns: ["sku"] }] }, ["tables[0].indexes[0].columns[0]"]],
])("a table with %s wrong", (_, change, paths) => {
  expect(tableProblems("tables", [{ ...base, ...change }], true).map(({ path }) => path)).toEqual(paths);
});

test("two tables of a name are refused", () => {
  expect(tableProblems("tables", [base, base], false).map(({ path }) => path)).toEqual(["tables[1].name"]);
});
