import { createHash } from "node:crypto";
import { Dialect, quoted } from "../dialect";
import { type ColumnDefinition, ColumnType, type IndexDefinition, type TableDefinition, tenantColumn } from "../tables";

/** As it is where tenants share a database: each row, key and index begins with the tenant. */
export function ownedByTenants(table: TableDefinition): TableDefinition {
  const first = tenantColumn.name;
  return {
    name: table.name,
    columns: [tenantColumn, ...table.columns],
    primaryKey: [first, ...table.primaryKey],
    shardingColumn: first,
    indexes: (table.indexes ?? []).map((index) => ({ ...index, columns: [first, ...index.columns] })),
  };
}

const identifierLength = 64;

function typeOf(dialect: Dialect, { type, length = 255 }: ColumnDefinition): string {
  const isMySql = dialect === Dialect.MySql;
  switch (type) {
    case ColumnType.Identifier:
      // Byte by byte: a collation that takes T1 for t1 would show one tenant another's rows.
      return `VARCHAR(${identifierLength})${isMySql ? " CHARACTER SET ascii COLLATE ascii_bin" : ""}`;
    case ColumnType.Text:
      return `VARCHAR(${length})`;
    case ColumnType.LongText:
      return isMySql ? "LONGTEXT" : "TEXT";
    case ColumnType.Integer:
      return "BIGINT";
    case ColumnType.Decimal:
      return "DECIMAL(18, 4)";
    case ColumnType.Boolean:
      return "BOOLEAN";
    case ColumnType.Timestamp:
      return isMySql ? "DATETIME(3)" : "TIMESTAMPTZ(3)";
    case ColumnType.Json:
      return isMySql ? "JSON" : "JSONB";
    case ColumnType.Binary:
      return isMySql ? "VARBINARY(128)" : "BYTEA";
  }
}

export function columnClause(dialect: Dialect, column: ColumnDefinition): string {
  const isNullable = column.isNullable === true;
  return `${quoted(dialect, column.name)} ${typeOf(dialect, column)} ${isNullable ? "NULL" : "NOT NULL"}`;
}

const columnList = (dialect: Dialect, columns: readonly string[]): string =>
  columns.map((column) => quoted(dialect, column)).join(", ");

/** Engines take 63 characters. */
function indexName(table: TableDefinition, { columns, isUnique = false }: IndexDefinition): string {
  const name = `${table.name}_${columns.join("_")}_${isUnique ? "unique" : "index"}`;
  if (name.length <= 63) return name;
  return `${name.slice(0, 54)}_${createHash("sha256").update(name).digest("hex").slice(0, 8)}`;
}

/**
 * MySQL takes indexes with the table, and compares text byte by byte here as PostgreSQL does. Without IF NOT EXISTS a
 * statement says what the table is to be, which Vitess' declarative migrations take from it.
 */
export function createMySqlTable(table: TableDefinition, { ifMissing }: { ifMissing: boolean }): string {
  const dialect = Dialect.MySql;
  const lines = [
    ...table.columns.map((column) => columnClause(dialect, column)),
    `PRIMARY KEY (${columnList(dialect, table.primaryKey)})`,
    ...(table.indexes ?? []).map(
      (index) =>
        `${index.isUnique === true ? "UNIQUE KEY" : "KEY"} ${quoted(dialect, indexName(table, index))} ` +
        `(${columnList(dialect, index.columns)})`,
    ),
  ];
  const start = `CREATE TABLE ${ifMissing ? "IF NOT EXISTS " : ""}${quoted(dialect, table.name)}`;
  return `${start} (\n  ${lines.join(",\n  ")}\n) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`;
}

/** The table and its indexes, where they are missing; in a schema of its own where one is given. */
export function createPostgreSqlTable(table: TableDefinition, schema?: string): string[] {
  const dialect = Dialect.PostgreSql;
  const name = qualified(table, schema);
  const lines = [
    ...table.columns.map((column) => columnClause(dialect, column)),
    `PRIMARY KEY (${columnList(dialect, table.primaryKey)})`,
  ];
  return [
    `CREATE TABLE IF NOT EXISTS ${name} (\n  ${lines.join(",\n  ")}\n)`,
    ...addedColumns(table).map(
      (column) => `ALTER TABLE ${name} ADD COLUMN IF NOT EXISTS ${columnClause(dialect, column)}`,
    ),
    ...(table.indexes ?? []).map(
      (index) =>
        `CREATE ${index.isUnique === true ? "UNIQUE " : ""}INDEX IF NOT EXISTS ` +
        `${quoted(dialect, indexName(table, index))} ON ${name} (${columnList(dialect, index.columns)})`,
    ),
  ];
}

export function qualified(table: TableDefinition, schema?: string): string {
  const name = quoted(Dialect.PostgreSql, table.name);
  return schema === undefined ? name : `${quoted(Dialect.PostgreSql, schema)}.${name}`;
}

/** Columns that a table may have got after it was made: a key never changes. */
export const addedColumns = ({ columns, primaryKey }: TableDefinition): ColumnDefinition[] =>
  columns.filter(({ name }) => !primaryKey.includes(name));
