import type * as pulumi from "@pulumi/pulumi";
import type { IssuerReference } from "../../certificates/certificates";
import type { AwsStatement, SecretVariable, StoreEndpoint } from "../../data/connection";
import type { ProtectionArgs } from "../../data/protection";
import type { Bulkhead } from "../../mesh/bulkheads";
import type { Size } from "../../service/size";
import type { Consistency, ReadPreference } from "../capabilities";
import type { DatabaseUser } from "../content/steps";
import type { KeyspaceContent } from "../content/vitess";
import type { Dialect } from "../dialect";
import type { TenantIsolations } from "../tenancy";
import type { DatabaseAdministration } from "./administration";

export interface Keyspace extends KeyspaceContent {
  /** Equal parts that its rows are spread over: a power of two from 1 to 256. Default 1. */
  shards?: number;
  /** Shards that its rows move to, beside the present ones, until `shards` says so. Default: none are moved. */
  reshardTo?: number;
  /** Whether every region has the same rows. Default true; false: each region has rows of its own. */
  spansRegions?: boolean;
}

/** A service that uses the database, and how. */
export interface DatabaseClient {
  /** Its name, and its account's in the database. */
  service: string;
  keyspace: string;
  /** What its reads must see. Default strong. */
  consistency?: Consistency;
  /** Where it reads. Default primary. */
  reads?: ReadPreference;
  /** Connections of one replica at most. Default 5, from 1 to 500. */
  connectionsPerReplica?: number;
  /** Its replicas at most. */
  replicas: number;
  /** Class of its requests: background work reads where it is in nobody's way. */
  bulkhead: Bulkhead;
}

/** What all engines are given, with defaults filled in. */
export interface EngineArgs extends Required<ProtectionArgs> {
  namespace: string;
  clientsNamespace: pulumi.Input<string>;
  keyspaces: (Keyspace & Required<Pick<Keyspace, "shards" | "spansRegions">>)[];
  tenants: string[];
  /** How each of them is apart, where a keyspace is divided by that. */
  tenantIsolations: TenantIsolations;
  clients: Required<DatabaseClient>[];
  size: Size;
  gibibytes: number;
  storageClassName?: pulumi.Input<string>;
  issuer?: IssuerReference;
  runbooksUrl: string;
  /** Days after which a restore that was tried is too long ago. */
  drillDays: number;
}

/** What one service must be told to connect. */
export interface ClientAccess {
  username: string;
  /** Name of the database for writes and reads of the primary. */
  database: string;
  /** Where some tenants have databases of their own beside it: the name of those. */
  tenantDatabase?: string;
  /** The same for its other reads. */
  readerDatabase: string;
  secrets: SecretVariable[];
  authoritySecretName?: pulumi.Input<string>;
  awsStatements?: AwsStatement[];
}

/** What differs between engines of a database. */
export interface DatabaseEngineAccess {
  readonly dialect: Dialect;
  readonly writer: StoreEndpoint;
  readonly reader: StoreEndpoint;
  accessOf(client: Required<DatabaseClient>): ClientAccess;
  /** How jobs change it; undefined where none can. */
  readonly administration?: DatabaseAdministration | undefined;
}

export const usersOf = (clients: readonly Required<DatabaseClient>[]): DatabaseUser[] =>
  clients.map(({ service, keyspace, consistency }) => ({ name: service, keyspace, consistency }));

/** Stands for a tenant in the names of databases and accounts, where each tenant has its own. */
export const tenantPlaceholder = "{tenant}";
