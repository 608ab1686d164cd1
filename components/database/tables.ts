import { type ArgumentProblem, wholeNumberProblems } from "../arguments";

/** What a column holds, whatever the engine calls it. */
export enum ColumnType {
  /** Of a thing, made by the service that owns it (UUID, ULID): up to 64 ASCII characters, compared byte by byte. */
  Identifier = "identifier",
  /** Up to 255 characters, or `length`. */
  Text = "text",
  LongText = "long-text",
  /** 64 bits. */
  Integer = "integer",
  /** 18 digits, 4 of them after the point. */
  Decimal = "decimal",
  Boolean = "boolean",
  /** A moment in UTC, to the millisecond. */
  Timestamp = "timestamp",
  Json = "json",
  /** Up to 128 bytes. */
  Binary = "binary",
}

export interface ColumnDefinition {
  /** Lower-case letters, digits and underscores, e.g. `created_at`. */
  name: string;
  type: ColumnType;
  /** Characters that a text may have. Default 255, from 1 to 4096. */
  length?: number;
  /** Default false. */
  isNullable?: boolean;
}

export interface IndexDefinition {
  columns: string[];
  /**
   * Default false. In a sharded keyspace a shard alone can't tell whether a value is unique, unless the table's rows with that
   * value are all in it: a single column other than the sharding one gets a lookup table, more of them are refused.
   */
  isUnique?: boolean;
}

/** A table as a service needs it; DDL, VSchema, policies and grants of each engine come from it. */
export interface TableDefinition {
  /** Lower-case letters, digits and underscores, e.g. `order_items`. */
  name: string;
  /** Without the tenant's, which a shared database adds. */
  columns: ColumnDefinition[];
  /** One column at least. A shared database puts the tenant before it. */
  primaryKey: string[];
  /**
   * Column by whose value rows are spread over shards, one of the primary key. Default: its first column, and in a shared
   * database the tenant.
   */
  shardingColumn?: string;
  /** Default none. */
  indexes?: IndexDefinition[];
}

/** Whose row it is, in a shared database. */
export const tenantColumn: ColumnDefinition = { name: "tenant_id", type: ColumnType.Identifier };

/** As all engines take it unquoted, with room for suffixes of lookup tables (`<table>_<column>_lookup`). */
const identifier = /^[a-z][a-z0-9_]{0,39}$/;

/** What is wrong with the tables of one keyspace. */
export function tableProblems(path: string, tables: readonly TableDefinition[], isSharded: boolean): ArgumentProblem[] {
  return tables.flatMap((table, index) => {
    const at = `${path}[${index}]`;
    const first = tables.findIndex(({ name }) => name === table.name);
    const taken =
      first === index ? [] : [{ path: `${at}.name`, reason: `"${table.name}" is taken by ${path}[${first}]` }];
    return [...nameProblems(`${at}.name`, table.name), ...taken, ...oneTableProblems(at, table, isSharded)];
  });
}

function nameProblems(path: string, name: string): ArgumentProblem[] {
  if (identifier.test(name)) return [];
  return [{ path, reason: `"${name}" must be 1 to 40 lower-case letters, digits and underscores` }];
}

function oneTableProblems(at: string, table: TableDefinition, isSharded: boolean): ArgumentProblem[] {
  const { columns, primaryKey, shardingColumn, indexes = [] } = table;
  const problems = columns.flatMap(({ name, length }, index) => [
    ...nameProblems(`${at}.columns[${index}].name`, name),
    ...wholeNumberProblems(`${at}.columns[${index}].length`, length, 1, 4096),
  ]);
  const names = columns.map(({ name }) => name);
  names.forEach((name, index) => {
    const path = `${at}.columns[${index}].name`;
    if (names.indexOf(name) !== index) problems.push({ path, reason: `"${name}" is there already` });
    if (name === tenantColumn.name) {
      problems.push({ path, reason: `"${name}" is the tenant's: it is added where tenants share a database` });
    }
  });
  const known = (path: string, keys: readonly string[]) => {
    if (keys.length === 0) problems.push({ path, reason: "must name one column at least" });
    keys.forEach((key, index) => {
      if (names.includes(key)) return;
      problems.push({ path: `${path}[${index}]`, reason: `"${key}" is no column of ${table.name}` });
    });
  };
  known(`${at}.primaryKey`, primaryKey);
  indexes.forEach((index, position) => {
    known(`${at}.indexes[${position}].columns`, index.columns);
  });
  columns.forEach(({ name, type, isNullable }, index) => {
    if (!primaryKey.includes(name)) return;
    if (isNullable === true) {
      problems.push({ path: `${at}.columns[${index}].isNullable`, reason: "must be false in a primary key" });
    }
    if (type === ColumnType.Json || type === ColumnType.LongText) {
      problems.push({ path: `${at}.columns[${index}].type`, reason: `is ${type}, which can't be in a primary key` });
    }
  });
  if (shardingColumn !== undefined && !primaryKey.includes(shardingColumn)) {
    const reason = `is "${shardingColumn}", must be one of the primary key: else two shards could hold the same key`;
    problems.push({ path: `${at}.shardingColumn`, reason });
  }
  if (!isSharded) return problems;
  indexes.forEach(({ columns: indexed, isUnique = false }, position) => {
    if (!isUnique || indexed.length === 1 || indexed.includes(shardingColumn ?? primaryKey[0] ?? "")) return;
    const reason = `of ${indexed.join(", ")} can't be unique over shards: add the sharding column, or take one column alone`;
    problems.push({ path: `${at}.indexes[${position}]`, reason });
  });
  return problems;
}
