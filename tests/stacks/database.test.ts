import * as pulumi from "@pulumi/pulumi";
import { DatabaseEngine, Durability, ExternalProduct, InternalAuthority } from "../../components";
import { type PlannedResource, planProgram } from "../../rehearsal/engine/plan";
import type { RegionCloud } from "../../stacks/cluster";
import { buildDatabases, shardLayout } from "../../stacks/database";
import { emptyLayout } from "../../stacks/previous";
import { databaseSchema, serviceDatabaseSchema } from "../../stacks/schema/database";
import { validate } from "../../stacks/validation";

const bucket = { bucket: "backups", region: "us-east-1" };
const backups = { buckets: { "us-east": bucket, "eu-west": bucket } };
const zones = { "us-east": ["a", "b", "c"], "eu-west": ["a", "b", "c"] };
const columns = [{ name: "id", type: "identifier" }];
const keyspace = { name: "orders", tables: [{ name: "orders", columns, primaryKey: ["id"] }] };
const vitess = { engine: "vitess", keyspaces: [keyspace], vitess: { zones, backups } };
const aurora = { engine: "aurora", keyspaces: [keyspace] };
const platform = {
  ...{ scope: "single", environment: "dev", regions: [{ name: "us-east" }], cluster: { source: "existing" } },
};
const eks = {
  ...{ scope: "region", region: "us-east", cluster: { source: "eks" } },
  regions: [
    { name: "us-east", aws: "us-east-1", cidrBlock: "10.0.0.0/16" },
    { name: "eu-west", aws: "eu-west-1", cidrBlock: "10.1.0.0/16" },
  ],
};
const service = (database: object, max = 10) => ({
  ...{ name: "order", version: "1.0.0", capabilities: ["ordering"], replicas: { min: 2, max } },
  image: `registry.example.com/order:1@sha256:${"0".repeat(64)}`,
  database: { keyspace: "orders", ...database },
});

function errorsOf(
  database: object | undefined,
  services: object[] = [service({})],
  change: object = {},
  shards: Record<string, number> = {},
): string[] {
  const input = { ...platform, services, ...(database === undefined ? {} : { database }), ...change };
  return validate(input, [], { ...emptyLayout, shards }).errors.map(({ path, reason }) => `${path}: ${reason}`);
}

test("the architecture's numbers and ours are the defaults", () => {
  const { vitess: settings, ...section } = databaseSchema.parse(vitess);
  expect(section).toMatchObject({ namespace: "database", size: "small", gibibytes: 50, drillDays: 14 });
  expect(settings).toMatchObject({
    ...{ durability: Durability.CrossCell, batchReplicas: 1, gatewayReplicas: 2 },
    backups: { intervalHours: 6, retentionDays: 30 },
  });
  expect(serviceDatabaseSchema.parse({ keyspace: "orders" })).toEqual({
    ...{ keyspace: "orders", consistency: "strong", reads: "primary", connectionsPerReplica: 5 },
  });
});

test("what is right has no errors", () => {
  expect(errorsOf(vitess)).toEqual([]);
  expect(
    errorsOf({ ...aurora, aurora: { primaryRegion: "us-east", failoverOrder: ["eu-west"] } }, [service({})], eks),
  ).toEqual([]);
});

test.each<[string, string[], string[]]>([
  [
    "a service's database without one",
    errorsOf(undefined),
    ["services[0].database: needs a database, and there is none"],
  ],
  [
    "an unknown keyspace",
    errorsOf(vitess, [service({ keyspace: "carts" })]),
    ['services[0].database.keyspace: "carts" is no keyspace of this database'],
  ],
  [
    "reads that can't see what they must",
    errorsOf(vitess, [service({ reads: "replica" })]),
    [
      "services[0].database.consistency: is strong, and reads from the replica of vitess are bounded-staleness; no engine does it all",
    ],
  ],
  [
    "pools that exceed the budget",
    errorsOf(vitess, [service({}, 100)]),
    [
      "database.size: is 300, and the services' pools add up to 500 (order 100 × 5): take a larger size, or lower " +
        "connectionsPerReplica or replicas.max",
    ],
  ],
  [
    "zones that can't give the durability",
    errorsOf({ ...vitess, vitess: { zones: { "us-east": ["a"] }, backups } }),
    ["database.vitess.durability: is cross_cell, which needs 3 zones at least, and there is 1"],
  ],
  [
    "a region without zones",
    errorsOf({ ...vitess, vitess: { zones: { "eu-west": ["a", "b"] }, backups } }),
    [
      "database.vitess.zones: must name one at least",
      "database.vitess.durability: is cross_cell, which needs 3 zones at least, and there are 0",
    ].map((line) => line.replace("vitess.zones", "vitess.zones.us-east")),
  ],
  [
    "several regions of an engine that spans none",
    errorsOf(vitess, [], eks),
    [
      "database.keyspaces[0].spansRegions: is 2 regions' own, and vitess does not span regions; aurora, external planetscale, " +
        "external cockroachdb, external yugabytedb, external other could",
    ],
  ],
  [
    "Aurora without a VPC",
    errorsOf(aurora),
    ["database.engine: is aurora, which needs a VPC: cluster.source eks makes one"],
  ],
  [
    "Aurora of several regions, none of which writes",
    errorsOf(aurora, [], eks),
    ["database.aurora.primaryRegion: is missing: one of us-east, eu-west must write"],
  ],
  [
    "a writing region that there isn't",
    errorsOf({ ...aurora, aurora: { primaryRegion: "mars" } }, [], eks),
    ["database.aurora.primaryRegion: must be one of the regions: us-east, eu-west"],
  ],
  [
    "regions that nobody said the order of",
    errorsOf({ ...aurora, aurora: { primaryRegion: "us-east" } }, [], eks),
    ["database.aurora.failoverOrder: must name each region but us-east once, in the order of promotion: eu-west"],
  ],
  [
    "shards that change in place",
    errorsOf({ ...vitess, keyspaces: [{ ...keyspace, shards: 8 }] }, [], {}, { orders: 4 }),
    [
      "database.keyspaces[0].shards: was 4 and can't be changed in place, which would drop its rows: keep it, set reshardTo: 8, " +
        "move rows and traffic as docs/databases.md says, and then change it",
    ],
  ],
])("%s", (_, errors, expected) => {
  expect(errors).toEqual(expected);
});

test("a resharding goes by the layout of the update before", () => {
  const layoutOf = (change: Record<string, unknown>) =>
    shardLayout(databaseSchema.parse({ ...vitess, keyspaces: [{ ...keyspace, ...change }] }));
  const next = (change: Record<string, unknown>, before: Record<string, number>) =>
    errorsOf({ ...vitess, keyspaces: [{ ...keyspace, ...change }] }, [], {}, before);
  expect(next({ shards: 4, reshardTo: 8 }, layoutOf({ shards: 4 }))).toEqual([]);
  expect(next({ shards: 8 }, layoutOf({ shards: 4, reshardTo: 8 }))).toEqual([]);
  expect(next({ shards: 16 }, layoutOf({ shards: 4, reshardTo: 8 }))).toHaveLength(1);
});

test("the error names the engine that could: an external one that takes as much", () => {
  const external = {
    engine: DatabaseEngine.External,
    keyspaces: [keyspace],
    external: {
      ...{ product: ExternalProduct.CockroachDb, dialect: "postgresql", writerHost: "shop.cockroach.example" },
      ...{ username: "shop", password: { name: "shop", key: "password" }, connectionBudget: 40 },
    },
  };
  expect(errorsOf(external, [service({ reads: "nearest", consistency: "bounded-staleness" })], eks)).toEqual([
    expect.stringMatching(/^database\.external\.connectionBudget: is 40, and the services' pools add up to 50/),
  ]);
});

test("errors of form and of rules come together, and the database's namespace is its own", () => {
  const { errors } = validate(
    { ...platform, database: { ...vitess, namespace: "shop", size: "huge", keyspaces: [{ ...keyspace, shards: 3 }] } },
    [],
  );
  expect(errors.map(({ path }) => path).sort()).toEqual([
    "database.keyspaces[0].shards",
    "database.namespace",
    "database.size",
  ]);
});

interface Built {
  resources: PlannedResource[];
  connections: (string | undefined)[];
}

/** A region's database as its stack makes it. */
async function build(input: object): Promise<Built> {
  const { sections, errors } = validate({ ...input }, []);
  const { database, regions } = sections ?? {};
  const [region] = regions ?? [];
  if (sections === undefined || database === undefined || region === undefined) throw new Error(JSON.stringify(errors));
  let connections: Built["connections"] = [];
  const { resources } = await planProgram(
    () => {
      const cloud: RegionCloud = {
        ...{ options: {}, region: "us-east-1", cidrBlock: "10.0.0.0/16", vpcId: pulumi.output("vpc-1") },
        dataSubnetIds: [pulumi.output("subnet-1"), pulumi.output("subnet-2"), pulumi.output("subnet-3")],
        clusterName: pulumi.output("cluster"),
      };
      const built = buildDatabases(
        database,
        { ...sections, imageRegistry: undefined, secrets: {}, previous: emptyLayout },
        region,
        {
          ...{ authority: new InternalAuthority("stores"), inCluster: {}, dependsOn: [] },
          ...(database.engine === DatabaseEngine.Aurora ? { cloud } : {}),
        },
      );
      connections = sections.services.map((each) => built.connectionOf(each)?.name);
      return Promise.resolve();
    },
    "test",
    { config: {}, secrets: [] },
  );
  return { resources, connections };
}

const single = { ...platform, services: [service({})] };
const production = { ...platform, ...eks, services: [service({})] };
const typesOf = ({ resources }: Built) => new Set(resources.map(({ type }) => type));
const propsOf = ({ resources }: Built, type: string) => resources.find((each) => each.type.endsWith(type))?.props;

test("vitess: in the cluster alone, and deletable where everything is in one stack", async () => {
  const built = await build({ ...single, database: vitess });
  expect(built.connections).toEqual(["database"]);
  expect([...typesOf(built)].filter((type) => type.startsWith("aws:"))).toEqual([]);
  expect(propsOf(built, ":VitessCluster")).toMatchObject({ spec: { keyspaces: [{ turndownPolicy: "Immediate" }] } });
  expect(built.resources.some(({ isProtected }) => isProtected)).toBe(false);
});

test("aurora: of several regions one is global and writes, with a role for its jobs; its data is kept", async () => {
  const writing = await build({
    ...production,
    database: { ...aurora, aurora: { primaryRegion: "us-east", failoverOrder: ["eu-west"], engineVersion: "18.2" } },
  });
  const version = { engineVersion: "18.2" };
  expect(propsOf(writing, "globalCluster:GlobalCluster")).toMatchObject({ globalClusterIdentifier: "dev", ...version });
  expect(propsOf(writing, "rds/cluster:Cluster")).toMatchObject(version);
  expect(propsOf(writing, ":ClusterParameterGroup")).toMatchObject({ family: "aurora-postgresql18" });
  expect(typesOf(writing)).toContain("omega:index:PodRole");
  expect(
    writing.resources
      .filter(({ isProtected }) => isProtected)
      .map(({ type }) => type)
      .sort(),
  ).toEqual([...["aws:kms/key:Key", "aws:rds/cluster:Cluster", "aws:rds/globalCluster:GlobalCluster"]]);
  const reading = await build({
    ...production,
    database: { ...aurora, aurora: { primaryRegion: "eu-west", failoverOrder: ["us-east"] } },
  });
  expect(propsOf(reading, "rds/cluster:Cluster")).toMatchObject({
    ...{ globalClusterIdentifier: "dev", enableGlobalWriteForwarding: true },
  });
  // What is in the database comes from the region that writes.
  expect([...typesOf(reading)].filter((type) => /PodRole|batch|GlobalCluster/.test(type))).toEqual([]);
});

test("aurora: a region alone has a cluster of its own, whatever the others are", async () => {
  const own = { ...aurora, keyspaces: [{ ...keyspace, spansRegions: false }], aurora: { primaryRegion: "eu-west" } };
  const built = await build({ ...production, database: own });
  expect([...typesOf(built)].filter((type) => type.includes("GlobalCluster"))).toEqual([]);
  expect(propsOf(built, "rds/cluster:Cluster")).toMatchObject({ manageMasterUserPassword: true });
});
