import {
  CacheProfile,
  type EdgeBehaviour,
  type EdgeRegionSettings,
  type EdgeRoute,
  ReadPreference,
  type TokenSettings,
} from "../components";
import { databaseEdgeProblems } from "../components/database/database-edge";
import { balancerProblems } from "../components/edge/edge-load-balancer";
import { edgeProblems } from "../components/edge/edge-settings";
import { originHost } from "../components/edge/region";
import type { ConfigurationError } from "./configuration-error";
import { type EdgeSection, type PlatformSections, Scope, type SecretKey } from "./schema";
import { secretErrors } from "./secrets";
import type { EdgeSurroundings } from "./tenants";

type EdgeSections = Pick<PlatformSections, "regions" | "services" | "cache" | "gateway" | "tenancy" | "edge">;

/** Regions of which it is known where they are. */
export const located = ({ regions }: Pick<PlatformSections, "regions">): EdgeRegionSettings[] =>
  regions.flatMap(({ name, location }) => (location === undefined ? [] : [{ name, ...location }]));

/** A path that several services share by version or weight is kept only if all of them let it be. */
function routesOf({ services }: Pick<PlatformSections, "services">, queuedPaths: readonly string[]): EdgeRoute[] {
  const routes = services.flatMap(({ routes: own, cache, database }) =>
    own.map(({ path, isPublic, version, cors }) => ({
      path,
      // What is kept for all depends on no header: neither on a version's nor on the site that asks.
      cached:
        isPublic &&
        version === undefined &&
        cors === undefined &&
        cache !== undefined &&
        cache.profile !== CacheProfile.Private,
      readsNearest: database === undefined || database.reads === ReadPreference.Nearest,
      queuesWrites: queuedPaths.includes(path),
    })),
  );
  const merged = new Map<string, EdgeRoute>();
  for (const route of routes) {
    const { path } = route;
    const other = merged.get(path) ?? route;
    const cached = route.cached && other.cached;
    merged.set(path, { ...route, cached, readsNearest: route.readsNearest && other.readsNearest });
  }
  return [...merged.values()];
}

/** What the Worker does, from all sections. */
export function behaviourOf(edge: EdgeSection, sections: EdgeSections): EdgeBehaviour {
  const { flagsHost, flagTokens, breaker, drained } = edge;
  const { regionMilliseconds, deadlineMilliseconds, assetsPath, apiSeconds, bodyBytes, hitLogSampling } = edge;
  const { authentication, hosts = [] } = sections.gateway ?? {};
  return {
    ...{
      zone: edge.zone,
      hosts,
      routes: routesOf(sections, edge.queuedPaths),
      ...breaker,
      assetsPath,
      hitLogSampling,
      flagTokens,
    },
    ...{ regionMilliseconds, deadlineMilliseconds, apiSeconds, bodyBytes },
    regions: located(sections).filter(({ name }) => !drained.includes(name)),
    ...(flagsHost === undefined ? {} : { flagsHost }),
    ...(sections.cache === undefined ? {} : { tiers: sections.cache.tiers }),
    ...(authentication === undefined ? {} : { authentication: tokensOf(authentication) }),
  };
}

/** The edge asks less of a token than the gateway, which checks it again. */
function tokensOf({ issuer, audiences, jwksUri, jwks, tenantClaim }: Authentication): TokenSettings {
  return {
    ...{ issuer, audiences, tenantClaim },
    ...(jwksUri === undefined ? {} : { jwksUri }),
    ...(jwks === undefined ? {} : { jwks }),
  };
}

type Authentication = NonNullable<NonNullable<PlatformSections["gateway"]>["authentication"]>;

/** What tenants must go together with. */
export function edgeSurroundings({ edge, gateway, regions }: EdgeSections): EdgeSurroundings | undefined {
  if (edge === undefined) return undefined;
  return { zone: edge.zone.name, hosts: ownHosts(edge, gateway?.hosts ?? [], regions) };
}

/** All hosts that no tenant can have. */
export const ownHosts = (
  { zone, flagsHost, assetsHost, otherHosts }: EdgeSection,
  hosts: readonly string[],
  regions: PlatformSections["regions"],
): string[] => [
  ...hosts,
  ...(flagsHost === undefined ? [] : [flagsHost]),
  ...(assetsHost === undefined ? [] : [assetsHost]),
  ...otherHosts,
  ...regions.map(({ name }) => originHost(name, zone)),
];

/** Each is one thing's alone, in the zone, and where the zone's own certificate covers it. */
function hostErrors(
  edge: EdgeSection,
  hosts: readonly string[],
  regions: PlatformSections["regions"],
): ConfigurationError[] {
  const { zone, flagsHost, assetsHost, otherHosts } = edge;
  const given: [path: string, host: string][] = [
    ...hosts.map((host, index): [string, string] => [`gateway.hosts[${index}]`, host]),
    ...(flagsHost === undefined ? [] : [["edge.flagsHost", flagsHost] satisfies [string, string]]),
    ...(assetsHost === undefined ? [] : [["edge.assetsHost", assetsHost] satisfies [string, string]]),
    ...otherHosts.map((host, index): [string, string] => [`edge.otherHosts[${index}]`, host]),
  ];
  const origins = regions.map(({ name }) => originHost(name, zone));
  return given.flatMap(([path, host], index) => {
    const [other] = given.slice(0, index).filter((each) => each[1] === host);
    const depth = host.split(".").length - zone.name.split(".").length;
    return [
      ...(host.includes("*")
        ? [{ path, reason: `${host} must be one host: the edge knows tenants' hosts by themselves` }]
        : []),
      ...(other === undefined ? [] : [{ path, reason: `${host} is ${other[0]} too` }]),
      ...(origins.includes(host) ? [{ path, reason: `${host} is how the edge asks a region` }] : []),
      ...(path !== "edge.flagsHost" &&
      !path.startsWith("gateway") &&
      !(host === zone.name || host.endsWith(`.${zone.name}`))
        ? [{ path, reason: `${host} must be in the zone ${zone.name}` }]
        : []),
      ...(depth > 1 && host.endsWith(`.${zone.name}`)
        ? [{ path, reason: `${host} is below the first level of ${zone.name}, which its certificate doesn't cover` }]
        : []),
    ];
  });
}

/** Rules of the edge, and between it, the gateway, the regions and the services. */
export function edgeErrors(
  sections: EdgeSections & Pick<PlatformSections, "scope">,
  secrets: readonly SecretKey[],
): ConfigurationError[] {
  const { edge, gateway, regions, services, scope } = sections;
  // Secrets aren't inherited: a region, which doesn't make the edge, needs none of them.
  const needed = scope === Scope.Region ? undefined : edge;
  const ofSecrets = [
    ...secretErrors("edgeClientKey", "edge.clientCertificate", needed?.clientCertificate !== undefined, secrets),
    ...secretErrors("edgeDatabasePassword", "edge.database", needed?.database !== undefined, secrets),
    ...secretErrors("edgeLogsKey", "edge.logs", needed?.logs !== undefined, secrets),
  ];
  if (edge === undefined) return ofSecrets;
  const names = regions.map(({ name }) => name);
  const unknownRegion = (path: string, name: string): ConfigurationError[] =>
    names.includes(name) ? [] : [{ path, reason: `"${name}" must be one of ${names.join(", ")}` }];
  const balanced = located(sections).map((region) => ({
    ...region,
    isDrained: edge.drained.includes(region.name),
    ...(edge.shedPercent[region.name] === undefined ? {} : { shedPercent: edge.shedPercent[region.name] ?? 0 }),
  }));
  const { healthPath, zone } = edge;
  return [
    ...ofSecrets,
    ...(gateway === undefined
      ? [{ path: "gateway", reason: "is missing: the edge has nobody to ask without one" }]
      : []),
    ...regions.flatMap(({ location }, index) =>
      location === undefined
        ? [{ path: `regions[${index}].location`, reason: "is missing: the edge sends visitors to the nearest region" }]
        : [],
    ),
    ...edge.queuedPaths.flatMap((path, index) =>
      services.some(({ routes }) => routes.some((route) => route.path === path))
        ? []
        : [{ path: `edge.queuedPaths[${index}]`, reason: `"${path}" is no service's route` }],
    ),
    ...edge.drained.flatMap((name, index) => unknownRegion(`edge.drained[${index}]`, name)),
    ...Object.keys(edge.shedPercent).flatMap((name) => unknownRegion(`edge.shedPercent.${name}`, name)),
    ...(gateway === undefined
      ? []
      : edgeProblems(behaviourOf(edge, sections))
          // Said of all regions below, the drained ones too.
          .filter(({ path }) => !/^(regions|hosts)/.test(path))
          .map(({ path, reason }) => ({ path: placeOf(path), reason }))),
    ...balancerProblems({ hosts: gateway?.hosts ?? [zone.name], regions: balanced, healthPath, zone }).map(
      ({ path, reason }) => ({ path: placeOf(path), reason }),
    ),
    ...services.flatMap(({ routes }, index) =>
      routes.flatMap(({ hosts }, position) =>
        hosts === undefined
          ? []
          : [
              {
                path: `services[${index}].routes[${position}].hosts`,
                reason: "must be left out: the edge asks each region by the region's own host",
              },
            ],
      ),
    ),
    ...databaseEdgeProblems(edge.database ?? {}).map(({ path, reason }) => ({ path: `edge.database.${path}`, reason })),
    ...(edge.queuedPaths.length > 0 && edge.workersDomain === undefined
      ? [
          {
            path: "edge.workersDomain",
            reason: "is missing: the regions' hosts are closed to what queuedPaths sends again",
          },
        ]
      : []),
    ...hostErrors(edge, gateway?.hosts ?? [], regions),
    ...trustErrors(edge, gateway),
  ];
}

/** The gateway's authority is the edge's own, or it would refuse the edge. */
function trustErrors(edge: EdgeSection, gateway: PlatformSections["gateway"]): ConfigurationError[] {
  const isShown = edge.clientCertificate !== undefined;
  const isAsked = gateway?.clientAuthority !== undefined;
  if (gateway === undefined || isShown === isAsked) return [];
  return isShown
    ? [{ path: "gateway.clientAuthority", reason: "is missing: nobody looks at edge.clientCertificate" }]
    : [{ path: "edge.clientCertificate", reason: "is missing: gateway.clientAuthority refuses what has none" }];
}

/** Where in the stack file a component's argument comes from. */
function placeOf(path: string): string {
  if (path.startsWith("hosts")) return `gateway.${path}`;
  if (path.startsWith("regions")) return path.replace(/\.(latitude|longitude)$/, ".location.$1");
  if (path === "consecutiveFailures" || path === "openSeconds") return `edge.breaker.${path}`;
  return `edge.${path}`;
}
