import type { ArgumentProblem } from "../arguments";
import { type Tenant, tenantHosts, tierFeatures, tiers, type TierLimits } from "./tenant";

/** What tenants must go together with. */
export interface TenantSurroundings {
  /** Of which `<id>.<domain>` is a host of each tenant. */
  domain?: string;
  /** Name of the platform's zone, in which no custom domain can be. */
  zone?: string;
  /** The platform's own hosts, also such as `*.shop.example`, which no tenant can have. */
  hosts: readonly string[];
  /** Names of the regions. */
  regions: readonly string[];
  limits: TierLimits;
}

/** RFC 1123; small letters alone, since a key-value store takes capitals for others. */
const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export function isHostName(host: string): boolean {
  const labels = host.split(".");
  const isAddress = /^\d+$/.test(labels.at(-1) ?? "");
  return host.length <= 253 && labels.length > 1 && !isAddress && labels.every((label) => dnsLabel.test(label));
}

/** https://developers.cloudflare.com/cloudflare-for-saas/reference/status-codes/custom-hostnames/, codes 1409 and 1411 */
const reserved = ["test", "example", "invalid", "localhost", "example.com", "example.net", "example.org"];
/** Of a certificate's common name: RFC 5280, ub-common-name. */
const longestCustomDomain = 64;

export const isWithin = (host: string, domain: string | undefined): domain is string =>
  domain !== undefined && (host === domain || host.endsWith(`.${domain}`));

/** What is wrong with tenants, each on its own and beside the others. */
export function tenantProblems(tenants: readonly Tenant[], around: TenantSurroundings): ArgumentProblem[] {
  const owners = new Map<string, string>();
  const ids = new Set<string>();
  return tenants.flatMap((tenant, index) => {
    const path = `tenants[${index}]`;
    const problems = ownProblems(path, tenant, around);
    if (ids.has(tenant.id)) {
      problems.push({ path: `${path}.id`, reason: `"${tenant.id}" is another tenant's too` });
      // Its hosts are the same ones then.
      return problems;
    }
    ids.add(tenant.id);
    tenantHosts(tenant, around.domain).forEach((host, position) => {
      const owner = isOfPlatform(host, around) ? "the platform itself" : owners.get(host);
      const place = customDomainAt(tenant, around.domain, position);
      if (owner !== undefined) problems.push({ path: `${path}.${place}`, reason: `${host} belongs to ${owner}` });
      owners.set(host, `tenant "${tenant.id}"`);
    });
    return problems;
  });
}

function isOfPlatform(host: string, { hosts, domain }: TenantSurroundings): boolean {
  const wildcard = host.replace(/^[^.]*/, "*");
  // All of the tenants' domain is the tenants' own, whoever lets it in.
  return hosts.includes(host) || (wildcard !== `*.${domain}` && hosts.includes(wildcard));
}

function customDomainAt({ id }: Tenant, domain: string | undefined, position: number): string {
  const first = tenantHosts({ id }, domain).length;
  return position < first ? "id" : `customDomains[${position - first}]`;
}

function ownProblems(path: string, tenant: Tenant, around: TenantSurroundings): ArgumentProblem[] {
  const { id, tier, dataRegion, customDomains = [], features = [] } = tenant;
  const problems: ArgumentProblem[] = [];
  const report = (field: string, reason: string) => problems.push({ path: `${path}.${field}`, reason });
  if (!dnsLabel.test(id)) report("id", `"${id}" must be a DNS label: 1 to 63 of a-z, 0-9 and inner hyphens`);
  if (!tiers.includes(tier)) report("tier", `"${tier}" must be one of ${tiers.join(", ")}`);
  else if (around.limits[tier] === undefined) {
    report("tier", `"${tier}" has no limit: set gateway.rateLimits.requestsPerMinute.${tier}`);
  }
  if (!around.regions.includes(dataRegion)) {
    report("dataRegion", `"${dataRegion}" must be one of ${around.regions.join(", ")}`);
  }
  customDomains.forEach((host, index) => {
    const reason = customDomainProblem(host, around);
    if (reason !== undefined) report(`customDomains[${index}]`, reason);
  });
  features.forEach((feature, index) => {
    const field = `features[${index}]`;
    if (!dnsLabel.test(feature)) report(field, `"${feature}" must be named by a-z, 0-9 and inner hyphens`);
    else if (tiers.includes(tier) && tierFeatures(tier).includes(feature)) {
      report(field, `"${feature}" comes with tier ${tier}: leave it out`);
    }
  });
  return problems;
}

function customDomainProblem(host: string, { domain, zone }: TenantSurroundings): string | undefined {
  if (!isHostName(host)) return `"${host}" must be a host name in small letters, such as shop.example.net`;
  if (isWithin(host, domain)) return `${host} is in ${domain}, where each tenant has <id>.${domain} alone`;
  if (isWithin(host, zone)) return `${host} is in the platform's own zone ${zone}`;
  const top = reserved.find((each) => host.endsWith(`.${each}`));
  if (top !== undefined) return `${host} is in ${top}, which no certificate is issued for`;
  if (host.length > longestCustomDomain) {
    return `${host} has ${host.length} characters, may have ${longestCustomDomain}: a certificate names no longer ones`;
  }
  return undefined;
}
