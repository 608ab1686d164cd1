import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { dataOptions, deletableAnnotations, type ProtectionArgs } from "../../data/protection";
import { recoveryAnnotations, type RecoveryObjectives, recoveryProblems } from "../../data/recovery";
import { refuse, wholeNumberProblems } from "../../arguments";
import type { AwsPlacement } from "../../data/placement";
import { Size } from "../../service/size";
import { createAlarms } from "./alarms";
import { masterCredentials } from "./master";
import { auroraPort, createGroups } from "./network";
import { accountArn, DatabaseProxy } from "./proxy";
import { auroraSize } from "./sizes";

export interface AuroraClusterArgs extends ProtectionArgs {
  /** The cluster's own name, e.g. `prod-us-east-database`: unique in the account and region. */
  clusterName: string;
  placement: AwsPlacement;
  /** Of the Global Database, where the data spans regions: unique in the account. Default: this region is alone. */
  globalName?: string;
  /** Whether it is the region that writes now, or the only one. */
  isPrimary: boolean;
  /**
   * Whether the Global Database is made here: by the region that wrote at first, whichever writes later. Default: as `isPrimary`
   * says.
   */
  ownsGlobal?: boolean;
  /** Regions in the order in which they are promoted when the writing one is lost: a tag, for whoever does. Default none. */
  failoverOrder?: string[];
  /** Default small: 2 vCPU and 16 GiB an instance. */
  size?: Size;
  /** Instances, each in another zone, the first of which writes. Default 3, from 2 to 15. */
  instances?: number;
  /** Days to any moment of which it can be brought back. Default 14, from 7 to 35. */
  retentionDays?: number;
  /** PostgreSQL's version when the cluster is made: one that is there is upgraded by AWS, or by hand. Default 17.5. */
  engineVersion?: string;
  /** Promised for the loss of the cluster, or of the region where there are others. */
  recovery: RecoveryObjectives;
  /** Topic of SNS that alarms tell. Default: CloudWatch shows them to who looks. */
  alarmTopicArn?: pulumi.Input<string>;
  /** Connections that all services' pools add up to at most; an alarm tells when four in five are there. */
  connectionBudget: number;
}

/** How everything else reaches it. */
export interface AuroraConnection {
  region: string;
  clusterName: string;
  clusterArn: pulumi.Output<string>;
  /** Takes writes: the proxy's own in the primary region, the cluster's in others, which forwards them. */
  writerHost: pulumi.Output<string>;
  /** Replicas of this region. */
  readerHost: pulumi.Output<string>;
  /** What a service's account is allowed by: its name is appended. */
  accountArnPrefixes: pulumi.Output<string>[];
  /** Secret of Secrets Manager with the master's credentials; none in a region that doesn't write. */
  masterSecretArn?: pulumi.Output<string>;
  keyArn: pulumi.Output<string>;
  subnetGroupName: pulumi.Output<string>;
  securityGroupId: pulumi.Output<string>;
  instanceClass: string;
}

const engine = "aurora-postgresql";

/**
 * Aurora PostgreSQL over the zones of one region: alone, or as the writing or a reading part of a Global Database. Services
 * come through a proxy with their IAM roles and by TLS. All that AWS runs of a database is here.
 */
export class AuroraCluster extends pulumi.ComponentResource {
  readonly connection: AuroraConnection;

  constructor(name: string, args: AuroraClusterArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:AuroraCluster", name, {}, options);
    const { instances = 3, retentionDays = 14, size = Size.Small, engineVersion = "17.5" } = args;
    refuse(`AuroraCluster "${name}"`, [
      ...wholeNumberProblems("instances", instances, 2, 15),
      ...wholeNumberProblems("retentionDays", retentionDays, 7, 35),
      ...recoveryProblems("recovery", args.recovery),
    ]);
    const { clusterName, placement, isPrimary, globalName, failoverOrder = [] } = args;
    const child = { parent: this };
    const kept = { ...child, ...dataOptions(args) };
    const isKept = args.protectData ?? true;
    const tags = {
      ...{ ...recoveryAnnotations(args.recovery), ...deletableAnnotations(args), Name: clusterName },
      // Commas are not allowed in a tag.
      ...(failoverOrder.length === 0 ? {} : { "omega-platform/failover-order": failoverOrder.join(" ") }),
    };

    const key = new aws.kms.Key(
      `${name}-key`,
      { description: `Database ${clusterName}`, enableKeyRotation: true, deletionWindowInDays: 30 },
      kept,
    );
    const subnets = new aws.rds.SubnetGroup(
      `${name}-subnets`,
      { name: clusterName, description: "Data subnets", subnetIds: placement.subnetIds },
      child,
    );
    // In a region that only reads, writes go to the cluster itself: proxies forward none.
    const groups = createGroups(name, { placement, isDirect: !isPrimary }, child);
    const parameters = new aws.rds.ClusterParameterGroup(
      `${name}-parameters`,
      {
        name: clusterName,
        family: `${engine}${engineVersion.split(".")[0] ?? ""}`,
        description: "TLS only; slow statements and logins are logged",
        parameters: Object.entries(clusterParameters).map(([parameter, value]) => ({ name: parameter, value })),
      },
      // That of the version with which the cluster was made: it is in use.
      { ...child, ignoreChanges: ["family"] },
    );
    const globalCluster =
      globalName === undefined || !(args.ownsGlobal ?? isPrimary)
        ? undefined
        : new aws.rds.GlobalCluster(
            `${name}-global`,
            {
              globalClusterIdentifier: globalName,
              ...{ engine, engineVersion, storageEncrypted: true, deletionProtection: isKept },
            },
            { ...kept, ignoreChanges: ["engineVersion"] },
          );
    const master = isPrimary
      ? masterCredentials(name, { clusterName, keyArn: key.arn, isGlobal: globalName !== undefined }, child)
      : undefined;
    const logs = new aws.cloudwatch.LogGroup(
      `${name}-logs`,
      { name: `/aws/rds/cluster/${clusterName}/postgresql`, retentionInDays: 30 },
      child,
    );
    const cluster = new aws.rds.Cluster(
      `${name}-cluster`,
      {
        clusterIdentifier: clusterName,
        ...{ engine, engineVersion, engineMode: "provisioned", port: auroraPort },
        ...(globalName === undefined
          ? {}
          : { globalClusterIdentifier: globalCluster?.globalClusterIdentifier ?? globalName }),
        ...(master?.clusterArgs ?? { enableGlobalWriteForwarding: true }),
        ...{ storageEncrypted: true, kmsKeyId: key.arn },
        dbSubnetGroupName: subnets.name,
        vpcSecurityGroupIds: [groups.database.id],
        dbClusterParameterGroupName: parameters.name,
        iamDatabaseAuthenticationEnabled: true,
        // The Data API, by which migrations run without a connection.
        enableHttpEndpoint: true,
        backupRetentionPeriod: retentionDays,
        ...{ preferredBackupWindow: "02:00-03:00", preferredMaintenanceWindow: "sun:04:00-sun:05:00" },
        ...{ copyTagsToSnapshot: true, deleteAutomatedBackups: !isKept, deletionProtection: isKept },
        skipFinalSnapshot: false,
        // Otherwise a change waits for the maintenance window, and the update that says it is done is not.
        applyImmediately: true,
        finalSnapshotIdentifier: `${clusterName}-final`,
        enabledCloudwatchLogsExports: ["postgresql"],
        ...{ performanceInsightsEnabled: true, performanceInsightsKmsKeyId: key.arn },
        tags,
      },
      {
        ...kept,
        dependsOn: [logs],
        // A minor version comes by itself, or in a Global Database by hand; the writing region moves by a command (both in
        // docs/restore.md); and a password that was rotated must not come back.
        ignoreChanges: ["engineVersion", "globalClusterIdentifier", "replicationSourceIdentifier", "masterPassword"],
        customTimeouts: { create: "120m", update: "120m", delete: "120m" },
      },
    );
    const { instanceClass } = auroraSize(size);
    const created = Array.from(
      { length: instances },
      (_, index) =>
        new aws.rds.ClusterInstance(
          `${name}-instance-${index}`,
          {
            identifier: `${clusterName}-${index}`,
            clusterIdentifier: cluster.clusterIdentifier,
            ...{ engine: aws.rds.EngineType.AuroraPostgresql, instanceClass, promotionTier: index },
            dbSubnetGroupName: subnets.name,
            ...{ publiclyAccessible: false, autoMinorVersionUpgrade: true, copyTagsToSnapshot: true },
            ...{ performanceInsightsEnabled: true, performanceInsightsKmsKeyId: key.arn },
            caCertIdentifier: "rds-ca-rsa2048-g1",
            applyImmediately: true,
          },
          { ...child, customTimeouts: { create: "60m", update: "60m", delete: "60m" } },
        ),
    );
    const proxy = new DatabaseProxy(
      `${name}-proxy`,
      { proxyName: clusterName, cluster, placement, groups, isPrimary, instances: created },
      child,
    );
    createAlarms(name, { ...args, clusterName, isGlobal: globalName !== undefined }, { ...child, dependsOn: created });

    const accounts = pulumi.all([cluster.arn, cluster.clusterResourceId]).apply(([arn, id]) => accountArn(arn, id));
    this.connection = {
      ...{ region: placement.region, clusterName, clusterArn: cluster.arn, instanceClass },
      writerHost: isPrimary ? proxy.writerHost : cluster.readerEndpoint,
      readerHost: proxy.readerHost,
      accountArnPrefixes: isPrimary ? [proxy.accountArnPrefix] : [proxy.accountArnPrefix, accounts],
      ...(master === undefined ? {} : { masterSecretArn: master.secretArnOf(cluster) }),
      ...{ keyArn: key.arn, subnetGroupName: subnets.name, securityGroupId: groups.database.id },
    };
    this.registerOutputs({ writerHost: this.connection.writerHost, readerHost: this.connection.readerHost });
  }
}

const clusterParameters = {
  "rds.force_ssl": "1",
  log_connections: "1",
  log_disconnections: "1",
  log_min_duration_statement: "1000",
  // A transaction that nobody ends holds its rows, and its connection from everybody's budget.
  idle_in_transaction_session_timeout: "60000",
};
