import * as pulumi from "@pulumi/pulumi";

/** Services of AWS that come to the brokers from networks of their own: replicators of other regions, and Firehose. */
export function readersOf({ isShared, isArchived }: { isShared: boolean; isArchived: boolean }): string[] {
  return [...(isShared ? ["kafka.amazonaws.com"] : []), ...(isArchived ? ["firehose.amazonaws.com"] : [])];
}

/** Lets them find the brokers and connect to them. */
export function readersPolicy(clusterArn: pulumi.Output<string>, services: string[]): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: services },
        Action: ["kafka:CreateVpcConnection", "kafka:GetBootstrapBrokers", "kafka:DescribeClusterV2"],
        Resource: clusterArn,
      },
    ],
  });
}
