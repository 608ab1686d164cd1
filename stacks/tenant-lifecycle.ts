import * as pulumi from "@pulumi/pulumi";
import { DatabaseEngine, Dialect, KeyspaceIsolation, type ShardedDatabase, TenantIsolation } from "../components";
import { isDividedByTenant } from "../components/database/tenancy";
import type { KeyspaceContent } from "../components/database/content/vitess";
import { TenantOffboarding } from "../components/tenancy/tenant-offboarding";
import type { ConfigurationError } from "./configuration-error";
import { type DataLayout, type LayoutOutput, type TenantPlace, TenantStage } from "./previous";
import { type DatabaseSection, type PlatformSections, Scope } from "./schema";
import type { TenantsSection } from "./schema/tenants";

type Tenant = TenantsSection[number];
type Sections = Pick<PlatformSections, "tenants" | "database">;
type Scoped = Sections & Pick<PlatformSections, "scope">;

/** Whether the database has rows that are some tenant's. */
const hasTenants = (database: DatabaseSection | undefined): database is DatabaseSection =>
  database?.keyspaces.some(({ tenantIsolation }) => tenantIsolation !== undefined) === true;

/** Whether configuration says that the tenant's data goes, or has gone. */
const isDeleted = ({ offboarding }: Tenant): boolean => (offboarding?.deleteData ?? false) !== false;

function stageOf(tenant: Tenant): TenantStage {
  if (tenant.offboarding === undefined) return TenantStage.Active;
  return isDeleted(tenant) ? TenantStage.Deleted : TenantStage.Offboarding;
}

/** Names of the tenants that have schemas or databases of their own: as listed, or all of the section that do. */
export const apartTenants = ({ tenants, database }: Sections): string[] =>
  database?.tenants ??
  tenants
    .filter((tenant) => tenant.isolation !== TenantIsolation.SharedDatabase && !isDeleted(tenant))
    .map(({ id }) => id);

/** How each of them is apart. */
export const isolationsOf = (sections: Sections): Record<string, TenantIsolation> => {
  const apart = apartTenants(sections);
  return Object.fromEntries(
    sections.tenants.filter(({ id }) => apart.includes(id)).map(({ id, isolation }) => [id, isolation]),
  );
};

/** What an update must not do to tenants that have data: lose it, or leave it behind where nobody looks. */
export function lifecycleErrors(sections: Scoped, { tenants: previous }: DataLayout): ConfigurationError[] {
  const { tenants } = sections;
  const forgotten = Object.entries(previous).flatMap(([id, { stage }]) =>
    stage === TenantStage.Deleted || tenants.some((tenant) => tenant.id === id)
      ? []
      : [
          {
            path: "tenants",
            reason:
              `lack "${id}", whose data is there: give it offboarding, update, then offboarding.deleteData, update, ` +
              "and then leave it out (docs/tenants.md)",
          },
        ],
  );
  return [
    ...forgotten,
    ...tenants.flatMap((tenant, index) => {
      const at = `tenants[${index}]`;
      const before = previous[tenant.id];
      return [
        ...(before === undefined ? [] : changeErrors(at, tenant, before)),
        ...offboardingErrors(at, tenant, isTooEarly(previous, before), sections),
      ];
    }),
  ];
}

function changeErrors(at: string, tenant: Tenant, before: TenantPlace): ConfigurationError[] {
  if (before.stage === TenantStage.Deleted && !isDeleted(tenant)) {
    return [{ path: at, reason: `"${tenant.id}" has left, and its data is deleted: who comes back gets another id` }];
  }
  const move = `its data does not move by itself: onboard it under another id, bring its export there, and off-board "${tenant.id}" (docs/tenants.md)`;
  return (["isolation", "dataRegion"] as const).flatMap((field) =>
    before[field] === tenant[field]
      ? []
      : [{ path: `${at}.${field}`, reason: `is ${tenant[field]}, and was ${before[field]}: ${move}` }],
  );
}

/** Whether nobody has kept its data yet. Before a stack's first update, and in a plan, no tenant has any. */
function isTooEarly(previous: DataLayout["tenants"], before: TenantPlace | undefined): boolean {
  return before === undefined ? Object.keys(previous).length > 0 : before.stage === TenantStage.Active;
}

function offboardingErrors(
  at: string,
  tenant: Tenant,
  tooEarly: boolean,
  { scope, database }: Scoped,
): ConfigurationError[] {
  const { offboarding } = tenant;
  if (offboarding === undefined) return [];
  const { exportTo, keptAt, deleteData } = offboarding;
  const path = `${at}.offboarding`;
  const errors: ConfigurationError[] = [];
  if ((exportTo === undefined) === (keptAt === undefined)) {
    errors.push({ path, reason: "must have either exportTo, or keptAt for what somebody has kept by hand" });
  }
  const obstacle = jobObstacle(database);
  if (exportTo !== undefined && obstacle !== undefined) {
    errors.push({ path: `${path}.exportTo`, reason: `${obstacle}: export its rows by hand, and say where in keptAt` });
  }
  if (deleteData === true && obstacle !== undefined) {
    errors.push({ path: `${path}.deleteData`, reason: `${obstacle}: delete its rows by hand, and say by-hand` });
  }
  // What the regions share has no data, and remembers none: each region refuses what is too early.
  const hasData = scope !== Scope.Global && hasTenants(database);
  if (deleteData !== false && hasData && tooEarly) {
    const reason = "must come in a later update: the one before has to have its data kept first";
    errors.push({ path: `${path}.deleteData`, reason });
  }
  return errors;
}

/** Why no Job can read or delete a tenant's rows. */
function jobObstacle(database: DatabaseSection | undefined): string | undefined {
  if (!hasTenants(database)) return "needs a database with tenants, and there is none";
  if (database.engine !== DatabaseEngine.External) return `can't be done by a Job on ${database.engine}`;
  if (database.external?.adminSecretName === undefined) return "needs database.external.adminSecretName";
  return database.external.dialect === Dialect.PostgreSql ? undefined : "needs the dialect postgresql";
}

/** The jobs of those that leave and whose data is in this region; gives what the next update must know of all, and whose ids are spent. */
export function buildOffboarding(
  { tenants, database: section, previous }: Sections & { previous: DataLayout },
  region: string,
  built: { database: ShardedDatabase; keyspaces: KeyspaceContent[] } | undefined,
  options: pulumi.ComponentResourceOptions,
): Pick<LayoutOutput, "tenants"> {
  if (!hasTenants(section)) return {};
  const places = tenants.map((tenant) => {
    const { id, isolation, dataRegion } = tenant;
    const stage = stageOf(tenant);
    const job = built === undefined || dataRegion !== region ? undefined : offboard(tenant, built, options);
    // Known once the job has ended: one that fails leaves the stage that was.
    const known = job === undefined ? stage : job.isDone.apply(() => stage);
    return [id, { isolation, dataRegion, stage: known }] as const;
  });
  const gone = Object.entries(previous.tenants).filter(([, { stage }]) => stage === TenantStage.Deleted);
  const all = [...gone, ...places];
  return all.length === 0 ? {} : { tenants: Object.fromEntries(all) };
}

function offboard(
  { id, isolation, offboarding }: Tenant,
  { database, keyspaces }: { database: ShardedDatabase; keyspaces: KeyspaceContent[] },
  options: pulumi.ComponentResourceOptions,
): TenantOffboarding | undefined {
  const { administration } = database;
  if (offboarding === undefined || administration === undefined) return undefined;
  const { exportTo, deleteData } = offboarding;
  if (exportTo === undefined && deleteData !== true) return undefined;
  if (deleteData === "by-hand") return undefined;
  return new TenantOffboarding(
    `offboarding-${id}`,
    {
      ...{ tenant: { id, isolation }, keyspaces, administration, deleteData },
      ...(exportTo === undefined ? {} : { exportTo }),
    },
    { ...options, dependsOn: [database] },
  );
}

/** A tenant's isolation must be one that some keyspace has. */
export function tenantIsolationErrors({ tenants, database }: Sections): ConfigurationError[] {
  if (database === undefined || tenants.length === 0) return [];
  const offered = database.keyspaces.flatMap(({ tenantIsolation }) =>
    tenantIsolation === undefined
      ? []
      : tenantIsolation === KeyspaceIsolation.ByTenant
        ? Object.values(TenantIsolation)
        : [tenantIsolation],
  );
  const divided = database.keyspaces.find(isDividedByTenant);
  const listed = database.tenants;
  const errors = tenants.flatMap((tenant, index) => {
    const { id, isolation } = tenant;
    const path = `tenants[${index}].isolation`;
    if (!offered.includes(isolation)) {
      const choices = offered.length === 0 ? "none keeps tenants apart" : [...new Set(offered)].join(", ");
      return [{ path, reason: `is ${isolation}, which no keyspace of the database has: ${choices}` }];
    }
    if (isDeleted(tenant)) return [];
    if (isolation === TenantIsolation.SharedDatabase) {
      if (divided === undefined) return [];
      const reason = `is ${isolation}, and keyspace "${divided.name}" is ${divided.tenantIsolation} for all: make it by-tenant`;
      return [{ path, reason }];
    }
    if (listed === undefined || listed.includes(id)) return [];
    return [{ path, reason: `is ${isolation}: add ${id} to database.tenants, or leave that out` }];
  });
  const strangers = (listed ?? []).flatMap((name, index) =>
    tenants.some(({ id, isolation }) => id === name && isolation !== TenantIsolation.SharedDatabase)
      ? []
      : [{ path: `database.tenants[${index}]`, reason: `"${name}" is no tenant whose data is apart` }],
  );
  return [...errors, ...strangers];
}
