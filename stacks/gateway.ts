import type * as pulumi from "@pulumi/pulumi";
import {
  CertificateIssuer,
  CounterStore,
  Gateway,
  type GatewayArgs,
  gatewayWorkload,
  type GatewayRoute,
  type RouteBackend,
  IssuerKind,
  MeshNamespace,
  RateLimiter,
} from "../components";
import { originHost } from "../components/edge/region";
import { gatewayProblems } from "../components/gateway/gateway-problems";
import { rateLimitProblems } from "../components/gateway/rate-limits";
import type { RegionCaches } from "./cache";
import type { PlatformConfig } from "./config";
import type { ConfigurationError } from "./configuration-error";
import type { GatewaySection, PlatformSections, RegionSection, ServiceSection } from "./schema";

/** Also the name of its ServiceAccount, by which services let it in. */
export const gatewayName = "gateway";

type RoutedService = Pick<ServiceSection, "name" | "port" | "routes" | "pool">;

/** The routes of all services, in the services' order. */
function routesOf(services: readonly RoutedService[]): GatewayRoute[] {
  const portOf = (name: string) => services.find((service) => service.name === name)?.port;
  const withPorts = (backends: readonly RouteBackend[]) =>
    backends.map((backend) => {
      const port = portOf(backend.service);
      return { ...backend, ...(port === undefined ? {} : { port }) };
    });
  const routes = services.flatMap((service) =>
    service.routes.map(({ backends = [{ service: service.name }], ...route }) => ({
      ...route,
      name: route.name ?? defaultName(service.name, route),
      backends,
    })),
  );
  return routes.map((route) => {
    const tierBackends = tiersOf(route, routes, services).map((tier) => ({
      tier,
      backends: withPorts(route.backends.map((backend) => ({ ...backend, service: poolOr(backend.service, tier) }))),
    }));
    return {
      ...route,
      backends: withPorts(route.backends),
      ...(tierBackends.length === 0 ? {} : { tierBackends }),
    };
  });

  function poolOr(name: string, tier: string): string {
    return services.find(({ pool }) => pool?.of === name && pool.tier === tier)?.name ?? name;
  }
}

/**
 * Tiers that some version of the path has a pool for: a rule that names a tier and one that names a version would else be two
 * answers to a request that has both.
 */
function tiersOf(
  { path, isPublic }: GatewayRoute,
  routes: readonly GatewayRoute[],
  services: readonly RoutedService[],
): string[] {
  if (isPublic === true) return [];
  const reached = routes
    .filter((route) => route.path === path)
    .flatMap(({ backends }) => backends.map(({ service }) => service));
  const found = services.flatMap(({ pool }) => (pool !== undefined && reached.includes(pool.of) ? [pool.tier] : []));
  return [...new Set(found)];
}

/** Stays the same when routes come and go: a change of the name would replace the route. */
function defaultName(service: string, { path, version }: { path: string; version?: string }): string {
  const words = [service, ...path.toLowerCase().split(/[^a-z0-9]+/), ...(version === undefined ? [] : [`v${version}`])];
  return words.filter((word, index) => word !== "" && word !== words[index - 1]).join("-");
}

export const isRouted = (service: string, services: readonly RoutedService[]): boolean =>
  routesOf(services).some(({ backends, tierBackends = [] }) =>
    [...backends, ...tierBackends.flatMap((tier) => tier.backends)].some((backend) => backend.service === service),
  );

/** What the section and the services' routes are to the component. @param ownHosts by which the edge asks this region */
function gatewayArgs(
  section: GatewaySection,
  services: readonly RoutedService[],
  ownHosts: readonly string[],
): Omit<GatewayArgs, "namespace" | "issuer" | "routesNamespace"> {
  const { sources, clientAuthority, authentication, limits, loadBalancer, trustedProxies, replicas, size } = section;
  const hosts = [...section.hosts, ...ownHosts];
  return {
    ...{ gatewayName, hosts, sources, limits, trustedProxies, replicas, size },
    ...(clientAuthority === undefined ? {} : { clientAuthority }),
    ...(authentication === undefined ? {} : { authentication }),
    ...(loadBalancer === undefined ? {} : { loadBalancer }),
    routes: routesOf(services),
  };
}

/** Rules between the gateway and the services. */
export function gatewayErrors({ gateway, services }: PlatformSections): ConfigurationError[] {
  const places = services.flatMap(({ routes }, index) =>
    routes.map((_, position) => `services[${index}].routes[${position}]`),
  );
  if (gateway === undefined) {
    return places.map((path) => ({ path, reason: "needs a gateway, and there is none" }));
  }
  const args = { namespace: "", routesNamespace: "", issuer: { kind: IssuerKind.Issuer, name: "" } };
  const errors = gatewayProblems({ ...args, ...gatewayArgs(gateway, services, []) }).map(({ path, reason }) => {
    const [, index, rest = ""] = /^routes\[(\d+)\](.*)$/.exec(path) ?? [];
    return { path: index === undefined ? `gateway.${path}` : `${places[Number(index)]}${rest}`, reason };
  });
  const { requestsPerMinute, backstopRequestsPerSecond } = gateway.rateLimits;
  const limits = rateLimitProblems(requestsPerMinute, backstopRequestsPerSecond);
  errors.push(...limits.map(({ path, reason }) => ({ path: `gateway.rateLimits.${path}`, reason })));
  routesOf(services).forEach(({ backends }, index) => {
    backends.forEach((backend, position) => {
      if (services.some(({ name }) => name === backend.service)) return;
      const path = `${places[index]}.backends[${position}].service`;
      errors.push({ path, reason: `"${backend.service}" is no service of this platform` });
    });
  });
  if (services.some(({ name }) => name === gatewayName)) {
    errors.push({ path: "services", reason: `"${gatewayName}" is the gateway's own name` });
  }
  return errors;
}

interface GatewayOptions {
  /** For the gateway itself, whose load balancer outlives its cluster unless it is deleted first. */
  withCloudObjects: pulumi.ComponentResourceOptions;
  /** For the namespace, which must be there before its pods. */
  inCluster: pulumi.ComponentResourceOptions;
  /** What its custom resources need. */
  operators: pulumi.Resource[];
  /** Of the region's replicated store, if it has one. */
  caches?: Pick<RegionCaches, "rateLimitAddress">;
}

/** The gateway with its namespace, its certificates and its limits; gives its address. */
export function buildGateway(
  section: GatewaySection,
  { services, edge }: PlatformConfig,
  { name: region, cidrBlock }: RegionSection,
  routesNamespace: pulumi.Output<string>,
  { inCluster, withCloudObjects, operators, caches }: GatewayOptions,
): pulumi.Output<string> {
  const meshNamespace = new MeshNamespace(section.namespace, { name: section.namespace }, inCluster);
  const namespace = meshNamespace.namespaceName;
  const options = { ...inCluster, dependsOn: [meshNamespace, ...operators] };
  const issuer = new CertificateIssuer(
    "certificates",
    { namespace, ...(section.acme === undefined ? {} : { acme: section.acme }) },
    options,
  );
  const {
    redis = caches?.rateLimitAddress({ name: section.namespace, namespace: meshNamespace, options }) ??
      new CounterStore("counter-store", { namespace }, options).redis,
    ...rateLimits
  } = section.rateLimits;
  const limiter = new RateLimiter(
    "rate-limiter",
    {
      ...rateLimits,
      namespace,
      gateway: gatewayWorkload(gatewayName),
      redis,
    },
    options,
  );
  const gateway = new Gateway(
    "gateway",
    {
      ...gatewayArgs(section, services, edge === undefined ? [] : [originHost(region, edge.zone)]),
      ...{ namespace, routesNamespace, issuer: issuer.reference },
      loadBalancer: {
        // A cloud's load balancer asks from its own network.
        ...(cidrBlock === undefined ? {} : { healthCheckSources: [cidrBlock] }),
        ...section.loadBalancer,
      },
    },
    { ...withCloudObjects, dependsOn: [...options.dependsOn, issuer, limiter] },
  );
  return gateway.address;
}
