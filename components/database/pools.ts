import type { ArgumentProblem } from "../arguments";
import type { TierLimit } from "../gateway/rate-limits";
import { bulkheadLimits, bulkheads } from "../mesh/bulkheads";

/** What one service takes of a database's connections. */
export interface PoolDemand {
  service: string;
  /** Replicas at most. */
  replicas: number;
  /** Connections of one replica at most. */
  connectionsPerReplica: number;
}

export const connectionsOf = ({ replicas, connectionsPerReplica }: PoolDemand): number =>
  replicas * connectionsPerReplica;

/** All pools, with every service at its most replicas, must fit in what the database accepts. */
export function budgetProblems(path: string, demands: readonly PoolDemand[], budget: number): ArgumentProblem[] {
  const wanted = demands.map(connectionsOf).reduce((sum, each) => sum + each, 0);
  if (!(wanted > budget)) return [];
  const parts = demands.map(
    ({ service, replicas, connectionsPerReplica }) => `${service} ${replicas} × ${connectionsPerReplica}`,
  );
  const reason =
    `is ${budget}, and the services' pools add up to ${wanted} (${parts.join(", ")}): ` +
    "take a larger size, or lower connectionsPerReplica or replicas.max";
  return [{ path, reason }];
}

/**
 * Whole parts of a number in proportion to weights; they add up to it. Each is one at least where there is enough for that;
 * where there isn't, undefined: a pool that can't be divided is shared.
 */
export function partsOf(whole: number, weights: Readonly<Record<string, number>>): Record<string, number> | undefined {
  const names = Object.keys(weights);
  if (names.length === 0 || whole < names.length) return undefined;
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  const rest = whole - names.length;
  const shares = Object.entries(weights).map(([name, weight]) => ({ name, share: (rest * weight) / total }));
  const left = rest - shares.reduce((sum, { share }) => sum + Math.floor(share), 0);
  const favoured = [...shares].sort((one, other) => (other.share % 1) - (one.share % 1)).slice(0, left);
  return Object.fromEntries(
    shares.map((part) => [part.name, 1 + Math.floor(part.share) + (favoured.includes(part) ? 1 : 0)]),
  );
}

/**
 * What a service is told of the pool that each of its replicas has: its size, and how much of it each class of requests and
 * each tenant's tier may take, so that background work leaves some for the others, and free tenants for those who pay. By
 * class it is divided as the bulkheads are (20, 10, 5), by tier as requests a minute are.
 */
export function poolVariables(connections: number, tiers: readonly TierLimit[]): Record<string, string> {
  const limits = bulkheads.map((bulkhead) => [bulkhead, bulkheadLimits(bulkhead).inFlight] as const);
  const byBulkhead = partsOf(connections, Object.fromEntries(limits));
  const weights = tiers.map(({ tier, requestsPerMinute }) => [tier, requestsPerMinute] as const);
  const byTier = partsOf(connections, Object.fromEntries(weights));
  return {
    DATABASE_POOL_SIZE: String(connections),
    ...(byBulkhead === undefined ? {} : { DATABASE_POOL_BY_BULKHEAD: JSON.stringify(byBulkhead) }),
    ...(byTier === undefined ? {} : { DATABASE_POOL_BY_TIER: JSON.stringify(byTier) }),
  };
}
