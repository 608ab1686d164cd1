import type { Connection, RowDataPacket } from "mysql2/promise";
import { shopDatabase } from "./database";
import { type DeclaredDatabase, declaredDatabase } from "./declared";
import { ordinaryReads, readsOverTenants, writesOverTenants } from "./statements";
import { Vitess } from "./vitess";

jest.setTimeout(300_000);

let declared: DeclaredDatabase;
let vitess: Vitess;
let order: Connection;
let cart: Connection;

beforeAll(async () => {
  declared = await declaredDatabase(shopDatabase);
  vitess = new Vitess(declared);
  await vitess.start();
  await vitess.migrate();
  [order, cart] = [await vitess.connect("order", "orders"), await vitess.connect("cart", "carts")];
});

afterAll(async () => {
  for (const connection of [order, cart]) await connection?.end();
  await vitess.remove();
});

async function read(connection: Connection, statement: string, values: unknown[] = []): Promise<RowDataPacket[]> {
  const [rows] = await connection.query<RowDataPacket[]>(statement, values);
  return rows;
}

/** Behind the back of Vitess. */
async function rowsIn(shard: string, query: string): Promise<RowDataPacket[]> {
  const server = vitess.servers.get(shard);
  if (server === undefined) throw new Error(`there is no shard ${shard}`);
  return server.query(query);
}

describe("what the stack declares is loaded", () => {
  test("keyspaces and their shards, by the gateway's own account of them", async () => {
    const shards = await read(order, "SHOW vitess_shards");
    expect(shards.map((row) => row.Shards as string).sort()).toEqual([
      "carts/-",
      "orders/-80",
      "orders/80-",
      "payments_acme/-",
      "payments_globex/-",
    ]);
    const tablets = await read(order, "SHOW vitess_tablets");
    expect(tablets.map(({ TabletType, State }) => `${TabletType} ${State}`)).toEqual(Array(5).fill("PRIMARY SERVING"));
  });

  test("each table spreads its rows by the tenant", async () => {
    for (const table of ["orders", "order_items"]) {
      const vindexes = await read(order, `SHOW vschema vindexes ON orders.${table}`);
      expect(vindexes).toMatchObject([{ Columns: "tenant_id", Name: "xxhash", Type: "xxhash" }]);
    }
  });

  test("tables are on every shard, the tenant first in their keys and told apart byte by byte", async () => {
    for (const shard of ["orders/-80", "orders/80-"]) {
      const columns = await rowsIn(
        shard,
        "SELECT column_name AS name, collation_name AS collation FROM information_schema.columns " +
          "WHERE table_schema = 'orders' AND table_name = 'orders' ORDER BY ordinal_position",
      );
      expect(columns.map(({ name }) => name as string)).toEqual(["tenant_id", "id", "total", "note"]);
      expect(columns[0]).toMatchObject({ name: "tenant_id", collation: "ascii_bin" });
    }
  });

  test("the migration may be run again", async () => {
    await vitess.migrate();
    expect(await read(order, "SELECT * FROM orders WHERE tenant_id = 'nobody'")).toEqual([]);
  });
});

test("rows spread over the shards by their tenant, each tenant's in one", async () => {
  const tenants = Array.from({ length: 60 }, (_, index) => `spread-${index}`);
  for (const tenant of tenants) {
    const rows = [1, 2].map((number) => [tenant, `order-${number}`, number]);
    await order.query("INSERT INTO orders (tenant_id, id, total) VALUES ?", [rows]);
  }
  const found = await Promise.all(
    ["-80", "80-"].map((shard) =>
      rowsIn(
        `orders/${shard}`,
        "SELECT tenant_id AS tenant, COUNT(*) AS number FROM orders.orders WHERE tenant_id LIKE 'spread-%' GROUP BY 1",
      ),
    ),
  );
  const [first = [], second = []] = found.map((rows) => rows.map(({ tenant }) => tenant as string));
  expect([...first, ...second].sort()).toEqual([...tenants].sort());
  expect(found.flat().map(({ number }) => Number(number))).toEqual(Array(60).fill(2));
  for (const part of [first, second]) expect(part.length).toBeGreaterThan(10);

  for (const [shard, there] of [
    ["-80", first],
    ["80-", second],
  ] as const) {
    for (const tenant of there) {
      const [place] = await read(order, "SELECT shard FROM xxhash WHERE id = ?", [tenant]);
      expect(String(place?.shard)).toBe(shard);
    }
  }
});

/** Over two shards, and in one alone: the same must be refused before a keyspace's first resharding. */
const shared = [
  { keyspace: "orders", table: "orders", connection: () => order, shards: ["-80", "80-"] },
  { keyspace: "carts", table: "carts", connection: () => cart, shards: ["-"] },
];

describe.each(shared)("tenants that share the tables of $keyspace", ({ keyspace, table, connection, shards }) => {
  const everything = () =>
    Promise.all(
      shards.map((shard) => rowsIn(`${keyspace}/${shard}`, `SELECT * FROM ${keyspace}.${table} ORDER BY 1, 2`)),
    );
  const run = (statement: string) => read(connection(), statement.replaceAll("{table}", table));

  beforeAll(async () => {
    const tenants = ["acme", "ACME", "globex", "initech", "umbrella"];
    const rows = tenants.flatMap((tenant) => [1, 2].map((number) => [tenant, `${tenant}-${number}`, number]));
    await connection().query(`INSERT INTO ${table} (tenant_id, id, total) VALUES ?`, [rows]);
  });

  afterEach(() => connection().query(`USE \`${keyspace}\``));

  test.each(ordinaryReads)("may read one tenant's rows: %s", async (statement) => {
    const rows = await run(statement);
    expect(rows.map(({ id }) => id as string).sort()).toEqual(["acme-1", "acme-2"]);
  });

  test("may read them by a prepared statement, in a stream, and in a transaction", async () => {
    const [prepared] = await connection().execute<RowDataPacket[]>(
      `SELECT id FROM ${table} WHERE tenant_id = ? AND total = ?`,
      ["globex", 2],
    );
    expect(prepared).toEqual([{ id: "globex-2" }]);
    await run("SET workload = OLAP");
    expect(await run("SELECT id FROM {table} WHERE tenant_id = 'globex' AND total = 1")).toEqual([{ id: "globex-1" }]);
    await run("SET workload = OLTP");
    await connection().beginTransaction();
    await run("UPDATE {table} SET note = 'seen' WHERE tenant_id = 'initech' AND id = 'initech-1'");
    expect(await run("SELECT id FROM {table} WHERE tenant_id = 'initech' AND note = 'seen'")).toHaveLength(1);
    await connection().rollback();
  });

  test("a tenant whose name differs in its capitals is another one", async () => {
    expect(await run("SELECT id FROM {table} WHERE tenant_id = 'ACME'")).toEqual([{ id: "ACME-1" }, { id: "ACME-2" }]);
  });

  test.each(readsOverTenants)("can't read over tenants: %s", async (statement) => {
    await expect(run(statement)).rejects.toThrow(refusal);
    await run("SET workload = OLAP");
    await expect(run(statement)).rejects.toThrow(refusal);
    await run("SET workload = OLTP");
  });

  test.each(writesOverTenants)("can't write over tenants: %s", async (statement) => {
    const before = await everything();
    await expect(run(statement)).rejects.toThrow(refusal);
    expect(await everything()).toEqual(before);
  });

  test("nor by statements that are prepared", async () => {
    const prepared = [
      [`SELECT * FROM ${table} WHERE total > ?`, 0],
      [`DELETE FROM ${table} WHERE total > ?`, 0],
      [`SELECT * FROM ${table} WHERE tenant_id = ? OR total > 0`, "acme"],
    ] as const;
    for (const [statement, value] of prepared) {
      await expect(connection().execute(statement, [value])).rejects.toThrow(refusal);
    }
  });

  test("nor at a shard, which a session may name", async () => {
    const before = await everything();
    for (const shard of shards) {
      await run(`USE \`${keyspace}:${shard}\``);
      for (const statement of [
        "SELECT * FROM {table}",
        "SELECT * FROM {table} WHERE tenant_id = 'acme' OR 1 = 1",
        "DELETE FROM {table}",
        "INSERT INTO {table} SELECT * FROM {table}",
      ]) {
        await expect(run(statement)).rejects.toThrow(refusal);
      }
    }
    expect(await everything()).toEqual(before);
  });

  test("for whom a service works, Vitess can't tell: one tenant by its name is the service's to check", async () => {
    expect(await run("SELECT id FROM {table} WHERE tenant_id = 'umbrella'")).toHaveLength(2);
  });
});

/** By the gateway's planner or by a tablet's rule. Of two halves of a statement the second may end with the first. */
const refusal = /plan includes scatter|disallowed due to rule|can.?not UPDATE primary vindex|context canceled/;

describe("a service's account", () => {
  test.each([
    "SELECT * FROM orders.orders WHERE tenant_id = 'acme'",
    "DELETE FROM orders.orders WHERE tenant_id = 'acme'",
  ])("reaches no other's tables: %s", async (statement) => {
    await expect(read(cart, statement)).rejects.toThrow(/command denied to user 'cart' for table 'orders'/);
  });

  test.each([
    "DROP TABLE orders",
    "TRUNCATE TABLE orders",
    "ALTER TABLE orders ADD COLUMN more INT",
    "CREATE TABLE more (id INT PRIMARY KEY)",
    "ALTER VSCHEMA DROP TABLE orders",
    "ALTER VITESS_MIGRATION CANCEL ALL",
  ])("changes no tables: %s", async (statement) => {
    await expect(read(order, statement)).rejects.toThrow(/command denied|DDL is disabled|not authorized/);
  });

  test("of one tenant reaches no other's keyspace", async () => {
    const acme = await vitess.connect("payment.acme", "payments_acme");
    try {
      await acme.query("INSERT INTO transactions (id, amount) VALUES ('payment-1', 5)");
      expect(await read(acme, "SELECT id FROM transactions WHERE id = 'payment-1'")).toEqual([{ id: "payment-1" }]);
      for (const statement of [
        "SELECT * FROM payments_globex.transactions WHERE id = 'payment-1'",
        "INSERT INTO payments_globex.transactions (id, amount) VALUES ('payment-2', 5)",
      ]) {
        await expect(read(acme, statement)).rejects.toThrow(/command denied to user 'payment.acme'/);
      }
    } finally {
      await acme.end();
    }
  });

  test("must prove who it is, and speak through TLS", async () => {
    await expect(vitess.connect("order", "orders", { password: "guessed" })).rejects.toThrow(/Access denied/);
    await expect(vitess.connect("migrations", "orders", { password: "" })).rejects.toThrow(/Access denied/);
    await expect(vitess.connect("order", "orders", { isPlain: true })).rejects.toThrow(/insecure/);
  });
});
