import { stringify } from "yaml";
import { type ArgumentProblem, wholeNumberProblems } from "../arguments";

export interface TierLimit {
  /** As the tier's header says it. */
  tier: string;
  /** What each tenant of the tier may send to a region, from 1 to 10 million. */
  requestsPerMinute: number;
}

/** The architecture's tiers. */
const seedLimits: Readonly<Record<string, number>> = { free: 60, pro: 600, enterprise: 6000 };

/** The architecture's tiers with what is given in their place or beside them. */
export function tierLimits(given: Readonly<Record<string, number>> = {}): TierLimit[] {
  return Object.entries({ ...seedLimits, ...given }).map(([tier, requestsPerMinute]) => ({ tier, requestsPerMinute }));
}

const most = 10_000_000;

export function rateLimitProblems(
  given: Readonly<Record<string, number>> = {},
  backstopRequestsPerSecond?: number,
): ArgumentProblem[] {
  const names = Object.keys(given)
    .filter((tier) => !/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(tier))
    .map((tier) => ({ path: `requestsPerMinute.${tier}`, reason: "must be named by a-z, 0-9 and -" }));
  return [
    ...names,
    ...Object.entries(given).flatMap(([tier, value]) =>
      wholeNumberProblems(`requestsPerMinute.${tier}`, value, 1, most),
    ),
    ...wholeNumberProblems("backstopRequestsPerSecond", backstopRequestsPerSecond, 1, most),
  ];
}

const limitsOf = (limits: readonly TierLimit[]) => limits.map(({ requestsPerMinute }) => requestsPerMinute);

/** Name under which the gateway asks; the limiter may serve others too. */
export const limitDomain = "omega-gateway";
/** Keys of what the gateway asks about, in this order. */
export const tierKey = "tier";
export const tenantKey = "tenant";

/** File that tells the limiter each tier's limit. A tenant whose tier has no entry, or who has none, gets the lowest one. */
export function limiterConfiguration(limits: readonly TierLimit[]): string {
  const eachTenant = (requestsPerMinute: number) => ({
    key: tenantKey,
    rate_limit: { unit: "minute", requests_per_unit: requestsPerMinute },
  });
  const lowest = eachTenant(Math.min(...limitsOf(limits)));
  const descriptors = [
    ...limits.map(({ tier, requestsPerMinute }) => ({
      key: tierKey,
      value: tier,
      descriptors: [eachTenant(requestsPerMinute)],
    })),
    { key: tierKey, descriptors: [lowest] },
    lowest,
  ];
  return stringify({ domain: limitDomain, descriptors }, { aliasDuplicateObjects: false });
}

/** Envoy's own form of a limit: so many at once, and so many more in each interval. */
export interface TokenBucket {
  max_tokens: number;
  tokens_per_fill: number;
  fill_interval: string;
}

/**
 * What one gateway instance alone lets a tenant send, while the limiter is away. Its minutes begin anywhere and the limiter's
 * at a full minute, where a tenant may use two minutes' requests at once: with as much in store, it refuses nothing that the
 * limiter allows.
 */
export function tenantBucket(requestsPerMinute: number): TokenBucket {
  return { max_tokens: 2 * requestsPerMinute, tokens_per_fill: requestsPerMinute, fill_interval: "60s" };
}

/** What one gateway instance lets through in all. */
export function instanceBucket(requestsPerSecond: number): TokenBucket {
  return { max_tokens: requestsPerSecond, tokens_per_fill: requestsPerSecond, fill_interval: "1s" };
}

/** Tenants of the highest tier for whom one instance has room, all at their full rate: far fewer are, at any moment. */
const tenantsAtFullRate = 10;

/** 1,000 with the architecture's tiers, which one core forwards with ease. */
export function defaultBackstop(limits: readonly TierLimit[]): number {
  return Math.min(most, Math.ceil((tenantsAtFullRate * Math.max(...limitsOf(limits))) / 60));
}
