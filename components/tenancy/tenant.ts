import type { TenantIsolation } from "../database/tenancy";

/** What a tenant pays for: the architecture's tiers, from least to most. */
export enum TenantTier {
  Free = "free",
  Pro = "pro",
  Enterprise = "enterprise",
}

/** A customer whose users and data are kept from all others'. */
export interface Tenant {
  /** DNS label, unique, never used again for another one. */
  id: string;
  tier: TenantTier;
  isolation: TenantIsolation;
  /** Region that has its data. */
  dataRegion: string;
  /** Whether its requests go nowhere else, not even while that region is down. Default false. */
  staysInRegion?: boolean;
  /** Its own host names, beside `<id>.<domain of the tenants>`. Default none. */
  customDomains?: string[];
  /** Whether it is answered 403 everywhere; its data stays. Default false. */
  suspended?: boolean;
  /** What it has beyond its tier's features. Default none. */
  features?: string[];
}

/** What the edge knows of a tenant, in its key-value store. */
export interface TenantRecord {
  id: string;
  tier: TenantTier;
  /** Sorted. */
  features: readonly string[];
  dataRegion: string;
  staysInRegion: boolean;
  isolation: TenantIsolation;
  /** Over all regions and data centres. */
  requestsPerMinute: number;
  suspended: boolean;
}

/** The architecture's: each tier has what the one below it has. */
const ownFeatures: Readonly<Record<TenantTier, readonly string[]>> = {
  [TenantTier.Free]: ["core"],
  [TenantTier.Pro]: ["advanced", "integrations"],
  [TenantTier.Enterprise]: ["sso", "audit"],
};

export const tiers: readonly TenantTier[] = [TenantTier.Free, TenantTier.Pro, TenantTier.Enterprise];

/** Features that a tenant of this tier may use. */
export function tierFeatures(tier: TenantTier): string[] {
  return tiers.slice(0, tiers.indexOf(tier) + 1).flatMap((each) => ownFeatures[each]);
}

/** Requests a minute by tier, which may have a tier that no tenant is in. */
export type TierLimits = Readonly<Record<string, number>>;

/** @throws Error if the limits lack the tenant's tier; `tenantProblems` tells it before */
export function tenantRecord(tenant: Tenant, limits: TierLimits): TenantRecord {
  const { id, tier, isolation, dataRegion, staysInRegion = false, suspended = false, features = [] } = tenant;
  const requestsPerMinute = limits[tier];
  if (requestsPerMinute === undefined) throw new Error(`tier ${tier} of tenant ${id} has no limit`);
  return {
    ...{ id, tier, isolation, dataRegion, staysInRegion, requestsPerMinute, suspended },
    features: [...new Set([...tierFeatures(tier), ...features])].sort(),
  };
}

export const hasFeature = ({ features }: Pick<TenantRecord, "features">, feature: string): boolean =>
  features.includes(feature);

export const hostKey = (host: string): string => `host:${host}`;
export const tenantKey = (id: string): string => `tenant:${id}`;

export interface TenantEntry {
  key: string;
  value: TenantRecord;
}

/**
 * Entries of the store in which the edge looks tenants up: one by the id, and one for each of its hosts.
 *
 * @param domain of which `<id>.<domain>` is a host of each tenant; none where it is undefined
 */
export function tenantEntries(
  tenants: readonly Tenant[],
  domain: string | undefined,
  limits: TierLimits,
): TenantEntry[] {
  return tenants.flatMap((tenant) => {
    const value = tenantRecord(tenant, limits);
    return [tenantKey(tenant.id), ...tenantHosts(tenant, domain).map(hostKey)].map((key) => ({ key, value }));
  });
}

/** Hosts of a tenant: the one in the domain of the tenants comes first, where there is such a domain. */
export function tenantHosts(
  { id, customDomains = [] }: Pick<Tenant, "id" | "customDomains">,
  domain: string | undefined,
): string[] {
  return [...(domain === undefined ? [] : [`${id}.${domain}`]), ...customDomains];
}
