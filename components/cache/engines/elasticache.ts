import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, wholeNumberProblems } from "../../arguments";
import { dataOptions } from "../../data/protection";
import { recoveryAnnotations } from "../../data/recovery";
import type { CacheEngineArgs, CacheServer } from "./engine";

/** Where a cache in AWS is, and who it is there. */
export interface CachePlacement {
  /** No other cache of the account in this AWS region has it: up to 32 lower-case letters, digits and dashes. */
  identifier: string;
  vpcId: pulumi.Input<string>;
  /** IPv4 block of the VPC: nobody else reaches it. */
  cidrBlock: string;
  /** In two zones at least, each with a copy. */
  subnetIds: pulumi.Input<string>[];
  /** ECPUs a second at most: one reads or writes 1 KB. Default 100,000, from 1000 to 15,000,000. */
  ecpuPerSecond?: number;
}

export interface ElastiCacheEngineArgs extends CacheEngineArgs {
  placement: CachePlacement;
}

const ports = { writer: 6379, reader: 6380 };
const engine = "valkey";
const userName = "services";
/** Not what empties or inspects the whole cache; INFO by itself, which clients ask for at their start. */
const accessString = "on ~* &* +@all -@dangerous +info";

/** A cache that AWS runs: it grows and shrinks by itself, with copies in all zones of its subnets. */
export class ElastiCacheEngine extends pulumi.ComponentResource {
  readonly server: CacheServer;

  constructor(name: string, args: ElastiCacheEngineArgs, options: pulumi.ComponentResourceOptions) {
    super("omega:index:ElastiCacheEngine", name, {}, options);
    const { password, gibibytes, snapshots, recovery, placement } = args;
    const { identifier, vpcId, cidrBlock, subnetIds, ecpuPerSecond = 100_000 } = placement;
    const child = { parent: this };
    const tags = { Name: identifier };

    const key = new aws.kms.Key(
      `${name}-key`,
      { description: `Cache ${identifier}`, enableKeyRotation: true, tags },
      // Without it what the cache keeps can't be read.
      { ...child, ...dataOptions(args) },
    );
    const securityGroup = new aws.ec2.SecurityGroup(
      `${name}-security-group`,
      {
        vpcId,
        description: `Cache ${identifier}`,
        ingress: [
          {
            protocol: "tcp",
            fromPort: ports.writer,
            toPort: ports.reader,
            cidrBlocks: [cidrBlock],
            description: "VPC",
          },
        ],
        egress: [],
        tags,
      },
      child,
    );
    const user = new aws.elasticache.User(
      `${name}-user`,
      {
        ...{ userId: `${identifier}-user`, userName, engine, accessString, tags },
        authenticationMode: { type: "password", passwords: [password] },
      },
      child,
    );
    const users = new aws.elasticache.UserGroup(
      `${name}-users`,
      { userGroupId: `${identifier}-users`, engine, userIds: [user.userId], tags },
      child,
    );
    const cache = new aws.elasticache.ServerlessCache(
      `${name}-cache`,
      {
        engine,
        majorEngineVersion: "8",
        description: `Cache ${identifier}`,
        cacheUsageLimits: {
          dataStorage: { maximum: gibibytes, unit: "GB" },
          ecpuPerSeconds: [{ maximum: ecpuPerSecond }],
        },
        kmsKeyId: key.arn,
        securityGroupIds: [securityGroup.id],
        subnetIds,
        userGroupId: users.userGroupId,
        ...(snapshots === undefined ? {} : { dailySnapshotTime: "03:00", snapshotRetentionLimit: 1 }),
        tags: { ...tags, ...recoveryAnnotations(recovery) },
      },
      { ...child, ...dataOptions(args) },
    );

    this.server = {
      endpoint: { host: addressOf(cache.endpoints), port: ports.writer, startsWithTls: true },
      reader: { host: addressOf(cache.readerEndpoints), port: ports.reader, startsWithTls: true },
      userName,
      isClustered: true,
    };
    this.registerOutputs({});
  }
}

const addressOf = (endpoints: pulumi.Output<{ address: string }[]>): pulumi.Output<string> =>
  endpoints.apply(([first]) => first?.address ?? "");

export function placementProblems(path: string, placement: CachePlacement | undefined): ArgumentProblem[] {
  if (placement === undefined) return [];
  const { identifier, subnetIds, ecpuPerSecond } = placement;
  const problems = wholeNumberProblems(`${path}.ecpuPerSecond`, ecpuPerSecond, 1000, 15_000_000);
  if (!/^[a-z](?!.*--)[a-z0-9-]{0,30}[a-z0-9]$/.test(identifier)) {
    const reason = `"${identifier}" must be 2 to 32 lower-case letters, digits and single dashes, a letter first`;
    problems.push({ path: `${path}.identifier`, reason });
  }
  if (subnetIds.length < 2)
    problems.push({ path: `${path}.subnetIds`, reason: "must be two at least, each in a zone" });
  return problems;
}
