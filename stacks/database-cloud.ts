import { AuroraCluster, DatabaseEngine, PodRole, type ShardedDatabaseArgs } from "../components";
import { drillStatements } from "../components/database/aurora/restore-drill";
import { auroraJobsAccount } from "../components/database/engines/aurora";
import { connectionBudget } from "../components/database/problems";
import type { RegionCloud } from "./cluster";
import type { PlatformConfig } from "./config";
import { databaseName } from "./database-parts";
import type { DatabaseSection, RegionSection } from "./schema";

/** Without credentials in the file, Vitess' pods reach the backups' bucket by a role. */
export function allowBackups(
  part: string,
  { engine, vitess, namespace }: DatabaseSection,
  { name }: RegionSection,
  cloud: RegionCloud,
): void {
  const store = engine === DatabaseEngine.Vitess ? vitess?.backups.buckets[name] : undefined;
  if (store === undefined || store.credentials !== undefined || store.endpoint !== undefined) return;
  const bucket = `arn:aws:s3:::${store.bucket}`;
  new PodRole(
    `${part}-backups`,
    {
      // The operator gives its pods no other account.
      ...{ clusterName: cloud.clusterName, namespace, serviceAccount: "default" },
      statements: [
        { actions: ["s3:ListBucket", "s3:GetBucketLocation"], resources: [bucket] },
        { actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], resources: [`${bucket}/*`] },
      ],
    },
    cloud.options,
  );
}

/** What AWS runs of it, and what its jobs may do there. */
export function buildAurora(
  part: string,
  section: DatabaseSection,
  { environment }: Pick<PlatformConfig, "environment">,
  args: ShardedDatabaseArgs,
  { options, region: awsRegion, cidrBlock, vpcId, dataSubnetIds, clusterName }: RegionCloud,
): AuroraCluster {
  const { aurora } = section;
  const isGlobal = args.regions.length > 1 && args.keyspaces.some(({ spansRegions = true }) => spansRegions);
  // Those of the database of all services are the environment's alone, as they were when there was no other.
  const globalName = part === databaseName ? environment : `${environment}-${part}`;
  const topic = aurora.alarmTopics[args.region];
  const cluster = new AuroraCluster(
    part,
    {
      clusterName: `${globalName}-${args.region}`,
      placement: { region: awsRegion, cidrBlock, vpcId, subnetIds: dataSubnetIds, clusterName },
      ...(isGlobal ? { globalName } : {}),
      isPrimary: !isGlobal || (aurora.writerRegion ?? aurora.primaryRegion) === args.region,
      ownsGlobal: isGlobal && aurora.primaryRegion === args.region,
      ...(isGlobal ? { failoverOrder: aurora.failoverOrder } : {}),
      ...(args.size === undefined ? {} : { size: args.size }),
      ...{ instances: aurora.instances, retentionDays: aurora.retentionDays, engineVersion: aurora.engineVersion },
      protectData: args.protectData ?? true,
      // Of a region by another one's promotion; of a cluster alone by bringing it back to its last minutes.
      recovery: isGlobal ? { pointSeconds: 60, timeSeconds: 900 } : { pointSeconds: 300, timeSeconds: 4 * 3600 },
      connectionBudget: connectionBudget(args),
      ...(topic === undefined ? {} : { alarmTopicArn: topic }),
    },
    options,
  );
  const { connection } = cluster;
  if (connection.masterSecretArn !== undefined) {
    new PodRole(
      `${part}-jobs`,
      {
        ...{ clusterName, namespace: section.namespace, serviceAccount: auroraJobsAccount },
        statements: [
          { actions: ["rds-data:ExecuteStatement"], resources: [connection.clusterArn] },
          { actions: ["secretsmanager:GetSecretValue"], resources: [connection.masterSecretArn] },
          // To read the secret, and to restore a copy that this key encrypts.
          { actions: ["kms:Decrypt", "kms:DescribeKey", "kms:CreateGrant"], resources: [connection.keyArn] },
          ...drillStatements(connection),
        ],
      },
      options,
    );
  }
  return cluster;
}
