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
