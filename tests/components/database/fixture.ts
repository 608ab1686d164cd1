import * as pulumi from "@pulumi/pulumi";
import { IssuerKind } from "../../../components/certificates/certificates";
import { AuroraCluster, type AuroraClusterArgs } from "../../../components/database/aurora/aurora-cluster";
import {
  Consistency,
  DatabaseEngine,
  ExternalProduct,
  ReadPreference,
} from "../../../components/database/capabilities";
import type { ShardedDatabaseArgs } from "../../../components/database/database-args";
import { Dialect } from "../../../components/database/dialect";
import type { DatabaseClient } from "../../../components/database/engines/engine";
import { ShardedDatabase } from "../../../components/database/sharded-database";
import { ColumnType, type TableDefinition } from "../../../components/database/tables";
import { TenantIsolation } from "../../../components/database/tenancy";
import type { StoreConnection } from "../../../components/data/connection";
import { Bulkhead } from "../../../components/mesh/bulkheads";
import { type PlannedResource, planProgram } from "../../../rehearsal/engine/plan";

export const ordersTable: TableDefinition = {
  name: "orders",
  columns: [
    { name: "id", type: ColumnType.Identifier },
    { name: "number", type: ColumnType.Text, length: 40 },
    { name: "total", type: ColumnType.Decimal },
    { name: "is_paid", type: ColumnType.Boolean },
    { name: "created_at", type: ColumnType.Timestamp },
    { name: "note", type: ColumnType.LongText, isNullable: true },
    { name: "data", type: ColumnType.Json },
  ],
  primaryKey: ["id"],
  indexes: [{ columns: ["number"], isUnique: true }, { columns: ["created_at"] }],
};
export const productsTable: TableDefinition = {
  name: "products",
  columns: [
    { name: "id", type: ColumnType.Identifier },
    { name: "stock", type: ColumnType.Integer },
  ],
  primaryKey: ["id"],
};

const clients: DatabaseClient[] = [
  { service: "order", keyspace: "orders", replicas: 20, bulkhead: Bulkhead.Critical, connectionsPerReplica: 10 },
  {
    service: "report",
    keyspace: "orders",
    replicas: 5,
    bulkhead: Bulkhead.Background,
    reads: ReadPreference.Replica,
    consistency: Consistency.Eventual,
  },
];
const shared = {
  ...{ namespace: "database", clientsNamespace: "shop", region: "us-east", regions: ["us-east"] },
  keyspaces: [{ name: "orders", tenantIsolation: TenantIsolation.SharedDatabase, tables: [ordersTable] }],
  clients,
};

export const vitess: ShardedDatabaseArgs = {
  ...shared,
  engine: DatabaseEngine.Vitess,
  keyspaces: [
    { name: "orders", shards: 2, reshardTo: 4, tenantIsolation: TenantIsolation.SharedDatabase, tables: [ordersTable] },
    { name: "catalog", tables: [productsTable] },
  ],
  issuer: { kind: IssuerKind.ClusterIssuer, name: "stores" },
  vitess: {
    zones: ["us-east-1a", "us-east-1b", "us-east-1c"],
    backups: { bucket: "backups", region: "us-east-1", intervalHours: 6, retentionDays: 30 },
  },
};
export const aurora: ShardedDatabaseArgs = {
  ...shared,
  engine: DatabaseEngine.Aurora,
  regions: ["us-east", "eu-west"],
};
export const auroraCluster: AuroraClusterArgs = {
  clusterName: "prod-us-east",
  placement: {
    ...{ region: "us-east-1", cidrBlock: "10.0.0.0/16", vpcId: "vpc-1", clusterName: "us-east" },
    subnetIds: ["subnet-1", "subnet-2", "subnet-3"],
  },
  globalName: "prod",
  isPrimary: true,
  recovery: { pointSeconds: 60, timeSeconds: 900 },
  connectionBudget: 1000,
  alarmTopicArn: "arn:aws:sns:us-east-1:123456789012:database",
};
export const external: ShardedDatabaseArgs = {
  ...shared,
  engine: DatabaseEngine.External,
  regions: ["us-east", "eu-west"],
  external: {
    ...{ product: ExternalProduct.CockroachDb, dialect: Dialect.PostgreSql, port: 26_257 },
    writerHost: "shop.cockroach.example",
    readers: [{ region: "us-east", host: "us-east.shop.cockroach.example" }],
    username: "shop",
    password: { name: "shop-database", key: "password" },
    connectionBudget: 1000,
    adminSecretName: "database-admin",
  },
};

interface Built {
  resources: PlannedResource[];
  connections: Record<string, StoreConnection>;
}

export async function build(args: ShardedDatabaseArgs, cluster?: AuroraClusterArgs, isPreview = false): Promise<Built> {
  const connections: Built["connections"] = {};
  const program = () => {
    const made = cluster === undefined ? undefined : new AuroraCluster("database", cluster);
    const database = new ShardedDatabase("database", {
      ...args,
      ...(made === undefined ? {} : { aurora: made.connection }),
    });
    for (const { service } of args.clients) connections[service] = database.connectionOf(service);
    return Promise.resolve();
  };
  const { resources } = await planProgram(program, "test", { config: {}, secrets: [] }, isPreview);
  return { resources, connections };
}

/** Secrets differ from run to run. */
function withoutSecrets({ props, secretProperties }: PlannedResource): Record<string, unknown> {
  return { ...props, ...Object.fromEntries(secretProperties.map((name) => [name, "[secret]"])) };
}

export const graph = (resources: PlannedResource[]) =>
  resources
    .map((resource) => ({ type: resource.type, name: resource.name, props: withoutSecrets(resource) }))
    .sort((one, other) => (`${one.type} ${one.name}` < `${other.type} ${other.name}` ? -1 : 1));

/** A connection with what AWS answers as it is known in the end. */
export const known = (connection: StoreConnection | undefined): Promise<unknown> =>
  new Promise((resolve) => pulumi.output(connection).apply(resolve));
