import { type Alert, ticket } from "./alerts";

/** A restore drill of one keyspace. */
export const drillName = (database: string, keyspace: string): string =>
  `${database}-restore-drill-${keyspace.replaceAll("_", "-")}`;

/** Once a week at night, each on another day or hour. */
export const drillSchedule = (index: number): string => `30 ${1 + (Math.floor(index / 7) % 5)} * * ${index % 7}`;

export const drillTimes = {
  timeZone: "Etc/UTC",
  concurrencyPolicy: "Forbid",
  startingDeadlineSeconds: 3600,
  successfulJobsHistoryLimit: 2,
  failedJobsHistoryLimit: 3,
};

const daySeconds = 86_400;

/** For one restore, after which it has failed: the time in which a lost database is promised back, and half of that. */
export const restoreSeconds = 6 * 3600;

/** One restore after another, each with a second try; the Job fails with one that failed twice, after all others were tried. */
export const oneAfterAnother = (restores: number) => ({
  completionMode: "Indexed",
  completions: restores,
  parallelism: 1,
  // Which one is in status.failedIndexes.
  backoffLimitPerIndex: 1,
  // They share a volume: no second one begins while the first is still ending.
  podReplacementPolicy: "Failed",
  // Time for one of them to take its two tries.
  activeDeadlineSeconds: (restores + 1) * restoreSeconds,
});

const toleratedPercent = 1;

/**
 * What a percent of a small table would be less than: what is written from the restored moment on. A restore brings back
 * whole files, so it isn't one small table that lacks a few rows; that none came back at all is told apart.
 */
const toleratedRows = 100;

/**
 * For a drill's script. `lacks_rows <restored> <there>`: whether a table lacks more than 1 % of its rows and more than 100.
 * `nothing_came_back`, after all tables: whether there were rows, and none in what was restored.
 */
export const rowsScript = `all_restored=0
all_there=0
lacks_rows() {
  all_restored="$((all_restored + $1))"
  all_there="$((all_there + $2))"
  missing="$(($2 - $1))"
  [ "$missing" -gt ${toleratedRows} ] && [ "$((missing * 100))" -gt "$(($2 * ${toleratedPercent}))" ]
}
nothing_came_back() { [ "$all_there" -gt 0 ] && [ "$all_restored" = 0 ]; }
`;

/** That a drill's last run was good is the CronJob's own metric; one that has never been good counts from when it was made. */
export function drillAlert(database: string, namespace: string, days: number): Alert {
  const drills = `{namespace="${namespace}", cronjob=~"${drillName(database, ".+")}"}`;
  return {
    alert: "DatabaseRestoreNotTried",
    expr: `time() - (kube_cronjob_status_last_successful_time${drills} or kube_cronjob_created${drills}) > ${days * daySeconds}`,
    for: "15m",
    labels: ticket,
    summary: "No backup was restored lately: {{ $labels.cronjob }}",
    description: `The last good run of {{ $labels.cronjob }} was {{ $value | humanizeDuration }} ago, over ${days} days.`,
  };
}
