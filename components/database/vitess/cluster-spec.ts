import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { gracePeriodSeconds } from "../../service/pod";
import { Size } from "../../service/size";
import type { BackupArgs } from "../backups";
import { partitionings, shardRanges } from "../shards";
import { accessFiles, accessFolder, type DatabaseAccessRules } from "./access";
import { memoryOptions, storeResources, vitessSize } from "./sizes";
import { cellName, type Durability, replicasPerShard, spreadOverZones } from "./topology";
import type { SecretSource, TabletPool, VitessCell, VitessClusterArgs, VitessKeyspace } from "./vitess-cluster";

export interface VitessKeyspacePlan {
  /** As Vitess knows it. */
  name: string;
  shards: number;
  reshardTo?: number;
  access: DatabaseAccessRules;
  /** ConfigMap with its access files. */
  accessConfigMapName: pulumi.Input<string>;
}

export interface ClusterSpecArgs {
  zones: string[];
  keyspaces: VitessKeyspacePlan[];
  durability: Durability;
  size: Size;
  /** Replicas for long reads, of each shard; none is ever the primary. */
  batchReplicas: number;
  gatewayReplicas: number;
  gibibytes: number;
  storageClassName?: pulumi.Input<string>;
  image: pulumi.Input<string>;
  backups: BackupArgs;
  usersSecret: SecretSource;
  initScriptSecret: SecretSource;
  certificateSecretName: string;
  isProtected: boolean;
}

/** Seconds that a replica may lag behind its primary before it is left out: what bounded staleness means. */
export const stalenessSeconds = 30;

/** A cluster over the zones, each a cell with its own gateways and its share of each shard's replicas. */
export function vitessClusterSpec(args: ClusterSpecArgs): VitessClusterArgs["spec"] {
  const { image, backups, zones, size } = args;
  const cells = zones.map(cellName);
  return {
    images: {
      ...{ vtctld: image, vtgate: image, vttablet: image, vtorc: image, vtbackup: image },
      mysqld: { mysql80Compatible: image },
    },
    backup: {
      engine: "builtin",
      locations: [
        {
          s3: {
            ...{ bucket: backups.bucket, region: backups.region },
            ...(backups.endpoint === undefined ? {} : { endpoint: backups.endpoint }),
            ...(backups.credentials === undefined ? {} : { authSecret: backups.credentials }),
          },
        },
      ],
      schedules: [
        {
          name: "all-shards",
          schedule: `0 */${backups.intervalHours} * * *`,
          strategies: args.keyspaces.flatMap((keyspace) =>
            shardsOf(keyspace).map((shard) => ({
              ...{ name: `${keyspace.name}-${safeName(shard)}`.replaceAll("_", "-"), keyspace: keyspace.name, shard },
            })),
          ),
          // It restores the newest backup, catches up and uploads the next one: each run proves the last one's worth.
          resources: storeResources(vitessSize(size).mysqld),
          concurrencyPolicy: "Forbid",
          jobTimeoutMinute: 60 * backups.intervalHours,
          successfulJobsHistoryLimit: 2,
          failedJobsHistoryLimit: 3,
        },
      ],
    },
    globalLockserver: {
      etcd: {
        createPDB: true,
        resources: storeResources({ cpu: "200m", memory: "512Mi" }),
        dataVolumeClaimTemplate: volumeClaim(args, 5),
      },
    },
    vitessDashboard: { cells, replicas: 2, resources: storeResources({ cpu: "100m", memory: "256Mi" }) },
    cells: zones.map((zone) => cell(zone, args)),
    keyspaces: args.keyspaces.map((keyspace) => vitessKeyspace(keyspace, args)),
    updateStrategy: { type: "Immediate" },
  };
}

export const shardsOf = (keyspace: { shards: number; reshardTo?: number }): string[] => [
  ...new Set(partitionings(keyspace).flatMap(shardRanges)),
];

/** As the operator labels a shard's objects: `x` stands for an open end. */
export const safeName = (shard: string): string => {
  const [start = "", end = ""] = shard.split("-");
  return `${start === "" ? "x" : start}-${end === "" ? "x" : end}`;
};

function cell(zone: string, args: ClusterSpecArgs): VitessCell {
  const certificate = (key: string) => ({ name: args.certificateSecretName, key });
  const isShared = args.keyspaces.some(({ access }) => access.queryRules !== undefined);
  return {
    name: cellName(zone),
    zone,
    gateway: {
      replicas: args.gatewayReplicas,
      resources: storeResources(vitessSize(args.size).gateway),
      authentication: { static: { secret: args.usersSecret } },
      secureTransport: {
        required: true,
        tls: { certSecret: certificate("tls.crt"), keySecret: certificate("tls.key") },
      },
      extraFlags: {
        // Tables are the migrations' business.
        ...{ "enable-direct-ddl": "false", "enable-online-ddl": "false" },
        // A query that asks every shard names no tenant.
        ...(isShared ? { "no-scatter": "true" } : {}),
      },
      terminationGracePeriodSeconds: gracePeriodSeconds,
    },
  };
}

function vitessKeyspace(keyspace: VitessKeyspacePlan, args: ClusterSpecArgs): VitessKeyspace {
  return {
    name: keyspace.name,
    databaseName: keyspace.name,
    durabilityPolicy: args.durability,
    // A keyspace that configuration leaves out stays until its tablets were taken from it.
    turndownPolicy: args.isProtected ? "RequireIdle" : "Immediate",
    vitessOrchestrator: { resources: storeResources({ cpu: "100m", memory: "256Mi" }) },
    partitionings: partitionings(keyspace).map((parts) => ({
      equal: {
        parts,
        shardTemplate: {
          databaseInitScriptSecret: args.initScriptSecret,
          tabletPools: tabletPools(keyspace, args),
        },
      },
    })),
  };
}

function tabletPools(keyspace: VitessKeyspacePlan, args: ClusterSpecArgs): TabletPool[] {
  const pools = (type: TabletPool["type"], zones: string[], replicas: number) =>
    spreadOverZones(zones, replicas).map((part) => ({
      ...{ cell: cellName(part.zone), type, replicas: part.replicas },
      ...tablet(keyspace, args),
    }));
  return [
    ...pools("replica", args.zones, replicasPerShard),
    // From the other end, where a zone more or less has the fewest of the others.
    ...pools("rdonly", [...args.zones].reverse(), args.batchReplicas),
  ];
}

function tablet(
  { access, accessConfigMapName }: VitessKeyspacePlan,
  args: ClusterSpecArgs,
): Omit<TabletPool, "cell" | "type" | "replicas"> {
  const { backups } = args;
  const { mysqld, vttablet, transactions, queries } = vitessSize(args.size);
  // R2 and others behind an endpoint of their own encrypt by themselves, and know none of S3's headers for it.
  const encryption: Record<string, string> =
    backups.endpoint === undefined ? { "s3-backup-server-side-encryption": "AES256" } : {};
  const volume: types.input.core.v1.Volume = { name: "access", configMap: { name: accessConfigMapName } };
  return {
    dataVolumeClaimTemplate: volumeClaim(args, args.gibibytes),
    vttablet: {
      resources: storeResources(vttablet),
      extraFlags: {
        "queryserver-config-transaction-cap": String(transactions),
        "queryserver-config-pool-size": String(queries),
        "degraded-threshold": `${stalenessSeconds / 2}s`,
        "unhealthy-threshold": `${stalenessSeconds}s`,
        "enforce-tableacl-config": "true",
        "queryserver-config-strict-table-acl": "true",
        "table-acl-config": `${accessFolder}/${accessFiles.tables}`,
        "table-acl-config-reload-interval": "30s",
        ...(access.queryRules === undefined
          ? {}
          : { filecustomrules: `${accessFolder}/${accessFiles.queryRules}`, "filecustomrules-watch": "true" }),
        ...encryption,
      },
      vtbackupExtraFlags: {
        // With underscores, as the operator writes them: else its own would stand beside these, and win.
        min_retention_time: `${24 * backups.retentionDays}h`,
        min_retention_count: "2",
        ...encryption,
      },
    },
    mysqld: {
      resources: storeResources(mysqld),
      // The operator's agents, replication and backups have connections too.
      configOverrides: [`max_connections = ${transactions + queries + 200}`, ...memoryOptions({ mysqld }), ""].join(
        "\n",
      ),
    },
    extraVolumes: [volume],
    extraVolumeMounts: [{ name: "access", mountPath: accessFolder, readOnly: true }],
  };
}

function volumeClaim({ storageClassName }: ClusterSpecArgs, gibibytes: number): TabletPool["dataVolumeClaimTemplate"] {
  return {
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: `${gibibytes}Gi` } },
    ...(storageClassName === undefined ? {} : { storageClassName }),
  };
}
