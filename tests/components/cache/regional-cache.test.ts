import * as pulumi from "@pulumi/pulumi";
import { IssuerKind } from "../../../components/certificates/certificates";
import { RegionalCache, type RegionalCacheArgs } from "../../../components/cache/regional-cache";
import { CacheEngine, EvictionPolicy } from "../../../components/cache/engines/engine";
import { CacheProfile } from "../../../components/cache/tiers";
import type { StoreConnection } from "../../../components/data/connection";
import type { RedisAddress } from "../../../components/gateway/rate-limiter-pod";
import { type PlannedResource, planProgram } from "../../../rehearsal/engine/plan";

const dragonfly: RegionalCacheArgs = {
  engine: CacheEngine.Dragonfly,
  namespace: "cache",
  clientsNamespace: "shop",
  clients: ["cart", "catalog"],
  issuer: { kind: IssuerKind.ClusterIssuer, name: "stores" },
};

type Given = Partial<RegionalCacheArgs>;
interface Made {
  resources: PlannedResource[];
  connection: StoreConnection;
  address: RedisAddress;
}

async function make(program: () => RegionalCache, isPreview = true): Promise<Made> {
  let made: Pick<Made, "connection" | "address"> | undefined;
  const { resources } = await planProgram(
    async () => {
      const cache = program();
      made = {
        connection: cache.connectionOf({ profile: CacheProfile.Shared, connectionsPerReplica: 10 }),
        address: cache.rateLimitAddress(),
      };
    },
    "test",
    { config: {}, secrets: [] },
    isPreview,
  );
  if (made === undefined) throw new Error("the program made nothing");
  return { resources, ...made };
}

const inCluster =
  (given: Given = {}) =>
  () =>
    new RegionalCache("cache", { ...dragonfly, ...given });

const inAws =
  (given: Given = {}) =>
  () =>
    new RegionalCache("cache", {
      ...{ engine: CacheEngine.ElastiCache, clientsNamespace: "shop", clients: ["cart"], snapshots: {} },
      placement: {
        identifier: "prod-us-east-cache",
        vpcId: "vpc-1",
        cidrBlock: "10.0.0.0/16",
        subnetIds: ["subnet-1", "subnet-2"],
      },
      ...given,
    });

const propsOf = (resources: PlannedResource[], name: string): unknown =>
  resources.find((resource) => resource.name === name)?.props;

/** What is made, without the values that are drawn. */
function graph(resources: PlannedResource[], secret: string) {
  const plain = JSON.stringify(
    resources.map(({ type, name, props, secretProperties }) => ({ type, name, props, secretProperties })),
    (_, value: unknown) => (value === undefined ? null : value),
  );
  const parsed = JSON.parse(plain.replaceAll(secret, "<password>")) as { name: string }[];
  return parsed.sort((left, right) => (left.name < right.name ? -1 : 1));
}

async function known<Value>(value: pulumi.Input<Value>): Promise<Value> {
  return new Promise((resolve) => pulumi.output(value).apply((each) => resolve(each as Value)));
}

/** What clients get, which the engine is told is secret. */
function accessOf({ resources }: Made): { password: string; credentials: string } {
  const secret = resources.find(({ name }) => name === "cache-access");
  expect(secret?.secretProperties).toEqual(["stringData"]);
  return secret?.props.stringData as { password: string; credentials: string };
}

describe.each([
  ["dragonfly", inCluster({ snapshots: {}, monitoring: {} })],
  ["elasticache", inAws()],
])("%s", (_, program) => {
  test("what is planned", async () => {
    const made = await make(program);
    expect(graph(made.resources, accessOf(made).password)).toMatchSnapshot();
  });

  test("what is made", async () => {
    const made = await make(program, false);
    expect(graph(made.resources, accessOf(made).password)).toMatchSnapshot();
  });

  test("services are told where it is, who they are and what the tiers are; the password comes from a Secret", async () => {
    const made = await make(program, false);
    const { endpoints, environment, secrets } = made.connection;
    const hosts = await Promise.all(endpoints.map(({ host }) => known(host)));
    expect(await known(environment.CACHE_HOST ?? "")).toBe(hosts[0]);
    expect(await known(environment.CACHE_READER_HOST ?? "")).toBe(hosts[1]);
    expect(environment).toMatchObject({ CACHE_TLS: "true", CACHE_TTL_SECONDS: "3600", CACHE_PROFILE: "shared" });
    expect(secrets.map(({ variable, key }) => ({ variable, key }))).toEqual([
      { variable: "CACHE_PASSWORD", key: "password" },
    ]);
    const told = await Promise.all(Object.values(environment).map((value) => known(value)));
    const password = accessOf(made).password;
    expect(password).toHaveLength(48);
    expect(told.join()).not.toContain(password);
  });
});

describe("Dragonfly", () => {
  const spec = async (given: Given) => {
    const { resources } = await make(inCluster(given));
    return (propsOf(resources, "cache-dragonfly") as { spec: Record<string, unknown> }).spec;
  };

  test("as a cache drops what is least used; as a store of counters it refuses, and says why", async () => {
    const cache = await make(inCluster());
    const counters = await make(inCluster({ evictionPolicy: EvictionPolicy.Never }));
    const argsOf = ({ resources }: Made) => propsOf(resources, "cache-dragonfly") as { spec: { args: string[] } };
    expect(argsOf(cache).spec.args).toContain("--cache_mode=true");
    expect(argsOf(counters).spec.args).toContain("--cache_mode=false");
    expect(propsOf(counters.resources, "cache-dragonfly")).toMatchObject({
      metadata: { annotations: { "omega-policies/refuses-when-full": expect.any(String) } },
    });
  });

  test("without snapshots has no volumes and writes none at its end", async () => {
    expect(await spec({})).not.toHaveProperty("snapshot");
    expect((await spec({})).args).toContain("--dbfilename=");
    expect((await spec({ snapshots: {} })).args).toContain("--dbfilename=snapshot");
  });

  test("lets in the named clients alone, at its port alone", async () => {
    const { resources } = await make(inCluster());
    expect(propsOf(resources, "cache-clients")).toMatchObject({
      spec: {
        ingress: [
          {
            from: [
              {
                namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "shop" } },
                podSelector: {
                  matchExpressions: [{ key: "app.kubernetes.io/name", operator: "In", values: ["cart", "catalog"] }],
                },
              },
            ],
            ports: [{ port: 6379, protocol: "TCP" }],
          },
        ],
      },
    });
  });

  test("has a certificate for both names that its clients know", async () => {
    const { resources, connection } = await make(inCluster(), false);
    const { spec: certificate } = propsOf(resources, "cache-certificate") as { spec: { dnsNames: string[] } };
    expect(certificate.dnsNames).toEqual(await Promise.all(connection.endpoints.map(({ host }) => known(host))));
  });

  test("is where a limiter counts: by TLS, with user and password, reached at its pods", async () => {
    const made = await make(inCluster(), false);
    const { address } = made;
    expect(await known(address.host)).toBe("cache.cache.svc.cluster.local");
    expect(address).toMatchObject({
      ...{ port: 6379, tls: true, authoritySecretName: "stores-trust", podNamespace: "cache" },
      podLabels: { app: "cache", "app.kubernetes.io/name": "dragonfly" },
      passwordSecret: { key: "credentials" },
    });
    expect(accessOf(made).credentials).toBe(`default:${accessOf(made).password}`);
  });

  test("is not watched where nothing watches", async () => {
    const types = async (given: Given) => (await make(inCluster(given))).resources.map(({ type }) => type);
    const monitoring = expect.arrayContaining([expect.stringContaining("PrometheusRule")]);
    expect(await types({})).not.toEqual(monitoring);
    expect(await types({ monitoring: {} })).toEqual(monitoring);
  });
});

test("counters in ElastiCache are reached by its own name, whose certificate everybody can check", async () => {
  const { address } = await make(inAws(), false);
  expect(await known(address.host)).toMatch(/^cache-.*\.serverless\.us-east-1\.cache\.amazonaws\.com$/);
  expect(address).not.toHaveProperty("authoritySecretName");
  expect(address).not.toHaveProperty("podLabels");
});

describe("wrong arguments are refused together, each with its path", () => {
  const pathsOf = (args: RegionalCacheArgs): string[] => {
    try {
      new RegionalCache("cache", args);
    } catch (thrown) {
      if (!pulumi.InputPropertiesError.isInstance(thrown)) throw thrown;
      return thrown.errors.map(({ propertyPath }) => propertyPath);
    }
    return [];
  };

  test("Dragonfly", () => {
    const { engine, clientsNamespace } = dragonfly;
    const wrong = {
      ...{ engine, clientsNamespace, clients: [], gibibytes: 0, replicas: 11, snapshots: { everyMinutes: 7 } },
      ...{ recovery: { pointSeconds: -1, timeSeconds: 0 }, tiers: { originSeconds: 7200 } },
    };
    expect(pathsOf(wrong)).toEqual([
      "gibibytes",
      "replicas",
      "snapshots.everyMinutes",
      "recovery.pointSeconds",
      "recovery.timeSeconds",
      "tiers.originSeconds",
      "clients",
      "namespace",
      "issuer",
    ]);
  });

  test("ElastiCache, which keeps no key for certain and takes a snapshot a day", () => {
    const wrong: RegionalCacheArgs = {
      ...{ engine: CacheEngine.ElastiCache, clientsNamespace: "shop", clients: ["cart"] },
      ...{ evictionPolicy: EvictionPolicy.Never, snapshots: { everyMinutes: 60 } },
      placement: { identifier: "Cache", vpcId: "vpc", cidrBlock: "10.0.0.0/16", subnetIds: ["one"], ecpuPerSecond: 1 },
    };
    expect(pathsOf(wrong)).toEqual([
      "evictionPolicy",
      "snapshots.everyMinutes",
      "placement.ecpuPerSecond",
      "placement.identifier",
      "placement.subnetIds",
    ]);
    expect(pathsOf({ engine: CacheEngine.ElastiCache, clientsNamespace: "shop", clients: ["cart"] })).toEqual([
      "placement",
    ]);
  });
});
