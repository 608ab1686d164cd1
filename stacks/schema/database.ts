import { z } from "zod";
import {
  ColumnType,
  Consistency,
  DatabaseEngine,
  Dialect,
  Durability,
  ExternalProduct,
  KeyspaceIsolation,
  ReadPreference,
  Size,
} from "../../components";
import { dnsLabel } from "./common";

const identifier = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, "must be lower-case letters, digits and underscores")
  .describe("Lower-case letters, digits and underscores");

const host = z
  .string()
  .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/, "must be a host name such as db.example.com");

const secretKey = z.strictObject({ name: dnsLabel, key: z.string().min(1) });

const tableSchema = z.strictObject({
  name: identifier.describe("Name of the table, e.g. order_items"),
  columns: z
    .array(
      z.strictObject({
        name: identifier,
        type: z.enum(ColumnType),
        length: z.int().min(1).max(4096).exactOptional().describe("Characters of a text; default 255"),
        isNullable: z.boolean().default(false),
      }),
    )
    .min(1)
    .describe("Without the tenant's, which a shared database adds"),
  primaryKey: z.array(identifier).min(1),
  shardingColumn: identifier
    .exactOptional()
    .describe("By whose value rows are spread; default: the first of the primary key"),
  indexes: z
    .array(z.strictObject({ columns: z.array(identifier).min(1), isUnique: z.boolean().default(false) }))
    .default([]),
});

const keyspaceSchema = z.strictObject({
  name: identifier.describe("Name of the keyspace, e.g. orders: what services call their database"),
  shards: z.int().min(1).default(1).describe("Equal parts of its rows: a power of two; never changed in place"),
  reshardTo: z.int().min(1).exactOptional().describe("Shards that its rows move to, beside the present ones"),
  spansRegions: z.boolean().default(true).describe("false: each region has rows of its own"),
  tenantIsolation: z
    .enum(KeyspaceIsolation)
    .exactOptional()
    .describe("by-tenant: as each tenant's own isolation says; default: its rows are nobody's in particular"),
  tables: z.array(tableSchema).default([]),
});

const vitessSchema = z
  .strictObject({
    zones: z
      .record(dnsLabel, z.array(z.string().min(1)).min(1))
      .describe("Zones of the cluster of each region, e.g. us-east: [us-east-1a, us-east-1b, us-east-1c]"),
    durability: z
      .enum(Durability)
      .default(Durability.CrossCell)
      .describe("What a write waits for: cross_cell is a replica in another zone"),
    batchReplicas: z.int().min(0).max(10).default(1).describe("Replicas of each shard for background work alone"),
    gatewayReplicas: z.int().min(2).max(50).default(2).describe("Gateways of each zone"),
    backups: z
      .strictObject({
        buckets: z
          .record(
            dnsLabel,
            z.strictObject({
              bucket: z.string().min(1).describe("Bucket that is there already, outside the cluster"),
              region: z.string().min(1).describe("Of the bucket; auto for R2"),
              endpoint: z.url().exactOptional().describe("Of an object store that speaks S3, e.g. R2; default: AWS"),
              credentials: secretKey
                .exactOptional()
                .describe(
                  "Secret in the database's namespace with an AWS credentials file; default: the pods' own role",
                ),
            }),
          )
          .describe("Bucket of each region's backups: rows are to stay where they are"),
        intervalHours: z.int().min(1).max(12).default(6).describe("From one to the next; they divide a day"),
        retentionDays: z.int().min(7).max(365).default(30).describe("After which one is deleted; two stay"),
      })
      .describe("Each begins by restoring the one before"),
  })
  .exactOptional()
  .describe("Of the engine vitess, whose operator the cluster must have");

const auroraSchema = z
  .strictObject({
    primaryRegion: dnsLabel
      .exactOptional()
      .describe(
        "The region that made the Global Database and writes at first; needed where there are several; never changed",
      ),
    writerRegion: dnsLabel
      .exactOptional()
      .describe("The region that writes now, after a failover or a switchover; default: primaryRegion"),
    failoverOrder: z
      .array(dnsLabel)
      .default([])
      .describe("The other regions, in the order in which they are to be promoted when the writing one is lost"),
    instances: z.int().min(2).max(15).default(3).describe("Of each region, over its zones; the first one writes"),
    retentionDays: z.int().min(7).max(35).default(14).describe("To any moment of which it can be brought back"),
    engineVersion: z
      .string()
      .regex(/^\d+\.\d+$/, "must be a version of PostgreSQL, like 17.5")
      .default("17.5")
      .describe("Of a cluster that is made; one that is there is upgraded by AWS, or by hand"),
    alarmTopics: z
      .record(dnsLabel, z.string().regex(/^arn:[\w-]+:sns:/, "must be the ARN of a topic of SNS"))
      .default({})
      .describe("Topic of SNS that alarms tell, by region; default: CloudWatch alone shows them"),
  })
  .prefault({})
  .describe("Of the engine aurora");

const externalSchema = z
  .strictObject({
    product: z.enum(ExternalProduct).describe("What it is: what may be asked of it"),
    dialect: z.enum(Dialect),
    writerHost: host.describe("Takes writes"),
    readers: z
      .array(z.strictObject({ region: dnsLabel, host }))
      .default([])
      .describe("Where each region reads; default: from the writer"),
    port: z.int().min(1).max(65_535).exactOptional().describe("Default 3306 for MySQL, 5432 for PostgreSQL"),
    username: z.string().min(1).describe("Account of the services"),
    password: secretKey.describe("Its password, in a Secret of the services' namespace"),
    authoritySecretName: dnsLabel
      .exactOptional()
      .describe("Secret of both namespaces whose ca.crt its certificate is checked against; default: public ones"),
    connectionBudget: z.int().min(1).max(100_000).describe("Connections that it accepts from all services together"),
    adminSecretName: dnsLabel
      .exactOptional()
      .describe("Secret of the database's namespace with username and password for migrations; default: none are made"),
    adminDatabase: z.string().min(1).exactOptional().describe("That administrators connect to; default postgres"),
  })
  .exactOptional()
  .describe("Of the engine external");

export const databaseSchema = z
  .strictObject({
    engine: z
      .enum(DatabaseEngine)
      .describe(
        "vitess: MySQL in the cluster; aurora: PostgreSQL of AWS, with cluster.source eks; external: any other",
      ),
    namespace: dnsLabel.default("database").describe("Namespace that is made for the database alone"),
    keyspaces: z.array(keyspaceSchema).min(1),
    tenants: z
      .array(dnsLabel)
      .exactOptional()
      .describe("Tenants that have schemas or databases of their own; default: those of the section tenants"),
    size: z.enum(Size).default(Size.Small).describe("Of each instance; what that is depends on the engine"),
    gibibytes: z.int().min(1).max(65_536).default(50).describe("Volume of each replica of vitess"),
    storageClassName: z.string().min(1).exactOptional().describe("Of these; default: the cluster's own default"),
    drillDays: z.int().min(7).max(365).default(14).describe("After which a restore that was tried is too long ago"),
    vitess: vitessSchema,
    aurora: auroraSchema,
    external: externalSchema,
  })
  .describe("The services' database; a service has its own section database for its use of it");

export const serviceDatabaseSchema = z
  .strictObject({
    keyspace: identifier.describe("Keyspace that it reads and writes; no other"),
    consistency: z
      .enum(Consistency)
      .default(Consistency.Strong)
      .describe("What its reads must see: all writes, all but those of the last 30 s, or all at some time"),
    reads: z.enum(ReadPreference).default(ReadPreference.Primary).describe("Where it reads"),
    connectionsPerReplica: z.int().min(1).max(500).default(5).describe("Of each of its replicas at most"),
  })
  .exactOptional()
  .describe("Its use of the database; default none");
