import * as pulumi from "@pulumi/pulumi";
import {
  DatabaseEngine,
  DataNamespace,
  type InternalAuthority,
  PodSecurity,
  ShardedDatabase,
  type ShardedDatabaseArgs,
  type StoreConnection,
  type TableDefinition,
} from "../components";
import { databaseProblems, type DatabaseShape } from "../components/database/problems";
import { reshardErrors } from "../components/database/shards";
import { tierLimits } from "../components/gateway/rate-limits";
import type { RegionCloud } from "./cluster";
import { allowBackups, buildAurora } from "./database-cloud";
import { type DatabasePart, databaseParts } from "./database-parts";
import type { PlatformConfig } from "./config";
import type { ConfigurationError } from "./configuration-error";
import type { DataLayout } from "./previous";
import { apartTenants, isolationsOf } from "./tenant-lifecycle";
import { allowancesOf } from "./tier-pools";
import { protectsData } from "./protection";
import {
  ClusterSource,
  type DatabaseSection,
  type PlatformSections,
  type RegionSection,
  Scope,
  type ServiceSection,
} from "./schema";

type DatabaseService = Pick<ServiceSection, "name" | "isolation" | "replicas" | "bulkhead" | "database" | "pool">;

/** Tables that come from elsewhere, e.g. from entities, by keyspace. */
export type FurtherTables = Readonly<Record<string, readonly TableDefinition[]>>;

type DatabaseSections = Pick<
  PlatformSections,
  "scope" | "region" | "regions" | "cluster" | "gateway" | "namespace" | "database" | "services" | "tenants" | "tenancy"
>;

/** Services that use the database, in the services' order. */
const usersOf = (services: readonly DatabaseService[]) =>
  services.flatMap((service, index) =>
    service.database === undefined ? [] : [{ ...service, database: service.database, index }],
  );

/** The section and the services' own as the component takes them. */
function shapeOf(
  section: DatabaseSection,
  {
    scope,
    regions,
    services,
    gateway,
    tenants,
  }: Pick<PlatformSections, "scope" | "regions" | "gateway" | "tenants"> & {
    services: readonly DatabaseService[];
  },
  region: string,
  further: FurtherTables,
): DatabaseShape {
  const { engine, size, gibibytes, drillDays, storageClassName, vitess, external } = section;
  return {
    ...{ engine, size, gibibytes, drillDays, region },
    tenants: apartTenants({ tenants, database: section }),
    tenantIsolations: isolationsOf({ tenants, database: section }),
    ...(storageClassName === undefined ? {} : { storageClassName }),
    // Where everything is in one stack there is one region, whatever else the file names.
    regions: scope === Scope.Single ? [region] : regions.map(({ name }) => name),
    keyspaces: section.keyspaces.map((keyspace) => ({
      ...keyspace,
      tables: [...keyspace.tables, ...(further[keyspace.name] ?? [])],
    })),
    clients: usersOf(services).map(({ name, replicas, bulkhead, database }) => ({
      ...database,
      ...{ service: name, replicas: replicas.max, bulkhead },
    })),
    tiers: tierLimits(gateway?.rateLimits.requestsPerMinute),
    ...(vitess === undefined ? {} : { vitess: vitessIn(region, vitess) }),
    ...(external === undefined ? {} : { external }),
  };
}

/** What of the section is of one region. */
function vitessIn(
  region: string,
  vitess: NonNullable<DatabaseSection["vitess"]>,
): NonNullable<DatabaseShape["vitess"]> {
  const { buckets, ...backups } = vitess.backups;
  return {
    ...vitess,
    zones: vitess.zones[region] ?? [],
    backups: { ...(buckets[region] ?? { bucket: "", region: "" }), ...backups },
  };
}

/** Where a region's own part of the section is. */
const regionalPlaces: Record<string, string> = {
  "vitess.zones": "database.vitess.zones",
  "vitess.backups.bucket": "database.vitess.backups.buckets",
};

/** Rules of the database, between it and the services, and against how its rows are divided now. */
export function databaseErrors(
  sections: DatabaseSections,
  previous: DataLayout,
  further: FurtherTables = {},
): ConfigurationError[] {
  const { database, services, scope, region, regions, cluster } = sections;
  if (database === undefined) {
    return usersOf(services).map(({ index }) => ({
      path: `services[${index}].database`,
      reason: "needs a database, and there is none",
    }));
  }
  const judged = scope === Scope.Region ? regions.filter(({ name }) => name === region) : regions;
  const errors = databaseParts(database, sections).flatMap((part) => {
    const place = placesOf(part, services);
    return judged.flatMap(({ name }) =>
      databaseProblems(shapeOf(part.section, { ...sections, services: part.services }, name, further)).map(
        ({ path, reason }) => ({
          path: regionalPlaces[path] === undefined ? place(path) : `${regionalPlaces[path]}.${name}`,
          reason,
        }),
      ),
    );
  });
  for (const { path, reason } of reshardErrors(layoutOf(previous), database.keyspaces)) {
    errors.push({ path: `database.${path}`, reason });
  }
  if (database.engine === DatabaseEngine.Aurora) errors.push(...auroraErrors(database, { regions, cluster, scope }));
  const words = errors.map((error) => JSON.stringify(error));
  return errors.filter((_, index) => words.indexOf(words[index] ?? "") === index);
}

/** Where in the stack file is what a part's problem is about. */
function placesOf({ section, services, keyspaceIndexes }: DatabasePart, all: readonly { name: string }[]) {
  const users = usersOf(services);
  return (path: string): string => {
    if (path === "budget")
      return section.external === undefined ? "database.size" : "database.external.connectionBudget";
    const [, list, index, rest = ""] = /^(clients|keyspaces)\[(\d+)\](.*)$/.exec(path) ?? [];
    if (index === undefined) return `database.${path}`;
    if (list === "keyspaces") return `database.keyspaces[${keyspaceIndexes[Number(index)]}]${rest}`;
    const name = users[Number(index)]?.name;
    return `services[${all.findIndex((service) => service.name === name)}].database${rest}`;
  };
}

function auroraErrors(
  { keyspaces, aurora: { primaryRegion, writerRegion, failoverOrder } }: DatabaseSection,
  { regions, cluster, scope }: Pick<PlatformSections, "regions" | "cluster" | "scope">,
): ConfigurationError[] {
  const names = regions.map(({ name }) => name);
  const errors: ConfigurationError[] = [];
  if (cluster.source !== ClusterSource.Eks) {
    errors.push({ path: "database.engine", reason: "is aurora, which needs a VPC: cluster.source eks makes one" });
  }
  if (scope !== Scope.Single && names.length > 1 && primaryRegion === undefined) {
    errors.push({ path: "database.aurora.primaryRegion", reason: `is missing: one of ${names.join(", ")} must write` });
  }
  if (primaryRegion !== undefined && !names.includes(primaryRegion)) {
    errors.push({ path: "database.aurora.primaryRegion", reason: `must be one of the regions: ${names.join(", ")}` });
  }
  if (writerRegion !== undefined && !names.includes(writerRegion)) {
    errors.push({ path: "database.aurora.writerRegion", reason: `must be one of the regions: ${names.join(", ")}` });
  }
  const isGlobal = scope !== Scope.Single && names.length > 1 && keyspaces.some(({ spansRegions }) => spansRegions);
  const others = names.filter((name) => name !== primaryRegion);
  const isKnown = primaryRegion !== undefined && names.includes(primaryRegion);
  if (isGlobal && isKnown && [...failoverOrder].sort().join() !== [...others].sort().join()) {
    const reason = `must name each region but ${primaryRegion} once, in the order of promotion: ${others.join(", ")}`;
    errors.push({ path: "database.aurora.failoverOrder", reason });
  }
  return errors;
}

/** Beside a keyspace's name: where its rows are moving to. No keyspace is named so. */
const moving = (keyspace: string) => `${keyspace}/next`;

/** How the rows are divided, for the stack's layout. */
export const shardLayout = ({ keyspaces }: Pick<DatabaseSection, "keyspaces">): DataLayout["shards"] =>
  Object.fromEntries(
    keyspaces.flatMap(({ name, shards, reshardTo }) => [
      [name, shards],
      ...(reshardTo === undefined ? [] : [[moving(name), reshardTo]]),
    ]),
  );

function layoutOf({ shards }: DataLayout) {
  return Object.entries(shards)
    .filter(([name]) => !name.includes("/"))
    .map(([name, count]) => {
      const reshardTo = shards[moving(name)];
      return { name, shards: count, ...(reshardTo === undefined ? {} : { reshardTo }) };
    });
}

/** Only a service can tell how much data a tenant has. */
function tenantEnvironment(
  name: string,
  { keyspaces }: DatabaseSection,
  { tenants, tenancy }: PlatformConfig,
): Record<string, string> {
  const keyspace = keyspaces.find((each) => each.name === name);
  if (keyspace?.tenantIsolation === undefined || tenants.length === 0) return {};
  const limits = Object.entries(allowancesOf(tenancy)).map(([tier, { gibibytes }]) => [tier, gibibytes]);
  return { DATABASE_TENANT_GIBIBYTES: JSON.stringify(Object.fromEntries(limits)) };
}

interface DatabaseSurroundings {
  authority: InternalAuthority;
  /** For what lives in the cluster. */
  inCluster: pulumi.ComponentResourceOptions;
  /** What must be there before: the services' namespace, and what its custom resources need. */
  dependsOn: pulumi.Resource[];
  cloud?: RegionCloud;
}

/** What a region's services need to use the database; undefined for one that doesn't. */
export interface RegionDatabase {
  /** That of all services; where they have none, a dedicated one's. */
  component: ShardedDatabase;
  keyspaces: ShardedDatabaseArgs["keyspaces"];
  connectionOf(service: DatabaseService): StoreConnection | undefined;
}

/** The databases of a region: one of all services, and one of each that is dedicated. */
export function buildDatabases(
  section: DatabaseSection,
  config: PlatformConfig,
  region: RegionSection,
  surroundings: DatabaseSurroundings,
  further: FurtherTables = {},
): RegionDatabase {
  const built = databaseParts(section, config).map((part) => ({
    users: part.services.map(({ name }) => name),
    ...buildDatabase(part, config, region, surroundings, further),
  }));
  const [first] = built;
  if (first === undefined) throw new pulumi.RunError("database: has no keyspaces");
  return {
    ...{ component: first.component, keyspaces: first.keyspaces },
    connectionOf: ({ name, database: used, pool }) => {
      if (used === undefined) return undefined;
      const connection = built.find(({ users }) => users.includes(name))?.component.connectionOf(name);
      if (connection === undefined) return undefined;
      const { DATABASE_POOL_BY_TIER: byTier, ...environment } = connection.environment;
      return {
        ...connection,
        environment: {
          ...environment,
          // All of a pool's connections are its tier's.
          ...(byTier === undefined || pool !== undefined ? {} : { DATABASE_POOL_BY_TIER: byTier }),
          ...tenantEnvironment(used.keyspace, section, config),
        },
      };
    },
  };
}

function buildDatabase(
  { name, section, services, clientsNamespace }: DatabasePart,
  config: PlatformConfig,
  region: RegionSection,
  { authority, inCluster, dependsOn, cloud }: DatabaseSurroundings,
  further: FurtherTables,
): Pick<RegionDatabase, "component" | "keyspaces"> {
  const protectData = protectsData(config);
  const labels = { "omega-platform/environment": config.environment, "omega-platform/region": region.name };
  const namespace = new DataNamespace(
    section.namespace,
    // Backups and AWS' API are outside.
    {
      ...{ name: section.namespace, labels, protectData },
      reachesOutside: section.engine !== DatabaseEngine.External,
      // Its operator gives pods a user, and nothing else that "restricted" asks for.
      ...(section.engine === DatabaseEngine.Vitess ? { podSecurity: PodSecurity.Baseline } : {}),
    },
    inCluster,
  );
  const shape = shapeOf(section, { ...config, services }, region.name, further);
  const common: ShardedDatabaseArgs = {
    ...shape,
    ...{ namespace: section.namespace, clientsNamespace, issuer: authority.reference },
    protectData,
    ...(config.observability?.runbooksUrl === undefined ? {} : { runbooksUrl: config.observability.runbooksUrl }),
  };
  if (cloud !== undefined) allowBackups(name, section, region, cloud);
  const isAurora = section.engine === DatabaseEngine.Aurora && cloud !== undefined;
  const aurora = isAurora ? buildAurora(name, section, config, common, cloud) : undefined;
  const component = new ShardedDatabase(
    name,
    { ...common, ...(aurora === undefined ? {} : { aurora: aurora.connection }) },
    { ...inCluster, dependsOn: [namespace, authority, ...dependsOn, ...(aurora === undefined ? [] : [aurora])] },
  );
  return { component, keyspaces: shape.keyspaces };
}
