import { Dialect, quoted } from "../dialect";
import { tenantColumn } from "../tables";
import { partsOf, tenantDatabase, tenantIdentifier, TenantIsolation } from "../tenancy";
import { qualified } from "./ddl";
import { type MigrationStep, tenantRole } from "./steps";
import type { KeyspaceContent } from "./vitess";

/** A tenant that leaves, and how it is apart. */
export interface LeavingTenant {
  id: string;
  isolation: TenantIsolation;
}

const text = (value: string) => `'${value.replaceAll("'", "''")}'`;
const name = (value: string) => quoted(Dialect.PostgreSql, value);

/** Where the rows of one tenant are, of one part of a keyspace. */
interface TenantRows {
  keyspace: string;
  database: string;
  isolation: TenantIsolation;
  tables: { name: string; qualified: string; where: string }[];
}

function rowsOf(keyspaces: readonly KeyspaceContent[], { id, isolation }: LeavingTenant): TenantRows[] {
  return keyspaces.flatMap((keyspace) => {
    // A keyspace of one kind has all tenants in that way, as far as they are apart at all.
    const parts = partsOf(keyspace, [id], { [id]: isolation });
    return parts.flatMap((part): TenantRows[] => {
      if (part.tenantIsolation === undefined) return [];
      const isShared = part.tenantIsolation === TenantIsolation.SharedDatabase;
      // In a keyspace of all kinds the shared part has the rows of those that share alone; who shares is in no other part.
      if (isShared ? parts.length > 1 : isolation === TenantIsolation.SharedDatabase) return [];
      const isSchema = part.tenantIsolation === TenantIsolation.SchemaPerTenant;
      const isApart = part.tenantIsolation === TenantIsolation.DatabasePerTenant;
      return [
        {
          keyspace: part.name,
          database: isApart ? tenantDatabase(part.name, id) : part.name,
          isolation: part.tenantIsolation,
          tables: part.tables.map((table) => ({
            name: table.name,
            qualified: qualified(table, isSchema ? tenantIdentifier(id) : undefined),
            where: isShared ? ` WHERE ${name(tenantColumn.name)} = ${text(id)}` : "",
          })),
        },
      ];
    });
  });
}

/** What one of a tenant's tables is exported by. */
export interface ExportStep extends MigrationStep {
  database: string;
  /** Of the file, without its ending: keyspace and table. */
  file: string;
}

/** One statement a table, which prints the tenant's rows as CSV with a header; of declared tables, which are all that there are. */
export function exportSteps(keyspaces: readonly KeyspaceContent[], tenant: LeavingTenant): ExportStep[] {
  return rowsOf(keyspaces, tenant).flatMap(({ keyspace, database, tables }) =>
    tables.map((table) => ({
      database,
      file: `${keyspace}.${table.name}`,
      statement: `COPY (SELECT * FROM ${table.qualified}${table.where}) TO STDOUT WITH (FORMAT csv, HEADER)`,
    })),
  );
}

/** Takes a tenant's rows, schemas, databases and role away; may be run again at any time. */
export function removalSteps(keyspaces: readonly KeyspaceContent[], tenant: LeavingTenant): MigrationStep[] {
  const rows = rowsOf(keyspaces, tenant);
  const steps = rows.flatMap(({ database, isolation, tables }): MigrationStep[] => {
    switch (isolation) {
      case TenantIsolation.SharedDatabase:
        return tables.map((table) => ({ database, statement: `DELETE FROM ${table.qualified}${table.where}` }));
      case TenantIsolation.SchemaPerTenant:
        return [{ database, statement: `DROP SCHEMA IF EXISTS ${name(tenantIdentifier(tenant.id))} CASCADE` }];
      case TenantIsolation.DatabasePerTenant:
        return [{ statement: `DROP DATABASE IF EXISTS ${name(database)}` }];
    }
  });
  const hasRole = rows.some(({ isolation }) => isolation === TenantIsolation.SchemaPerTenant);
  return [...steps, ...(hasRole ? [{ statement: `DROP ROLE IF EXISTS ${name(tenantRole(tenant.id))}` }] : [])];
}
