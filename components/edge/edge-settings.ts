import { type ArgumentProblem, wholeNumberProblems } from "../arguments";
import { CacheProfile, cacheTiers, type TierSettings } from "../cache/tiers";
import type { PlatformZone } from "../tenancy/tenant-directory";
import { type EdgeRegionSettings, originHost, regionProblems } from "./region";
import type { EdgeRoute, EdgeSettings, TokenSettings } from "./worker/bindings";

/** What may be set of the Worker. */
export interface EdgeBehaviour {
  zone: Pick<PlatformZone, "name">;
  /** The platform's own hosts. */
  hosts: readonly string[];
  /** Those that are asked, in the order in which visitors of whom nothing is known ask them. */
  regions: readonly EdgeRegionSettings[];
  /** The longest path that matches counts. Default none: everything is passed on, and no answer is kept. */
  routes?: readonly EdgeRoute[];
  /** Host at which services evaluate flags by OFREP. Default none. */
  flagsHost?: string;
  /** SHA-256, 64 small hexadecimal digits, of the bearer tokens by which services evaluate flags. Default none. */
  flagTokens?: readonly string[];
  /** Path, with a slash at both ends, under which answers come from the bucket. Default `/assets/`. */
  assetsPath?: string;
  /** Milliseconds for which the first region may think; fallback i has (i + 2) times as many. Default 1000, from 50. */
  regionMilliseconds?: number;
  /** Milliseconds for all regions together. Default 10,000, from `regionMilliseconds` to 60,000. */
  deadlineMilliseconds?: number;
  /** Failures in a row after which a region isn't asked for a route any more. Default 5 (the architecture's), from 1 to 100. */
  consecutiveFailures?: number;
  /** Seconds until one request tries such a region again. Default 30 (the architecture's), from 1 to 600. */
  openSeconds?: number;
  /** Of the four tiers: the edge's part of them. */
  tiers?: TierSettings;
  /** Seconds for which a public answer that says nothing of time is kept. Default 3600 (the architecture's), from 0 to `tiers.edgeSeconds`. */
  apiSeconds?: number;
  /** Bytes of a request's body. Default 1 MiB, from 0 to 100 MiB, which is what Cloudflare takes. */
  bodyBytes?: number;
  /** Of the gateways, which check tokens again. Default: none is checked at the edge, and no tenant is told by token. */
  authentication?: TokenSettings;
  /** Of answers from a cache one in so many is logged. Default 100, from 1 to 1,000,000. */
  hitLogSampling?: number;
}

/** Seconds in an isolate's memory, from which no purge takes an answer. */
const memorySeconds = 5;
/** An eighth of what an isolate has: https://developers.cloudflare.com/workers/platform/limits/ */
const memoryBytes = 16 * 2 ** 20;

/** What the Worker is told. The version is added where it is deployed. */
export function edgeSettings(behaviour: EdgeBehaviour): Omit<EdgeSettings, "version"> {
  const { zone, hosts, regions, routes = [], flagsHost, flagTokens = [], authentication } = behaviour;
  const { edge } = cacheTiers(CacheProfile.Shared, behaviour.tiers);
  return {
    ...{ hosts, routes, flagTokens, assetsPath: behaviour.assetsPath ?? "/assets/" },
    ...(flagsHost === undefined ? {} : { flagsHost }),
    regions: regions.map(({ name, latitude, longitude }) => ({
      ...{ name, latitude, longitude, origin: `https://${originHost(name, zone)}` },
    })),
    timeouts: {
      regionMilliseconds: behaviour.regionMilliseconds ?? 1000,
      deadlineMilliseconds: behaviour.deadlineMilliseconds ?? 10_000,
    },
    breaker: {
      consecutiveFailures: behaviour.consecutiveFailures ?? 5,
      openSeconds: behaviour.openSeconds ?? 30,
    },
    cache: {
      apiSeconds: behaviour.apiSeconds ?? 3600,
      edgeSeconds: edge.seconds,
      staleSeconds: edge.staleSeconds,
      staleIfErrorSeconds: edge.staleIfErrorSeconds,
      ...{ memorySeconds, memoryBytes },
    },
    limits: { urlBytes: 8192, headerBytes: 16_384, bodyBytes: behaviour.bodyBytes ?? 1_048_576 },
    ...(authentication === undefined ? {} : { authentication }),
    hitLogSampling: behaviour.hitLogSampling ?? 100,
  };
}

export function edgeProblems(behaviour: EdgeBehaviour): ArgumentProblem[] {
  const { zone, hosts, regions, routes = [], flagsHost, flagTokens = [], tiers } = behaviour;
  const { regionMilliseconds = 1000, assetsPath = "/assets/" } = behaviour;
  const { edge } = cacheTiers(CacheProfile.Shared, tiers);
  const inZone = (host: string) => host === zone.name || host.endsWith(`.${zone.name}`);
  return [
    ...regionProblems(regions),
    ...(hosts.length > 0 ? [] : [{ path: "hosts", reason: "must have one at least" }]),
    ...hosts.flatMap((host, index) => [
      ...(inZone(host) ? [] : [{ path: `hosts[${index}]`, reason: `${host} must be in the zone ${zone.name}` }]),
      ...(hosts.indexOf(host) === index ? [] : [{ path: `hosts[${index}]`, reason: `${host} is there twice` }]),
    ]),
    ...(flagsHost === undefined || inZone(flagsHost)
      ? []
      : [{ path: "flagsHost", reason: `${flagsHost} must be in the zone ${zone.name}` }]),
    ...(flagsHost !== undefined && hosts.includes(flagsHost)
      ? [{ path: "flagsHost", reason: `${flagsHost} is one of hosts: flags need a host of their own` }]
      : []),
    ...(flagsHost === undefined && flagTokens.length > 0
      ? [{ path: "flagTokens", reason: "need flagsHost, at which they are shown" }]
      : []),
    ...flagTokens.flatMap((token, index) =>
      /^[0-9a-f]{64}$/.test(token)
        ? []
        : [{ path: `flagTokens[${index}]`, reason: "must be a SHA-256: 64 of 0-9 and a-f; never the token itself" }],
    ),
    ...(/^\/([\w.~-]+\/)+$/.test(assetsPath)
      ? []
      : [{ path: "assetsPath", reason: `"${assetsPath}" must be a path with a slash at both ends` }]),
    ...routeProblems(routes),
    ...wholeNumberProblems("regionMilliseconds", behaviour.regionMilliseconds, 50, 60_000),
    ...wholeNumberProblems("deadlineMilliseconds", behaviour.deadlineMilliseconds, regionMilliseconds, 60_000),
    ...wholeNumberProblems("consecutiveFailures", behaviour.consecutiveFailures, 1, 100),
    ...wholeNumberProblems("openSeconds", behaviour.openSeconds, 1, 600),
    ...wholeNumberProblems("apiSeconds", behaviour.apiSeconds, 0, edge.seconds),
    ...wholeNumberProblems("bodyBytes", behaviour.bodyBytes, 0, 104_857_600),
    ...wholeNumberProblems("hitLogSampling", behaviour.hitLogSampling, 1, 1_000_000),
  ];
}

function routeProblems(routes: readonly EdgeRoute[]): ArgumentProblem[] {
  return routes.flatMap(({ path }, index) => {
    const first = routes.findIndex((route) => route.path === path);
    return [
      ...(path.startsWith("/") ? [] : [{ path: `routes[${index}].path`, reason: `"${path}" must begin with /` }]),
      ...(first === index ? [] : [{ path: `routes[${index}].path`, reason: `"${path}" is routes[${first}]'s too` }]),
    ];
  });
}
