import type * as pulumi from "@pulumi/pulumi";
import { type MeshNamespace, TenantTier, TenantTiers } from "../components";
import { tiers } from "../components/tenancy/tenant";
import { defaultAllowances, poolUnits, type TierAllowances, tierUnits } from "../components/tenancy/tiers";
import type { ConfigurationError } from "./configuration-error";
import type { PlatformSections, ServiceSection } from "./schema";

type Sections = Pick<PlatformSections, "services" | "tenants" | "tenancy">;

export const poolName = (service: string, tier: TenantTier): string => `${service}-${tier}`;

/**
 * The services, and after them one more for each pool: the same program with replicas, places in the mesh, connections and a
 * Kafka quota of its own, for the tenants of one tier. It owns and consumes nothing: events are the service's own work, whoever
 * caused them.
 */
export function withTierPools(services: readonly ServiceSection[]): ServiceSection[] {
  return [...services, ...services.flatMap(poolsOf)];
}

function poolsOf(service: ServiceSection): ServiceSection[] {
  return tiers.flatMap((tier) => {
    const own = service.tierPools[tier];
    if (own === undefined) return [];
    const made: ServiceSection = {
      ...service,
      ...{ name: poolName(service.name, tier), replicas: own.replicas, size: own.size ?? service.size },
      ...{ owns: [], consumes: [], routes: [], tierPools: {}, pool: { of: service.name, tier } },
    };
    // Without events there is nothing to fall behind on.
    delete made.consumerLag;
    return [made];
  });
}

/** Where a pool, which is no entry of the file, comes from: `services[7].replicas.max` of one is told of its tier's entry. */
export function placeOfPool(path: string, services: readonly ServiceSection[]): string {
  const [, index, rest = ""] = /^services\[(\d+)\](.*)$/.exec(path) ?? [];
  const pool = index === undefined ? undefined : services[Number(index)]?.pool;
  if (pool === undefined) return path;
  const owner = services.findIndex(({ name }) => name === pool.of);
  return `services[${owner}].tierPools.${pool.tier}${/^\.(replicas|size)\b/.test(rest) ? rest : ""}`;
}

/** Of the tiers, with what is given in the place of the architecture's. */
export const allowancesOf = ({ tiers: given }: PlatformSections["tenancy"]): TierAllowances => ({
  [TenantTier.Free]: { ...defaultAllowances.free, ...given.free },
  [TenantTier.Pro]: { ...defaultAllowances.pro, ...given.pro },
  [TenantTier.Enterprise]: { ...defaultAllowances.enterprise, ...given.enterprise },
});

/** Units of each tier that has pools, for its tenants here together. */
function budgets({ services, tenants, tenancy }: Sections): { tier: TenantTier; computeUnits: number }[] {
  const allowances = allowancesOf(tenancy);
  return tiers
    .filter((tier) => services.some(({ pool }) => pool?.tier === tier))
    .map((tier) => ({
      tier,
      computeUnits: tierUnits(allowances[tier], tenants.filter((tenant) => tenant.tier === tier).length),
    }));
}

/** What all pools of a tier come to, at their most replicas, must be within its tenants' units. */
export function tierPoolErrors(sections: Sections): ConfigurationError[] {
  const { services } = sections;
  return budgets(sections).flatMap(({ tier, computeUnits }) => {
    const pools = services.flatMap((service, index) => (service.pool?.tier === tier ? [{ ...service, index }] : []));
    const units = pools.map(({ replicas, size }) => poolUnits(replicas.max, size));
    const sum = units.reduce((total, each) => total + each, 0);
    if (!(sum > computeUnits)) return [];
    const parts = pools.map(({ name, replicas }, index) => `${name} ${units[index]} for ${replicas.max} replicas`);
    const reason =
      `come to ${sum} compute units (${parts.join(", ")}, a quarter more while they are rolled out), and the tenants of ` +
      `${tier} have ${computeUnits} together: lower replicas.max, or raise tenancy.tiers.${tier}.computeUnits`;
    return [{ path: `services[${pools[0]?.index}].replicas.max`, reason }];
  });
}

/** The quotas of tiers that have pools; gives what pods of those must wait for. */
export function buildTiers(
  sections: Sections,
  namespace: MeshNamespace,
  options: pulumi.ComponentResourceOptions,
): pulumi.Resource[] {
  const quotas = budgets(sections);
  if (quotas.length === 0) return [];
  return [new TenantTiers("tiers", { namespace: namespace.namespaceName, tiers: quotas }, options)];
}
