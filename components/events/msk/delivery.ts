import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { archiveFolders, type EventArchive } from "../archive/event-archive";
import { TopicKind } from "../topics";
import { mskArn } from "./access";
import { createAlarm } from "./alarms";

export interface ArchivedTopic {
  name: string;
  /** What of it is kept for ever. Default stream. */
  kind?: TopicKind | undefined;
  /** The topic itself, which must be there before anything reads it. Default: it is there. */
  resource?: pulumi.Resource;
}

export interface DeliveryRequest {
  archive: EventArchive;
  topics: ArchivedTopic[];
}

export interface MskDeliveryArgs extends DeliveryRequest {
  clusterArn: pulumi.Input<string>;
  /** What lets Firehose in at the brokers. */
  access: pulumi.Resource[];
  /** ARN of the topic of SNS that alarms tell. Default: CloudWatch alone shows them. */
  alarmTopicArn?: pulumi.Input<string> | undefined;
}

/** Seconds and mebibytes after which Firehose writes what it has: the earlier one counts. */
const buffer = { bufferingInterval: 300, bufferingSize: 64 };

/** Seconds. Firehose's own advice is to be told of more than the longest buffering, which is 15 minutes. */
const lateSeconds = 900;

/** Firehose would begin when the stream is active; the epoch stands for the oldest message that the topic has. */
const oldestMessage = "1970-01-01T00:00:00Z";

/** A Firehose stream for each topic, from the oldest message on that the topic has, and an alarm on each. */
export class MskDelivery extends pulumi.ComponentResource {
  constructor(name: string, args: MskDeliveryArgs, options: pulumi.ComponentResourceOptions) {
    super("omega:index:MskDelivery", name, {}, options);
    const { archive, topics, clusterArn, access, alarmTopicArn } = args;
    const child = { parent: this };
    const logs = new aws.cloudwatch.LogGroup(`${name}-logs`, { retentionInDays: 30 }, child);
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        assumeRolePolicy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            { Effect: "Allow", Principal: { Service: "firehose.amazonaws.com" }, Action: ["sts:AssumeRole"] },
          ],
        }),
      },
      child,
    );
    const statements = [
      ...archive.writerStatements,
      {
        actions: [
          "kafka:GetBootstrapBrokers",
          "kafka:DescribeCluster",
          "kafka:DescribeClusterV2",
          "kafka-cluster:Connect",
        ],
        resources: [clusterArn],
      },
      {
        actions: [
          "kafka-cluster:DescribeTopic",
          "kafka-cluster:DescribeTopicDynamicConfiguration",
          "kafka-cluster:ReadData",
        ],
        // A role's own policy has 10,240 characters: no room for each name.
        resources: [mskArn(clusterArn, "topic", "*")],
      },
      // Firehose names its groups itself.
      { actions: ["kafka-cluster:DescribeGroup"], resources: [mskArn(clusterArn, "group", "*")] },
      { actions: ["logs:PutLogEvents"], resources: [pulumi.interpolate`${logs.arn}:*`] },
    ];
    const policy = new aws.iam.RolePolicy(
      `${name}-policy`,
      {
        role: role.name,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: statements.map(({ actions, resources }) => ({
            ...{ Effect: "Allow", Action: actions, Resource: resources },
          })),
        }),
      },
      child,
    );
    for (const { name: topic, kind, resource } of topics) {
      const { name: logStreamName } = new aws.cloudwatch.LogStream(
        `${name}-${topic}-log`,
        { logGroupName: logs.name, name: topic },
        child,
      );
      const folder = kind === TopicKind.EventStore ? archiveFolders.kept : archiveFolders.expiring;
      const { name: streamName } = new aws.kinesis.FirehoseDeliveryStream(
        `${name}-${topic}`,
        {
          destination: "extended_s3",
          mskSourceConfiguration: {
            mskClusterArn: clusterArn,
            topicName: topic,
            readFromTimestamp: oldestMessage,
            authenticationConfiguration: { connectivity: "PRIVATE", roleArn: role.arn },
          },
          extendedS3Configuration: {
            ...{ ...buffer, bucketArn: archive.bucketArn, roleArn: role.arn, kmsKeyArn: archive.keyArn },
            compressionFormat: "GZIP",
            prefix: `${folder}/events/${topic}/!{timestamp:yyyy/MM/dd/HH}/`,
            errorOutputPrefix: `${folder}/failed/${topic}/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/`,
            cloudwatchLoggingOptions: { enabled: true, logGroupName: logs.name, logStreamName },
            processingConfiguration: {
              enabled: true,
              processors: [
                {
                  type: "AppendDelimiterToRecord",
                  parameters: [{ parameterName: "Delimiter", parameterValue: "\\n" }],
                },
              ],
            },
          },
        },
        // A stream that may not read yet gives up.
        { ...child, dependsOn: [policy, ...access, ...(resource === undefined ? [] : [resource])] },
      );
      createAlarm(
        `${name}-${topic}-late`,
        {
          section: "ArchiveBehind",
          description: `Of ${topic} there is something that waits for more than ${lateSeconds} s to be archived`,
          namespace: "AWS/Firehose",
          metric: "DeliveryToS3.DataFreshness",
          dimensions: { DeliveryStreamName: streamName },
          threshold: lateSeconds,
          alarmTopicArn,
        },
        child,
      );
    }
    this.registerOutputs({});
  }
}
