import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { EventBusEngine } from "../../components";
import { type PlannedResource, planProgram } from "../../rehearsal/engine/plan";
import { buildEventArchive, type RegionArchive } from "../../stacks/event-archive";
import type { EventArchiveSection, EventsSection } from "../../stacks/schema";
import { validate } from "../../stacks/validation";
import { planned } from "./planned";

const regions = [{ name: "us-east", aws: "us-east-1", cidrBlock: "10.0.0.0/16" }];
const events = { topics: [{ name: "orders", events: ["order.*"], kind: "event-store" }] };
const eks = { cluster: { source: "eks" } };
const kafkaImage = "registry.example.com/kafka-tiered:1";
const bucket = { name: "shop-events", region: "auto", endpoint: "https://account.r2.cloudflarestorage.com" };
const dev = { scope: "single", environment: "dev", regions, events };

const errorsOf = (change: object) =>
  validate({ ...dev, ...change }, []).errors.map(({ path, reason }) => `${path}: ${reason}`);

test.each<[string, object, string[]]>([
  ["a bucket that is made, for Strimzi on eks", { ...eks, eventArchive: { kafkaImage } }, []],
  ["one that is there, wherever the cluster comes from", { eventArchive: { kafkaImage, bucket } }, []],
  ["one that Firehose fills", { ...eks, events: { ...events, engine: "msk" }, eventArchive: {} }, []],
  ["no bus", { events: undefined, eventArchive: {} }, ["eventArchive: needs the section events, and there is none"]],
  [
    "nothing to keep",
    { ...eks, events: { topics: [{ name: "orders", events: ["order.*"] }] }, eventArchive: { kafkaImage } },
    ["eventArchive: keeps what event stores hold, and no topic is of the kind event-store"],
  ],
  [
    "neither an image nor a bucket",
    { eventArchive: {} },
    [
      "eventArchive.kafkaImage: is missing: Strimzi's own image can't move anything to an object store",
      "eventArchive.bucket: is missing: none is made where cluster.source isn't eks",
    ],
  ],
  [
    "what is Strimzi's, on MSK",
    { ...eks, events: { ...events, engine: "msk" }, eventArchive: { kafkaImage, bucket } },
    [
      "eventArchive.kafkaImage: is for strimzi: on msk a bucket is made, and Firehose fills it",
      "eventArchive.bucket: is for strimzi: on msk a bucket is made, and Firehose fills it",
    ],
  ],
  [
    "a retention beside for ever",
    { events: { topics: [{ ...events.topics[0], retentionHours: 24 }] } },
    ["events.topics[0].retentionHours: is for streams: event-store is kept for ever"],
  ],
])("%s", (_, change, expected) => {
  expect(errorsOf(change)).toEqual(expected);
});

async function built(change: object): Promise<{ archive: RegionArchive; resources: PlannedResource[] }> {
  const { sections, errors } = validate({ ...dev, ...eks, ...change }, []);
  expect(errors).toEqual([]);
  const { eventArchive, events: bus } = sections as { eventArchive: EventArchiveSection; events: EventsSection };
  let archive: RegionArchive | undefined;
  const program = async () => {
    const cloud = {
      ...{ region: "us-east-1", cidrBlock: "10.0.0.0/16", vpcId: pulumi.output("vpc-1"), dataSubnetIds: [] },
      clusterName: pulumi.output("us-east"),
      options: { providers: [new aws.Provider("aws", { region: "us-east-1" })] },
    };
    archive = buildEventArchive(eventArchive, bus, cloud, true);
  };
  const { resources } = await planProgram(program, "test", { config: {}, secrets: [] });
  if (archive === undefined) throw new Error("There is no archive.");
  return { archive, resources };
}

const propsOf = (resources: PlannedResource[], wanted: string) =>
  resources.find(({ name }) => name === wanted)?.props ?? {};

test("on eks brokers may write to the bucket before they start, and nobody else may", async () => {
  const { archive, resources } = await built({ eventArchive: { kafkaImage, lockDays: 7 } });
  expect(archive).toMatchObject({ isArchived: false, remoteStorage: { image: kafkaImage, region: "us-east-1" } });
  expect(archive.dependsOn).toHaveLength(2);
  expect(propsOf(resources, "event-archive-lock")).toMatchObject({ rule: { defaultRetention: { days: 7 } } });
  expect(propsOf(resources, "event-archive-brokers-association")).toMatchObject({
    ...{ clusterName: "us-east", namespace: "kafka", serviceAccount: "omega-kafka" },
  });
});

test("on msk the bucket has no lock, and no broker a role", async () => {
  const { archive, resources } = await built({
    events: { ...events, engine: EventBusEngine.Msk },
    eventArchive: {},
  });
  expect(archive.isArchived).toBe(true);
  expect(archive.remoteStorage).toBeUndefined();
  const names = resources.map(({ name }) => name);
  expect(names).toContain("event-archive-bucket");
  expect(names).not.toContain("event-archive-lock");
  expect(names.filter((name) => name.includes("brokers"))).toEqual([]);
});

test.each([
  ["as long as a database can be brought back", [{}, { retentionHours: 168 }], 35],
  ["as long as the topic has it, where that is longer", [{}, { retentionHours: 961 }, { retentionHours: 24 }], 41],
])("on msk what is no event store is there %s", async (_, kept, days) => {
  const subjects = ["order", "payment", "cart"];
  const topics = kept.map((each, index) => ({ name: `topic-${index}`, events: [`${subjects[index]}.*`], ...each }));
  const { resources } = await built({ events: { engine: EventBusEngine.Msk, topics }, eventArchive: {} });
  const { rules } = propsOf(resources, "event-archive-lifecycle") as {
    rules: { filter: { prefix?: string }; expiration: { days?: number } }[];
  };
  const expiring = rules.filter(({ expiration }) => expiration.days !== undefined);
  expect(expiring.map(({ filter, expiration }) => [filter.prefix, expiration.days])).toEqual([["expiring/", days]]);
});

test("a stack's brokers move what is old to the bucket that it names", async () => {
  const { resources } = await planned("dev", {
    "omega:events": JSON.stringify({
      topics: ["product", "cart", "order", "payment", "inventory", "shipment"].map((subject) => ({
        ...{ name: `${subject}-topic`, events: [`${subject}.*`], kind: "event-store" },
      })),
    }),
    "omega:eventArchive": JSON.stringify({ kafkaImage, bucket }),
  });
  expect(JSON.stringify(propsOf(resources, "events-kafka"))).toContain('"storage.s3.bucket.name":"shop-events"');
  expect(JSON.stringify(propsOf(resources, "order-topic-topic"))).toContain('"remote.storage.enable":"true"');
  const policy = JSON.stringify(propsOf(resources, "kafka-network-default-deny"));
  expect(policy).toMatch(/"port":443/);
});
