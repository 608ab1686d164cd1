import { type ArgumentProblem, wholeNumberProblems } from "../arguments";

export interface SecretKeyReference {
  name: string;
  key: string;
}

/** Copies outside the cluster, in a bucket that is there already. */
export interface BackupArgs {
  bucket: string;
  /** Region of the bucket; `auto` for R2. */
  region: string;
  /** URL of an object store that speaks S3, e.g. R2's. Default: AWS. */
  endpoint?: string;
  /**
   * Key of a Secret in the database's namespace that holds an AWS credentials file. Default: what the namespace's default
   * service account may do by itself.
   */
  credentials?: SecretKeyReference;
  /** Hours from one to the next, which divide a day: 1, 2, 3, 4, 6, 8 or 12. */
  intervalHours: number;
  /** Days after which one is deleted; the newest two stay. From 7 to 365. */
  retentionDays: number;
}

const backupIntervals = [1, 2, 3, 4, 6, 8, 12];

export function backupProblems(path: string, { bucket, intervalHours, retentionDays }: BackupArgs): ArgumentProblem[] {
  const divides = backupIntervals.includes(intervalHours)
    ? []
    : [
        {
          path: `${path}.intervalHours`,
          reason: `is ${intervalHours}, must divide a day: ${backupIntervals.join(", ")}`,
        },
      ];
  return [
    ...(bucket === "" ? [{ path: `${path}.bucket`, reason: "is missing: backups are outside the cluster" }] : []),
    ...divides,
    ...wholeNumberProblems(`${path}.retentionDays`, retentionDays, 7, 365),
  ];
}
