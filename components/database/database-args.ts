import type * as pulumi from "@pulumi/pulumi";
import type { IssuerReference } from "../certificates/certificates";
import type { ProtectionArgs } from "../data/protection";
import type { RecoveryObjectives } from "../data/recovery";
import type { TierLimit } from "../gateway/rate-limits";
import { Size } from "../service/size";
import type { AuroraConnection } from "./aurora/aurora-cluster";
import type { BackupArgs } from "./backups";
import { Consistency, type DatabaseEngine, ReadPreference } from "./capabilities";
import type { DatabaseClient, EngineArgs, Keyspace } from "./engines/engine";
import type { ExternalSettings } from "./engines/external";
import type { TenantIsolations } from "./tenancy";
import { Durability } from "./vitess/topology";

export interface VitessSettings {
  /** The zones of its cluster, each a cell with gateways and replicas of its own. One at least; three are usual. */
  zones: string[];
  /** What a write waits for. Default cross_cell: a replica in another zone has it. */
  durability?: Durability;
  /** Further replicas of each shard for background work, which are never elected. Default 1, from 0 to 10. */
  batchReplicas?: number;
  /** Gateways of each zone. Default 2, from 2 to 50. */
  gatewayReplicas?: number;
  backups: BackupArgs;
}

export interface ShardedDatabaseArgs extends ProtectionArgs {
  engine: DatabaseEngine;
  /** Name of the database's namespace: a `DataNamespace`. */
  namespace: string;
  /** Name of the namespace of the services that use it. */
  clientsNamespace: pulumi.Input<string>;
  /** The region that this is in. */
  region: string;
  /** All regions of the platform. */
  regions: string[];
  keyspaces: Keyspace[];
  /** Names of tenants that have schemas or databases of their own. Default none. */
  tenants?: string[];
  /** How each of these is apart, for keyspaces that are divided by that. Default: none is. */
  tenantIsolations?: TenantIsolations;
  /** The services that use it; nobody else is let in. */
  clients: DatabaseClient[];
  /** Of an instance: of what it is made is the engine's. Default small. */
  size?: Size;
  /** GiB of each replica's volume, where the engine has volumes. Default 50, from 1 to 65,536. */
  gibibytes?: number;
  /** Of these volumes. Default: the cluster's own default, whose volumes must outlive their claims. */
  storageClassName?: pulumi.Input<string>;
  /** Days after which a restore that was tried is too long ago. Default 14, from 7 to 365. */
  drillDays?: number;
  /** Requests a minute of each tier's tenants, by which pools are divided. Default: the architecture's tiers. */
  tiers?: TierLimit[];
  /** Of the gateways' certificate, which the clients' `stores-trust` Secret must hold the authority of. Vitess needs it. */
  issuer?: IssuerReference;
  /** Promised for the loss of the whole database. Default: what the engine's backups or other regions give. */
  recovery?: RecoveryObjectives;
  /** Where docs/runbooks.md is served. */
  runbooksUrl?: string;
  /** Image of what the engine's jobs, and Vitess itself, run. Default: by engine. */
  image?: pulumi.Input<string>;
  /** Vitess alone. */
  vitess?: VitessSettings;
  /** Of an `AuroraCluster`, for Aurora alone. */
  aurora?: AuroraConnection;
  /** An external database alone. */
  external?: ExternalSettings;
}

export const vitessDefaults = (settings: VitessSettings): Required<VitessSettings> => ({
  durability: Durability.CrossCell,
  batchReplicas: 1,
  gatewayReplicas: 2,
  ...settings,
});

type Filled = Pick<
  EngineArgs,
  | "keyspaces"
  | "tenants"
  | "tenantIsolations"
  | "clients"
  | "size"
  | "gibibytes"
  | "drillDays"
  | "protectData"
  | "runbooksUrl"
>;
type Given = Pick<ShardedDatabaseArgs, "keyspaces" | "clients"> & Partial<Omit<Filled, "keyspaces" | "clients">>;

export function withDefaults(args: Given): Filled {
  return {
    keyspaces: args.keyspaces.map((keyspace) => ({ shards: 1, spansRegions: true, ...keyspace })),
    tenants: args.tenants ?? [],
    tenantIsolations: args.tenantIsolations ?? {},
    clients: args.clients.map((client) => ({
      consistency: Consistency.Strong,
      reads: ReadPreference.Primary,
      connectionsPerReplica: 5,
      ...client,
    })),
    size: args.size ?? Size.Small,
    gibibytes: args.gibibytes ?? 50,
    drillDays: args.drillDays ?? 14,
    protectData: args.protectData ?? true,
    runbooksUrl: args.runbooksUrl ?? "docs/runbooks.md",
  };
}
