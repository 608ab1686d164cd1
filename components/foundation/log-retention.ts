import type * as pulumi from "@pulumi/pulumi";
import type { ArgumentProblem } from "../arguments";

/** How CloudWatch Logs keeps something. */
export interface LogKeeping {
  /** Days, one of those that CloudWatch Logs knows. Default 90 for a control plane, 30 for a network's flows. */
  retentionDays?: number;
  /** KMS key that CloudWatch Logs may use. Default: CloudWatch's own. */
  keyArn?: pulumi.Input<string>;
}

/** What CloudWatch Logs keeps logs for: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
export const retentionChoices: readonly number[] = [
  ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731],
  ...[1096, 1827, 2192, 2557, 2922, 3288, 3653],
];

export function retentionProblems(path: string, days: number | undefined): ArgumentProblem[] {
  if (days === undefined || retentionChoices.includes(days)) return [];
  return [{ path, reason: `is ${days}, must be one of ${retentionChoices.join(", ")} days` }];
}
