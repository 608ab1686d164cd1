import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drillScript as auroraDrill } from "../../../components/database/aurora/restore-drill";
import { runByDataApi } from "../../../components/database/engines/aurora";
import { runByMySql, runByPsql } from "../../../components/database/engines/external";
import { applySteps, stepFiles } from "../../../components/database/migration";
import { vitessMigrationScript } from "../../../components/database/vitess/migration-script";
import { drillScript as vitessDrill } from "../../../components/database/vitess/restore-drill";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "database-scripts-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a job's script as its container does, with stand-ins for what it calls; each writes its arguments down. */
function run(
  script: string,
  commands: Record<string, string>,
  files: Record<string, string>,
  env: Record<string, string>,
): { status: number | null; output: string; calls: string[] } {
  const [bin, content] = ["bin", "content"].map((name) => join(folder, name));
  for (const path of [bin, content]) mkdirSync(path ?? "");
  for (const [name, body] of Object.entries({ sleep: "", ...commands })) {
    const file = join(bin ?? "", name);
    const told = name === "sleep" ? "" : `echo "${name} $*" >> "$CALLS"\n`;
    writeFileSync(file, `#!/bin/sh\n${told}${body}\n`);
    chmodSync(file, 0o755);
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(content ?? "", name), text);
  const calls = join(folder, "calls");
  const { status, stdout, stderr } = spawnSync("/bin/sh", ["-ceu", script], {
    encoding: "utf8",
    env: { PATH: `${bin}:/usr/bin:/bin`, CONTENT: content, CALLS: calls, STATE: folder, ...env },
  });
  return {
    status,
    output: stdout + stderr,
    calls: existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : [],
  };
}

describe("steps", () => {
  const files = stepFiles([
    { statement: "CREATE DATABASE shop", unless: "SELECT there" },
    { database: "shop", statement: "CREATE TABLE orders ()" },
    { database: "shop", statement: "CREATE POLICY p", unless: "SELECT missing" },
  ]);
  const psql = `case "$*" in *.unless) if grep -q there "$(echo "$*" | sed 's/.*--file //')"; then echo 1; fi ;; esac`;
  const env = {
    ADMIN_DATABASE: "postgres",
    AUTHORITY: "system",
    DATABASE_HOST: "db",
    DATABASE_PORT: "5432",
    ADMIN_USERNAME: "admin",
  };

  test("are applied in their order, each in its database, but those that are needless", () => {
    const { status, output } = run(applySteps(runByPsql), { psql }, files, env);
    expect(status).toBe(0);
    expect(output.trim().split("\n")).toEqual(["0002.sql in shop", "0003.sql in shop"]);
  });

  test("stop at the first that fails", () => {
    const failing = `${psql}\ncase "$*" in *0002.sql) exit 3 ;; esac`;
    const { status, output } = run(applySteps(runByPsql), { psql: failing }, files, env);
    expect(status).not.toBe(0);
    expect(output).not.toContain("0003.sql");
  });

  test("go to MySQL with no password among the arguments", () => {
    const { status, calls } = run(
      applySteps(runByMySql),
      { mysql: "cat > /dev/null" },
      { "0001.sql": "CREATE DATABASE shop;" },
      { ...env, ADMIN_DATABASE: "", ADMIN_PASSWORD: "hidden" },
    );
    expect(status).toBe(0);
    expect(calls).toHaveLength(1);
    expect(calls[0]).not.toContain("hidden");
    rmSync("/tmp/client.cnf", { force: true });
  });

  test("go to Aurora by the Data API", () => {
    const aws = `case "$*" in *"SELECT there"*) echo 1 ;; *) echo 0 ;; esac`;
    const { status, output, calls } = run(applySteps(runByDataApi), { aws }, files, {
      ...{ ADMIN_DATABASE: "postgres", CLUSTER_ARN: "arn:cluster", SECRET_ARN: "arn:secret" },
    });
    expect(status).toBe(0);
    expect(output.trim().split("\n")).toEqual(["0002.sql in shop", "0003.sql in shop"]);
    expect(calls[0]).toContain("--database postgres --sql SELECT there;");
  });
});

describe("Vitess' migration", () => {
  const files = { "orders.sql": "CREATE TABLE orders ();", "orders.vschema.json": "{}" };
  const vtctldclient = (lastState: string) => `case "$*" in
  *ApplySchema*) echo change-1 ;;
  *"OnlineDDL show"*)
    if [ -f "$STATE/asked" ]; then echo "| change-1 | ${lastState} |"; else echo "| change-1 | running |"; touch "$STATE/asked"; fi ;;
esac`;

  test("waits for the tables before it says how their rows spread", () => {
    const { status, calls } = run(vitessMigrationScript, { vtctldclient: vtctldclient("complete") }, files, {
      CONTROL: "c:1",
    });
    expect(status).toBe(0);
    expect(calls.map((call) => call.split(" ")[3])).toEqual([
      ...["GetKeyspace", "ApplySchema", "OnlineDDL", "OnlineDDL", "OnlineDDL", "ApplyVSchema"],
    ]);
  });

  test("fails with a change that failed on a shard", () => {
    const { status, output, calls } = run(vitessMigrationScript, { vtctldclient: vtctldclient("failed") }, files, {
      CONTROL: "c:1",
    });
    expect(status).toBe(1);
    expect(output).toContain("orders: change change-1 failed");
    expect(calls.some((call) => call.includes("ApplyVSchema"))).toBe(false);
  });
});

describe("Vitess' restore drill", () => {
  const env = { CONTROL: "c:1", KEYSPACE: "orders", SHARD: "-", TABLET: "a-1", TABLES: "orders", ROW_PERCENT: "99" };
  const vtctldclient = `case "$*" in
  *"GetTablet a-1"*) echo '  "type": "SPARE"' ;;
  *GetTablets*) echo "a-0000000002 orders - replica" ;;
  *ExecuteFetchAsDBA*) printf '+-------+\\n| there |\\n+-------+\\n| 1000 |\\n+-------+\\n' ;;
esac`;
  const mysql = (rows: number, check = "OK") =>
    `case "$*" in *CHECK*) echo "orders.orders check status ${check}" ;; *COUNT*) echo ${rows} ;; esac`;

  test.each([
    [1000, "OK", 0],
    [990, "OK", 0],
    [989, "OK", 1],
    [1000, "Corrupt", 1],
  ])("with %i of 1000 rows, %s, ends with %i", (rows, check, expected) => {
    const { status, calls } = run(vitessDrill, { vtctldclient, mysql: mysql(rows, check) }, {}, env);
    expect(status).toBe(expected);
    // Whatever came out, the tablet is forgotten.
    expect(calls.at(-1)).toContain("DeleteTablets a-1");
  });
});

describe("Aurora's restore drill", () => {
  const env = {
    ...{ SOURCE: "prod", SOURCE_ARN: "arn:source", COPY: "prod-drill", SECRET_ARN: "arn:secret", SUBNETS: "s" },
    ...{
      SECURITY_GROUP: "sg",
      KEY: "key",
      INSTANCE_CLASS: "db.r8g.large",
      DATABASE: "orders",
      TABLES: '"public"."orders"',
    },
  };
  const aws = (rows: number) => `case "$*" in
  *describe-db-clusters*) echo arn:copy ;;
  *"resource-arn arn:copy"*execute-statement* | *execute-statement*"arn:copy"*) echo ${rows} ;;
  *execute-statement*) echo 1000 ;;
esac`;

  test.each([
    [1000, 0],
    [990, 0],
    [12, 1],
  ])("with %i of 1000 rows ends with %i, and deletes its copy", (rows, expected) => {
    const { status, calls } = run(auroraDrill, { aws: aws(rows) }, {}, env);
    expect(status).toBe(expected);
    expect(calls.at(-1)).toContain("rds delete-db-cluster --db-cluster-identifier prod-drill");
    expect(calls.some((call) => call.includes("delete-db") && !call.includes("prod-drill"))).toBe(false);
  });
});
