import { beforeRouter, connectionManagerPatch } from "../mesh/envoy-filters";
import type { EnvoyPatch } from "../mesh/istio";
import { defaultRouteTimeoutMilliseconds, type GatewayRoute, ruleName } from "./routes";

/** What one request may take of the gateway before a service sees it. */
export interface RequestLimits {
  /**
   * Bytes of a request's body; a longer one is answered 413. Default 1 MiB, from 1 KiB to 64 MiB. The gateway holds a body
   * until it is whole, so it carries no WebSockets and no streams of requests.
   */
  maxBodyBytes?: number;
  /** KiB of a request's headers together; more are answered 431. Default 16, from 4 to 96. */
  maxHeaderKibibytes?: number;
  /** Number of a request's headers; more are answered 431. Default 100, from 20 to 1000. */
  maxHeaders?: number;
  /** Seconds in which the headers must have come. Default 10, from 1 to 60. */
  headerSeconds?: number;
  /** Seconds in which the whole request must have come. Default 60, from 1 to 3600. */
  requestSeconds?: number;
}

export const limitsOf = (limits: RequestLimits): Required<RequestLimits> => ({
  maxBodyBytes: limits.maxBodyBytes ?? 1_048_576,
  maxHeaderKibibytes: limits.maxHeaderKibibytes ?? 16,
  maxHeaders: limits.maxHeaders ?? 100,
  headerSeconds: limits.headerSeconds ?? 10,
  requestSeconds: limits.requestSeconds ?? 60,
});

/** Seconds without a byte after which a request ends: more than any route may take. */
export function streamIdleSeconds(routes: GatewayRoute[]): number {
  const timeouts = routes.map(({ timeoutMilliseconds = defaultRouteTimeoutMilliseconds }) => timeoutMilliseconds);
  return Math.max(60, Math.ceil(Math.max(0, ...timeouts) / 1000) + 5);
}

const httpType = "type.googleapis.com/envoy.extensions.filters.http";
const bodyFilter = "envoy.filters.http.buffer";

/** Bounds of headers and bodies; the times are in the proxies' own settings, see `proxyConfiguration`. */
export function limitPatches(limits: RequestLimits, routes: GatewayRoute[]): EnvoyPatch[] {
  const { maxBodyBytes, maxHeaderKibibytes, maxHeaders } = limitsOf(limits);
  return [
    connectionManagerPatch("GATEWAY", {
      max_request_headers_kb: maxHeaderKibibytes,
      common_http_protocol_options: { max_headers_count: maxHeaders },
    }),
    beforeRouter("GATEWAY", {
      name: bodyFilter,
      typed_config: { "@type": `${httpType}.buffer.v3.Buffer`, max_request_bytes: maxBodyBytes },
    }),
    ...routes.flatMap(({ name, maxBodyBytes: own, tierBackends = [] }) =>
      own === undefined
        ? []
        : [undefined, ...tierBackends.map(({ tier }) => tier)].map((tier) => bodyPatch(ruleName(name, tier), own)),
    ),
  ];
}

function bodyPatch(route: string, bytes: number): EnvoyPatch {
  const buffer = { "@type": `${httpType}.buffer.v3.BufferPerRoute`, buffer: { max_request_bytes: bytes } };
  return {
    applyTo: "HTTP_ROUTE",
    match: { context: "GATEWAY", routeConfiguration: { vhost: { route: { name: route } } } },
    patch: { operation: "MERGE", value: { typed_per_filter_config: { [bodyFilter]: buffer } } },
  };
}
