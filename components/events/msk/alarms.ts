import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

interface MskAlarm {
  /** Section of docs/runbooks.md. */
  section: string;
  description: string;
  namespace: "AWS/Kafka" | "AWS/Firehose";
  metric: string;
  dimensions: Record<string, pulumi.Input<string>>;
  /** In the metric's own unit: what is more, for ten minutes, alarms. */
  threshold: number;
  /** ARN of a topic of SNS. Default: CloudWatch alone shows it. */
  alarmTopicArn: pulumi.Input<string> | undefined;
}

/** On what AWS moves out of a topic, which Prometheus sees nothing of. */
export function createAlarm(name: string, alarm: MskAlarm, options: pulumi.CustomResourceOptions): void {
  const actions = alarm.alarmTopicArn === undefined ? [] : [alarm.alarmTopicArn];
  new aws.cloudwatch.MetricAlarm(
    name,
    {
      alarmDescription: `${alarm.description}. See ${alarm.section} in docs/runbooks.md.`,
      namespace: alarm.namespace,
      metricName: alarm.metric,
      dimensions: alarm.dimensions,
      statistic: "Maximum",
      comparisonOperator: "GreaterThanThreshold",
      threshold: alarm.threshold,
      // Firehose writes each five minutes, and may have a value no more often: in a minute without one nothing would be wrong.
      period: 300,
      evaluationPeriods: 2,
      // Without messages there may be none at all.
      treatMissingData: "notBreaching",
      alarmActions: actions,
      okActions: actions,
    },
    options,
  );
}
