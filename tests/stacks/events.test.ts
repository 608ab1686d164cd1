import * as pulumi from "@pulumi/pulumi";
import { EventBusEngine, IssuerKind, type StoreConnection } from "../../components";
import { type PlannedResource, planProgram } from "../../rehearsal/engine/plan";
import type { RegionCloud } from "../../stacks/cluster";
import { buildEvents, type Events } from "../../stacks/events";
import { type DataLayout, emptyLayout } from "../../stacks/previous";
import { validate } from "../../stacks/validation";

const service = (name: string, given: object = {}) => ({
  ...{ name, version: "1.0.0", capabilities: ["search"] },
  image: `registry.example.com/${name}:1@sha256:${"0".repeat(64)}`,
  ...given,
});
const services = [
  service("order", { publishes: ["order.*"], consumes: ["order.created"] }),
  service("shipping", { consumes: ["order.placed"] }),
  service("cart"),
];
const orders = { name: "orders", events: ["order.*"] };
const dev = {
  ...{ scope: "single", environment: "dev", regions: [{ name: "us-east" }], services },
  events: { topics: [orders] },
};
const regions = [
  { name: "us-east", aws: "us-east-1", cidrBlock: "10.0.0.0/16" },
  { name: "eu-west", aws: "eu-west-1", cidrBlock: "10.1.0.0/16" },
];
const prod = {
  ...{ ...dev, scope: "region", environment: "prod", region: "us-east", regions, cluster: { source: "eks" } },
};
const mirrored = {
  topics: [orders],
  regions: regions.map(({ name }) => ({ region: name, domain: `kafka.${name}.shop.example` })),
};
const mskOf = (region: string) => ({
  region,
  msk: {
    clusterArn: "arn:aws:kafka:eu-west-1:123456789012:cluster/events/11111111-1111-1111-1111-111111111111-2",
    ...{ subnetIds: ["subnet-1", "subnet-2", "subnet-3"], securityGroupIds: ["sg-1"] },
  },
});

const errorsOf = (input: object, previous?: DataLayout) =>
  validate({ ...input }, [], previous).errors.map(({ path, reason }) => `${path}: ${reason}`);
const partitioned = (partitions: Record<string, number>): DataLayout => ({ ...emptyLayout, partitions });

test("a section with topics alone is Kafka on Strimzi with the defaults of its components", () => {
  const { sections, errors } = validate(dev, []);
  expect(errors).toEqual([]);
  expect(sections?.events).toMatchObject({
    engine: "strimzi",
    namespace: "kafka",
    brokers: { replicas: 3, size: "medium", gibibytes: 100, replicationFactor: 3, minInSyncReplicas: 2 },
    topics: [{ kind: "stream", peak: { messagesPerSecond: 100 }, maxMessageBytes: 1_048_576 }],
    regions: [],
  });
});

test.each<[string, object, string[]]>([
  [
    "more copies than brokers, and as many confirmed as there are",
    { ...dev, events: { topics: [orders], brokers: { replicationFactor: 4 } } },
    ["events.brokers.replicationFactor: is 4, must be at most 3: a broker holds one copy of a partition"],
  ],
  [
    "all copies confirmed",
    { ...dev, events: { topics: [orders], brokers: { minInSyncReplicas: 3 } } },
    [
      "events.brokers.minInSyncReplicas: is 3, must be less than replicationFactor, which is 3: " +
        "else the loss of one broker stops every producer",
    ],
  ],
  [
    "types that nobody publishes, that no topic carries or that two carry, beside errors of form, all at once",
    {
      ...dev,
      services: [
        service("order", { publishes: ["order.*", "invoice.sent"], consumes: ["payment.failed"] }),
        service("shipping", { consumes: ["stock.low", "nonsense"] }),
      ],
      events: {
        engine: "pulsar",
        topics: [orders, { name: "payments", events: ["payment.*", "order.paid"], retentionHours: 0 }],
      },
    },
    [
      'services[1].consumes[1]: must be an event type such as "product.created" or "product.*"',
      "events.engine: must be one of strimzi, msk",
      "events.topics[1].retentionHours: must be at least 1",
      'events.topics[1].events[1]: "order.paid" is carried by "orders" too, as "order.*": no type has two topics',
      'services[0].publishes[1]: "invoice.sent" is carried by no topic',
      'services[0].consumes[0]: "payment.failed" is published by no service',
      'services[1].consumes[0]: "stock.low" is carried by no topic',
    ],
  ],
  [
    "MSK without a VPC, with other copies than it has",
    { ...dev, events: { engine: "msk", topics: [orders], brokers: { replicas: 4, replicationFactor: 4 } } },
    [
      "events.brokers.replicas: is 4, must be a multiple of 3: as many in each zone",
      "events.brokers.replicationFactor: is 4: MSK's Express brokers have 3 alone",
      "events.engine: is msk, which needs cluster.source eks: its brokers are in the VPC of the cluster",
    ],
  ],
  [
    "another namespace's name",
    { ...dev, events: { namespace: "shop", topics: [orders] } },
    ["events.namespace: must be one of its own: shop is that of namespace"],
  ],
  [
    "copies between regions that aren't there, twice, and without a way to them",
    {
      ...prod,
      events: {
        topics: [orders],
        regions: [{ region: "mars", domain: "kafka.mars.example" }, { region: "us-east" }, mirrored.regions[0]],
      },
      services: [...services, service("mirror")],
    },
    [
      'services[3].name: "mirror" is the bus\'s own name for what copies topics between regions',
      "events.regions[0].region: must be one of us-east, eu-west",
      "events.regions[1].domain: is missing: engine strimzi needs it",
      'events.regions[2].region: "us-east" is taken by regions[1]',
    ],
  ],
  [
    "brokers that would be open to the world",
    { ...dev, events: { topics: [orders], regions: [mirrored.regions[0]] } },
    ['events.regions[0].region: "us-east" needs its cidrBlock in regions: brokers let in nobody else'],
  ],
  [
    "a region that is called like a topic",
    {
      ...dev,
      regions: [{ name: "orders", cidrBlock: "10.0.0.0/16" }],
      events: { topics: [orders], regions: [{ region: "orders", domain: "kafka.orders.example" }] },
    },
    ['events.regions[0].region: "orders" is a topic too: its copies would be named like that one\'s retries'],
  ],
  [
    "MSK's copies without its clusters",
    { ...prod, events: { ...mirrored, engine: "msk" } },
    [
      "events.regions[0].msk: is missing: engine msk needs it",
      "events.regions[1].msk: is missing: engine msk needs it",
    ],
  ],
])("%s", (_, input, errors) => expect(errorsOf(input)).toEqual(errors));

test("a service can't fall behind where there is no bus, or nothing that it consumes", () => {
  const scaled = { ...dev, services: [...services, service("catalog", { consumerLag: {} })] };
  expect(errorsOf(scaled)).toContain(
    'services[3].consumerLag: "catalog" consumes nothing that it could fall behind on',
  );
  expect(errorsOf({ ...scaled, events: undefined })).toContain(
    "services[3].consumerLag: needs the section events: there is no bus to fall behind on",
  );
});

describe("partitions", () => {
  test("fewer than there are can't be: that is told with all other errors, and what would be right", () => {
    expect(errorsOf({ ...dev, environment: "Dev" }, partitioned({ orders: 12, gone: 6 }))).toEqual([
      expect.stringMatching(/^environment: /),
      'events.topics[0].partitions: gives "orders" 6 partitions, and it has 12: Kafka can\'t take any away; ' +
        "set 12 at least",
    ]);
  });

  test("as many, more, or those of a new topic can be", () => {
    const grown = { ...dev, events: { topics: [{ ...orders, partitions: 12 }] } };
    for (const previous of [{}, { orders: 6 }, { orders: 12 }]) {
      expect(errorsOf(grown, partitioned(previous))).toEqual([]);
    }
  });
});

interface Built {
  resources: PlannedResource[];
  connections: (StoreConnection | undefined)[];
  events: Events;
}

async function build(input: object): Promise<Built> {
  const { sections, errors } = validate({ ...input }, []);
  expect(errors).toEqual([]);
  const [region] = sections?.regions ?? [];
  if (sections?.events === undefined || region === undefined) throw new Error("no events and no region");
  const { events: section, services: all } = sections;
  const config = { ...sections, imageRegistry: undefined, secrets: {}, previous: emptyLayout };
  let built: Omit<Built, "resources"> | undefined;
  const { resources } = await planProgram(
    () => {
      const cloud: RegionCloud = {
        ...{ options: {}, region: "us-east-1", cidrBlock: "10.0.0.0/16", vpcId: pulumi.output("vpc-1") },
        dataSubnetIds: ["1", "2", "3"].map((id) => pulumi.output(`subnet-${id}`)),
        clusterName: pulumi.output("cluster"),
      };
      const events = buildEvents(section, config, region, {
        ...{ inCluster: {}, issuer: { kind: IssuerKind.ClusterIssuer, name: "stores" }, protectData: true },
        ...{ operators: [], prometheus: [] },
        ...(section.engine === EventBusEngine.Msk ? { cloud } : {}),
      });
      built = { events, connections: all.map(({ name }) => events.connectionOf(name)) };
      return Promise.resolve({});
    },
    "test",
    { config: {}, secrets: [] },
  );
  if (built === undefined) throw new Error("the program built nothing");
  return { resources, ...built };
}

const kinds = ({ resources }: Built, type: string) => resources.filter((each) => each.type.endsWith(`:${type}`));

const third = { name: "ap-south", aws: "ap-south-1", cidrBlock: "10.2.0.0/16" };
const copiedOnMsk = { engine: "msk", topics: [orders], regions: regions.map(({ name }) => mskOf(name)) };
const leftOut = { ...prod, environment: "staging", regions: [third, ...regions], events: copiedOnMsk };

test.each<[string, object, string | undefined]>([
  ["in production, nothing kept elsewhere", {}, "us-east, eu-west"],
  ["in production, archived", { eventArchive: {} }, undefined],
  ["in production, copied", { events: copiedOnMsk }, undefined],
  [
    "in production, one alone that would copy",
    { events: { ...copiedOnMsk, regions: [mskOf("us-east")] } },
    "us-east, eu-west",
  ],
  ["in production, one region not copied", { regions: [...regions, third], events: copiedOnMsk }, "ap-south"],
  ["so, but archived", { regions: [...regions, third], events: copiedOnMsk, eventArchive: {} }, undefined],
  ["elsewhere", { environment: "staging" }, undefined],
])("MSK has no backups: %s", (_, change, lost) => {
  const reason = `is msk, which has no backups: all events of ${lost} would be lost with the cluster`;
  expect(errorsOf({ ...prod, events: { engine: "msk", topics: [orders] }, ...change })).toEqual(
    lost === undefined
      ? []
      : [`events.engine: ${reason}; add eventArchive, or copies in other regions by events.regions`],
  );
});

test.each<[string, string, object, string | undefined]>([
  ["copied on Strimzi", "Kafka", { ...prod, events: mirrored }, "60"],
  ["that copies leave out", "Kafka", { ...prod, regions: [third, ...regions], events: mirrored }, "86400"],
  ["copied on MSK, whose Replicator promises nothing", "Cluster", { ...prod, events: copiedOnMsk }, "86400"],
  ["that copies leave out, on MSK", "Cluster", leftOut, undefined],
])("of a region %s (%s) the newest events may be lost", async (_, type, input, seconds) => {
  const [bus] = kinds(await build(input), type);
  const { metadata, tags } = (bus?.props ?? {}) as { metadata?: { annotations: object }; tags?: object };
  const promised = Object.entries(metadata?.annotations ?? tags ?? {}).find(([key]) =>
    key.endsWith("recovery-point-seconds"),
  );
  expect(promised?.[1]).toBe(seconds);
});

describe("what is built", () => {
  test.each(["strimzi", "msk"])(
    "on %s: topics with their partitions, and a client for each contract with events",
    async (engine) => {
      const archived = engine === "msk" ? { eventArchive: {} } : {};
      const built = await build({ ...prod, ...archived, events: { engine, topics: [{ ...orders, partitions: 12 }] } });
      expect(built.events.partitions).toEqual({ orders: 12 });
      expect(kinds(built, "EventClient").map(({ name }) => name)).toEqual(["order", "shipping"]);
      expect(built.connections.map((connection) => connection?.name)).toEqual(["events", "events", undefined]);
      expect(kinds(built, "EventSubscription").map(({ name }) => name)).toEqual(["orders-order", "orders-shipping"]);
      expect(kinds(built, "PrometheusRule")).toHaveLength(1);
      expect(kinds(built, "EventMirror")).toEqual([]);
    },
  );

  test("a consumer that goes takes its retries and dead letters with it, and nothing else", async () => {
    const without = { ...dev, services: services.filter(({ name }) => name !== "shipping") };
    const names = (built: Built) =>
      kinds(built, "KafkaTopic").map(({ props }) => (props.metadata as { name: string }).name);
    const [before, after] = [names(await build(dev)), names(await build(without))];
    expect(before.filter((name) => !after.includes(name))).toEqual([
      "orders.shipping.retry-1",
      "orders.shipping.retry-2",
      "orders.shipping.dead-letter",
    ]);
    expect(after.filter((name) => !before.includes(name))).toEqual([]);
  });

  test("a region pulls from the others, never from itself, and lets them in", async () => {
    const built = await build({ ...prod, events: mirrored });
    const [mirror] = kinds(built, "KafkaMirrorMaker2");
    const spec = mirror?.props.spec as { mirrors: { source: { alias: string; bootstrapServers: string } }[] };
    expect(spec.mirrors.map(({ source }) => [source.alias, source.bootstrapServers])).toEqual([
      ["eu-west", "bootstrap.kafka.eu-west.shop.example:9094"],
    ]);
    const [kafka] = kinds(built, "Kafka");
    expect(JSON.stringify(kafka?.props)).toContain('"loadBalancerSourceRanges":["10.1.0.0/16"]');
  });

  test("on MSK a replicator pulls from each other region", async () => {
    const built = await build({
      ...prod,
      events: { engine: "msk", topics: [orders], regions: ["us-east", "eu-west"].map(mskOf) },
    });
    expect(kinds(built, "Replicator").map(({ props }) => props.replicatorName)).toEqual(["eu-west-to-us-east"]);
    expect(kinds(built, "ClusterPolicy")).toHaveLength(1);
  });

  test("a region that copies leave out neither pulls nor lets replicators in", async () => {
    const built = await build(leftOut);
    expect(kinds(built, "Replicator")).toEqual([]);
    expect(kinds(built, "ClusterPolicy")).toEqual([]);
  });

  test("a topic of SNS is told when copies are late, in its own region alone", async () => {
    const alarmTopics = { "us-east": "arn:aws:sns:us-east-1:123456789012:on-call" };
    const actionsOf = async (topicsOf: object) =>
      kinds(await build({ ...prod, events: { ...copiedOnMsk, alarmTopics: topicsOf } }), "MetricAlarm").map(
        ({ name, props }) => [name, props.dimensions, props.alarmActions],
      );
    const alarm = ["mirror-eu-west-late", { ReplicatorName: "eu-west-to-us-east" }];
    expect(await actionsOf(alarmTopics)).toEqual([[...alarm, [alarmTopics["us-east"]]]]);
    expect(await actionsOf({ "eu-west": alarmTopics["us-east"] })).toEqual([[...alarm, []]]);
  });
});
