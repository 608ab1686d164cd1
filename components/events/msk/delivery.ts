import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { EventArchive } from "../archive/event-archive";
import { mskArn } from "./access";

export interface DeliveryRequest {
  archive: EventArchive;
  /** Names of the topics. */
  topics: string[];
}

export interface MskDeliveryArgs extends DeliveryRequest {
  clusterArn: pulumi.Input<string>;
}

/** Seconds and mebibytes after which Firehose writes what it has: the earlier one counts. */
const buffer = { bufferingInterval: 300, bufferingSize: 64 };

/** A Firehose stream for each topic, from the moment on at which it is made. */
export class MskDelivery extends pulumi.ComponentResource {
  constructor(name: string, args: MskDeliveryArgs, options: pulumi.ComponentResourceOptions) {
    super("omega:index:MskDelivery", name, {}, options);
    const { archive, topics, clusterArn } = args;
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
        resources: topics.map((topic) => mskArn(clusterArn, "topic", topic)),
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
    for (const topic of topics) {
      const { name: logStreamName } = new aws.cloudwatch.LogStream(
        `${name}-${topic}-log`,
        { logGroupName: logs.name, name: topic },
        child,
      );
      new aws.kinesis.FirehoseDeliveryStream(
        `${name}-${topic}`,
        {
          destination: "extended_s3",
          mskSourceConfiguration: {
            mskClusterArn: clusterArn,
            topicName: topic,
            authenticationConfiguration: { connectivity: "PRIVATE", roleArn: role.arn },
          },
          extendedS3Configuration: {
            ...{ ...buffer, bucketArn: archive.bucketArn, roleArn: role.arn, kmsKeyArn: archive.keyArn },
            compressionFormat: "GZIP",
            prefix: `${topic}/!{timestamp:yyyy/MM/dd/HH}/`,
            errorOutputPrefix: `failed/${topic}/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/`,
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
        { ...child, dependsOn: [policy] },
      );
    }
    this.registerOutputs({});
  }
}
