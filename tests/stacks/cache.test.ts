import * as pulumi from "@pulumi/pulumi";
import { CacheEngine, InternalAuthority, MeshNamespace } from "../../components";
import type { RedisAddress } from "../../components";
import { type PlannedResource, planProgram } from "../../rehearsal/engine/plan";
import { buildCaches } from "../../stacks/cache";
import type { RegionCloud } from "../../stacks/cluster";
import { emptyLayout } from "../../stacks/previous";
import { validate } from "../../stacks/validation";

const service = (name: string, given: object = {}) => ({
  ...{ name, version: "1.0.0", capabilities: ["search"] },
  image: `registry.example.com/${name}:1@sha256:${"0".repeat(64)}`,
  ...given,
});
const users = [service("cart", { cache: {} }), service("catalog", { cache: { profile: "shared" } }), service("order")];
const dev = { scope: "single", environment: "dev", regions: [{ name: "us-east" }], services: users, cache: {} };
const prod = {
  ...{ ...dev, scope: "region", environment: "prod", region: "us-east" },
  regions: [{ name: "us-east", aws: "us-east-1", cidrBlock: "10.0.0.0/16" }],
  cluster: { source: "eks" },
};
const errorsOf = (input: object) => validate({ ...input }, []).errors.map(({ path, reason }) => `${path}: ${reason}`);

test("an empty section is a cache with the architecture's numbers", () => {
  const { sections, errors } = validate(dev, []);
  expect(errors).toEqual([]);
  expect(sections?.cache).toMatchObject({
    ...{ engine: "dragonfly", namespace: "cache", gibibytes: 2, replicas: 3, protectData: false },
    tiers: { browserSeconds: 3600, edgeSeconds: 86_400, regionalSeconds: 3600, originSeconds: 300 },
  });
  expect(sections?.services.map(({ cache }) => cache)).toEqual([
    { profile: "private", connectionsPerReplica: 10 },
    { profile: "shared", connectionsPerReplica: 10 },
    undefined,
  ]);
});

test.each<[string, object, string[]]>([
  [
    "a service that uses a cache where there is none",
    { ...dev, cache: undefined },
    ["services[0].cache: needs a cache, and there is none", "services[1].cache: needs a cache, and there is none"],
  ],
  [
    "tiers out of order, less memory than it starts with and snapshots at odd times, all at once",
    {
      ...dev,
      cache: { gibibytes: 0, snapshots: { everyMinutes: 7 }, tiers: { originSeconds: 7200, browserSeconds: 90_000 } },
    },
    [
      "cache.gibibytes: must be at least 1",
      "cache.snapshots.everyMinutes: is 7, must be 5 to 60 minutes that divide an hour, or hours that divide a day",
      "cache.tiers.browserSeconds: is 90000, must be at most edgeSeconds, which is 86400: " +
        "no purge reaches a browser, and the edge's copy can be purged",
      "cache.tiers.originSeconds: is 7200, must be at most regionalSeconds, which is 3600: " +
        "a service would keep what the region has dropped",
    ],
  ],
  ["one replica in development", { ...dev, cache: { replicas: 1 } }, []],
  [
    "one replica in production",
    { ...prod, cache: { replicas: 1 } },
    ["cache.replicas: is 1, must be two at least in production"],
  ],
  [
    "ElastiCache without a VPC",
    { ...dev, cache: { engine: "elasticache" } },
    ["cache.engine: is elasticache, which needs a VPC: cluster.source eks makes one"],
  ],
  [
    "ElastiCache with snapshots that it can't take, and a name that is too long",
    {
      ...prod,
      environment: "production-of-the-shop",
      cache: { engine: "elasticache", snapshots: { everyMinutes: 30 } },
    },
    [
      "cache.snapshots.everyMinutes: is 30, must be 1440: ElastiCache Serverless takes one a day",
      'regions[0].name: makes "production-of-the-shop-us-east-counters", which in AWS must have 32 characters at most',
    ],
  ],
  ["ElastiCache", { ...prod, cache: { engine: "elasticache", snapshots: {} } }, []],
  [
    "more connections than it takes",
    { ...dev, services: [service("cart", { cache: { connectionsPerReplica: 1000 } })] },
    [
      "cache: must take 100000 connections of all replicas together, takes 60000: " +
        "lower connectionsPerReplica or replicas.max of services",
    ],
  ],
  [
    "a namespace of somebody else",
    { ...dev, cache: { namespace: "dragonfly-operator" } },
    ["cache.namespace: must be one of its own: dragonfly-operator belongs to a controller"],
  ],
])("%s", (_, input, errors) => expect(errorsOf(input)).toEqual(errors));

interface Built {
  resources: PlannedResource[];
  connections: (string | undefined)[];
  address: RedisAddress;
}

async function build(input: object): Promise<Built> {
  const { sections, errors } = validate({ ...input }, []);
  expect(errors).toEqual([]);
  const [region] = sections?.regions ?? [];
  if (sections?.cache === undefined || region === undefined) throw new Error("no cache and no region");
  const { cache, ...config } = { ...sections, cache: sections.cache };
  let built: Omit<Built, "resources"> | undefined;
  const { resources } = await planProgram(
    async () => {
      const namespace = new MeshNamespace("gateway", { name: "gateway" });
      const cloud: RegionCloud = {
        ...{ options: {}, region: "us-east-1", cidrBlock: "10.0.0.0/16", vpcId: pulumi.output("vpc-1") },
        dataSubnetIds: [pulumi.output("subnet-1"), pulumi.output("subnet-2")],
        clusterName: pulumi.output("cluster"),
      };
      const caches = buildCaches(
        cache,
        { ...config, imageRegistry: undefined, secrets: {}, previous: emptyLayout },
        region,
        {
          ...{ authority: new InternalAuthority("stores"), inCluster: {}, withCloudObjects: {}, dependsOn: [] },
          ...(cache.engine === CacheEngine.ElastiCache ? { cloud } : {}),
        },
      );
      built = {
        connections: config.services.map((each) => caches.connectionOf(each)?.name),
        address: caches.rateLimitAddress({ name: "gateway", namespace, options: {} }),
      };
    },
    "test",
    { config: {}, secrets: [] },
  );
  if (built === undefined) throw new Error("the program built nothing");
  return { resources, ...built };
}

const namesOf = ({ resources }: Built, type: string) =>
  resources.filter((resource) => resource.type.endsWith(`:${type}`)).map(({ name }) => name);

describe("what is built", () => {
  test.each(["dragonfly", "elasticache"])(
    "with %s: a cache for its users, and a store of its own for counters",
    async (engine) => {
      const built = await build({ ...prod, cache: { engine } });
      expect(namesOf(built, "RegionalCache")).toEqual(["cache", "counters"]);
      expect(built.connections).toEqual(["cache", "cache", undefined]);
      const boundaries = built.resources.filter(
        ({ type, parent }) => /:TcpBoundary$/.test(type) && parent === undefined,
      );
      expect(boundaries.map(({ name }) => name)).toEqual(["counters"]);
    },
  );

  test("on Dragonfly counters are never dropped, and the limiter alone reaches them, trusting the stores' authority", async () => {
    const built = await build(dev);
    const { resources, address } = built;
    const propsOf = (name: string) => resources.find((resource) => resource.name === name)?.props;
    expect(propsOf("counters-dragonfly")).toMatchObject({
      spec: { args: expect.arrayContaining(["--cache_mode=false"]), replicas: 3 },
    });
    expect(JSON.stringify(propsOf("counters-clients"))).toContain('"values":["rate-limiter"]');
    expect(propsOf("gateway-stores-trust")).toMatchObject({ metadata: { name: "stores-trust", namespace: "gateway" } });
    expect(address).toMatchObject({ tls: true, authoritySecretName: "stores-trust", podNamespace: "cache" });
    expect(namesOf(built, "ExternalStore")).toEqual([]);
  });

  test("in AWS the limiter's proxy is told where its store is; nothing of the caches is in the cluster but passwords", async () => {
    const built = await build({ ...prod, cache: { engine: "elasticache" } });
    expect(namesOf(built, "ExternalStore")).toEqual(["counters"]);
    expect(namesOf(built, "DataNamespace")).toEqual([]);
    expect(namesOf(built, "Secret")).toEqual(["cache-access", "counters-access"]);
  });

  test("without users there are counters alone", async () => {
    const built = await build({ ...dev, services: [service("order")] });
    expect(namesOf(built, "RegionalCache")).toEqual(["counters"]);
  });
});
