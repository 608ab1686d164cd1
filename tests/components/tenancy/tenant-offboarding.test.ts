import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ColumnType, KeyspaceIsolation, TenantIsolation, type TableDefinition } from "../../../components";
import { exportSteps, removalSteps } from "../../../components/database/content/tenant-steps";
import { runByPsql } from "../../../components/database/engines/external";
import { exportFiles, readScript, sendScript } from "../../../components/tenancy/tenant-jobs";
import { folder, run } from "../database/script-run";

const table: TableDefinition = {
  name: "docs",
  columns: [{ name: "id", type: ColumnType.Identifier }],
  primaryKey: ["id"],
};
const keyspaces = [
  { name: "plain", tables: [table] },
  { name: "shared", tables: [table], tenantIsolation: KeyspaceIsolation.SharedDatabase },
  { name: "mixed", tables: [table], tenantIsolation: KeyspaceIsolation.ByTenant },
  { name: "apart", tables: [table], tenantIsolation: KeyspaceIsolation.DatabasePerTenant },
];
const { SharedDatabase, SchemaPerTenant, DatabasePerTenant } = TenantIsolation;
const inShared = `"docs" WHERE "tenant_id" = 'a-b'`;

describe.each([
  {
    isolation: SharedDatabase,
    exported: [`shared: ${inShared}`, `mixed: ${inShared}`],
    removed: [`shared: DELETE FROM ${inShared}`, `mixed: DELETE FROM ${inShared}`],
  },
  {
    isolation: SchemaPerTenant,
    exported: [`shared: ${inShared}`, 'mixed: "a_b"."docs"', 'apart_a_b: "docs"'],
    removed: [
      `shared: DELETE FROM ${inShared}`,
      'mixed: DROP SCHEMA IF EXISTS "a_b" CASCADE',
      'undefined: DROP DATABASE IF EXISTS "apart_a_b"',
      'undefined: DROP ROLE IF EXISTS "tenant_a_b"',
    ],
  },
  {
    isolation: DatabasePerTenant,
    exported: [`shared: ${inShared}`, 'mixed_a_b: "docs"', 'apart_a_b: "docs"'],
    removed: [
      `shared: DELETE FROM ${inShared}`,
      'undefined: DROP DATABASE IF EXISTS "mixed_a_b"',
      'undefined: DROP DATABASE IF EXISTS "apart_a_b"',
    ],
  },
])("a tenant in $isolation", ({ isolation, exported, removed }) => {
  const tenant = { id: "a-b", isolation };

  test("is exported from where its rows are, and from nowhere else", () => {
    const found = exportSteps(keyspaces, tenant).map(({ database, statement }) => {
      const [, rows] = /^COPY \(SELECT \* FROM (.*)\) TO STDOUT WITH \(FORMAT csv, HEADER\)$/.exec(statement) ?? [];
      return `${database}: ${rows}`;
    });
    expect(found).toEqual(exported);
  });

  test("leaves nothing behind but what is nobody's", () => {
    const found = removalSteps(keyspaces, tenant).map(({ database, statement }) => `${database}: ${statement}`);
    expect(found).toEqual(removed);
  });
});

test("a name in quotes stays a text", () => {
  const [step] = exportSteps(keyspaces, { id: "o'brien", isolation: SharedDatabase });
  expect(step?.statement).toContain(`"tenant_id" = 'o''brien'`);
});

describe("the export's scripts", () => {
  const files = exportFiles(exportSteps(keyspaces, { id: "acme", isolation: DatabasePerTenant }));
  const admin = { AUTHORITY: "system", DATABASE_HOST: "db", DATABASE_PORT: "5432", ADMIN_USERNAME: "admin" };
  const exportFolder = () => {
    const path = join(folder, "export");
    mkdirSync(path, { recursive: true });
    return path;
  };

  test("read each table into a file of its own, and sum them up at the end", () => {
    const EXPORT = exportFolder();
    const { status, calls } = run(readScript(runByPsql), { psql: "echo id" }, files, { ...admin, EXPORT });
    expect(status).toBe(0);
    expect(calls.map((call) => /--dbname (\S+)/.exec(call)?.[1])).toEqual(["shared", "mixed_acme", "apart_acme"]);
    const sums = readFileSync(join(EXPORT, "SHA256SUMS"), "utf8");
    expect(sums.match(/\S+\.csv/g)).toEqual(["apart.docs.csv", "mixed.docs.csv", "shared.docs.csv"]);
  });

  test("end without sums where a table can't be read", () => {
    const EXPORT = exportFolder();
    const psql = 'case "$*" in *mixed_acme*) exit 3 ;; esac';
    const { status } = run(readScript(runByPsql), { psql }, files, { ...admin, EXPORT });
    expect(status).not.toBe(0);
    expect(() => readFileSync(join(EXPORT, "SHA256SUMS"))).toThrow("ENOENT");
  });

  const aws = (found: number) => `case "$*" in "s3 ls"*) seq ${found} ;; esac`;
  const target = { BUCKET: "exports", PREFIX: "tenants/acme/" };

  test.each([
    [4, 0],
    [3, 1],
  ])("with %d objects in the bucket of the four that were sent end with %d", (found, expected) => {
    const EXPORT = exportFolder();
    for (const name of ["a.csv", "b.csv", "c.csv", "SHA256SUMS"]) writeFileSync(join(EXPORT, name), "");
    const { status, calls } = run(sendScript, { aws: aws(found) }, {}, { ...target, EXPORT });
    expect(status).toBe(expected);
    const copies = calls.filter((call) => call.startsWith("aws s3 cp"));
    expect(copies).toHaveLength(2);
    expect(copies.at(-1)).toContain("s3://exports/tenants/acme/SHA256SUMS");
  });
});
