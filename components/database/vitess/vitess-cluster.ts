import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Metadata } from "../../mesh/istio";

/** The Vitess operator's custom resource (2.17), as far as this platform uses it. */

/** A key of a Secret in the cluster's namespace. */
export interface SecretSource {
  name: pulumi.Input<string>;
  key: string;
}

type Resources = kubernetes.types.input.core.v1.ResourceRequirements;
type Flags = Record<string, string>;

interface VolumeClaim {
  accessModes: ["ReadWriteOnce"];
  resources: { requests: { storage: string } };
  storageClassName?: pulumi.Input<string>;
}

export interface TabletPool {
  cell: string;
  type: "replica" | "rdonly";
  replicas: number;
  dataVolumeClaimTemplate: VolumeClaim;
  vttablet: { resources: Resources; extraFlags: Flags; vtbackupExtraFlags: Flags };
  mysqld: { resources: Resources; configOverrides: string };
  extraVolumes: kubernetes.types.input.core.v1.Volume[];
  extraVolumeMounts: kubernetes.types.input.core.v1.VolumeMount[];
}

export interface Partitioning {
  equal: { parts: number; shardTemplate: { databaseInitScriptSecret: SecretSource; tabletPools: TabletPool[] } };
}

export interface VitessKeyspace {
  name: string;
  databaseName: string;
  durabilityPolicy: string;
  turndownPolicy: "RequireIdle" | "Immediate";
  vitessOrchestrator: { resources: Resources };
  /** One, or two while rows move from the first to the second. */
  partitionings: Partitioning[];
}

export interface VitessCell {
  name: string;
  zone: string;
  gateway: {
    replicas: number;
    resources: Resources;
    authentication: { static: { secret: SecretSource } };
    secureTransport: { required: boolean; tls: { certSecret: SecretSource; keySecret: SecretSource } };
    extraFlags: Flags;
    terminationGracePeriodSeconds: number;
  };
}

export interface BackupSchedule {
  name: string;
  /** Cron, in UTC. */
  schedule: string;
  strategies: { name: string; keyspace: string; shard: string }[];
  resources: Resources;
  concurrencyPolicy: "Forbid";
  jobTimeoutMinute: number;
  successfulJobsHistoryLimit: number;
  failedJobsHistoryLimit: number;
}

export interface VitessClusterArgs {
  metadata: Metadata;
  spec: {
    images: {
      vtctld: pulumi.Input<string>;
      vtgate: pulumi.Input<string>;
      vttablet: pulumi.Input<string>;
      vtorc: pulumi.Input<string>;
      vtbackup: pulumi.Input<string>;
      mysqld: { mysql80Compatible: pulumi.Input<string> };
    };
    backup: {
      engine: "builtin";
      locations: {
        s3: { bucket: string; region: string; endpoint?: string; authSecret?: SecretSource };
      }[];
      schedules: BackupSchedule[];
    };
    globalLockserver: { etcd: { createPDB: boolean; resources: Resources; dataVolumeClaimTemplate: VolumeClaim } };
    vitessDashboard: { cells: string[]; replicas: number; resources: Resources };
    cells: VitessCell[];
    keyspaces: VitessKeyspace[];
    updateStrategy: { type: "External" | "Immediate" };
  };
}

export class VitessCluster extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: VitessClusterArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion: "planetscale.com/v2", kind: "VitessCluster", ...args }, options);
  }
}
