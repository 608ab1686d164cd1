import type * as pulumi from "@pulumi/pulumi";
import { beforeRouter, connectionManagerPatch } from "../mesh/envoy-filters";
import type { EnvoyPatch } from "../mesh/istio";
import { tenantHeader, tierHeader } from "./headers";
import { instanceBucket, limitDomain, tenantBucket, tenantKey, tierKey, type TierLimit } from "./rate-limits";

const typed = "type.googleapis.com/envoy.extensions.filters.http";

interface RateLimitFilterArgs {
  limits: readonly TierLimit[];
  backstopRequestsPerSecond: number;
  /** Fully qualified name of the limiter's Service, and its port. */
  host: pulumi.Input<string>;
  /** Name that istiod gives to the limiter's endpoints. */
  cluster: pulumi.Input<string>;
}

/**
 * The limiter is asked first: what it refuses takes nothing from the instance's own bucket, so a tenant that floods the
 * gateway doesn't use up the room of the others.
 */
export function rateLimitPatches(args: RateLimitFilterArgs): EnvoyPatch[] {
  return [
    beforeRouter("GATEWAY", globalLimit(args)),
    beforeRouter("GATEWAY", backstop(args)),
    connectionManagerPatch("GATEWAY", { local_reply_config: { mappers: [retryAfterReset] } }),
  ];
}

/** Without a tenant nothing is asked; a tenant without a tier is asked about by the tenant alone. */
const askAboutTenant = {
  actions: [
    { request_headers: { header_name: tierHeader, descriptor_key: tierKey, skip_if_absent: true } },
    { request_headers: { header_name: tenantHeader, descriptor_key: tenantKey } },
  ],
};

function globalLimit({ host, cluster }: RateLimitFilterArgs) {
  return {
    name: "envoy.filters.http.ratelimit",
    typed_config: {
      "@type": `${typed}.ratelimit.v3.RateLimit`,
      domain: limitDomain,
      // An answer takes a millisecond or two in the region: this leaves room for a busy moment, and is what a request waits
      // at most when the limiter hangs, until the breaker leaves it out.
      timeout: "0.025s",
      failure_mode_deny: false,
      enable_x_ratelimit_headers: "DRAFT_VERSION_03",
      rate_limited_as_resource_exhausted: true,
      rate_limit_service: {
        transport_api_version: "V3",
        grpc_service: { envoy_grpc: { cluster_name: cluster, authority: host } },
      },
      rate_limits: [askAboutTenant],
    },
  };
}

const always = (key: string) => ({
  runtime_key: `omega.backstop.${key}`,
  default_value: { numerator: 100, denominator: "HUNDRED" },
});

/** Tenants of one tier whose use an instance remembers; the one that was longest away starts anew. */
const rememberedTenants = 10_000;

/** Of its own, whatever the limiter does: a bucket for each tenant of a tier that is known, and one for all requests. */
function backstop({ limits, backstopRequestsPerSecond }: RateLimitFilterArgs) {
  return {
    name: "envoy.filters.http.local_ratelimit",
    typed_config: {
      "@type": `${typed}.local_ratelimit.v3.LocalRateLimit`,
      stat_prefix: "gateway_backstop",
      filter_enabled: always("enabled"),
      filter_enforced: always("enforced"),
      rate_limited_as_resource_exhausted: true,
      token_bucket: instanceBucket(backstopRequestsPerSecond),
      rate_limits: [askAboutTenant],
      descriptors: limits.map(({ tier, requestsPerMinute }) => ({
        entries: [{ key: tierKey, value: tier }, { key: tenantKey }],
        token_bucket: tenantBucket(requestsPerMinute),
      })),
      max_dynamic_descriptors: rememberedTenants,
      // Both kinds of bucket have something again within a second.
      response_headers_to_add: [{ header: { key: "retry-after", value: "1" }, append_action: "ADD_IF_ABSENT" }],
    },
  };
}

/** What the limiter refuses may be sent again in the next minute, which its own header counts down to. */
const retryAfterReset = {
  filter: { response_flag_filter: { flags: ["RL"] } },
  headers_to_add: [
    { header: { key: "retry-after", value: "%RESP(x-ratelimit-reset)%" }, append_action: "ADD_IF_ABSENT" },
  ],
};
