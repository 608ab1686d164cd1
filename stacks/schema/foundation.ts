import { z } from "zod";
import { AccessLevel } from "../../components/foundation/cluster-access";
import { principal } from "../../components/foundation/cluster-problems";
import { DataClass, defaultDataClasses } from "../../components/foundation/data-keys";
import { retentionChoices } from "../../components/foundation/log-retention";
import { defaultInterfaceEndpoints, endpointService } from "../../components/foundation/vpc-endpoints";
import { dnsLabel } from "./common";

const logDays = (days: number) =>
  z
    .int()
    .refine((value) => retentionChoices.includes(value), `must be one of ${retentionChoices.join(", ")}`)
    .default(days);

const subnetIds = z.array(z.string().regex(/^subnet-[0-9a-f]{8,17}$/, "must be the id of a subnet")).min(2);

/** Of a region: one that is there already, and whatever logs, routes and endpoints it has. */
export const networkSchema = z
  .strictObject({
    vpcId: z.string().regex(/^vpc-[0-9a-f]{8,17}$/, "must be the id of a VPC"),
    privateSubnetIds: subnetIds.describe("For nodes and pods, one a zone"),
    dataSubnetIds: subnetIds.describe("For databases, brokers and caches, one a zone, without a route to the internet"),
  })
  .describe("A VPC that is there already, whose block is cidrBlock; default: one is made");

export const foundationSchema = z
  .strictObject({
    flowLogRetentionDays: logDays(30).describe("Days for which the VPC's flow logs are kept"),
    interfaceEndpoints: z
      .array(z.string().regex(endpointService, "must be a service such as ecr.api"))
      .exactOptional()
      .describe(
        `AWS services that the VPC reaches without NAT, each paid for by zone and hour; default: ${defaultInterfaceEndpoints.join(", ")}`,
      ),
    clusterLogRetentionDays: logDays(90).describe("Days for which the control plane's logs are kept"),
    access: z
      .array(
        z.strictObject({
          principalArn: z.string().regex(principal, "must be the ARN of an IAM role or user"),
          level: z.enum(AccessLevel),
          namespaces: z.array(dnsLabel).min(1).exactOptional().describe("view alone; default: all"),
        }),
      )
      .default([])
      .describe("Who gets into the clusters, beside who makes them: don't name that one"),
    dataKeys: z
      .array(z.enum(DataClass))
      .default(defaultDataClasses)
      .describe("Classes of data with a KMS key of their own"),
    backups: z
      .strictObject({
        retentionDays: z.int().min(7).max(3650).default(35),
        lockDays: z.int().min(1).max(3650).default(7).describe("Days before which nobody deletes a backup"),
        hour: z.int().min(0).max(23).default(3).describe("UTC"),
        copies: z
          .record(dnsLabel, dnsLabel)
          .default({})
          .describe("By region, the one whose vault has a copy too; copies fail until its stack is there"),
      })
      .exactOptional()
      .describe("AWS Backup, of all clusters of RDS and volumes of EBS with the stack's tags; default: none"),
    guardDuty: z.boolean().default(false).describe("False where an organisation has it for all of its accounts"),
    trail: z
      .strictObject({
        region: dnsLabel.describe("The region whose stack makes it: it is for all regions of the account"),
        retentionDays: z.int().min(90).max(3650).default(400),
      })
      .exactOptional()
      .describe("CloudTrail; default: none, where an organisation has one"),
  })
  .describe("What a region in AWS has before its cluster; only where cluster.source is eks");

const tagValue = z.string().regex(/^[\w .:/=+@-]{1,256}$/, "must be a value of a tag: letters, digits and ' _.:/=+-@'");

export const costSchema = z
  .strictObject({
    owner: tagValue.describe("Team that answers for it: tag omega-platform:owner"),
    costCenter: tagValue.describe("Who pays: tag omega-platform:cost-center"),
    monthlyBudgetUsd: z.int().min(1).max(100_000_000).exactOptional().describe("Of each region; default: no budget"),
    notificationEmail: z.email().exactOptional().describe("Told at 80 and 100 % of the budget; needed with one"),
  })
  .describe("Tags by which costs are told apart, and budgets");
