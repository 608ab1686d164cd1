/** How far the data of one tenant is from another's. */
export enum TenantIsolation {
  /** In the same tables: each row says whose it is, and a query that names no tenant is refused. */
  SharedDatabase = "shared-database",
  /** In tables of its own, in a schema of its own, of one database. */
  SchemaPerTenant = "schema-per-tenant",
  /** In a database of its own; on Vitess that is a keyspace. */
  DatabasePerTenant = "database-per-tenant",
}

/** Name of a tenant's schema or of the end of its database's: a tenant is a DNS label, which has no underscore. */
export const tenantIdentifier = (tenant: string): string => tenant.replaceAll("-", "_");

/** The databases that a keyspace is: itself, or one for each tenant. */
export function databasesOf(
  keyspace: { name: string; tenantIsolation?: TenantIsolation },
  tenants: readonly string[],
): string[] {
  if (keyspace.tenantIsolation !== TenantIsolation.DatabasePerTenant) return [keyspace.name];
  return tenants.map((tenant) => `${keyspace.name}_${tenantIdentifier(tenant)}`);
}
