import * as pulumi from "@pulumi/pulumi";
import {
  type ConsumerLag,
  ExternalStore,
  InternalAuthority,
  type Operators,
  type StoreConnection,
} from "../components";
import { buildCaches, type RegionCaches } from "./cache";
import type { RegionCluster } from "./cluster";
import type { PlatformConfig } from "./config";
import { buildDatabases, type RegionDatabase, shardLayout } from "./database";
import { entityTables, eventDeclarations } from "./entities";
import { buildEventArchive } from "./event-archive";
import { buildEvents, type Events } from "./events";
import { namespaceOf } from "./isolation";
import type { RegionNamespaces } from "./namespaces";
import type { LayoutOutput } from "./previous";
import { protectsData } from "./protection";
import type { RegionSection, ServiceSection } from "./schema";
import { buildOffboarding } from "./tenant-lifecycle";

/** Everything in a region that holds data, and how its services use it. */
export interface RegionStores {
  connectionsOf(service: ServiceSection): StoreConnection[];
  /** Undefined for a service that consumes nothing. */
  lagOf(service: string, messagesPerReplica: number): ConsumerLag | undefined;
  caches?: RegionCaches;
  events?: Events;
  /** For the stack's output, by which the next update knows what there is. */
  layout: LayoutOutput;
}

export function buildStores(
  config: PlatformConfig,
  region: RegionSection,
  { options, withCloudObjects, cloud }: RegionCluster,
  namespaces: RegionNamespaces,
  operators: Operators,
): RegionStores {
  const { cache, database, events } = config;
  if (cache === undefined && database === undefined && events === undefined) {
    return { connectionsOf: () => [], lagOf: () => undefined, layout: { partitions: {}, shards: {} } };
  }
  const inCluster = { ...options, dependsOn: namespaces.resources };
  const authority = new InternalAuthority("stores", {}, { ...options, dependsOn: operators.certManager });
  authority.trustIn(config.namespace, namespaces.shared.namespaceName);
  for (const [service, { namespaceName }] of namespaces.dedicated) {
    authority.trustIn(namespaceOf(service, config), namespaceName);
  }
  const surroundings = {
    ...{ authority, inCluster: options },
    ...(cloud === undefined ? {} : { cloud }),
  };
  const { certManager, prometheus } = operators;
  const caches =
    cache &&
    buildCaches(cache, config, region, {
      ...surroundings,
      withCloudObjects,
      dependsOn: [namespaces.shared, ...operators.dragonfly, ...certManager, ...prometheus],
    });
  const stored =
    database &&
    buildDatabases(
      database,
      config,
      region,
      { ...surroundings, dependsOn: [...namespaces.resources, ...certManager, ...prometheus] },
      entityTables(config),
    );
  const archive =
    events &&
    config.eventArchive &&
    buildEventArchive(
      config.eventArchive,
      { ...events, topics: eventDeclarations(config).topics },
      cloud,
      protectsData(config),
    );
  const bus =
    events &&
    buildEvents(events, config, region, {
      ...{ inCluster, issuer: authority.reference, protectData: protectsData(config) },
      operators: [authority, ...operators.strimzi, ...certManager, ...operators.keda],
      ...(config.observability === undefined ? {} : { prometheus }),
      ...(cloud === undefined ? {} : { cloud }),
      ...(archive === undefined ? {} : { archive }),
    });
  const leaving = buildOffboarding(
    config,
    region.name,
    stored && { database: stored.component, keyspaces: stored.keyspaces },
    inCluster,
  );
  const connectionsOf = connections(config, { caches, stored, bus });
  reachExternal(namespaces, connectionsOf, inCluster);
  return {
    connectionsOf,
    lagOf: (service, messagesPerReplica) => bus?.lagOf(service, messagesPerReplica),
    ...(caches === undefined ? {} : { caches }),
    ...(bus === undefined ? {} : { events: bus }),
    layout: {
      ...{ partitions: bus?.partitions ?? {}, shards: database === undefined ? {} : shardLayout(database) },
      ...leaving,
    },
  };
}

interface Built {
  caches: RegionCaches | undefined;
  stored: RegionDatabase | undefined;
  bus: Events | undefined;
}

function connections(config: PlatformConfig, { caches, stored, bus }: Built): RegionStores["connectionsOf"] {
  const byService = new Map(
    config.services.map((service) => {
      const all = [stored?.connectionOf(service), caches?.connectionOf(service), bus?.connectionOf(service.name)];
      return [service.name, all.filter((connection) => connection !== undefined)];
    }),
  );
  return ({ name }) => byService.get(name) ?? [];
}

/** The mesh learns of each host outside the cluster once in each namespace; of a database's it does so by itself. */
function reachExternal(
  { homes }: RegionNamespaces,
  connectionsOf: RegionStores["connectionsOf"],
  options: pulumi.ComponentResourceOptions,
): void {
  for (const { namespaceName: namespace, services, prefix } of homes) {
    const stores = services.flatMap(connectionsOf).filter(({ name }) => name !== "database");
    for (const { name, endpoints } of new Map(stores.map((store) => [store.name, store])).values()) {
      endpoints.forEach((endpoint, index) => {
        if (endpoint.pods !== undefined) return;
        new ExternalStore(`${prefix}${name}-${index}`, { namespace, endpoint }, options);
      });
    }
  }
}
