import { Consistency } from "../capabilities";
import { Dialect, quoted } from "../dialect";
import { tenantColumn } from "../tables";
import {
  databasesOf,
  type KeyspacePart,
  partsOf,
  tenantIdentifier,
  TenantIsolation,
  type TenantIsolations,
} from "../tenancy";
import { addedColumns, columnClause, createMySqlTable, createPostgreSqlTable, ownedByTenants, qualified } from "./ddl";
import type { KeyspaceContent } from "./vitess";

/** One statement of a migration, which may be run again at any time. */
export interface MigrationStep {
  /** The database that it is for; undefined: the one that administrators connect to. */
  database?: string;
  statement: string;
  /** A query; the statement is left out where this finds a row. */
  unless?: string;
}

/** A service that reads and writes a keyspace. */
export interface DatabaseUser {
  /** Its name in the database. */
  name: string;
  keyspace: string;
  consistency: Consistency;
}

export interface ContentArgs {
  keyspaces: readonly KeyspaceContent[];
  /** Names of those that aren't in a shared database. */
  tenants: readonly string[];
  /** How each of them is apart, where a keyspace is divided by that. Default: no keyspace is. */
  tenantIsolations?: TenantIsolations;
  users: readonly DatabaseUser[];
}

/** How a session says whose rows it is about: `SET LOCAL omega.tenant_id = '…'`, in each transaction. */
const tenantSetting = `omega.${tenantColumn.name}`;

const text = (value: string) => `'${value.replaceAll("'", "''")}'`;
const name = (value: string) => quoted(Dialect.PostgreSql, value);

/**
 * Databases, roles, tables, policies and grants of PostgreSQL. Services own nothing, so that policies hold for them; a role of
 * a tenant must be put on (`SET ROLE`) to reach the tenant's own schema.
 *
 * @param isAws users log in by IAM, and each waits in other regions as its consistency asks
 */
export function postgreSqlSteps(args: ContentArgs, isAws: boolean): MigrationStep[] {
  const { keyspaces, tenants, tenantIsolations = {}, users } = args;
  const parts = keyspaces.flatMap((keyspace) => partsOf(keyspace, tenants, tenantIsolations));
  const withSchemas = new Set(
    parts.flatMap((part) => (part.tenantIsolation === TenantIsolation.SchemaPerTenant ? part.tenants : [])),
  );
  return [
    ...users.flatMap((user) => (isAws ? awsUserSteps(user) : [])),
    ...(isAws || withSchemas.size === 0 ? [] : [...new Set(users.map((user) => user.name))].map(withoutInheritance)),
    ...[...withSchemas].map((tenant) => roleStep(tenantRole(tenant), "NOLOGIN")),
    ...parts.flatMap((part) => {
      const own = users.filter((user) => user.keyspace === part.name).map((user) => user.name);
      return databasesOf(part, part.tenants).flatMap((database) => [
        {
          statement: `CREATE DATABASE ${name(database)}`,
          unless: `SELECT 1 FROM pg_database WHERE datname = ${text(database)}`,
        },
        // Whoever has an account may connect to every database, unless it is taken from all.
        { statement: `REVOKE ALL ON DATABASE ${name(database)} FROM PUBLIC` },
        ...own.map((user) => ({ statement: `GRANT CONNECT ON DATABASE ${name(database)} TO ${name(user)}` })),
        ...tableSteps(part, own).map((step) => ({ database, ...step })),
      ]);
    }),
  ];
}

function awsUserSteps({ name: user, consistency }: DatabaseUser): MigrationStep[] {
  const mode = {
    [Consistency.Strong]: "GLOBAL",
    [Consistency.BoundedStaleness]: "SESSION",
    [Consistency.Eventual]: "EVENTUAL",
  }[consistency];
  return [
    roleStep(user, "LOGIN"),
    { statement: `GRANT rds_iam TO ${name(user)}` },
    { statement: `ALTER ROLE ${name(user)} SET apg_write_forward.consistency_mode = ${text(mode)}` },
  ];
}

const roleStep = (role: string, login: "LOGIN" | "NOLOGIN"): MigrationStep => ({
  // Without INHERIT a member has a tenant's rights only while it is that tenant.
  statement: `CREATE ROLE ${name(role)} ${login} NOINHERIT`,
  unless: `SELECT 1 FROM pg_roles WHERE rolname = ${text(role)}`,
});

/** Of an account that was there: before it is granted a role, for since version 16 a grant keeps what held when it was made. */
const withoutInheritance = (role: string): MigrationStep => ({
  statement: `ALTER ROLE ${name(role)} NOINHERIT`,
  unless: `SELECT 1 FROM pg_roles WHERE rolname = ${text(role)} AND NOT rolinherit`,
});

export const tenantRole = (tenant: string): string => `tenant_${tenantIdentifier(tenant)}`;

function tableSteps(keyspace: KeyspacePart<KeyspaceContent>, users: readonly string[]): MigrationStep[] {
  const revoke = { statement: "REVOKE ALL ON SCHEMA public FROM PUBLIC" };
  if (keyspace.tenantIsolation === TenantIsolation.SchemaPerTenant) {
    return [revoke, ...keyspace.tenants.flatMap((tenant) => schemaSteps(keyspace, tenant, users))];
  }
  const isShared = keyspace.tenantIsolation === TenantIsolation.SharedDatabase;
  const tables = isShared ? keyspace.tables.map(ownedByTenants) : keyspace.tables;
  return [
    revoke,
    ...users.map((user) => ({ statement: `GRANT USAGE ON SCHEMA public TO ${name(user)}` })),
    ...tables.flatMap((table) => [
      ...createPostgreSqlTable(table).map((statement) => ({ statement })),
      ...(isShared ? policySteps(table.name) : []),
      ...users.map((user) => ({ statement: grant(qualified(table), user) })),
    ]),
  ];
}

const grant = (table: string, role: string) => `GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO ${name(role)}`;

/** A session that never said whose rows it wants gets an error, one whose tenant has gone with its transaction no rows. */
function policySteps(table: string): MigrationStep[] {
  const isOwn = `${name(tenantColumn.name)} = current_setting(${text(tenantSetting)})`;
  return [
    { statement: `ALTER TABLE ${name(table)} ENABLE ROW LEVEL SECURITY` },
    {
      statement: `CREATE POLICY own_tenant ON ${name(table)} USING (${isOwn}) WITH CHECK (${isOwn})`,
      unless: `SELECT 1 FROM pg_policies WHERE tablename = ${text(table)} AND policyname = 'own_tenant'`,
    },
  ];
}

function schemaSteps(
  { tables }: Pick<KeyspaceContent, "tables">,
  tenant: string,
  users: readonly string[],
): MigrationStep[] {
  const schema = tenantIdentifier(tenant);
  const role = tenantRole(tenant);
  return [
    { statement: `CREATE SCHEMA IF NOT EXISTS ${name(schema)}` },
    { statement: `GRANT USAGE ON SCHEMA ${name(schema)} TO ${name(role)}` },
    ...users.map((user) => ({ statement: `GRANT ${name(role)} TO ${name(user)}` })),
    ...tables.flatMap((table) => [
      ...createPostgreSqlTable(table, schema).map((statement) => ({ statement })),
      { statement: grant(qualified(table, schema), role) },
    ]),
  ];
}

/** Databases, tables and grants of MySQL, as far as it enforces them: it has no policies for rows. */
export function mySqlSteps({ keyspaces, users }: ContentArgs): MigrationStep[] {
  const quote = (value: string) => quoted(Dialect.MySql, value);
  return keyspaces.flatMap(({ name: database, tables }) => [
    { statement: `CREATE DATABASE IF NOT EXISTS ${quote(database)}` },
    ...tables.flatMap((table) => [
      { database, statement: createMySqlTable(table, { ifMissing: true }) },
      ...addedColumns(table).map((column) => ({
        database,
        statement: `ALTER TABLE ${quote(table.name)} ADD COLUMN ${columnClause(Dialect.MySql, column)}`,
        unless:
          "SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() " +
          `AND table_name = ${text(table.name)} AND column_name = ${text(column.name)}`,
      })),
    ]),
    ...users
      .filter(({ keyspace }) => keyspace === database)
      .map((user) => ({
        statement: `GRANT SELECT, INSERT, UPDATE, DELETE ON ${quote(database)}.* TO ${quote(user.name)}`,
      })),
  ]);
}
