import { rmSync } from "node:fs";
import { runByDataApi } from "../../../components/database/engines/aurora";
import { runByMySql, runByPsql } from "../../../components/database/engines/external";
import { applySteps, stepFiles } from "../../../components/database/migration";
import { vitessMigrationScript } from "../../../components/database/vitess/migration-script";
import { run } from "./script-run";

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
