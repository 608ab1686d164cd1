import type { ArgumentProblem } from "../arguments";

/** Copies of the data on disks, for a start that isn't cold. */
export interface Snapshots {
  /**
   * Minutes from one to the next, which divide an hour or a day. Default 30: with copies that live an hour an older one is of
   * no use. ElastiCache takes one a day.
   */
  everyMinutes?: number;
  /** Of the volumes, Dragonfly only. Default: the cluster's default StorageClass. */
  storageClassName?: string;
}

const dayMinutes = 1440;

export const isDaily = ({ everyMinutes }: Snapshots): boolean => everyMinutes === dayMinutes;

/** As cron has it, at minutes that are the same each day. */
export function snapshotSchedule(everyMinutes: number): string {
  if (everyMinutes === dayMinutes) return "0 0 * * *";
  return everyMinutes < 60 ? `*/${everyMinutes} * * * *` : `0 */${everyMinutes / 60} * * *`;
}

export function snapshotProblems(path: string, { everyMinutes }: Snapshots): ArgumentProblem[] {
  if (everyMinutes === undefined) return [];
  const dividesHour = everyMinutes >= 5 && everyMinutes <= 60 && 60 % everyMinutes === 0;
  const dividesDay = everyMinutes > 60 && everyMinutes % 60 === 0 && dayMinutes % everyMinutes === 0;
  if (dividesHour || dividesDay) return [];
  const reason = `is ${everyMinutes}, must be 5 to 60 minutes that divide an hour, or hours that divide a day`;
  return [{ path: `${path}.everyMinutes`, reason }];
}
