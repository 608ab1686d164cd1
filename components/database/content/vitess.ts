import { ColumnType, type TableDefinition } from "../tables";
import { databasesOf, type KeyspaceIsolation, TenantIsolation } from "../tenancy";
import { createMySqlTable, ownedByTenants } from "./ddl";

/** What is in a keyspace, whatever engine has it. */
export interface KeyspaceContent {
  name: string;
  tables: TableDefinition[];
  tenantIsolation?: KeyspaceIsolation;
}

interface Vindex {
  type: string;
  params?: Record<string, string>;
  owner?: string;
}

/** As Vitess takes it (vschema.Keyspace). */
export interface VSchema {
  sharded: true;
  vindexes: Record<string, Vindex>;
  tables: Record<
    string,
    {
      column_vindexes: { column: string; name: string }[];
      columns: { name: string; type: string }[];
      column_list_authoritative: true;
    }
  >;
}

export interface VitessKeyspaceContent {
  keyspace: string;
  /** One statement a table: what the table is to be. */
  ddl: string[];
  vschema: VSchema;
}

/** By the bytes of a value, of whatever type. */
const primaryVindex = "xxhash";

/**
 * DDL and VSchema of all keyspaces. A keyspace of one shard is a sharded one too: the same queries are refused before its
 * first resharding as after it, and nothing but its shards changes then.
 */
export function vitessContent(
  keyspaces: readonly KeyspaceContent[],
  tenants: readonly string[],
): VitessKeyspaceContent[] {
  return keyspaces.flatMap((keyspace) => {
    const isShared = keyspace.tenantIsolation === TenantIsolation.SharedDatabase;
    const tables = isShared ? keyspace.tables.map(ownedByTenants) : keyspace.tables;
    return databasesOf(keyspace, tenants).map((database) => keyspaceContent(database, tables));
  });
}

function keyspaceContent(keyspace: string, tables: readonly TableDefinition[]): VitessKeyspaceContent {
  const vschema: VSchema = { sharded: true, vindexes: { [primaryVindex]: { type: primaryVindex } }, tables: {} };
  const ddl: string[] = [];
  const place = (table: TableDefinition, vindexes: { column: string; name: string }[]) => {
    ddl.push(createMySqlTable(table, { ifMissing: false }));
    vschema.tables[table.name] = {
      column_vindexes: vindexes,
      // So that an INSERT that names no columns, or a join, can be planned before a schema tracker has seen the table.
      columns: table.columns.map(({ name, type }) => ({ name, type: queryTypes[type] })),
      column_list_authoritative: true,
    };
  };
  for (const table of tables) {
    const lookups = lookupsOf(table);
    const unique = lookups.map(({ column, name }) => ({ column, name }));
    place(table, [{ column: shardingColumnOf(table), name: primaryVindex }, ...unique]);
    for (const { column, name, definition } of lookups) {
      vschema.vindexes[name] = {
        type: "consistent_lookup_unique",
        params: { table: `${keyspace}.${name}`, from: column, to: keyspaceId, ignore_nulls: "true" },
        owner: table.name,
      };
      place(definition, [{ column, name: primaryVindex }]);
    }
  }
  return { keyspace, ddl, vschema };
}

const queryTypes: Record<ColumnType, string> = {
  [ColumnType.Identifier]: "VARCHAR",
  [ColumnType.Text]: "VARCHAR",
  [ColumnType.LongText]: "TEXT",
  [ColumnType.Integer]: "INT64",
  [ColumnType.Decimal]: "DECIMAL",
  [ColumnType.Boolean]: "INT8",
  [ColumnType.Timestamp]: "DATETIME",
  [ColumnType.Json]: "JSON",
  [ColumnType.Binary]: "VARBINARY",
};

const shardingColumnOf = ({ shardingColumn, primaryKey }: TableDefinition): string =>
  shardingColumn ?? primaryKey[0] ?? "";

const keyspaceId = "keyspace_id";

/** Values that are unique over all shards are kept in a table that is spread by them. */
function lookupsOf(table: TableDefinition): { column: string; name: string; definition: TableDefinition }[] {
  return (table.indexes ?? []).flatMap(({ columns, isUnique = false }) => {
    const column = table.columns.find(({ name }) => name === columns[0]);
    if (!isUnique || column === undefined || columns.includes(shardingColumnOf(table))) return [];
    const name = `${table.name}_${column.name}_lookup`;
    const definition = {
      name,
      columns: [
        { ...column, isNullable: false },
        { name: keyspaceId, type: ColumnType.Binary },
      ],
      primaryKey: [column.name],
    };
    return [{ column: column.name, name, definition }];
  });
}
