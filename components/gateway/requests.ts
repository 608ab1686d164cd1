import type { EnvoyPatch } from "../mesh/istio";
import { edgeTenantPatch, keepsEdgeTenant } from "./edge-patches";

/**
 * Access is decided by path, and these are other ways to write one: some servers drop what follows `;` in a segment, or
 * decode twice; and none needs control characters. A route before all others answers them 400.
 */
const ambiguous = ".*(;|%3[bB]|%[01][0-9a-fA-F]|%7[fF]|%25(2[eEfF]|5[cC])).*";

/** Of the platform alone: a caller must not say which tenant it is, nor ask for faults or for another caller's pool. */
const platformPrefix = "x-omega-";

/** For every response, the gateway's own included; where a service may know better, only if it said nothing. */
const securityHeaders: Record<"always" | "unlessSet", Record<string, string>> = {
  always: {
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
  },
  unlessSet: {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
  },
};

const connectionManager = "envoy.filters.network.http_connection_manager";

/** What tells attackers which software answers. */
const revealingHeaders = ["server", "x-powered-by", "x-aspnet-version"];

/** Answered 200 while the proxy takes requests, and 503 once it drains, by whom ever asks. */
export const healthPath = "/healthz";

/**
 * Paths that are plain, and headers: what a caller sent under the platform's names is gone before the token's claims come,
 * and no answer leaves without the security headers.
 *
 * @param trustsEdge whether all callers are an edge that says which tenant a host is
 */
export function requestPatches(trustsEdge: boolean): EnvoyPatch[] {
  const isOfPlatform = { remove_on_match: { key_matcher: { prefix: platformPrefix, ignore_case: true } } };
  const append = (headers: Record<string, string>, append_action: string) =>
    Object.entries(headers).map(([key, value]) => ({ append: { header: { key, value }, append_action } }));
  return [
    {
      applyTo: "HTTP_ROUTE",
      match: { context: "GATEWAY" },
      patch: {
        operation: "INSERT_FIRST",
        value: {
          name: "ambiguous-path",
          match: { safe_regex: { regex: ambiguous } },
          direct_response: { status: 400 },
        },
      },
    },
    {
      applyTo: "HTTP_FILTER",
      match: { context: "GATEWAY", listener: { filterChain: { filter: { name: connectionManager } } } },
      patch: {
        operation: "INSERT_FIRST",
        value: {
          name: "envoy.filters.http.header_mutation",
          typed_config: {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
            mutations: {
              request_mutations: [...(trustsEdge ? keepsEdgeTenant : []), isOfPlatform],
              request_trailers_mutations: [isOfPlatform],
              response_mutations: [
                ...revealingHeaders.map((remove) => ({ remove })),
                ...append(securityHeaders.always, "OVERWRITE_IF_EXISTS_OR_ADD"),
                ...append(securityHeaders.unlessSet, "ADD_IF_ABSENT"),
              ],
            },
          },
        },
      },
    },
    {
      applyTo: "HTTP_FILTER",
      match: { context: "GATEWAY", listener: { filterChain: { filter: { name: connectionManager } } } },
      patch: {
        operation: "INSERT_FIRST",
        value: {
          name: "envoy.filters.http.health_check",
          typed_config: {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.health_check.v3.HealthCheck",
            pass_through_mode: false,
            headers: [{ name: ":path", string_match: { exact: healthPath } }],
          },
        },
      },
    },
    ...(trustsEdge ? [edgeTenantPatch()] : []),
  ];
}
