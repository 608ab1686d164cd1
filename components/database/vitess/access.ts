import type { DatabaseUser } from "../content/steps";
import { type KeyspaceContent, vitessContent } from "../content/vitess";
import { databasesOf, TenantIsolation } from "../tenancy";
import { sharedTableRules } from "./query-rules";

interface TableAccess {
  table_groups: {
    name: string;
    table_names_or_prefixes: string[];
    readers: string[];
    writers: string[];
    admins: string[];
  }[];
}

/** What a tablet's files say of who may read and write what. */
export interface DatabaseAccessRules {
  /** Keyspace of Vitess. */
  keyspace: string;
  tables: TableAccess;
  /** Where tenants share tables. */
  queryRules?: ReturnType<typeof sharedTableRules>;
}

/** Where each tenant has a keyspace of its own, a service has a user for each: one can't reach another's. */
export function userNames(user: DatabaseUser, keyspace: KeyspaceContent, tenants: readonly string[]): string[] {
  if (keyspace.tenantIsolation !== TenantIsolation.DatabasePerTenant) return [user.name];
  return tenants.map((tenant) => `${user.name}.${tenant}`);
}

/** As whom migrations change tables: a name that no service can have. */
export const migrationsCaller = "_migrations";

/** Nobody changes tables but the migrations, which don't come through the gateways. */
export function accessRules(
  keyspaces: readonly KeyspaceContent[],
  tenants: readonly string[],
  users: readonly DatabaseUser[],
): DatabaseAccessRules[] {
  return keyspaces.flatMap((keyspace) => {
    const own = users.filter((user) => user.keyspace === keyspace.name);
    return databasesOf(keyspace, tenants).map((database, index): DatabaseAccessRules => {
      const isShared = keyspace.tenantIsolation === TenantIsolation.SharedDatabase;
      const names = own.flatMap((user) => {
        const all = userNames(user, keyspace, tenants);
        return all.length === 1 ? all : all.slice(index, index + 1);
      });
      const [content] = vitessContent([keyspace], tenants).slice(index);
      const tables = Object.keys(content?.vschema.tables ?? {});
      return {
        keyspace: database,
        tables: {
          table_groups: tables.map((table) => ({
            ...{ name: table, table_names_or_prefixes: [table] },
            ...{ readers: names, writers: names, admins: [migrationsCaller] },
          })),
        },
        ...(isShared ? { queryRules: sharedTableRules(tables) } : {}),
      };
    });
  });
}

/** Names of the files, the same in every keyspace's own folder. */
export const accessFiles = { tables: "acl.json", queryRules: "rules.json" };
export const accessFolder = "/etc/omega/access";
