import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AwsStatement } from "../../data/connection";
import type { MirrorRequest } from "../event-mirror";
import { mskArn } from "./access";
import { createAlarm } from "./alarms";

export interface MskReplicatorArgs extends MirrorRequest {
  clusterArn: pulumi.Input<string>;
  subnetIds: pulumi.Input<string>[];
  securityGroupId: pulumi.Input<string>;
  /** ARN of the topic of SNS that alarms tell. Default: CloudWatch alone shows them. */
  alarmTopicArn?: pulumi.Input<string> | undefined;
}

/** As late as copies may be on Strimzi before its alert says so. */
const lateMilliseconds = 60_000;

/** One MSK Replicator for each source, in the region that it writes to, and an alarm on each. */
export class MskReplicator extends pulumi.ComponentResource {
  constructor(name: string, args: MskReplicatorArgs, options: pulumi.ComponentResourceOptions) {
    super("omega:index:MskReplicator", name, {}, options);
    const { region, sources, topics, groups, clusterArn, subnetIds, securityGroupId, alarmTopicArn } = args;
    const child = { parent: this };
    for (const source of sources) {
      const sourceArn = source.clusterArn ?? "";
      const role = new aws.iam.Role(
        `${name}-${source.region}-role`,
        {
          assumeRolePolicy: JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Principal: { Service: "kafka.amazonaws.com" }, Action: ["sts:AssumeRole"] }],
          }),
        },
        child,
      );
      const policy = new aws.iam.RolePolicy(
        `${name}-${source.region}-policy`,
        {
          role: role.name,
          policy: pulumi.jsonStringify({
            Version: "2012-10-17",
            Statement: replicatorStatements([sourceArn, clusterArn]).map(({ actions, resources }) => ({
              ...{ Effect: "Allow", Action: actions, Resource: resources },
            })),
          }),
        },
        child,
      );
      const replicatorName = `${source.region}-to-${region}`;
      new aws.msk.Replicator(
        `${name}-${source.region}`,
        {
          replicatorName,
          serviceExecutionRoleArn: role.arn,
          kafkaClusters: [
            cluster(sourceArn, source.subnetIds ?? [], source.securityGroupIds ?? []),
            cluster(clusterArn, subnetIds, [securityGroupId]),
          ],
          replicationInfoList: {
            ...{ sourceKafkaClusterArn: sourceArn, targetKafkaClusterArn: clusterArn, targetCompressionType: "NONE" },
            topicReplications: [
              {
                topicsToReplicates: topics,
                // The default is the latest: what was published before the replicator came would be missing for ever.
                startingPosition: { type: "EARLIEST" },
                topicNameConfiguration: { type: "PREFIXED_WITH_SOURCE_CLUSTER_ALIAS" },
                copyTopicConfigurations: true,
                copyAccessControlListsForTopics: false,
                detectAndCopyNewTopics: true,
              },
            ],
            consumerGroupReplications: [{ consumerGroupsToReplicates: groups, synchroniseConsumerGroupOffsets: true }],
          },
        },
        { ...child, dependsOn: [policy] },
      );
      createAlarm(
        `${name}-${source.region}-late`,
        {
          section: "MirrorBehind",
          description: `Copies from ${source.region} come to ${region} more than ${lateMilliseconds} ms late`,
          namespace: "AWS/Kafka",
          metric: "ReplicationLatency",
          dimensions: { ReplicatorName: replicatorName },
          threshold: lateMilliseconds,
          alarmTopicArn,
        },
        child,
      );
    }
    this.registerOutputs({});
  }
}

const cluster = (
  mskClusterArn: pulumi.Input<string>,
  subnetIds: pulumi.Input<string>[],
  securityGroupsIds: pulumi.Input<string>[],
) => ({ amazonMskCluster: { mskClusterArn }, vpcConfig: { subnetIds, securityGroupsIds } });

/**
 * What the service asks for, of both clusters:
 * https://docs.aws.amazon.com/msk/latest/developerguide/msk-replicator-service-execution-role.html
 */
function replicatorStatements(clusterArns: pulumi.Input<string>[]): AwsStatement[] {
  const actions = (...names: string[]) => names.map((action) => `kafka-cluster:${action}`);
  return [
    {
      actions: actions("Connect", "DescribeCluster", "AlterCluster", "WriteDataIdempotently"),
      resources: clusterArns,
    },
    {
      actions: [
        ...actions("DescribeTopic", "CreateTopic", "AlterTopic", "ReadData", "WriteData"),
        ...actions("DescribeTopicDynamicConfiguration", "AlterTopicDynamicConfiguration"),
      ],
      resources: clusterArns.map((arn) => mskArn(arn, "topic", "*")),
    },
    {
      actions: actions("DescribeGroup", "AlterGroup"),
      resources: clusterArns.map((arn) => mskArn(arn, "group", "*")),
    },
  ];
}
