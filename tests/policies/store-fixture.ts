import type { ResourceUnderTest } from "../../policies/rules";
import { cloud, kept, objectives, spread } from "./production";
import { annotated, resource } from "./workload-fixture";

const cells = ["zone1", "zone2", "zone3"];
const pools = [
  ...cells.map((cell) => ({ cell, type: "replica", replicas: 1 })),
  { cell: "zone1", type: "rdonly", replicas: 1 },
];

const databases: readonly ResourceUnderTest[] = [
  kept(
    annotated(
      resource(
        "planetscale.com/v2:VitessCluster",
        "shop",
        {
          backup: {
            locations: [{ s3: { bucket: "backups", region: "us-east-1" } }],
            schedules: [
              { name: "daily", schedule: "0 2 * * *", strategies: [] },
              { name: "old", schedule: "0 3 * * *", strategies: [], suspend: true },
            ],
          },
          cells: cells.map((name) => ({
            name,
            zone: `us-east-1${name.at(-1)}`,
            gateway: {
              replicas: 2,
              authentication: { static: { secret: { name: "users", key: "users.json" } } },
              secureTransport: { required: true, tls: { certSecret: { name: "tls", key: "tls.crt" } } },
            },
          })),
          keyspaces: [
            {
              name: "commerce",
              durabilityPolicy: "cross_cell",
              partitionings: [{ equal: { parts: 4, shardTemplate: { tabletPools: pools } } }],
            },
            {
              name: "lookup",
              durabilityPolicy: "semi_sync",
              turndownPolicy: "RequireIdle",
              partitionings: [{ custom: { shards: [{ keyRange: {}, tabletPools: pools }] } }],
            },
          ],
        },
        "database",
      ),
      objectives,
    ),
  ),
  cloud("rds/cluster:Cluster", "ledger", {
    clusterIdentifier: "ledger",
    engine: "aurora-postgresql",
    dbClusterParameterGroupName: "ledger",
    storageEncrypted: true,
    kmsKeyId: "arn:aws:kms:us-east-1:111122223333:key/ledger",
    backupRetentionPeriod: 14,
    deletionProtection: true,
    skipFinalSnapshot: false,
    deleteAutomatedBackups: false,
    tags: objectives,
  }),
  ...["a", "b"].map((letter) =>
    cloud("rds/clusterInstance:ClusterInstance", `ledger-${letter}`, {
      clusterIdentifier: "ledger",
      availabilityZone: `us-east-1${letter}`,
      publiclyAccessible: false,
    }),
  ),
  // Its instances are its own.
  cloud("rds/cluster:Cluster", "reports", {
    clusterIdentifier: "reports",
    engine: "mysql",
    dbClusterInstanceClass: "db.r6gd.large",
    dbClusterParameterGroupName: "reports",
    storageEncrypted: true,
    kmsKeyId: "arn:aws:kms:us-east-1:111122223333:key/ledger",
    backupRetentionPeriod: 7,
    deletionProtection: true,
    deleteAutomatedBackups: false,
    tags: objectives,
  }),
  cloud("rds/clusterParameterGroup:ClusterParameterGroup", "ledger", {
    family: "aurora-postgresql17",
    parameters: [{ name: "rds.force_ssl", value: "1" }],
  }),
  cloud("rds/clusterParameterGroup:ClusterParameterGroup", "reports", {
    family: "mysql8.4",
    parameters: [
      { name: "max_connections", value: "500" },
      { name: "require_secure_transport", value: "ON" },
    ],
  }),
  cloud("rds/globalCluster:GlobalCluster", "ledger", { globalClusterIdentifier: "ledger", deletionProtection: true }),
  cloud("rds/proxy:Proxy", "ledger", { name: "ledger", requireTls: true }),
  kept(
    Object.assign(resource("storage.k8s.io/v1:StorageClass", "gp3", {}), {
      props: {
        metadata: { name: "gp3" },
        provisioner: "ebs.csi.eks.amazonaws.com",
        parameters: { type: "gp3", encrypted: "true" },
        reclaimPolicy: "Retain",
      },
    }),
  ),
  cloud("s3/bucket:Bucket", "archive", { bucket: "archive" }),
  cloud("s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", "archive", {
    bucket: "archive",
    rules: [
      {
        applyServerSideEncryptionByDefault: {
          sseAlgorithm: "aws:kms",
          kmsMasterKeyId: "arn:aws:kms:us-east-1:111122223333:key/archive",
        },
      },
    ],
  }),
];

const caches: readonly ResourceUnderTest[] = [
  annotated(
    resource(
      "dragonflydb.io/v1alpha1:Dragonfly",
      "regional",
      {
        replicas: 3,
        args: ["--cache_mode=true", "--maxmemory=800mb"],
        authentication: { passwordFromSecret: { name: "cache", key: "password" } },
        tlsSecretRef: { name: "cache-tls" },
        ...spread,
      },
      "cache",
    ),
    objectives,
  ),
  cloud("elasticache/serverlessCache:ServerlessCache", "regional", {
    engine: "valkey",
    userGroupId: "services",
    subnetIds: ["subnet-a", "subnet-b"],
    kmsKeyId: "arn:aws:kms:us-east-1:111122223333:key/cache",
    cacheUsageLimits: { dataStorage: { maximum: 10, unit: "GB" }, ecpuPerSeconds: [{ maximum: 5000 }] },
    tags: objectives,
  }),
  cloud("elasticache/replicationGroup:ReplicationGroup", "sessions", {
    engine: "valkey",
    userGroupIds: ["services"],
    transitEncryptionEnabled: true,
    atRestEncryptionEnabled: true,
    kmsKeyId: "arn:aws:kms:us-east-1:111122223333:key/cache",
    automaticFailoverEnabled: true,
    multiAzEnabled: true,
    tags: objectives,
  }),
  // Everybody's, and switched off.
  cloud("elasticache/user:User", "default", { accessString: "off ~* -@all", noPasswordRequired: true }),
  cloud("elasticache/user:User", "catalog", { accessString: "on ~* +@all", passwords: ["a".repeat(16)] }),
];

/** Databases and caches in the cluster and in a cloud, with each kind of thing that the policies must leave alone. */
export const dataStores: readonly ResourceUnderTest[] = [...databases, ...caches];
