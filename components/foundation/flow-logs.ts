import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { refuse } from "../arguments";
import { type LogKeeping, retentionProblems } from "./log-retention";

export interface FlowLogsArgs extends LogKeeping {
  vpcId: pulumi.Input<string>;
  tags?: Record<string, pulumi.Input<string>>;
}

/** Who talked to whom in a VPC, and what was refused: one line for each flow and ten minutes, in CloudWatch Logs. */
export class FlowLogs extends pulumi.ComponentResource {
  readonly logGroupName: pulumi.Output<string>;

  constructor(name: string, args: FlowLogsArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:FlowLogs", name, {}, options);
    const { vpcId, retentionDays = 30, keyArn, tags = {} } = args;
    refuse(`FlowLogs "${name}"`, retentionProblems("retentionDays", retentionDays));
    const child = { parent: this };
    const group = new aws.cloudwatch.LogGroup(
      `${name}-group`,
      { retentionInDays: retentionDays, ...(keyArn === undefined ? {} : { kmsKeyId: keyArn }), tags },
      child,
    );
    const accountId = aws.getCallerIdentityOutput({}, child).accountId;
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        assumeRolePolicy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "vpc-flow-logs.amazonaws.com" },
              Action: "sts:AssumeRole",
              // Nobody else's flow logs may write by this role.
              Condition: { StringEquals: { "aws:SourceAccount": accountId } },
            },
          ],
        }),
        tags,
      },
      child,
    );
    // https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html, without making log groups.
    const policy = new aws.iam.RolePolicy(
      `${name}-policy`,
      {
        role: role.name,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Action: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
              Resource: pulumi.interpolate`${group.arn}:*`,
            },
          ],
        }),
      },
      child,
    );
    new aws.ec2.FlowLog(
      `${name}-log`,
      {
        vpcId,
        trafficType: "ALL",
        logDestinationType: "cloud-watch-logs",
        logDestination: group.arn,
        iamRoleArn: role.arn,
        maxAggregationInterval: 600,
        tags,
      },
      { ...child, dependsOn: [policy] },
    );
    this.logGroupName = group.name;
    this.registerOutputs({ logGroupName: this.logGroupName });
  }
}
