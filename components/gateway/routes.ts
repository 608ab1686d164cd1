import type { CorsFilter, HttpRouteRule } from "./gateway-api";
import { tierHeader } from "./headers";

/** Requests that the gateway lets in, and the services that they go to. */
export interface GatewayRoute {
  /** DNS label that no other route has; names its HTTPRoute. */
  name: string;
  /** Hosts of the gateway that it answers for, 16 at most. Default all. */
  hosts?: string[];
  /** Whole segments that the path starts with: `/orders` is for `/orders` and `/orders/1`, not for `/orders-old`. */
  path: string;
  /**
   * Value of the `x-api-version` header that it answers, e.g. `2`. Default: requests that no other route of the path
   * answers. A version may as well be a part of the path.
   */
  version?: string;
  /** One at least. */
  backends: RouteBackend[];
  /**
   * Services in their place for tenants of some tiers, by the verified token; each tier once. A public route has none: where no
   * token is verified, the tier is what the caller says. Default none.
   */
  tierBackends?: TierBackends[];
  /** Whether it needs no token. Default no. */
  isPublic?: boolean;
  /** Milliseconds for everything behind the gateway. Default 10,000, from 10 to 600,000. */
  timeoutMilliseconds?: number;
  /** Bytes that a request's body may have. Default: the gateway's own limit; bounds as there. */
  maxBodyBytes?: number;
  /** Web sites whose scripts may call it. Default none but those of its own host. */
  cors?: CrossOriginAccess;
}

/** A service of the routes' namespace; several of them share a route's requests by weight. */
export interface RouteBackend {
  service: string;
  /** Default 8080. */
  port?: number;
  /** Percent of the requests; those of a route add up to 100. Default, for the only backend, 100. */
  weight?: number;
}

export interface TierBackends {
  /** As the tier's header says it. */
  tier: string;
  /** One at least. */
  backends: RouteBackend[];
}

export interface CrossOriginAccess {
  /** Origins such as `https://shop.example.com`, or `https://*.example.com`; one at least. */
  origins: string[];
  /** Default GET, HEAD, POST, PUT, PATCH and DELETE. */
  methods?: string[];
  /** Request headers. Default `authorization`, `content-type` and `x-api-version`. */
  headers?: string[];
  /** Response headers that scripts may read. Default none but the safe ones. */
  exposedHeaders?: string[];
  /** Whether browsers send cookies along. Default no. */
  allowsCredentials?: boolean;
  /** Seconds that browsers remember the answer. Default 600, from 1 to 86,400. */
  maxAgeSeconds?: number;
}

/** Request header by which a caller asks for a version of a path. */
export const versionHeader = "x-api-version";

export const defaultRouteTimeoutMilliseconds = 10_000;
export const defaultBackendPort = 8080;
export const corsMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

export const routeHosts = (route: GatewayRoute, hosts: string[]): string[] => route.hosts ?? hosts;
export const backendWeight = ({ weight }: RouteBackend, backends: readonly RouteBackend[]): number | undefined =>
  weight ?? (backends.length === 1 ? 100 : undefined);

/** Name of a rule, by which patches find it; no route has a dot in its own. */
export const ruleName = (route: string, tier?: string): string => (tier === undefined ? route : `${route}.${tier}`);

/**
 * One rule for each tier that goes elsewhere, and one for the others. A gateway picks the rule once the token is verified, when
 * the tier's header is the token's. Both timeouts are the whole one: without a retry policy, which the standard channel of the
 * Gateway API lacks, Istio takes the one for a try as the one for all tries. It repeats by itself, twice at most, what never
 * reached a service, within the retry budget of the service.
 */
export function httpRouteRules(route: GatewayRoute): HttpRouteRule[] {
  const { name, path, version, backends, tierBackends = [], cors } = route;
  const timeout = gatewayDuration(route.timeoutMilliseconds ?? defaultRouteTimeoutMilliseconds);
  const rule = (to: RouteBackend[], tier?: string): HttpRouteRule => {
    const headers = [
      ...(version === undefined ? [] : [{ name: versionHeader, value: version }]),
      ...(tier === undefined ? [] : [{ name: tierHeader, value: tier }]),
    ];
    return {
      name: ruleName(name, tier),
      matches: [{ path: { type: "PathPrefix", value: path }, ...(headers.length === 0 ? {} : { headers }) }],
      ...(cors === undefined ? {} : { filters: [{ type: "CORS", cors: corsFilter(cors) }] }),
      backendRefs: to.map((backend) => ({
        name: backend.service,
        port: backend.port ?? defaultBackendPort,
        weight: backendWeight(backend, to) ?? 0,
      })),
      timeouts: { request: timeout, backendRequest: timeout },
    };
  };
  return [...tierBackends.map((pool) => rule(pool.backends, pool.tier)), rule(backends)];
}

/** The Gateway API takes five digits of a unit at most. */
export function gatewayDuration(milliseconds: number): string {
  const [seconds, rest] = [Math.floor(milliseconds / 1000), milliseconds % 1000];
  return `${seconds > 0 ? `${seconds}s` : ""}${rest > 0 ? `${rest}ms` : ""}`;
}

function corsFilter(cors: CrossOriginAccess): CorsFilter {
  const { origins, methods = corsMethods, headers = ["authorization", "content-type", versionHeader] } = cors;
  return {
    allowOrigins: origins,
    allowMethods: methods,
    allowHeaders: headers,
    ...(cors.exposedHeaders === undefined ? {} : { exposeHeaders: cors.exposedHeaders }),
    ...(cors.allowsCredentials === true ? { allowCredentials: true } : {}),
    maxAge: cors.maxAgeSeconds ?? 600,
  };
}
