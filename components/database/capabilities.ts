import type { RecoveryObjectives } from "../data/recovery";
import { KeyspaceIsolation, TenantIsolation } from "./tenancy";

export enum DatabaseEngine {
  /** MySQL over shards, in the region's own cluster. */
  Vitess = "vitess",
  /** PostgreSQL that AWS runs, over several regions where there are. */
  Aurora = "aurora",
  /** One that somebody else runs. */
  External = "external",
}

/** What an external database is; it decides what may be asked of it. */
export enum ExternalProduct {
  PlanetScale = "planetscale",
  CockroachDb = "cockroachdb",
  YugabyteDb = "yugabytedb",
  /** Any other MySQL or PostgreSQL with a primary and replicas. */
  Other = "other",
}

/** What a read sees of the writes that were acknowledged before it, from whatever region. */
export enum Consistency {
  /** All of them. */
  Strong = "strong",
  /** All but those of the last seconds: 30 at most. */
  BoundedStaleness = "bounded-staleness",
  /** All of them at some time. */
  Eventual = "eventual",
}

export enum ReadPreference {
  Primary = "primary",
  /** Leaves the primary to writes. */
  Replica = "replica",
  /** Of the same zone or region, whatever it is. */
  Nearest = "nearest",
}

/** How a database comes to have shards. */
export enum Sharding {
  None = "none",
  /** As many as are declared. */
  Declared = "declared",
  /** It splits by itself. */
  Automatic = "automatic",
}

export enum Failover {
  Automatic = "automatic",
  /** One command of an operator. */
  OnCommand = "on-command",
  None = "none",
}

export interface Capabilities {
  /** As configuration names it. */
  name: string;
  sharding: Sharding;
  /** Whether each region reads what others wrote; if not, each region has rows of its own. */
  spansRegions: boolean;
  /** Whether each region writes without another one's help. */
  multiRegionWrites: boolean;
  failoverInRegion: Failover;
  failoverAcrossRegions: Failover;
  /** The best that reads by each preference get. */
  consistency: Record<ReadPreference, Consistency>;
  tenantIsolations: readonly KeyspaceIsolation[];
  /** After the loss of a zone, a pod or a primary. */
  recoveryInRegion: RecoveryObjectives;
}

const { Strong, BoundedStaleness, Eventual } = Consistency;
const allIsolations = Object.values(TenantIsolation);
/** And each tenant in its own way, in one keyspace. */
const anyIsolation = Object.values(KeyspaceIsolation);

const consistency = (primary: Consistency, replica: Consistency, nearest = replica) => ({
  [ReadPreference.Primary]: primary,
  [ReadPreference.Replica]: replica,
  [ReadPreference.Nearest]: nearest,
});

/** What each engine can do, from its own documentation; configuration is checked against it. */
const engineCapabilities: Record<Exclude<DatabaseEngine, DatabaseEngine.External>, Capabilities> = {
  [DatabaseEngine.Vitess]: {
    name: "vitess",
    sharding: Sharding.Declared,
    // A VitessCluster does not span Kubernetes clusters.
    spansRegions: false,
    multiRegionWrites: false,
    failoverInRegion: Failover.Automatic,
    failoverAcrossRegions: Failover.None,
    // Replicas that lag by more than 30 s are left out.
    consistency: consistency(Strong, BoundedStaleness),
    tenantIsolations: [TenantIsolation.SharedDatabase, TenantIsolation.DatabasePerTenant],
    recoveryInRegion: { pointSeconds: 0, timeSeconds: 30 },
  },
  [DatabaseEngine.Aurora]: {
    name: "aurora",
    // Limitless databases are clusters of another kind, which a Global Database has no place for.
    sharding: Sharding.None,
    spansRegions: true,
    multiRegionWrites: false,
    failoverInRegion: Failover.Automatic,
    failoverAcrossRegions: Failover.OnCommand,
    // Other regions forward writes, and their reads wait for the primary's where the service's role says so.
    consistency: consistency(Strong, Eventual),
    tenantIsolations: allIsolations,
    recoveryInRegion: { pointSeconds: 0, timeSeconds: 60 },
  },
};

const productCapabilities: Record<ExternalProduct, Capabilities> = {
  [ExternalProduct.PlanetScale]: {
    name: "external planetscale",
    // Its shards are set in its own console.
    sharding: Sharding.Automatic,
    spansRegions: true,
    multiRegionWrites: false,
    failoverInRegion: Failover.Automatic,
    failoverAcrossRegions: Failover.None,
    consistency: consistency(Strong, Eventual),
    tenantIsolations: [],
    recoveryInRegion: { pointSeconds: 0, timeSeconds: 60 },
  },
  [ExternalProduct.CockroachDb]: {
    name: "external cockroachdb",
    sharding: Sharding.Automatic,
    spansRegions: true,
    multiRegionWrites: true,
    failoverInRegion: Failover.Automatic,
    failoverAcrossRegions: Failover.Automatic,
    consistency: consistency(Strong, BoundedStaleness),
    // Its roles always inherit, so that an account would have all schemas' rights at once:
    // https://github.com/cockroachdb/cockroach/issues/69583
    tenantIsolations: [TenantIsolation.SharedDatabase, TenantIsolation.DatabasePerTenant],
    recoveryInRegion: { pointSeconds: 0, timeSeconds: 30 },
  },
  [ExternalProduct.YugabyteDb]: {
    name: "external yugabytedb",
    sharding: Sharding.Automatic,
    spansRegions: true,
    multiRegionWrites: true,
    failoverInRegion: Failover.Automatic,
    failoverAcrossRegions: Failover.Automatic,
    consistency: consistency(Strong, BoundedStaleness),
    tenantIsolations: anyIsolation,
    recoveryInRegion: { pointSeconds: 0, timeSeconds: 30 },
  },
  [ExternalProduct.Other]: {
    name: "external other",
    sharding: Sharding.None,
    spansRegions: true,
    multiRegionWrites: false,
    failoverInRegion: Failover.Automatic,
    failoverAcrossRegions: Failover.OnCommand,
    consistency: consistency(Strong, Eventual),
    // What an unknown endpoint enforces is unknown.
    tenantIsolations: [],
    recoveryInRegion: { pointSeconds: 0, timeSeconds: 300 },
  },
};

const all: readonly Capabilities[] = [...Object.values(engineCapabilities), ...Object.values(productCapabilities)];

export function capabilitiesOf(engine: DatabaseEngine, product = ExternalProduct.Other): Capabilities {
  return engine === DatabaseEngine.External ? productCapabilities[product] : engineCapabilities[engine];
}

/** What a keyspace or one of its services asks of an engine. */
export interface Wanted {
  /** Shards that are declared; 1 leaves it to the engine. */
  shards?: number;
  /** Regions that read and write the same rows. */
  regions?: number;
  reads?: { preference: ReadPreference; consistency: Consistency };
  tenantIsolation?: KeyspaceIsolation;
}

interface Lack {
  field: keyof Wanted;
  reason: string;
}

const strength = { [Strong]: 2, [BoundedStaleness]: 1, [Eventual]: 0 };

/** What an engine lacks for what is wanted, and who has it. */
export function lacks(capabilities: Capabilities, wanted: Wanted): Lack[] {
  const found = shortcomings(capabilities, wanted);
  if (found.length === 0) return [];
  const able = all.filter((other) => shortcomings(other, wanted).length === 0).map(({ name }) => name);
  const remedy = able.length === 0 ? "no engine does it all" : `${able.join(", ")} could`;
  return found.map(({ field, reason }) => ({ field, reason: `${reason}; ${remedy}` }));
}

function shortcomings({ name, ...can }: Capabilities, wanted: Wanted): Lack[] {
  const found: Lack[] = [];
  const { shards = 1, regions = 1, reads, tenantIsolation } = wanted;
  if (shards > 1 && can.sharding !== Sharding.Declared) {
    const why = can.sharding === Sharding.Automatic ? "splits by itself: leave it at 1" : "has one shard";
    found.push({ field: "shards", reason: `is ${shards}, and ${name} ${why}` });
  }
  if (regions > 1 && !can.spansRegions) {
    found.push({ field: "regions", reason: `is ${regions} regions' own, and ${name} does not span regions` });
  }
  if (reads !== undefined && strength[can.consistency[reads.preference]] < strength[reads.consistency]) {
    const best = can.consistency[reads.preference];
    const reason = `is ${reads.consistency}, and reads from the ${reads.preference} of ${name} are ${best}`;
    found.push({ field: "reads", reason });
  }
  if (tenantIsolation !== undefined && !can.tenantIsolations.includes(tenantIsolation)) {
    found.push({ field: "tenantIsolation", reason: `is ${tenantIsolation}, which ${name} does not enforce` });
  }
  return found;
}
