/** How far the data of one tenant is from another's. */
export enum TenantIsolation {
  /** In the same tables: each row says whose it is, and a query that names no tenant is refused. */
  SharedDatabase = "shared-database",
  /** In tables of its own, in a schema of its own, of one database. */
  SchemaPerTenant = "schema-per-tenant",
  /** In a database of its own; on Vitess that is a keyspace. */
  DatabasePerTenant = "database-per-tenant",
}

const byTenant = "by-tenant";

/** How a keyspace keeps its tenants apart: all in one way, or each in its own. */
export const KeyspaceIsolation = { ...TenantIsolation, ByTenant: byTenant } as const;
export type KeyspaceIsolation = TenantIsolation | typeof byTenant;

/** Tenants that aren't in a shared database, by name. */
export type TenantIsolations = Readonly<Record<string, TenantIsolation>>;

/** Name of a tenant's schema or of the end of its database's: a tenant is a DNS label, which has no underscore. */
export const tenantIdentifier = (tenant: string): string => tenant.replaceAll("-", "_");

/** Name of a tenant's own database of a keyspace. */
export const tenantDatabase = (keyspace: string, tenant: string): string => `${keyspace}_${tenantIdentifier(tenant)}`;

interface DividedKeyspace {
  name: string;
  tenantIsolation?: KeyspaceIsolation;
}

/** Whether all tenants of a keyspace have places of their own in it, and nobody shares one. */
export const isDividedByTenant = ({ tenantIsolation }: DividedKeyspace): boolean =>
  tenantIsolation === TenantIsolation.SchemaPerTenant || tenantIsolation === TenantIsolation.DatabasePerTenant;

/** The databases that a keyspace of one isolation is: itself, or one for each tenant. */
export function databasesOf(keyspace: DividedKeyspace, tenants: readonly string[]): string[] {
  if (keyspace.tenantIsolation !== TenantIsolation.DatabasePerTenant) return [keyspace.name];
  return tenants.map((tenant) => tenantDatabase(keyspace.name, tenant));
}

/** A keyspace, or the part of it in which tenants are apart in one way. */
export type KeyspacePart<Keyspace extends DividedKeyspace> = Omit<Keyspace, "tenantIsolation"> & {
  tenantIsolation?: TenantIsolation;
  /** Those that are in this part. */
  tenants: readonly string[];
};

/** The parts of a keyspace: one, or where each tenant is apart in its own way, one for each way that some of them have. */
export function partsOf<Keyspace extends DividedKeyspace>(
  keyspace: Keyspace,
  tenants: readonly string[],
  isolations: TenantIsolations,
): KeyspacePart<Keyspace>[] {
  const { tenantIsolation, ...rest } = keyspace;
  if (tenantIsolation === undefined) return [{ ...rest, tenants }];
  if (tenantIsolation !== byTenant) return [{ ...rest, tenantIsolation, tenants }];
  const { SharedDatabase, SchemaPerTenant, DatabasePerTenant } = TenantIsolation;
  const those = (isolation: TenantIsolation) => tenants.filter((tenant) => isolations[tenant] === isolation);
  return [
    { ...rest, tenantIsolation: SharedDatabase, tenants: [] },
    ...[SchemaPerTenant, DatabasePerTenant]
      .map((isolation) => ({ ...rest, tenantIsolation: isolation, tenants: those(isolation) }))
      .filter((part) => part.tenants.length > 0),
  ];
}
