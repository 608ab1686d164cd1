import type { ArgumentProblem } from "../arguments";
import { type Tenant, tenantHosts, tierFeatures, tiers, type TierLimits } from "./tenant";

/** What tenants must go together with. */
export interface TenantSurroundings {
  /** Of which `<id>.<domain>` is a host of each tenant. */
  domain?: string;
  /** The platform's own hosts, which no tenant can have. */
  hosts: readonly string[];
  /** Names of the regions. */
  regions: readonly string[];
  limits: TierLimits;
}

/** RFC 1123; small letters alone, since a key-value store takes capitals for others. */
const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export function isHostName(host: string): boolean {
  const labels = host.split(".");
  return host.length <= 253 && labels.length > 1 && labels.every((label) => dnsLabel.test(label));
}

/** What is wrong with tenants, each on its own and beside the others. */
export function tenantProblems(tenants: readonly Tenant[], around: TenantSurroundings): ArgumentProblem[] {
  const taken = new Map<string, string>(around.hosts.map((host) => [host, "the platform itself"]));
  const ids = new Set<string>();
  return tenants.flatMap((tenant, index) => {
    const path = `tenants[${index}]`;
    const problems = [...ownProblems(path, tenant, around)];
    if (ids.has(tenant.id)) problems.push({ path: `${path}.id`, reason: `"${tenant.id}" is another tenant's too` });
    ids.add(tenant.id);
    for (const host of tenantHosts(tenant, around.domain)) {
      const owner = taken.get(host);
      if (owner !== undefined)
        problems.push({ path: placeOf(path, tenant, host), reason: `${host} belongs to ${owner}` });
      else taken.set(host, `tenant "${tenant.id}"`);
    }
    return problems;
  });
}

function placeOf(path: string, { customDomains = [] }: Tenant, host: string): string {
  const index = customDomains.lastIndexOf(host);
  return index < 0 ? `${path}.id` : `${path}.customDomains[${index}]`;
}

function ownProblems(path: string, tenant: Tenant, { domain, regions, limits }: TenantSurroundings): ArgumentProblem[] {
  const { id, tier, dataRegion, customDomains = [], features = [] } = tenant;
  const problems: ArgumentProblem[] = [];
  const report = (field: string, reason: string) => problems.push({ path: `${path}.${field}`, reason });
  if (!dnsLabel.test(id)) report("id", `"${id}" must be a DNS label: 1 to 63 of a-z, 0-9 and inner hyphens`);
  if (!tiers.includes(tier)) report("tier", `"${tier}" must be one of ${tiers.join(", ")}`);
  else if (limits[tier] === undefined) {
    report("tier", `"${tier}" has no limit: set gateway.rateLimits.requestsPerMinute.${tier}`);
  }
  if (!regions.includes(dataRegion)) report("dataRegion", `"${dataRegion}" must be one of ${regions.join(", ")}`);
  customDomains.forEach((host, index) => {
    const field = `customDomains[${index}]`;
    if (!isHostName(host))
      report(field, `"${host}" must be a host name in small letters, such as shop.customer.example`);
    else if (domain !== undefined && (host === domain || host.endsWith(`.${domain}`))) {
      report(field, `${host} is in ${domain}, where each tenant has <id>.${domain} alone`);
    }
  });
  features.forEach((feature, index) => {
    if (!dnsLabel.test(feature)) report(`features[${index}]`, `"${feature}" must be named by a-z, 0-9 and -`);
    else if (tiers.includes(tier) && tierFeatures(tier).includes(feature)) {
      report(`features[${index}]`, `"${feature}" comes with tier ${tier}: leave it out`);
    }
  });
  return problems;
}
