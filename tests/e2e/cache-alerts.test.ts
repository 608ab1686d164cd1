import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheAlerts } from "../../components/cache/alerts";
import { CacheEngine, EvictionPolicy } from "../../components/cache/engines/engine";
import { withDefaults } from "../../components/cache/settings";
import { provideTools } from "../../rehearsal/toolchain";
import { run } from "./support";

jest.setTimeout(600_000);

const folder = mkdtempSync(join(tmpdir(), "omega-cache-alerts-"));
let promtool: string;

beforeAll(async () => {
  ({ promtool } = await provideTools(["promtool"]));
});

afterAll(() => rmSync(folder, { recursive: true }));

const groupsOf = (evictionPolicy: EvictionPolicy) => {
  const args = { engine: CacheEngine.Dragonfly, clientsNamespace: "shop", clients: ["cart"], snapshots: {} };
  return cacheAlerts({ ...withDefaults({ ...args, evictionPolicy }), name: "cache", namespace: "cache" });
};

/** 26 hours, in minutes: some alerts look at the day before. */
const minutes = 26 * 60;
const series = (metric: string, pod = 0, more = "") =>
  `dragonfly_${metric}{job="regional-cache",namespace="cache",cache="cache",pod="cache-${pod}"${more}}`;
const gauge = (value: number) => `${value}x${minutes}`;
/** So many a minute; another number in the last two hours, if there is one. */
const counter = (rate: number, lately = rate) => `0+${rate}x${minutes - 120} ${rate * (minutes - 120)}+${lately}x120`;

const replicaLag = series("connected_replica_lag_records", 0, ',replica_ip="10.0.0.1"');
const refused = series("oom_errors_total", 0, ',type="insert"');
const evicted = series("evicted_keys_total", 0, ',db="db0"');
const perHalfHour = 1 / 30;
const healthy: Record<string, string> = {
  [series("master", 0)]: gauge(1),
  [series("master", 1)]: gauge(0),
  [series("master", 2)]: gauge(0),
  [replicaLag]: gauge(20),
  [series("memory_used_bytes")]: gauge(7.5e8),
  [series("memory_max_bytes")]: gauge(1e9),
  [refused]: counter(0),
  [series("keyspace_hits_total")]: counter(900),
  [series("keyspace_misses_total")]: counter(100),
  [evicted]: counter(10),
  [series("backups_total")]: counter(perHalfHour),
  [series("failed_backups_total")]: counter(0),
  [series("uptime_in_seconds")]: counter(60),
};

interface Scenario {
  name: string;
  changes: Record<string, string>;
  fires: string[];
  policy?: EvictionPolicy;
}

const { Never } = EvictionPolicy;
const fewerHits = {
  [series("keyspace_hits_total")]: counter(900, 500),
  [series("keyspace_misses_total")]: counter(100, 500),
};
const scenarios: Scenario[] = [
  { name: "all is well", changes: {}, fires: [] },
  { name: "no pod is the primary", changes: { [series("master", 0)]: gauge(0) }, fires: ["CacheDown"] },
  { name: "a replica is gone", changes: { [series("master", 2)]: "_x10" }, fires: ["CacheReplicaMissing"] },
  { name: "a replica lags", changes: { [replicaLag]: gauge(100_001) }, fires: ["CacheReplicaLagging"] },
  { name: "a replica lags a little", changes: { [replicaLag]: gauge(100_000) }, fires: [] },
  {
    name: "a cache has as much as it evicts at",
    changes: { [series("memory_used_bytes")]: gauge(9.6e8) },
    fires: [],
  },
  {
    name: "a cache has more than eviction should leave",
    changes: { [series("memory_used_bytes")]: gauge(9.8e8) },
    fires: ["CacheMemoryFull"],
  },
  {
    name: "counters need more than four fifths",
    changes: { [series("memory_used_bytes")]: gauge(8.1e8) },
    policy: Never,
    fires: ["CacheMemoryFull"],
  },
  { name: "counters need less", changes: { [series("memory_used_bytes")]: gauge(7.9e8) }, policy: Never, fires: [] },
  { name: "writes are refused", changes: { [refused]: counter(0, 1) }, fires: ["CacheRefusesWrites"] },
  {
    name: "more is evicted and less is found",
    changes: { ...fewerHits, [evicted]: counter(10, 20) },
    fires: ["CacheTooSmall"],
  },
  { name: "less is found, but no more is evicted: clients ask for something else", changes: fewerHits, fires: [] },
  { name: "more is evicted, and as much is found", changes: { [evicted]: counter(10, 20) }, fires: [] },
  {
    name: "snapshots fail",
    changes: { [series("failed_backups_total")]: counter(0, perHalfHour) },
    fires: ["CacheSnapshotTooOld"],
  },
  {
    name: "snapshots stop",
    changes: { [series("backups_total")]: counter(perHalfHour, 0) },
    fires: ["CacheSnapshotTooOld"],
  },
  {
    name: "there are none yet: the pods have just started",
    changes: { [series("backups_total")]: counter(0), [series("uptime_in_seconds")]: gauge(600) },
    fires: [],
  },
];

async function check(file: object, ...command: string[]): Promise<void> {
  const path = join(folder, "test.json");
  writeFileSync(path, JSON.stringify(file));
  const { code, output } = await run(promtool, [...command, path]);
  expect({ code, output: output.trim() }).toEqual({ code: 0, output: expect.stringContaining("SUCCESS") });
}

test.each([EvictionPolicy.LeastUsed, Never])(
  "promtool finds nothing wrong with the rules of what drops %s",
  async (policy) => {
    await check({ groups: groupsOf(policy) }, "check", "rules", "--lint=all", "--lint-fatal");
  },
);

test.each(scenarios)("$name: exactly $fires", async ({ changes, fires, policy = EvictionPolicy.LeastUsed }) => {
  // JSON is YAML.
  const rules = join(folder, "rules.json");
  writeFileSync(rules, JSON.stringify({ groups: groupsOf(policy) }));
  const input = Object.entries({ ...healthy, ...changes }).map(([name, values]) => ({ series: name, values }));
  const samples = fires.map((name) => ({ labels: `{alertname="${name}"}`, value: 1 }));
  const expr = 'group by (alertname) (ALERTS{alertstate="firing"})';
  const tests = [
    {
      ...{ interval: "1m", input_series: input },
      promql_expr_test: [{ expr, eval_time: `${minutes}m`, exp_samples: samples }],
    },
  ];
  await check({ rule_files: [rules], evaluation_interval: "1m", tests }, "test", "rules");
});

test("each alert has a case in which it fires", () => {
  const names = groupsOf(EvictionPolicy.LeastUsed).flatMap(({ rules }) =>
    rules.map((rule) => ("alert" in rule ? rule.alert : "")),
  );
  expect([...new Set(scenarios.flatMap(({ fires }) => fires))].sort()).toEqual(names.sort());
});
