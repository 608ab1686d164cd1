import { always } from "../observability/scraped";

/** What Prometheus scrapes of a database on Vitess, and how it changes; as `alert-scenarios` of observability. */
export interface Scenario {
  name: string;
  /** Series that differ from the healthy ones, or come in addition; undefined takes one away. */
  changes: Record<string, string | undefined>;
  minutes: number;
  fires: string[];
  almost?: string;
}

/** A backup every hour, a drill at least every 7 days. */
export const cluster = {
  ...{ namespace: "database", runbooksUrl: "", drillDays: 7, tenants: [] },
  keyspaces: [{ name: "orders", shards: 2, spansRegions: true, tables: [] }],
  backups: { bucket: "backups", region: "us-east-1", intervalHours: 1, retentionDays: 7 },
};

const tablet = 'job="database", namespace="database", pod="database-vttablet-a"';
const primary = (shard: string) =>
  `vttablet_tablet_server_state{${tablet}, name="SERVING", type="PRIMARY", keyspace="orders", shard="${shard}"}`;
const lag = `vttablet_replication_lag_sec{${tablet}}`;
const [inUse, capacity] = ["in_use", "capacity"].map((field) => `vttablet_transaction_pool_${field}{${tablet}}`) as [
  string,
  string,
];
const recovered = (type: string) =>
  `vtorc_successful_recoveries{job="database", pod="database-vtorc-a", keyspace="orders", shard="-80", recovery_type="${type}"}`;
const backup = (shard: string, run: number) =>
  `kube_job_status_completion_time{namespace="database", job_name="database-vbsc-all-shards-orders-${shard}-${run}"}`;
const drill = 'cronjob="database-restore-drill-orders", namespace="database"';
const lastGood = `kube_cronjob_status_last_successful_time{${drill}}`;
const created = `kube_cronjob_created{${drill}}`;

const hour = 3600;
const day = 24 * hour;
/** One value, then from that minute on another; `_` is none. */
const from = (minute: number, before: number | "_", after: number) => `${before}x${minute * 4 - 1} ${always(after)}`;

export const healthy: Record<string, string> = {
  [primary("-80")]: always(1),
  [primary("80-")]: always(1),
  [lag]: always(0),
  [inUse]: always(40),
  [capacity]: always(300),
  // Before the clock of these cases begins.
  [backup("x-80", 1)]: always(-hour),
  [backup("80-x", 1)]: always(-hour),
  [backup("x-80", 2)]: always(0),
  [backup("80-x", 2)]: always(0),
  [lastGood]: always(-day),
  [created]: always(-30 * day),
};

export const scenarios: Scenario[] = [
  { name: "all is well", changes: {}, minutes: 60, fires: [] },
  {
    name: "a shard's primary is lost and nobody takes its place",
    changes: { [primary("80-")]: "1x40 stale" },
    minutes: 15,
    fires: ["DatabasePrimaryMissing"],
  },
  {
    name: "another primary serves at once",
    changes: { [primary("80-")]: "1x40 _x2 1x300" },
    minutes: 12,
    fires: [],
    almost: "DatabasePrimaryMissing",
  },
  {
    name: "the first failover of a shard",
    changes: { [recovered("RecoverDeadPrimary")]: from(20, "_", 1) },
    minutes: 30,
    fires: ["DatabaseFailover"],
  },
  {
    name: "a further failover",
    changes: { [recovered("RecoverDeadPrimary")]: from(30, 1, 2) },
    minutes: 40,
    fires: ["DatabaseFailover"],
  },
  {
    name: "a replica was repaired",
    changes: { [recovered("FixReplica")]: from(20, "_", 1) },
    minutes: 30,
    fires: [],
    almost: "DatabaseFailover",
  },
  { name: "a replica lags", changes: { [lag]: from(10, 0, 20) }, minutes: 20, fires: ["DatabaseReplicationLag"] },
  {
    name: "a replica lags for a moment",
    changes: { [lag]: `0x39 20x12 ${always(0)}` },
    minutes: 20,
    fires: [],
    almost: "DatabaseReplicationLag",
  },
  {
    name: "few transactions are left",
    changes: { [inUse]: from(10, 40, 270) },
    minutes: 20,
    fires: ["DatabaseConnectionsNearBudget"],
  },
  {
    name: "much is going on",
    changes: { [inUse]: from(10, 40, 230) },
    minutes: 20,
    fires: [],
    almost: "DatabaseConnectionsNearBudget",
  },
  {
    name: "one shard has no backup of the last two intervals",
    changes: { [backup("80-x", 2)]: undefined },
    minutes: 100,
    fires: ["DatabaseBackupTooOld"],
  },
  {
    name: "no backup has ever ended",
    changes: Object.fromEntries(
      [1, 2].flatMap((run) => ["x-80", "80-x"].map((shard) => [backup(shard, run), undefined])),
    ),
    minutes: 60,
    fires: ["DatabaseBackupTooOld"],
  },
  {
    name: "backups are nearly two intervals old",
    changes: {},
    minutes: 119,
    fires: [],
    almost: "DatabaseBackupTooOld",
  },
  { name: "drills fail", changes: { [lastGood]: always(-8 * day) }, minutes: 30, fires: ["DatabaseRestoreNotTried"] },
  {
    name: "no drill has ever been good",
    changes: { [lastGood]: undefined },
    minutes: 30,
    fires: ["DatabaseRestoreNotTried"],
  },
  {
    name: "a database of some days, which had no drill yet",
    changes: { [lastGood]: undefined, [created]: always(-6 * day) },
    minutes: 30,
    fires: [],
    almost: "DatabaseRestoreNotTried",
  },
];
