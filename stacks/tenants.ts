import type * as pulumi from "@pulumi/pulumi";
import { tierLimits } from "../components/gateway/rate-limits";
import { tenantProblems } from "../components/tenancy/tenant-problems";
import { directoryProblems, type PlatformZone, TenantDirectory } from "../components/tenancy/tenant-directory";
import type { ConfigurationError } from "./configuration-error";
import { protectsData } from "./protection";
import type { PlatformSections } from "./schema";
import { tenantIsolationErrors } from "./tenant-lifecycle";
import type { TenancySection, TenantsSection } from "./schema/tenants";

interface Sections extends Pick<PlatformSections, "regions" | "gateway" | "database"> {
  tenants: TenantsSection;
  tenancy: TenancySection;
}

/** What of the edge tenants must go together with. */
export interface EdgeSurroundings {
  /** Name of the zone. */
  zone: string;
  /** All hosts of the platform that the edge knows, also such as `*.shop.example`. */
  hosts: string[];
}

/**
 * Rules of tenants, and between them, the regions, the database and the edge.
 *
 * @param edge undefined where the platform has none
 */
export function tenantErrors(sections: Sections, edge: EdgeSurroundings | undefined): ConfigurationError[] {
  const { tenants, tenancy } = sections;
  if (edge !== undefined) {
    const args = { ...directoryArgs(sections), hosts: edge.hosts, zone: { name: edge.zone } };
    const errors = directoryProblems(args, limitsOf(sections)).map(({ path, reason }) => ({
      path: path.startsWith("tenants") ? path : `tenancy.${path}`,
      reason,
    }));
    return [...errors, ...tenantIsolationErrors(sections)];
  }
  const around = { hosts: [], regions: sections.regions.map(({ name }) => name), limits: limitsOf(sections) };
  return [
    ...Object.keys(tenancy)
      .filter((key) => key !== "tiers")
      .map((key) => ({
        path: `tenancy.${key}`,
        reason: "needs the section edge, and there is none",
      })),
    ...tenantProblems(tenants, around),
    ...tenants.flatMap(({ customDomains }, index) =>
      customDomains.length === 0
        ? []
        : [{ path: `tenants[${index}].customDomains`, reason: "need the section edge, and there is none" }],
    ),
    ...tenantIsolationErrors(sections),
  ];
}

const limitsOf = ({ gateway }: Pick<Sections, "gateway">) =>
  Object.fromEntries(
    tierLimits(gateway?.rateLimits.requestsPerMinute).map(({ tier, requestsPerMinute }) => [tier, requestsPerMinute]),
  );

function directoryArgs({ tenants, tenancy, regions }: Pick<Sections, "tenants" | "tenancy" | "regions">) {
  const { domain, customDomainTarget } = tenancy;
  return {
    // Who leaves is answered as who is suspended, until nothing of it is left.
    tenants: tenants.map(({ offboarding, ...tenant }) => ({
      ...tenant,
      suspended: tenant.suspended || offboarding !== undefined,
    })),
    ...(domain === undefined ? {} : { domain }),
    ...(customDomainTarget === undefined ? {} : { customDomainTarget }),
    regions: regions.map(({ name }) => name),
  };
}

export function buildTenants(
  config: Sections & Pick<PlatformSections, "environment" | "allowDataDeletion" | "scope">,
  { accountId, zone, hosts }: { accountId: pulumi.Input<string>; zone: PlatformZone; hosts: string[] },
  options: pulumi.ComponentResourceOptions,
): TenantDirectory {
  const args = {
    ...directoryArgs(config),
    ...{ accountId, zone, hosts, title: `${config.environment}-tenants`, requestsPerMinute: limitsOf(config) },
    protectData: protectsData(config),
  };
  return new TenantDirectory("tenants", args, options);
}
