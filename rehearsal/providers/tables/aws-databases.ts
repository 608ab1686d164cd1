import { databaseAccessTypes, databaseHost, databaseIdentifier, listOf } from "./aws-database-access";
import { arn, digest, missing, regional, regionOf, tagsAll } from "./aws-facts";
import { between, everyOne, matches, oneOf } from "./checks";
import { type Described, type Facts, type Neighbours, replaces, type ResourceType, updates } from "./table";

const subnet = "aws:ec2/subnet:Subnet";
const subnetGroup = "aws:rds/subnetGroup:SubnetGroup";
const parameterGroup = "aws:rds/clusterParameterGroup:ClusterParameterGroup";
const cluster = "aws:rds/cluster:Cluster";
const instance = "aws:rds/clusterInstance:ClusterInstance";

const dailyWindow = matches(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, "HH:MM-HH:MM");
const engine = oneOf("aurora-mysql", "aurora-postgresql", "mysql", "postgres");
const rdsArn = (kind: string) => (facts: Described) => arn("rds", facts, `${kind}:${facts.id}`);
const resourceId = (prefix: string) => (facts: Described) =>
  `${prefix}-${digest(facts.id + regionOf(facts), 26).toUpperCase()}`;

function refuseSubnets({ inputs }: Facts, neighbours: Neighbours): string | undefined {
  const ids = listOf(inputs.subnetIds);
  const absent = ids.map((id) => missing(neighbours, subnet, id, "InvalidSubnet")).find((one) => one !== undefined);
  if (absent !== undefined) return absent;
  const zones = neighbours(subnet).filter(({ id }) => ids.includes(id));
  return new Set(zones.map(({ properties }) => properties.availabilityZone)).size < 2
    ? "DBSubnetGroupDoesNotCoverEnoughAZs: the subnet group must cover at least two Availability Zones"
    : undefined;
}

/** A Global Database is of all regions, and neighbours are of one: whether it exists can't be told here. */
function refuseCluster({ inputs }: Facts, neighbours: Neighbours): string | undefined {
  const isManaged = inputs.manageMasterUserPassword === true;
  // https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html#rds-secrets-manager-limitations
  if (isManaged && inputs.globalClusterIdentifier !== undefined) {
    return "InvalidParameterCombination: a cluster of a global database can't have its password managed by RDS";
  }
  if (isManaged && inputs.masterPassword !== undefined) {
    return "InvalidParameterCombination: MasterUserPassword and ManageMasterUserPassword exclude each other";
  }
  return (
    missing(neighbours, subnetGroup, inputs.dbSubnetGroupName, "DBSubnetGroupNotFoundFault") ??
    missing(neighbours, parameterGroup, inputs.dbClusterParameterGroupName, "DBClusterParameterGroupNotFound")
  );
}

export const databaseTypes: Record<string, ResourceType> = {
  [subnetGroup]: {
    inputs: { ...replaces("name namePrefix region"), ...updates("description subnetIds tags") },
    required: ["subnetIds"],
    defaults: (settings) => ({ description: "Managed by Pulumi", ...regional(settings) }),
    autonamed: { property: "name" },
    checks: { name: matches(/^[a-z0-9][a-z0-9 ._-]{0,254}$/, "lower-case letters, digits and ' ._-'") },
    id: ({ inputs }) => String(inputs.name),
    refuses: refuseSubnets,
    taken: (id) => `DBSubnetGroupAlreadyExists: The DB subnet group '${id}' already exists.`,
    outputs: { arn: rdsArn("subgrp"), supportedNetworkTypes: () => ["IPV4"], vpcId: () => "", tagsAll },
  },
  [parameterGroup]: {
    inputs: { ...replaces("description family name namePrefix region"), ...updates("parameters tags") },
    required: ["family"],
    defaults: (settings) => ({ description: "Managed by Pulumi", ...regional(settings) }),
    autonamed: { property: "name" },
    checks: { family: matches(/^aurora-(postgresql\d+|mysql\d+\.\d+)$/, "a family such as aurora-postgresql17") },
    id: ({ inputs }) => String(inputs.name),
    taken: (id) => `DBParameterGroupAlreadyExists: Parameter group ${id} already exists`,
    outputs: { arn: rdsArn("cluster-pg"), tagsAll },
  },
  "aws:rds/globalCluster:GlobalCluster": {
    inputs: {
      ...replaces("databaseName engine globalClusterIdentifier region sourceDbClusterIdentifier storageEncrypted"),
      ...updates("deletionProtection engineLifecycleSupport engineVersion forceDestroy tags"),
    },
    required: ["globalClusterIdentifier"],
    defaults: regional,
    checks: { globalClusterIdentifier: databaseIdentifier, engine },
    id: ({ inputs }) => String(inputs.globalClusterIdentifier),
    taken: (id) => `GlobalClusterAlreadyExistsFault: Global cluster ${id} already exists`,
    outputs: {
      arn: (facts) => arn("rds", facts, `global-cluster:${facts.id}`, ""),
      endpoint: (facts) => `${facts.id}.global-${digest(facts.id, 12)}.global.rds.amazonaws.com`,
      engineVersionActual: ({ inputs }) => inputs.engineVersion,
      globalClusterMembers: () => [],
      globalClusterResourceId: resourceId("cluster"),
      tagsAll,
    },
  },
  [cluster]: {
    inputs: {
      ...replaces("clusterIdentifier databaseName dbSubnetGroupName engine engineMode kmsKeyId masterUsername region"),
      ...replaces("replicationSourceIdentifier snapshotIdentifier storageEncrypted"),
      ...updates("backupRetentionPeriod copyTagsToSnapshot dbClusterParameterGroupName deleteAutomatedBackups"),
      ...updates("deletionProtection enableGlobalWriteForwarding enableHttpEndpoint enabledCloudwatchLogsExports"),
      ...updates("engineVersion finalSnapshotIdentifier globalClusterIdentifier iamDatabaseAuthenticationEnabled"),
      ...updates("manageMasterUserPassword masterPassword masterUserSecretKmsKeyId performanceInsightsEnabled"),
      ...updates("performanceInsightsKmsKeyId port preferredBackupWindow preferredMaintenanceWindow"),
      ...updates("applyImmediately skipFinalSnapshot tags vpcSecurityGroupIds"),
    },
    required: ["engine"],
    defaults: regional,
    autonamed: { property: "clusterIdentifier" },
    checks: {
      engine,
      clusterIdentifier: databaseIdentifier,
      finalSnapshotIdentifier: databaseIdentifier,
      backupRetentionPeriod: between(1, 35),
      preferredBackupWindow: dailyWindow,
      engineMode: oneOf("provisioned", "serverless", "global", "parallelquery"),
      enabledCloudwatchLogsExports: everyOne(oneOf("postgresql", "audit", "error", "general", "slowquery", "instance")),
    },
    id: ({ inputs }) => String(inputs.clusterIdentifier),
    refuses: refuseCluster,
    taken: (id) => `DBClusterAlreadyExistsFault: DB Cluster already exists: ${id}`,
    outputs: {
      arn: rdsArn("cluster"),
      availabilityZones: () => [],
      clusterMembers: () => [],
      clusterResourceId: resourceId("cluster"),
      endpoint: (facts) => databaseHost(facts, `${facts.id}.cluster`),
      engineVersionActual: ({ inputs }) => inputs.engineVersion,
      hostedZoneId: () => "Z2R2ITUGPM61AM",
      masterUserSecrets: (facts) =>
        facts.inputs.manageMasterUserPassword === true
          ? [
              {
                kmsKeyId: facts.inputs.masterUserSecretKmsKeyId,
                secretArn: arn("secretsmanager", facts, `secret:rds!cluster-${digest(facts.id, 32)}`),
                secretStatus: "active",
              },
            ]
          : [],
      readerEndpoint: (facts) => databaseHost(facts, `${facts.id}.cluster-ro`),
      tagsAll,
    },
    secrets: ["masterPassword"],
  },
  [instance]: {
    inputs: {
      ...replaces("clusterIdentifier dbSubnetGroupName engine identifier publiclyAccessible region"),
      ...updates("applyImmediately autoMinorVersionUpgrade caCertIdentifier copyTagsToSnapshot instanceClass"),
      ...updates("performanceInsightsEnabled performanceInsightsKmsKeyId promotionTier tags"),
    },
    required: ["clusterIdentifier", "engine", "instanceClass"],
    defaults: regional,
    autonamed: { property: "identifier" },
    checks: {
      engine,
      identifier: databaseIdentifier,
      instanceClass: matches(/^db\.([a-z0-9]+\.[a-z0-9]+|serverless)$/, "a class such as db.r8g.large"),
      promotionTier: between(0, 15),
    },
    id: ({ inputs }) => String(inputs.identifier),
    refuses: ({ inputs }, neighbours) =>
      missing(neighbours, cluster, inputs.clusterIdentifier, "DBClusterNotFoundFault"),
    taken: (id) => `DBInstanceAlreadyExists: DB instance already exists: ${id}`,
    outputs: {
      arn: rdsArn("db"),
      dbiResourceId: resourceId("db"),
      endpoint: (facts) => databaseHost(facts, facts.id),
      port: () => 5432,
      writer: ({ inputs }) => inputs.promotionTier === 0,
      tagsAll,
    },
  },
  ...databaseAccessTypes,
};
