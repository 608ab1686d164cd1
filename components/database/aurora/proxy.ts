import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AwsPlacement } from "../../data/placement";
import type { DatabaseGroups } from "./network";
import { proxyPercent } from "./sizes";

export interface DatabaseProxyArgs {
  /** Its own name, unique in the account and region. */
  proxyName: string;
  cluster: aws.rds.Cluster;
  instances: aws.rds.ClusterInstance[];
  placement: AwsPlacement;
  groups: DatabaseGroups;
  /** Whether the cluster has a writer. */
  isPrimary: boolean;
}

/** In front of a cluster: shares its connections, keeps clients' through a failover, and lets in who has an IAM role for it. */
export class DatabaseProxy extends pulumi.ComponentResource {
  /** Answers where the cluster has a writer. */
  readonly writerHost: pulumi.Output<string>;
  readonly readerHost: pulumi.Output<string>;
  /** What `rds-db:connect` is allowed by; an account's name is appended. */
  readonly accountArnPrefix: pulumi.Output<string>;

  constructor(name: string, args: DatabaseProxyArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:DatabaseProxy", name, {}, options);
    const { proxyName, cluster, placement, groups } = args;
    const child = { parent: this };
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        assumeRolePolicy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { Service: "rds.amazonaws.com" }, Action: ["sts:AssumeRole"] }],
        }),
      },
      child,
    );
    const accounts = pulumi
      .all([cluster.arn, cluster.clusterResourceId])
      .apply(([arn, id]) => accountArn(arn, id))
      .apply((prefix) => `${prefix}*`);
    const policy = new aws.iam.RolePolicy(
      `${name}-policy`,
      {
        role: role.name,
        // Whoever its own client proved to be: each account is let in by a role of its own before.
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: ["rds-db:connect"], Resource: [accounts] }],
        }),
      },
      child,
    );
    const proxy = new aws.rds.Proxy(
      `${name}-proxy`,
      {
        name: proxyName,
        engineFamily: "POSTGRESQL",
        // From the client to the database: there is no password in between.
        defaultAuthScheme: "IAM_AUTH",
        requireTls: true,
        roleArn: role.arn,
        idleClientTimeout: 900,
        vpcSubnetIds: placement.subnetIds,
        vpcSecurityGroupIds: [groups.proxy.id],
      },
      { ...child, dependsOn: [policy] },
    );
    const targets = new aws.rds.ProxyDefaultTargetGroup(
      `${name}-targets`,
      {
        dbProxyName: proxy.name,
        connectionPoolConfig: {
          maxConnectionsPercent: proxyPercent,
          maxIdleConnectionsPercent: 50,
          // One that can't be had so soon is better refused: its caller has a timeout of its own.
          connectionBorrowTimeout: 5,
        },
      },
      child,
    );
    new aws.rds.ProxyTarget(
      `${name}-target`,
      { dbProxyName: proxy.name, targetGroupName: targets.name, dbClusterIdentifier: cluster.clusterIdentifier },
      { ...child, dependsOn: args.instances },
    );
    const readers = new aws.rds.ProxyEndpoint(
      `${name}-readers`,
      {
        dbProxyName: proxy.name,
        dbProxyEndpointName: `${proxyName}-readers`,
        targetRole: "READ_ONLY",
        vpcSubnetIds: placement.subnetIds,
        vpcSecurityGroupIds: [groups.proxy.id],
      },
      child,
    );
    this.writerHost = proxy.endpoint;
    this.readerHost = readers.endpoint;
    this.accountArnPrefix = proxy.arn.apply((arn) => accountArn(arn, arn.split(":").at(-1) ?? ""));
    this.registerOutputs({ writerHost: this.writerHost, readerHost: this.readerHost });
  }
}

/** Accounts of a cluster or a proxy, by the ARN of either and the id that IAM knows it by. */
export function accountArn(arn: string, resourceId: string): string {
  const [prefix, partition, , region, account] = arn.split(":");
  return [prefix, partition, "rds-db", region, account, "dbuser", `${resourceId}/`].join(":");
}
