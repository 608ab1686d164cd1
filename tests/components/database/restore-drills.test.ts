import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { drillScript as auroraDrill } from "../../../components/database/aurora/restore-drill";
import { TenantIsolation } from "../../../components/database/tenancy";
import { drillScript as vitessDrill } from "../../../components/database/vitess/restore-drill";
import { build, vitess } from "./fixture";
import { folder, run } from "./script-run";

interface Container {
  name: string;
  command: string[];
  args?: string[];
  env: { name: string; value?: string }[];
}

interface PodSpec {
  activeDeadlineSeconds: number;
  initContainers: Container[];
  containers: Container[];
}

interface JobSpec {
  activeDeadlineSeconds: number;
  template: { spec: PodSpec };
}

describe("Vitess' restore drill", () => {
  const env = {
    ...{ CONTROL: "c:1", DATABASES: "orders", SHARDS: "-", CELL: "a", FIRST_TABLET: "1", JOB_COMPLETION_INDEX: "0" },
    ...{ TABLES: "orders" },
  };
  const tablet = "a-0000000001";
  const vtctldclient = (there = "1000") => `case "$*" in
  *"GetTablet "*) echo '  "type": "SPARE"' ;;
  *GetTablets*) echo "a-0000000900 orders - replica" ;;
  *ExecuteFetchAsDBA*) printf '+-------+\\n| there |\\n+-------+\\n| %s |\\n+-------+\\n' "${there}" ;;
esac`;
  const mysql = (rows: number, check = "OK") =>
    `case "$*" in *CHECK*) echo "orders.orders check status ${check}" ;; *COUNT*) echo ${rows} ;; esac`;

  test.each([
    [1000, "1000", "OK", 0],
    // A percent, or a hundred rows where that is more.
    [19800, "20000", "OK", 0],
    [19799, "20000", "OK", 1],
    [900, "1000", "OK", 0],
    [899, "1000", "OK", 1],
    [1, "50", "OK", 0],
    [0, "50", "OK", 1],
    [0, "0", "OK", 0],
    [1000, "1000", "Corrupt", 1],
    [1000, "", "OK", 1],
  ])("with %i of %s rows, %s, ends with %i", (rows, there, check, expected) => {
    const commands = { vtctldclient: vtctldclient(there), mysql: mysql(rows, check) };
    const { status, calls, output } = run(vitessDrill, commands, {}, env);
    expect(status).toBe(expected);
    expect(output.includes("orders/-: the newest backup was not restored whole")).toBe(expected !== 0);
    // Whatever came out, the tablet is forgotten.
    expect(calls.at(-1)).toContain(`DeleteTablets ${tablet}`);
  });

  test("forgets its tablet when its time is over", () => {
    const stopped = `case "$*" in *"GetTablet "*) kill -TERM "$(cat "$STATE/pid")" ;; esac`;
    const script = `echo $$ > "$STATE/pid"\n${vitessDrill}`;
    const { status, calls } = run(script, { vtctldclient: stopped, mysql: "" }, {}, env);
    expect(status).toBe(143);
    expect(calls.at(-1)).toContain(`DeleteTablets ${tablet}`);
  });

  describe("of a keyspace with two shards, and a database for each of two tenants", () => {
    const restores = ["orders_acme/-80", "orders_acme/80-", "orders_globex/-80", "orders_globex/80-"];
    let pod: PodSpec;
    let job: JobSpec;
    beforeAll(async () => {
      const [keyspace] = vitess.keyspaces;
      if (keyspace === undefined) throw new Error("no example");
      const apart = { ...keyspace, shards: 2, reshardTo: 4, tenantIsolation: TenantIsolation.DatabasePerTenant };
      const { resources } = await build({ ...vitess, tenants: ["acme", "globex"], keyspaces: [apart], clients: [] });
      const drill = resources.find(({ type }) => type.endsWith("CronJob"));
      job = (drill?.props as { spec: { jobTemplate: { spec: JobSpec } } }).spec.jobTemplate.spec;
      pod = job.template.spec;
    });
    const inPod = (container: string, index: number, commands: Record<string, string>) => {
      const found = [...pod.initContainers, ...pod.containers].find(({ name }) => name === container);
      if (found === undefined) throw new Error(`no container ${container}`);
      const given = found.env.map(({ name, value }) => [name, value ?? "10.0.0.1"]);
      rmSync(folder, { recursive: true });
      mkdirSync(join(folder, "data", "vt_0000000007"), { recursive: true });
      const script = (found.command[2] ?? "").replaceAll("/tmp/", `${folder}/`);
      const own = { JOB_COMPLETION_INDEX: String(index), VTDATAROOT: join(folder, "data") };
      return run(script, commands, {}, { ...Object.fromEntries(given), ...own }, found.args);
    };

    test("is a pod for each, one after another, with time for all", () => {
      expect(job).toMatchObject({ completionMode: "Indexed", completions: restores.length, parallelism: 1 });
      expect(job.activeDeadlineSeconds).toBeGreaterThan(restores.length * pod.activeDeadlineSeconds);
    });

    test("restores each of them, into a tablet of its own", () => {
      const tablets = restores.map((_, index) => {
        const [call = ""] = inPod("vttablet", index, { vttablet: "" }).calls;
        const flag = (name: string) => new RegExp(`--${name}=(\\S+)`).exec(call)?.[1] ?? "";
        expect(flag("init-db-name-override")).toBe(flag("init-keyspace"));
        expect(call).toContain("--restore-from-backup=true");
        return { restored: `${flag("init-keyspace")}/${flag("init-shard")}`, alias: flag("tablet-path") };
      });
      expect(tablets.map(({ restored }) => restored)).toEqual(restores);
      expect(new Set(tablets.map(({ alias }) => alias)).size).toBe(restores.length);
      const agent = inPod("mysqlctld", 3, { mysqlctld: 'cat "$EXTRA_MY_CNF"' });
      expect(tablets[3]?.alias).toMatch(new RegExp(`-0*${/--tablet-uid=(\d+)/.exec(agent.calls[0] ?? "")?.[1]}$`));
    });

    test("MySQL has the memory of its container, and none of the rows of the shard before", () => {
      const { status, output } = inPod("mysqlctld", 1, { mysqlctld: 'cat "$EXTRA_MY_CNF"' });
      expect(status).toBe(0);
      // Three fifths of the 2 GiB of the size small.
      expect(output).toBe("innodb_buffer_pool_size = 1228M\ninnodb_redo_log_capacity = 307M\n");
      expect(readdirSync(join(folder, "data"))).toEqual([]);
    });

    test("a restart in the same pod keeps what it was restoring", () => {
      // Only the first start writes anything: what is there at the end, the second one left alone.
      const restarted = `if [ ! -e "$STATE/started" ]; then mkdir -p "$VTDATAROOT/vt_0000000008"; fi; touch "$STATE/started"`;
      const script = pod.initContainers[0]?.command[2]?.replaceAll("/tmp/", `${folder}/`) ?? "";
      const again = `(${script})\nset --\n${script}`;
      const given = { ...env, TABLET_UID: "1", MEMORY_OPTIONS: "", VTDATAROOT: join(folder, "data") };
      const { calls } = run(again, { mysqlctld: restarted }, {}, given);
      expect(calls.filter((call) => call.startsWith("mysqlctld"))).toHaveLength(2);
      expect(readdirSync(join(folder, "data"))).toEqual(["vt_0000000008"]);
    });

    test("a damaged second shard fails, by its name, and no other", () => {
      const damaged = `case "$*" in *CHECK*orders_acme) [ "$JOB_COMPLETION_INDEX" = 1 ] || echo OK ;; *CHECK*) echo OK ;; *) echo 1000 ;; esac`;
      const results = restores.map((_, index) =>
        inPod(pod.containers[0]?.name ?? "", index, { vtctldclient: vtctldclient(), mysql: damaged }),
      );
      expect(results.map(({ status }) => status)).toEqual([0, 1, 0, 0]);
      expect(results[1]?.output).toContain("orders_acme/80-: the newest backup was not restored whole");
      // Each asks the replicas of its own shard.
      results.forEach(({ calls }, index) => {
        const [keyspace, shard] = restores[index]?.split("/") ?? [];
        expect(calls.find((call) => call.includes("GetTablets"))).toContain(`--keyspace ${keyspace} --shard ${shard} `);
      });
    });
  });
});

describe("Aurora's restore drill", () => {
  const env = {
    ...{ SOURCE: "prod", SOURCE_ARN: "arn:source", COPY: "prod-drill", SECRET_ARN: "arn:secret", SUBNETS: "s" },
    ...{
      SECURITY_GROUP: "sg",
      KEY: "key",
      INSTANCE_CLASS: "db.r8g.large",
      DATABASES: "orders_acme orders_globex",
      TABLES: '"public"."orders" "public"."items"',
    },
  };
  const aws = (rows: number, fails = "false") => `case "$*" in
  *describe-db-clusters*) echo arn:copy ;;
  *execute-statement*"arn:copy"*orders_globex*items*) if ${fails}; then exit 254; fi; echo ${rows} ;;
  *execute-statement*) echo 1000 ;;
esac`;

  test.each([
    [1000, 0],
    [900, 0],
    [899, 1],
  ])("with %i of 1000 rows of a table of the last tenant ends with %i, and deletes its copy", (rows, expected) => {
    const { status, calls, output } = run(auroraDrill, { aws: aws(rows) }, {}, env);
    expect(status).toBe(expected);
    expect(output.match(/1000 in use/g)).toHaveLength(4);
    expect(output.includes('Lacks rows: orders_globex."public"."items"\n')).toBe(expected !== 0);
    expect(calls.at(-1)).toContain("rds delete-db-cluster --db-cluster-identifier prod-drill");
    expect(calls.some((call) => call.includes("delete-db") && !call.includes("prod-drill"))).toBe(false);
  });

  test("counts what is in use before it restores, and makes nothing where that fails", () => {
    const { status, calls } = run(auroraDrill, { aws: aws(1000) }, {}, env);
    expect(status).toBe(0);
    const isCount = (call: string) => call.includes("execute-statement") && call.includes("arn:source");
    const restored = calls.findIndex((call) => call.includes("restore-db-cluster"));
    expect(calls.slice(0, restored).filter(isCount)).toHaveLength(4);
    expect(calls.slice(restored).filter(isCount)).toEqual([]);
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    const failed = run(auroraDrill, { aws: "exit 254" }, {}, env);
    expect(failed.status).not.toBe(0);
    expect(failed.calls).toHaveLength(1);
  });

  test.each([
    [0, 50, 1],
    [0, 0, 0],
    [1, 50, 0],
  ])("of small tables %i of %i rows each ends with %i", (rows, there, expected) => {
    const small = `case "$*" in *describe-db-clusters*) echo arn:copy ;; *arn:copy*SELECT*) echo ${rows} ;; *SELECT*) echo ${there} ;; esac`;
    const { status, output } = run(auroraDrill, { aws: small }, {}, env);
    expect(status).toBe(expected);
    expect(output.includes("No table has any rows")).toBe(expected !== 0);
  });

  test("names a table that is not in the copy", () => {
    const { status, output } = run(auroraDrill, { aws: aws(0, "true") }, {}, env);
    expect(status).toBe(1);
    expect(output).toContain('Lacks rows: orders_globex."public"."items"\n');
  });
});
