import * as pulumi from "@pulumi/pulumi";
import {
  CacheEngine,
  type CachePlacement,
  DataNamespace,
  EvictionPolicy,
  ExternalStore,
  type InternalAuthority,
  IssuerKind,
  type MeshNamespace,
  type RedisAddress,
  RegionalCache,
  type RegionalCacheArgs,
  type StoreConnection,
  TcpBoundary,
} from "../components";
import { cacheProblems } from "../components/cache/settings";
import { limiterName, redisConnections, redisPort } from "../components/gateway/rate-limiter-pod";
import type { RegionCloud } from "./cluster";
import type { PlatformConfig } from "./config";
import type { ConfigurationError } from "./configuration-error";
import {
  type CacheSection,
  ClusterSource,
  type PlatformSections,
  type RegionSection,
  Scope,
  type ServiceSection,
} from "./schema";

type CacheUser = Pick<ServiceSection, "name" | "cache" | "replicas">;

const usersOf = <User extends CacheUser>(services: readonly User[]): User[] =>
  services.filter(({ cache }) => cache !== undefined);

/** What Dragonfly takes, and some room for the operator, Prometheus and people; ElastiCache Serverless takes more. */
const mostConnections = 60_000;
/** What is longer leaves no room for the suffixes of its users and groups in AWS. */
const longestIdentifier = 32;

/** Rules of the cache, and between it and the services. */
export function cacheErrors(sections: PlatformSections): ConfigurationError[] {
  const { cache, services, scope, cluster, regions, environment } = sections;
  if (cache === undefined) {
    return services.flatMap((service, index) =>
      service.cache === undefined
        ? []
        : [{ path: `services[${index}].cache`, reason: "needs a cache, and there is none" }],
    );
  }
  const errors = cacheProblems({ ...somewhere, ...settingsOf(cache), ...sizeOf(cache) }).map(({ path, reason }) => ({
    path: `cache.${path}`,
    reason,
  }));
  if (cache.engine === CacheEngine.ElastiCache && cluster.source !== ClusterSource.Eks) {
    errors.push({ path: "cache.engine", reason: "is elasticache, which needs a VPC: cluster.source eks makes one" });
  }
  if (scope === Scope.Region && cache.replicas < 2) {
    errors.push({ path: "cache.replicas", reason: `is ${cache.replicas}, must be two at least in production` });
  }
  if (cache.engine === CacheEngine.ElastiCache) {
    regions.forEach(({ name }, index) => {
      const identifier = identifierOf(environment, name, countersName);
      if (identifier.length <= longestIdentifier) return;
      const reason = `makes "${identifier}", which in AWS must have ${longestIdentifier} characters at most`;
      errors.push({ path: `regions[${index}].name`, reason });
    });
  }
  const connections = usersOf(services).reduce(
    (sum, service) => sum + service.replicas.max * (service.cache?.connectionsPerReplica ?? 0),
    0,
  );
  if (connections > mostConnections) {
    const reason = `must take ${connections} connections of all replicas together, takes ${mostConnections}`;
    errors.push({ path: "cache", reason: `${reason}: lower connectionsPerReplica or replicas.max of services` });
  }
  return errors;
}

const cacheName = "cache";
const countersName = "counters";

const identifierOf = (environment: string, region: string, name: string) => `${environment}-${region}-${name}`;

/** What all of the region's caches have in common. */
function settingsOf({ engine, replicas, protectData, tiers }: CacheSection) {
  return { engine, replicas, protectData, tiers };
}

function sizeOf({ gibibytes, snapshots }: CacheSection): Pick<RegionalCacheArgs, "gibibytes" | "snapshots"> {
  return { gibibytes, ...(snapshots === undefined ? {} : { snapshots }) };
}

/** Where nothing is wrong but what the section says. */
const somewhere = {
  ...{ namespace: "cache", clientsNamespace: "shop", clients: ["service"] },
  issuer: { kind: IssuerKind.ClusterIssuer, name: "stores" },
  placement: { identifier: "cache", vpcId: "vpc", cidrBlock: "10.0.0.0/16", subnetIds: ["one", "two"] },
};

interface CacheSurroundings {
  authority: InternalAuthority;
  /** For what lives in the cluster alone. */
  inCluster: pulumi.ComponentResourceOptions;
  /** For what is outside it too. */
  withCloudObjects: pulumi.ComponentResourceOptions;
  /** What must be there before: the services' namespace, and what the caches' custom resources need. */
  dependsOn: pulumi.Resource[];
  cloud?: RegionCloud;
}

/** Where a gateway's limiter is. */
export interface LimiterPlace {
  /** The namespace's own name. */
  name: string;
  namespace: MeshNamespace;
  options: pulumi.ComponentResourceOptions;
}

export interface RegionCaches {
  /** What a service needs to use the cache; undefined for one that doesn't. */
  connectionOf(service: ServiceSection): StoreConnection | undefined;
  /**
   * Where a gateway's limiter counts: in a store of its own. In the services' cache counters would go when it is full, and
   * whoever may use that could set them back.
   */
  rateLimitAddress(place: LimiterPlace): RedisAddress;
}

/** The cache of a region's services, and the store of its limits. */
export function buildCaches(
  section: CacheSection,
  config: PlatformConfig,
  region: RegionSection,
  { authority, inCluster, withCloudObjects, dependsOn, cloud }: CacheSurroundings,
): RegionCaches {
  const isInCluster = section.engine === CacheEngine.Dragonfly;
  const labels = { "omega-platform/environment": config.environment, "omega-platform/region": region.name };
  const inNamespace = isInCluster
    ? [
        new DataNamespace(
          section.namespace,
          { name: section.namespace, labels, protectData: section.protectData },
          inCluster,
        ),
        authority,
      ]
    : [];
  const optionsAfter = (further: pulumi.Resource[]): pulumi.ComponentResourceOptions => {
    const all = { dependsOn: [...inNamespace, ...dependsOn, ...further] };
    return cloud === undefined || isInCluster
      ? { ...inCluster, ...all }
      : pulumi.mergeOptions(withCloudObjects, { ...cloud.options, ...all, ...withCluster(inCluster) });
  };
  const placeOf = (name: string): Pick<RegionalCacheArgs, "namespace" | "issuer" | "placement"> => {
    if (isInCluster) return { namespace: section.namespace, issuer: authority.reference };
    return cloud === undefined ? {} : { placement: placementOf(section, cloud, config, region, name) };
  };
  const common = { ...settingsOf(section), ...monitoringOf(config) };

  const users = usersOf(config.services);
  const cache =
    users.length === 0
      ? undefined
      : new RegionalCache(
          cacheName,
          {
            ...common,
            ...sizeOf(section),
            ...placeOf(cacheName),
            clientsNamespace: config.namespace,
            clients: users.map(({ name }) => name),
          },
          optionsAfter([]),
        );

  return {
    connectionOf: (service) => (service.cache === undefined ? undefined : cache?.connectionOf(service.cache)),
    rateLimitAddress: ({ name, namespace, options }) => {
      const counters = new RegionalCache(
        countersName,
        {
          ...common,
          ...placeOf(countersName),
          ...{ clientsNamespace: name, clients: [limiterName] },
          // Room for millions of counters, of a minute each.
          gibibytes: 1,
          ...(isInCluster ? { evictionPolicy: EvictionPolicy.Never } : {}),
        },
        optionsAfter([namespace]),
      );
      const address = counters.rateLimitAddress();
      const { namespaceName } = namespace;
      if (isInCluster) {
        authority.trustIn(name, namespaceName);
      } else {
        const endpoint = { host: address.host, port: redisPort(address), startsWithTls: true };
        new ExternalStore(countersName, { namespace: namespaceName, endpoint }, options);
      }
      new TcpBoundary(
        countersName,
        {
          ...{ namespace: namespaceName, host: address.host, clients: { "app.kubernetes.io/name": limiterName } },
          // Twice the limiter's, for the time in which it renews them.
          connectionsPerProxy: 2 * redisConnections,
        },
        options,
      );
      return address;
    },
  };
}

/** What AWS runs outlives the cluster; the Secrets that lead to it go with that. */
function withCluster({ deletedWith }: pulumi.ComponentResourceOptions): pulumi.ComponentResourceOptions {
  if (deletedWith === undefined) return {};
  return {
    transformations: [
      ({ type, props, opts }) =>
        type.startsWith("kubernetes:") ? { props, opts: { ...opts, deletedWith } } : undefined,
    ],
  };
}

function monitoringOf({ observability }: PlatformConfig): Pick<RegionalCacheArgs, "monitoring"> {
  if (observability === undefined) return {};
  const { runbooksUrl } = observability;
  return { monitoring: runbooksUrl === undefined ? {} : { runbooksUrl } };
}

function placementOf(
  { ecpuPerSecond }: CacheSection,
  { vpcId, cidrBlock, dataSubnetIds }: RegionCloud,
  { environment }: PlatformConfig,
  region: RegionSection,
  name: string,
): CachePlacement {
  return {
    ...{ identifier: identifierOf(environment, region.name, name), vpcId, cidrBlock, subnetIds: dataSubnetIds },
    ...(ecpuPerSecond === undefined ? {} : { ecpuPerSecond }),
  };
}
