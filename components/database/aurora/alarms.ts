import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

interface AlarmArgs {
  clusterName: string;
  isPrimary: boolean;
  isGlobal: boolean;
  connectionBudget: number;
  alarmTopicArn?: pulumi.Input<string>;
}

interface Alarm {
  /** Section of docs/runbooks.md. */
  section: string;
  /** Of its name, where a section has several. */
  suffix?: string;
  description: string;
  metric: string;
  dimensions: Record<string, string>;
  statistic: "Average" | "Maximum" | "Minimum";
  comparison: "GreaterThanThreshold" | "LessThanThreshold";
  threshold: number;
  minutes: number;
  /** What it means that there is no value. */
  missing: "breaching" | "notBreaching";
}

const replicaLagMilliseconds = 1000;
const regionLagMilliseconds = 10_000;

/** By the names of the alerts that Prometheus has of a database in the cluster. */
function alarmsOf({ clusterName, isPrimary, isGlobal, connectionBudget }: AlarmArgs): Alarm[] {
  const dimensions = { DBClusterIdentifier: clusterName };
  const ofRole = (role: "WRITER" | "READER") => ({ ...dimensions, Role: role });
  const above = { comparison: "GreaterThanThreshold", missing: "notBreaching" } as const;
  return [
    ...(isPrimary
      ? [
          {
            section: "DatabasePrimaryMissing",
            description: `${clusterName} has no writer`,
            metric: "EngineUptime",
            dimensions: ofRole("WRITER"),
            statistic: "Minimum",
            comparison: "LessThanThreshold",
            threshold: 1,
            minutes: 2,
            missing: "breaching",
          } as const,
        ]
      : []),
    {
      ...above,
      section: "DatabaseReplicationLag",
      description: `A replica of ${clusterName} is more than ${replicaLagMilliseconds} ms behind`,
      metric: "AuroraReplicaLagMaximum",
      dimensions,
      statistic: "Maximum",
      threshold: replicaLagMilliseconds,
      minutes: 5,
    },
    ...(isGlobal && !isPrimary
      ? [
          {
            ...above,
            section: "DatabaseReplicationLag",
            suffix: "-of-region",
            description: `${clusterName} is more than ${regionLagMilliseconds} ms behind the writing region`,
            metric: "AuroraGlobalDBReplicationLag",
            dimensions,
            statistic: "Maximum",
            threshold: regionLagMilliseconds,
            minutes: 5,
          } as const,
        ]
      : []),
    {
      ...above,
      section: "DatabaseConnectionsNearBudget",
      description: `${clusterName} has four in five of the connections that services may have, which are ${connectionBudget}`,
      metric: "DatabaseConnections",
      dimensions: ofRole(isPrimary ? "WRITER" : "READER"),
      statistic: "Maximum",
      threshold: Math.floor(0.8 * connectionBudget),
      minutes: 5,
    },
  ];
}

export function createAlarms(name: string, args: AlarmArgs, options: pulumi.CustomResourceOptions): void {
  const actions = args.alarmTopicArn === undefined ? [] : [args.alarmTopicArn];
  for (const alarm of alarmsOf(args)) {
    const { section, suffix = "" } = alarm;
    new aws.cloudwatch.MetricAlarm(
      `${name}-${section}${suffix}`,
      {
        name: `${args.clusterName}-${section}${suffix}`,
        alarmDescription: `${alarm.description}. See ${section} in docs/runbooks.md.`,
        namespace: "AWS/RDS",
        metricName: alarm.metric,
        dimensions: alarm.dimensions,
        statistic: alarm.statistic,
        comparisonOperator: alarm.comparison,
        threshold: alarm.threshold,
        period: 60,
        evaluationPeriods: alarm.minutes,
        treatMissingData: alarm.missing,
        alarmActions: actions,
        okActions: actions,
      },
      options,
    );
  }
  if (args.alarmTopicArn === undefined) return;
  new aws.rds.EventSubscription(
    `${name}-failovers`,
    {
      name: `${args.clusterName}-failovers`,
      snsTopic: args.alarmTopicArn,
      sourceType: "db-cluster",
      sourceIds: [args.clusterName],
      eventCategories: ["failover", "failure", "global-failover"],
    },
    options,
  );
}
