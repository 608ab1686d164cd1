import { setTimeout as sleep } from "node:timers/promises";
import { Bulkhead } from "../../components";
import { CacheEngine } from "../../components/cache/engines/engine";
import { RegionalCache } from "../../components/cache/regional-cache";
import { IssuerKind } from "../../components/certificates/certificates";
import { DatabaseEngine } from "../../components/database/capabilities";
import { ShardedDatabase } from "../../components/database/sharded-database";
import { ColumnType } from "../../components/database/tables";
import { ownDefinitions } from "../../rehearsal/definitions";
import { planProgram } from "../../rehearsal/engine/plan";
import { TestRehearsal } from "./support";

jest.setTimeout(300_000);

const rehearsal = new TestRehearsal();
const kubectl = (command: string, input?: object) => rehearsal.kubectl(command, input);
const issuer = { kind: IssuerKind.ClusterIssuer, name: "stores" };

interface Declared {
  kind: string;
  metadata: { name: string };
  spec: object;
}

let database: Declared;
let cache: Declared;

/** A database in the middle of a resharding, and a cache, with all that can be set of them. */
function program(): void {
  new ShardedDatabase("database", {
    engine: DatabaseEngine.Vitess,
    namespace: "default",
    clientsNamespace: "shop",
    region: "us-east-1",
    regions: ["us-east-1"],
    keyspaces: [
      {
        name: "orders",
        shards: 2,
        reshardTo: 4,
        tables: [{ name: "orders", columns: [{ name: "id", type: ColumnType.Identifier }], primaryKey: ["id"] }],
      },
    ],
    clients: [{ service: "order", keyspace: "orders", replicas: 2, bulkhead: Bulkhead.Critical }],
    storageClassName: "kept",
    issuer,
    vitess: {
      zones: ["us-east-1a", "us-east-1b", "us-east-1c"],
      backups: {
        ...{
          bucket: "backups",
          region: "auto",
          endpoint: "https://r2.example.com",
          intervalHours: 6,
          retentionDays: 30,
        },
        credentials: { name: "backups", key: "credentials" },
      },
    },
  });
  new RegionalCache("cache", {
    engine: CacheEngine.Dragonfly,
    namespace: "default",
    clientsNamespace: "shop",
    clients: ["cart"],
    issuer,
    snapshots: { storageClassName: "kept" },
  });
}

beforeAll(async () => {
  const { resources } = await planProgram(() => Promise.resolve(program()), "test", { config: {}, secrets: [] }, false);
  const declared = (kind: string): Declared => {
    const found = resources.map(({ props }) => props as unknown as Declared).find((each) => each.kind === kind);
    if (found === undefined) throw new Error(`the program makes no ${kind}`);
    return found;
  };
  [database, cache] = [declared("VitessCluster"), declared("Dragonfly")];
  await rehearsal.startClusters(["us-east-1"], Object.values(ownDefinitions));
});

afterAll(() => rehearsal.remove());

/** @throws Error with what the API server says of it */
function create(object: object, ...options: string[]): void {
  try {
    kubectl(["create --validate=strict -f -", ...options].join(" "), object);
  } catch (error) {
    throw new Error(String((error as { stderr?: string }).stderr));
  }
}

async function statusOf(resource: string): Promise<Record<string, unknown>> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(200)) {
    const { status } = JSON.parse(kubectl(`get ${resource} -o json`)) as { status?: Record<string, unknown> };
    if (status !== undefined) return status;
  }
  throw new Error(`${resource} got no status`);
}

test("the database that a stack declares is accepted, also while it is resharded, and its status made up", async () => {
  create(database);
  const status = await statusOf(`vitesscluster/${database.metadata.name}`);
  expect(status).toMatchObject({
    observedGeneration: 1,
    globalLockserver: { etcd: { available: "True" } },
    vitessDashboard: { available: "True" },
    cells: { useast1a: { gatewayAvailable: "True" }, useast1c: { gatewayAvailable: "True" } },
    // Two shards and the four that come; each with three replicas and one for batch work.
    keyspaces: { orders: { desiredShards: 6, readyShards: 6, desiredTablets: 24, readyTablets: 24 } },
  });
});

test("the cache that a stack declares is accepted, and its status made up", async () => {
  create(cache);
  expect(await statusOf(`dragonfly/${cache.metadata.name}`)).toEqual({ phase: "Ready" });
});

test("each of them fails on demand, and is ready again", async () => {
  const resources = [`vitesscluster/${database.metadata.name}`, `dragonfly/${cache.metadata.name}`];
  const phases = async (accept: (text: string) => boolean) => {
    for (const resource of resources) {
      for (const deadline = Date.now() + 30_000; !accept(JSON.stringify(await statusOf(resource))); await sleep(200)) {
        if (Date.now() > deadline) throw new Error(`${resource}: ${JSON.stringify(await statusOf(resource))}`);
      }
    }
  };
  for (const resource of resources) kubectl(`annotate ${resource} rehearsal.omega.dev/fail=broken`);
  await phases((text) => text.includes('"available":"False"') || text.includes("Configuring"));
  for (const resource of resources) kubectl(`annotate ${resource} rehearsal.omega.dev/fail-`);
  await phases((text) => text.includes('"readyShards":6') || text.includes('"Ready"'));
});

type Path = (string | number)[];

/** The object with another value at a path; undefined takes the field away. */
function changed(object: Declared, path: Path, value: unknown): Declared {
  const copy = structuredClone(object);
  const last = path.at(-1);
  let at = copy as unknown as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) at = at[step] as Record<string | number, unknown>;
  if (last !== undefined) {
    if (value === undefined) delete at[last];
    else at[last] = value;
  }
  copy.metadata = { ...copy.metadata, name: "other" };
  return copy;
}

const keyspace = ["spec", "keyspaces", 0];
const equal = [...keyspace, "partitionings", 0, "equal"];
const pool = [...equal, "shardTemplate", "tabletPools", 0];
const gateway = ["spec", "cells", 0, "gateway"];
const schedule = ["spec", "backup", "schedules", 0];

const wrongDatabases: [string, Path, unknown, RegExp][] = [
  ["a third partitioning", [...keyspace, "partitionings"], Array(3).fill({}), /Too many: 3: must have at most 2 items/],
  ["no partitioning", [...keyspace, "partitionings"], [], /should have at least 1 items/],
  ["no parts", [...equal, "parts"], 0, /greater than or equal to 1/],
  ["a durability that Vitess doesn't know", [...keyspace, "durabilityPolicy"], "all_cells", /Unsupported value/],
  ["a kind of tablet that is none", [...pool, "type"], "primary", /Unsupported value: "primary"/],
  ["a cell with a dash", ["spec", "cells", 0, "name"], "us-east-1a", /spec.cells\[0\].name in body should match/],
  ["two cells of one name", ["spec", "cells", 1, "name"], "useast1a", /Duplicate value/],
  ["no script for an empty database", [...equal, "shardTemplate", "databaseInitScriptSecret"], undefined, /Required/],
  ["no disk", [...pool, "dataVolumeClaimTemplate"], undefined, /dataVolumeClaimTemplate: Required value/],
  ["an engine for backups that is none", ["spec", "backup", "engine"], "mysqldump", /Unsupported value: "mysqldump"/],
  ["nowhere for backups", ["spec", "backup", "locations"], [], /should have at least 1 items/],
  ["a location that is none", ["spec", "backup", "locations", 0, "s3"], undefined, /exactly one of s3 and volume/],
  ["two clocks for one schedule", [...schedule, "frequency"], "1h", /exactly one of schedule and frequency/],
  ["a backup of no shard", [...schedule, "strategies", 0, "shard"], undefined, /a shard, unless the scope/],
  ["TLS without a certificate", [...gateway, "secureTransport", "tls"], undefined, /needs a certificate/],
  ["a field that there isn't", [...gateway, "replica"], 2, /unknown field "spec.cells\[0\].gateway.replica"/],
  ["a strategy of updates that is none", ["spec", "updateStrategy", "type"], "Rolling", /Unsupported value: "Rolling"/],
];

test.each(wrongDatabases)("a database is refused with %s", (_, path, value, message) => {
  expect(() => create(changed(database, path, value), "--dry-run=server")).toThrow(message);
});

const wrongCaches: [string, Path, unknown, RegExp][] = [
  ["less than none", ["spec", "replicas"], -1, /greater than or equal to 0/],
  ["a clock that is none", ["spec", "snapshot", "cron"], "daily", /spec.snapshot.cron in body should match/],
  ["an argument that isn't a flag", ["spec", "args", 0], "maxmemory=1gb", /spec.args\[0\] in body should match/],
  ["a password of no Secret", ["spec", "authentication", "passwordFromSecret", "name"], undefined, /Required value/],
  [
    "no size of its disk",
    ["spec", "snapshot", "persistentVolumeClaimSpec", "resources"],
    {},
    /requests: Required value/,
  ],
  ["two bounds of disruptions", ["spec", "pdb", "minAvailable"], 2, /cannot be both set/],
  ["a field that there isn't", ["spec", "passwordFromSecret"], {}, /unknown field "spec.passwordFromSecret"/],
];

test.each(wrongCaches)("a cache is refused with %s", (_, path, value, message) => {
  expect(() => create(changed(cache, path, value), "--dry-run=server")).toThrow(message);
});

test("what is refused above would be accepted but for that", () => {
  for (const object of [database, cache]) create(changed(object, ["spec"], object.spec), "--dry-run=server");
});
