import * as pulumi from "@pulumi/pulumi";
import type { AwsStatement } from "../../data/connection";
import { type EventClientPlan, TopicRight } from "../event-plan";

type MskResource = "topic" | "group";

/** A topic or group in a cluster: AWS makes no resource of it, but names it after the cluster. */
export function mskArn(clusterArn: pulumi.Input<string>, kind: MskResource, name: string): pulumi.Output<string> {
  return pulumi.output(clusterArn).apply((arn) => `${arn.replace(":cluster/", `:${kind}/`)}/${name}`);
}

const actions: Record<TopicRight, string> = {
  [TopicRight.Consume]: "kafka-cluster:ReadData",
  [TopicRight.Publish]: "kafka-cluster:WriteData",
  [TopicRight.Delete]: "kafka-cluster:DeleteTopic",
};

/** What a client was granted, in IAM's words: one statement for each set of rights. */
export function clientStatements(
  clusterArn: pulumi.Input<string>,
  { topics, groups, managedGroups = [] }: Pick<EventClientPlan, "topics" | "groups" | "managedGroups">,
): AwsStatement[] {
  const publishes = topics.some(({ rights }) => rights.includes(TopicRight.Publish));
  const sets = [
    [TopicRight.Publish],
    [TopicRight.Consume],
    [TopicRight.Publish, TopicRight.Consume],
    [TopicRight.Consume, TopicRight.Delete],
  ];
  const statements = sets.map((set) => ({
    actions: ["kafka-cluster:DescribeTopic", ...set.map((right) => actions[right])],
    resources: topics
      .filter(({ rights }) => rights.length === set.length && set.every((right) => rights.includes(right)))
      .map(({ topic }) => mskArn(clusterArn, "topic", topic)),
  }));
  return [
    {
      actions: ["kafka-cluster:Connect", ...(publishes ? ["kafka-cluster:WriteDataIdempotently"] : [])],
      resources: [clusterArn],
    },
    ...statements,
    {
      actions: ["kafka-cluster:DescribeGroup", "kafka-cluster:AlterGroup"],
      resources: groups.map((group) => mskArn(clusterArn, "group", group)),
    },
    {
      actions: ["kafka-cluster:DescribeGroup", "kafka-cluster:DeleteGroup"],
      resources: managedGroups.map((group) => mskArn(clusterArn, "group", group)),
    },
  ].filter(({ resources }) => resources.length > 0);
}

/** Of what looks at offsets and lags alone. */
export function observerStatements(clusterArn: pulumi.Input<string>): AwsStatement[] {
  return [
    { actions: ["kafka-cluster:Connect", "kafka-cluster:DescribeCluster"], resources: [clusterArn] },
    { actions: ["kafka-cluster:DescribeTopic"], resources: [mskArn(clusterArn, "topic", "*")] },
    { actions: ["kafka-cluster:DescribeGroup"], resources: [mskArn(clusterArn, "group", "*")] },
  ];
}
