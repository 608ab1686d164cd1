import type { AuroraClusterArgs } from "../../../components/database/aurora/aurora-cluster";
import { Consistency, DatabaseEngine, ReadPreference } from "../../../components/database/capabilities";
import type { ShardedDatabaseArgs } from "../../../components/database/database-args";
import { databaseProblems } from "../../../components/database/problems";
import { TenantIsolation } from "../../../components/database/tenancy";
import { Durability } from "../../../components/database/vitess/topology";
import { Bulkhead } from "../../../components/mesh/bulkheads";
import { aurora, auroraCluster, build, external, graph, known, ordersTable, vitess } from "./fixture";

const engines: [string, ShardedDatabaseArgs, AuroraClusterArgs | undefined][] = [
  ["vitess", vitess, undefined],
  ["aurora, where it writes", aurora, auroraCluster],
  [
    "aurora, where it reads",
    { ...aurora, region: "eu-west" },
    { ...auroraCluster, clusterName: "prod-eu-west", isPrimary: false },
  ],
  ["external", external, undefined],
];

describe.each(engines)("on %s", (_, args, cluster) => {
  test("what there is and what it is given", async () => {
    expect(graph((await build(args, cluster)).resources)).toMatchSnapshot();
  });

  test("a preview knows of all that an update makes", async () => {
    const [preview, update] = [await build(args, cluster, true), await build(args, cluster, false)];
    const names = ({ resources }: typeof preview) => graph(resources).map(({ type, name }) => `${type} ${name}`);
    expect(names(preview)).toEqual(names(update));
  });

  test("what services are told", async () => {
    const { connections } = await build(args, cluster);
    expect(await Promise.all(Object.values(connections).map(known))).toMatchSnapshot();
  });

  test("its data is kept unless that is asked for", async () => {
    const holders = /VitessCluster|rds\/(cluster|globalCluster):|kms\/key:/;
    for (const protectData of [undefined, false]) {
      const { resources } = await build(
        { ...args, ...(protectData === undefined ? {} : { protectData }) },
        cluster && { ...cluster, ...(protectData === undefined ? {} : { protectData }) },
      );
      const kept = resources.filter(({ type }) => holders.test(type)).map(({ isProtected }) => isProtected);
      expect(new Set(kept)).toEqual(new Set(kept.length === 0 ? [] : [protectData === undefined]));
    }
  });
});

test("a service's password is the one that the gateways take, and a secret everywhere", async () => {
  const { resources, connections } = await build(vitess);
  expect(connections.order?.secrets).toEqual([
    expect.objectContaining({ variable: "DATABASE_PASSWORD", key: "password" }),
  ]);
  const stringData = graph(resources)
    .filter(({ name }) => /password|users/.test(name))
    .flatMap(({ type, props }) => (type.endsWith("Secret") ? [(props as { stringData: unknown }).stringData] : []));
  expect(stringData).toEqual(["[secret]", "[secret]", "[secret]"]);
});

test("a Global Database's own account is made here, and a single cluster's by Amazon", async () => {
  const { globalName, ...alone } = auroraCluster;
  expect(globalName).toBe("prod");
  const clusterOf = async (args: AuroraClusterArgs) =>
    (await build({ ...aurora, regions: ["us-east"] }, args)).resources.find(({ type }) =>
      type.endsWith("cluster:Cluster"),
    )?.props;
  expect(await clusterOf(alone)).toMatchObject({ manageMasterUserPassword: true });
  expect(await clusterOf(alone)).not.toHaveProperty("masterPassword");
  expect(await clusterOf(auroraCluster)).not.toHaveProperty("manageMasterUserPassword");
});

const paths = (args: ShardedDatabaseArgs) => databaseProblems(args).map(({ path }) => path);

test("the examples have no problems", () => {
  for (const [, args] of engines) expect(paths(args)).toEqual([]);
});

const [keyspace] = vitess.keyspaces;
const settings = vitess.vitess;
const [client] = vitess.clients;
if (keyspace === undefined || settings === undefined || client === undefined) throw new Error("no example");

test.each<[string, ShardedDatabaseArgs, string[]]>([
  [
    "shards that are no power of two",
    { ...vitess, keyspaces: [{ ...keyspace, shards: 3, reshardTo: 4 }] },
    ["keyspaces[0].shards"],
  ],
  ["as many shards again", { ...vitess, keyspaces: [{ ...keyspace, shards: 4 }] }, ["keyspaces[0].reshardTo"]],
  ["a keyspace twice", { ...vitess, keyspaces: [keyspace, keyspace] }, ["keyspaces[1].name"]],
  ["no keyspace", { ...vitess, keyspaces: [], clients: [] }, ["keyspaces"]],
  ["a durability without its zones", { ...vitess, vitess: { ...settings, zones: ["a"] } }, ["vitess.durability"]],
  ["a zone twice", { ...vitess, vitess: { ...settings, zones: ["a", "a", "b", "c"] } }, ["zones"]],
  ["zones of one cell", { ...vitess, vitess: { ...settings, zones: ["a-1", "a1", "b", "c"] } }, ["zones"]],
  ["two zones for three", { ...vitess, vitess: { ...settings, zones: ["a", "b"] } }, ["vitess.durability"]],
  [
    "backups that don't divide a day",
    { ...vitess, vitess: { ...settings, backups: { ...settings.backups, intervalHours: 5 } } },
    ["vitess.backups.intervalHours"],
  ],
  [
    "backups that are kept too short",
    { ...vitess, vitess: { ...settings, backups: { ...settings.backups, retentionDays: 3 } } },
    ["vitess.backups.retentionDays"],
  ],
  ["one gateway a zone", { ...vitess, vitess: { ...settings, gatewayReplicas: 1 } }, ["vitess.gatewayReplicas"]],
  [
    "several regions",
    { ...vitess, regions: ["us-east", "eu-west"], clients: [] },
    ["keyspaces[0].spansRegions", "keyspaces[1].spansRegions"],
  ],
  ["an unknown keyspace", { ...vitess, clients: [{ ...client, keyspace: "carts" }] }, ["clients[0].keyspace"]],
  [
    "reads that can't be so strong",
    { ...vitess, clients: [{ ...client, reads: ReadPreference.Replica }] },
    ["clients[0].consistency"],
  ],
  ["too large pools", { ...vitess, clients: [{ ...client, replicas: 100 }] }, ["budget"]],
  [
    "isolation without tenants",
    { ...vitess, keyspaces: [{ ...keyspace, tenantIsolation: TenantIsolation.DatabasePerTenant }] },
    ["tenants"],
  ],
  ["tenants' names", { ...vitess, tenants: ["Acme", "globex", "globex"] }, ["tenants[0]", "tenants[2]"]],
  [
    "tenants whose schemas are the database's own",
    {
      ...aurora,
      tenants: ["public", "pg-acme", "information-schema", "acme"],
      keyspaces: [{ name: "orders", tenantIsolation: TenantIsolation.SchemaPerTenant, tables: [ordersTable] }],
    },
    ["tenants[0]", "tenants[1]", "tenants[2]"],
  ],
  [
    "databases of two keyspaces with one name",
    {
      ...aurora,
      tenants: ["acme", "eu-acme"],
      clients: [],
      keyspaces: [
        ...["orders", "orders_eu"].map((name) => ({
          ...{ name, tenantIsolation: TenantIsolation.DatabasePerTenant, tables: [ordersTable] },
        })),
        { name: "orders_acme", tables: [ordersTable] },
      ],
    },
    ["keyspaces[1].name", "keyspaces[2].name"],
  ],
  [
    "shards of an engine without",
    { ...aurora, keyspaces: [{ name: "orders", shards: 4, tables: [ordersTable] }] },
    ["keyspaces[0].shards"],
  ],
  [
    "regions for some keyspaces",
    {
      ...aurora,
      keyspaces: [
        { name: "orders", tables: [] },
        { name: "carts", spansRegions: false, tables: [] },
      ],
    },
    ["keyspaces"],
  ],
  [
    "an engine without its settings",
    { ...vitess, engine: DatabaseEngine.External, keyspaces: [{ name: "orders", tables: [] }] },
    ["external"],
  ],
])("%s are refused", (_, args, expected) => {
  expect(paths(args)).toEqual(expected);
});

test("rows of its own for each region are possible where the engine doesn't span any", () => {
  const own = vitess.keyspaces.map((each) => ({ ...each, spansRegions: false }));
  expect(paths({ ...vitess, regions: ["us-east", "eu-west"], keyspaces: own })).toEqual([]);
});

test("semi-synchronous replicas need not be in two zones", () => {
  expect(paths({ ...vitess, vitess: { ...settings, zones: ["a"], durability: Durability.SemiSync } })).toEqual([]);
});

test("everything is reported at once, and nothing is made", async () => {
  const wrong = {
    ...vitess,
    keyspaces: [{ ...keyspace, shards: 3 }],
    clients: [
      { ...client, consistency: Consistency.Strong, reads: ReadPreference.Nearest, bulkhead: Bulkhead.Critical },
    ],
  };
  const refused = await build(wrong).catch((error: unknown) => String(error));
  expect(refused).toContain("keyspaces[0].shards: is 3");
  expect(refused).toContain(
    "clients[0].consistency: is strong, and reads from the nearest of vitess are bounded-staleness",
  );
});
