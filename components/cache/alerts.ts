import { type Alert, alertGroup, defaultRunbooksUrl } from "../observability/alerts";
import { type PodMonitorArgs, type RuleGroup, Severity } from "../observability/prometheus-operator";
import type { CacheSettings } from "./settings";
import { EvictionPolicy } from "./engines/engine";

const job = "regional-cache";

/** Of Dragonfly's pods, at the port that takes no TLS and lets in Prometheus' namespace alone. */
export function cacheMonitorSpec(cache: string): PodMonitorArgs["spec"] {
  return {
    selector: { matchLabels: { app: cache, "app.kubernetes.io/name": "dragonfly" } },
    sampleLimit: 5000,
    podMetricsEndpoints: [
      {
        port: "admin",
        interval: "15s",
        relabelings: [
          { targetLabel: "job", replacement: job },
          { targetLabel: "cache", replacement: cache },
        ],
      },
    ],
  };
}

interface CacheAlertArgs extends CacheSettings {
  name: string;
  namespace: string;
}

type CacheAlert = Omit<Alert, "labels"> & { severity: Severity };

const { Page, Ticket } = Severity;

/** What to tell people of a cache, each with the address of its section in the runbooks. */
export function cacheAlerts(args: CacheAlertArgs, runbooksUrl = defaultRunbooksUrl): RuleGroup[] {
  const { name, namespace } = args;
  const alerts = [...lossAlerts(args), ...memoryAlerts(args), ...snapshotAlerts(args)].map(
    ({ severity, ...alert }) => ({
      ...alert,
      labels: { severity, namespace, cache: name },
    }),
  );
  return [alertGroup(`omega-cache-${name}`, alerts, runbooksUrl)];
}

const seriesOf =
  ({ name, namespace }: CacheAlertArgs) =>
  (metric: string) =>
    `dragonfly_${metric}{job="${job}",namespace="${namespace}",cache="${name}"}`;

function lossAlerts(args: CacheAlertArgs): CacheAlert[] {
  const { name, replicas } = args;
  const series = seriesOf(args);
  const down: CacheAlert = {
    alert: "CacheDown",
    expr: `absent(${series("master")} == 1)`,
    for: "2m",
    severity: Page,
    summary: `${name}: no primary answers`,
    description: "Nothing can be written, and every answer is made anew from the data.",
  };
  if (replicas === 1) return [down];
  return [
    down,
    {
      alert: "CacheReplicaMissing",
      expr: `(count(${series("master")} == 0) or vector(0)) < ${replicas - 1}`,
      for: "10m",
      severity: Ticket,
      summary: `${name}: replicas are missing`,
      description: `{{ $value }} of ${replicas - 1} replicas follow the primary: with none, its loss is that of the cache.`,
    },
    {
      alert: "CacheReplicaLagging",
      expr: `max(${series("connected_replica_lag_records")}) > ${laggingRecords}`,
      for: "5m",
      severity: Ticket,
      summary: `${name}: a replica lags`,
      description: "{{ $value | humanize }} changes have not reached a replica: its readers see what is old.",
    },
  ];
}

/** Seconds of a busy primary. */
const laggingRecords = 100_000;

/** A cache that drops what is least used has nine tenths of its memory in use; one that drops nothing must have room. */
function memoryAlerts(args: CacheAlertArgs): CacheAlert[] {
  const { name, evictionPolicy } = args;
  const series = seriesOf(args);
  const most = evictionPolicy === EvictionPolicy.Never ? 0.8 : 0.97;
  const full: CacheAlert = {
    alert: "CacheMemoryFull",
    expr: `max(${series("memory_used_bytes")} / ${series("memory_max_bytes")}) > ${most}`,
    for: "10m",
    severity: Ticket,
    summary: `${name}: memory is nearly full`,
    description: "{{ $value | humanizePercentage }} of what data may take is in use: soon writes are refused.",
  };
  const refusing: CacheAlert = {
    alert: "CacheRefusesWrites",
    expr: `sum(rate(${series("oom_errors_total")}[5m])) > 0`,
    for: "5m",
    severity: Ticket,
    summary: `${name}: writes are refused`,
    description: "{{ $value | humanize }} writes a second are refused for want of memory.",
  };
  if (evictionPolicy === EvictionPolicy.Never) return [full, refusing];
  const rate = (metric: string, offset = "") => `sum(rate(${series(metric)}[30m]${offset}))`;
  const hitShare = (offset = "") =>
    `${rate("keyspace_hits_total", offset)} / (${rate("keyspace_hits_total", offset)} + ${rate("keyspace_misses_total", offset)})`;
  const yesterday = " offset 1d";
  return [
    full,
    refusing,
    {
      alert: "CacheTooSmall",
      expr:
        `${hitShare()} < 0.9 * (${hitShare(yesterday)}) ` +
        `and ${rate("evicted_keys_total")} > 1.5 * ${rate("evicted_keys_total", yesterday)}`,
      for: "30m",
      severity: Ticket,
      summary: `${name}: it drops what is still asked for`,
      description:
        "{{ $value | humanizePercentage }} of the reads find something, fewer than yesterday, and more is evicted.",
    },
  ];
}

function snapshotAlerts(args: CacheAlertArgs): CacheAlert[] {
  const { name, snapshots } = args;
  if (snapshots === undefined) return [];
  const series = seriesOf(args);
  const minutes = 2 * snapshots.everyMinutes + 5;
  const taken = (metric: string) => `increase(${series(metric)}[${minutes}m])`;
  return [
    {
      alert: "CacheSnapshotTooOld",
      // A pod that has just started has taken none, and need not have.
      expr:
        `max(${taken("backups_total")} - ${taken("failed_backups_total")}) < 0.5 ` +
        `and max(${series("uptime_in_seconds")}) > ${60 * minutes}`,
      for: "5m",
      severity: Ticket,
      summary: `${name}: its snapshots are too old`,
      description: `No pod has written a snapshot for ${minutes} minutes: a restart of all of them would begin empty.`,
    },
  ];
}
