import { isDeepStrictEqual } from "node:util";
import { waitFor } from "../../../rehearsal/control-plane/wait";
import { type EventRoutes, failureHeaders, type Subscription } from "../../../runtime/events";
import { EventValidator } from "../../../runtime/events/schemas";
import { KafkaCluster } from "./cluster";
import { declare } from "./declared";
import { applyStrimzi, brokerConfigurationIn } from "./operators";
import { orderCreated, recordsOf, schemas, Services } from "./services";

jest.setTimeout(600_000);

let cluster: KafkaCluster;
let passwords: ReadonlyMap<string, string>;
let services: Services;
let routes: ReadonlyMap<string, EventRoutes>;
let payments: Subscription;
let shipping: Subscription;

beforeAll(async () => {
  const declared = await declare();
  ({ routes } = declared);
  const { objects } = declared;
  cluster = await KafkaCluster.start(brokerConfigurationIn(objects));
  passwords = await applyStrimzi(cluster, objects);
  services = new Services(cluster, routes, passwords);
  payments = services.subscriptionOf("payment-service");
  shipping = services.subscriptionOf("shipping-service");
});

afterEach(() => services.stop());

afterAll(() => cluster.stop());

test("an event that fails three times waits 2 s, then 4 s, and ends in the consumer's own dead-letter topic", async () => {
  const orders = await services.publisher("order-service");
  const failing = await orders.publish(orderCreated("order-1"));
  const behind = await orders.publish(orderCreated("order-1"));
  const paid: string[] = [];
  const shipped: string[] = [];
  await services.consumer({
    service: "payment-service",
    handler: async ({ id }) => {
      paid.push(id);
      if (id === failing.id) throw new Error("the bank is closed");
    },
  });
  await services.consumer({
    service: "shipping-service",
    handler: async ({ id }) => void shipped.push(id),
  });
  await waitFor("the dead letter", async () => (await recordsOf(cluster, [payments.deadLetterTopic])).length > 0, 60);
  const last = await orders.publish(orderCreated("order-1"));
  await waitFor("the last event", async () => [paid, shipped].every((ids) => ids.includes(last.id)), 60);
  await services.stop();

  expect(paid).toEqual([failing.id, behind.id, failing.id, failing.id, last.id]);
  expect(shipped).toEqual([failing.id, behind.id, last.id]);
  const [published] = await recordsOf(cluster, ["orders"]);
  const path = [...payments.retryTopics.map(({ topic }) => topic), payments.deadLetterTopic];
  const [first, second, dead] = (await recordsOf(cluster, path)).sort((one, other) => one.timestamp - other.timestamp);
  expect([first, second, dead].map((record) => record?.topic)).toEqual(path);
  expect((second?.timestamp ?? 0) - (first?.timestamp ?? 0)).toBeGreaterThanOrEqual(2_000);
  expect((dead?.timestamp ?? 0) - (second?.timestamp ?? 0)).toBeGreaterThanOrEqual(4_000);
  expect([dead?.key, dead?.value]).toEqual([published?.key, published?.value]);
  expect(new EventValidator(schemas).parse(dead?.value ?? "")).toEqual(failing);
  expect(dead?.headers).toEqual({
    [failureHeaders.attempt]: "3",
    [failureHeaders.error]: "Error: the bank is closed",
    [failureHeaders.reason]: "attempts-exhausted",
    [failureHeaders.origin]: expect.stringMatching(/^orders\/\d\/0$/),
  });
  const others = [...shipping.retryTopics.map(({ topic }) => topic), shipping.deadLetterTopic];
  expect(await recordsOf(cluster, others)).toEqual([]);
});

test("what was handled or forwarded counts as read, and comes to nobody again", async () => {
  const admin = cluster.client().admin();
  await admin.connect();
  const topics = [payments.topic, ...payments.retryTopics.map(({ topic }) => topic)];
  const read = async () =>
    (await admin.fetchOffsets({ groupId: payments.group, topics })).flatMap(({ topic, partitions }) =>
      partitions.filter(({ offset }) => offset !== "-1").map(({ partition, offset }) => [topic, partition, offset]),
    );
  const written: unknown[] = [];
  for (const topic of topics) {
    const ends = (await admin.fetchTopicOffsets(topic)).filter(({ high }) => high !== "0");
    written.push(...ends.map(({ partition, high }) => [topic, partition, high]));
  }
  // A handler has ended before its offset is stored.
  const isRead = async () => isDeepStrictEqual((await read()).sort(), written.sort());
  await waitFor("the offsets to be stored", isRead, 60);
  await admin.disconnect();
});

test("what is no event goes to each consumer's dead-letter topic at once", async () => {
  const producer = services.client("order-service").producer();
  await producer.connect();
  await producer.send({ topic: "orders", messages: [{ key: "order-2", value: "no event" }] });
  await producer.disconnect();
  const handler = async () => undefined;
  await services.consumer({ service: "payment-service", handler });
  await services.consumer({ service: "shipping-service", handler });
  for (const { retryTopics, deadLetterTopic } of [payments, shipping]) {
    const isDead = async () => (await recordsOf(cluster, [deadLetterTopic])).some(({ value }) => value === "no event");
    await waitFor("the dead letter", isDead, 60);
    const dead = (await recordsOf(cluster, [deadLetterTopic])).find(({ value }) => value === "no event");
    expect(dead?.headers).toMatchObject({ [failureHeaders.reason]: "invalid-event" });
    const retried = await recordsOf(
      cluster,
      retryTopics.map(({ topic }) => topic),
    );
    expect(retried.map(({ value }) => value)).not.toContain("no event");
  }
});

test.each([
  ["order-service", "payments"],
  ["payment-service", "orders"],
])("%s may not publish to %s", async (service, topic) => {
  const publisher = await services.publisher(service, { "order.created": topic });
  await expect(publisher.publish(orderCreated("order-3"))).rejects.toThrow("Topic authorization failed");
});

test.each([
  ["in another service's group", () => ({ ...shipping, group: payments.group }), "Group authorization failed"],
  ["a topic that it may not read", () => ({ ...shipping, topic: "payments" }), "Topic authorization failed"],
])("nobody reads %s", async (_, subscription, reason) => {
  const told: unknown[] = [];
  const handled: unknown[] = [];
  const failure = new Promise<void>((resolve, reject) => {
    const reading = services.consumer({
      service: "shipping-service",
      subscription: subscription(),
      handler: async (event) => void handled.push(event),
      log: ({ error }) => told.push(error),
      onFailure: () => resolve(),
    });
    reading.catch(reject);
  });
  await failure.catch((error: unknown) => told.push(error));
  expect(told.map(String)).toContainEqual(expect.stringContaining(reason));
  expect(handled).toEqual([]);
});

test("a wrong password lets nobody in", async () => {
  const stranger = new Services(cluster, routes, new Map([["order-service", "guessed"]]));
  await expect(stranger.publisher("order-service")).rejects.toThrow("invalid credentials");
  await stranger.stop();
});

test("what was stored is there once after a broker is killed, and consumers go on", async () => {
  const orders = await services.publisher("order-service");
  const shipped = new Set<string>();
  await services.consumer({
    service: "shipping-service",
    handler: async ({ id }) => void shipped.add(id),
  });
  const stored: string[] = [];
  const publish = async (first: number, count: number) => {
    for (let index = first; index < first + count; index += 10) {
      const ten = Array.from({ length: 10 }, (_, offset) => orders.publish(orderCreated(`kept-${index + offset}`)));
      stored.push(...(await Promise.all(ten)).map(({ id }) => id));
    }
  };
  await publish(0, 100);
  const during = publish(100, 200);
  await cluster.kill(1);
  await during;
  await publish(300, 100);
  await waitFor("the consumer", async () => stored.every((id) => shipped.has(id)), 120);
  const kept = (await recordsOf(cluster, ["orders"])).filter(({ key }) => key.startsWith("kept-"));
  expect(kept.map(({ value }) => String(JSON.parse(value).id)).sort()).toEqual([...stored].sort());
});
