import { Bulkhead } from "../../../components";
import { DatabaseEngine } from "../../../components/database/capabilities";
import { ShardedDatabase } from "../../../components/database/sharded-database";
import { ColumnType, type TableDefinition } from "../../../components/database/tables";
import { TenantIsolation } from "../../../components/database/tenancy";
import { IssuerKind } from "../../../components/certificates/certificates";

const table = (name: string, column: string): TableDefinition => ({
  name,
  columns: [
    { name: "id", type: ColumnType.Identifier },
    { name: column, type: ColumnType.Integer },
    { name: "note", type: ColumnType.Text, isNullable: true },
  ],
  primaryKey: ["id"],
});

const client = (service: string, keyspace: string) => ({
  service,
  keyspace,
  replicas: 2,
  bulkhead: Bulkhead.Standard,
});

/** Tenants share the keyspaces of orders and of carts; each has one of payments of its own. */
export function shopDatabase(): void {
  new ShardedDatabase("database", {
    engine: DatabaseEngine.Vitess,
    namespace: "database",
    clientsNamespace: "shop",
    region: "us-east-1",
    regions: ["us-east-1"],
    tenants: ["acme", "globex"],
    keyspaces: [
      {
        name: "orders",
        shards: 2,
        tenantIsolation: TenantIsolation.SharedDatabase,
        tables: [table("orders", "total"), table("order_items", "quantity")],
      },
      { name: "carts", tenantIsolation: TenantIsolation.SharedDatabase, tables: [table("carts", "total")] },
      {
        name: "payments",
        tenantIsolation: TenantIsolation.DatabasePerTenant,
        tables: [table("transactions", "amount")],
      },
    ],
    clients: [client("order", "orders"), client("cart", "carts"), client("payment", "payments")],
    issuer: { kind: IssuerKind.ClusterIssuer, name: "stores" },
    vitess: {
      zones: ["us-east-1a", "us-east-1b", "us-east-1c"],
      backups: { bucket: "backups", region: "us-east-1", intervalHours: 6, retentionDays: 30 },
    },
    protectData: false,
  });
}
