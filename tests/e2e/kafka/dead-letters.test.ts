import { waitFor } from "../../../rehearsal/control-plane/wait";
import { type EventEnvelope, failureHeaders, type Subscription } from "../../../runtime/events";
import { operatorName } from "../../../components/events/operator/rights";
import { KafkaCluster } from "./cluster";
import { declare } from "./declared";
import { applyStrimzi, brokerConfigurationIn } from "./operators";
import { OperatorProgram } from "./operator-program";
import { orderCreated, recordsOf, Services } from "./services";

jest.setTimeout(600_000);

let cluster: KafkaCluster;
let services: Services;
let program: OperatorProgram;
let payments: Subscription;
let shipping: Subscription;

beforeAll(async () => {
  const { objects, routes } = await declare();
  cluster = await KafkaCluster.start(brokerConfigurationIn(objects));
  const passwords = await applyStrimzi(cluster, objects);
  services = new Services(cluster, routes, passwords);
  const connection = cluster.connection({ username: operatorName, password: passwords.get(operatorName) ?? "" });
  program = new OperatorProgram(connection, services.routesOf(operatorName));
  payments = services.subscriptionOf("payment-service");
  shipping = services.subscriptionOf("shipping-service");
});

afterEach(() => services.stop());

afterAll(async () => {
  program.remove();
  await cluster.stop();
});

/** Events that a consumer failed at to the last; nobody reads when it returns. */
async function deadLetters(count: number): Promise<EventEnvelope[]> {
  const orders = await services.publisher("order-service");
  const before = (await recordsOf(cluster, [payments.deadLetterTopic])).length;
  await services.consumer({
    service: "payment-service",
    handler: () => Promise.reject(new Error("the bank is closed")),
  });
  const published: EventEnvelope[] = [];
  for (let index = 0; index < count; index += 1) published.push(await orders.publish(orderCreated(`order-${index}`)));
  const areDead = async () => (await recordsOf(cluster, [payments.deadLetterTopic])).length === before + count;
  await waitFor("the dead letters", areDead, 60);
  await services.stop();
  return published;
}

const idsIn = async (topic: string) =>
  (await recordsOf(cluster, [topic])).map(({ value }) => String(JSON.parse(value).id)).sort();

test("dead letters are listed, sent to their consumer alone, and gone; those of an id alone when asked so", async () => {
  const shipped: string[] = [];
  await services.consumer({ service: "shipping-service", handler: async ({ id }) => void shipped.push(id) });
  const published = (await deadLetters(5)).map(({ id }) => id);
  const [one = ""] = published;
  const topic = payments.deadLetterTopic;

  const listed = await program.run({});
  expect(listed.code).toBe(0);
  const lines = listed.lines.filter(({ message }) => message === "dead letter");
  expect(lines.map(({ id }) => String(id)).sort()).toEqual([...published].sort());
  expect(lines[0]).toMatchObject({ reason: "attempts-exhausted", error: "Error: the bank is closed" });
  expect(listed.lines).toContainEqual(expect.objectContaining({ topic, there: 5, chosen: 5, sent: 0, deleted: 0 }));
  expect(listed.lines).toContainEqual(expect.objectContaining({ topic: shipping.deadLetterTopic, there: 0 }));
  expect(await idsIn(topic)).toEqual([...published].sort());

  const paid: string[] = [];
  const consume = () =>
    services.consumer({ service: "payment-service", handler: async ({ id }) => void paid.push(id) });
  const single = await program.run({ DEAD_LETTER_TASK: "redrive", DEAD_LETTER_TOPIC: topic, DEAD_LETTER_IDS: one });
  expect(single.lines).toContainEqual(expect.objectContaining({ there: 5, chosen: 1, sent: 1, deleted: 0 }));
  await consume();
  await waitFor("the one", async () => paid.length > 0, 60);
  await services.stop();
  expect(paid).toEqual([one]);

  const all = await program.run({ DEAD_LETTER_TASK: "redrive", DEAD_LETTER_TOPIC: topic });
  expect(all.code).toBe(0);
  expect(all.lines).toContainEqual(expect.objectContaining({ there: 5, chosen: 5, sent: 5, deleted: 5 }));
  expect(await idsIn(topic)).toEqual([]);
  await services.consumer({ service: "shipping-service", handler: async ({ id }) => void shipped.push(id) });
  await consume();
  await waitFor("all of them", async () => paid.length === 6, 60);
  expect(paid.slice(1).sort()).toEqual([...published].sort());
  // What comes after all that was sent has reached it, so nothing of that did.
  const last = await (await services.publisher("order-service")).publish(orderCreated("order-0"));
  await waitFor("the last event", async () => [paid, shipped].every((ids) => ids.includes(last.id)), 60);
  expect([...shipped].sort()).toEqual([...published, last.id].sort());
  const sent = (await recordsOf(cluster, [payments.retryTopics[0]?.topic ?? ""])).at(-1);
  expect(Object.keys(sent?.headers ?? {}).sort()).toEqual([failureHeaders.attempt, failureHeaders.origin].sort());
});

test("one that fails again waits once more, and is a dead letter again, that can be deleted", async () => {
  const published = (await deadLetters(1)).map(({ id }) => id);
  const topic = payments.deadLetterTopic;
  await program.run({ DEAD_LETTER_TASK: "redrive", DEAD_LETTER_TOPIC: topic });
  expect(await idsIn(topic)).toEqual([]);
  const tried: number[] = [];
  await services.consumer({
    service: "payment-service",
    handler: async () => {
      tried.push(Date.now());
      throw new Error("the bank is closed");
    },
  });
  await waitFor("the dead letter", async () => (await idsIn(topic)).length > 0, 60);
  await services.stop();
  expect(tried).toHaveLength(2);
  expect((tried[1] ?? 0) - (tried[0] ?? 0)).toBeGreaterThanOrEqual(4_000);
  expect(await idsIn(topic)).toEqual(published);
  const deleted = await program.run({ DEAD_LETTER_TASK: "delete", DEAD_LETTER_TOPIC: topic });
  expect(deleted.lines).toContainEqual(expect.objectContaining({ there: 1, deleted: 1, sent: 0 }));
  expect(await idsIn(topic)).toEqual([]);
});

test("a task that is none is refused, with what there is", async () => {
  const { code, lines } = await program.run({ DEAD_LETTER_TASK: "redrive" });
  expect(code).toBe(1);
  expect(lines).toEqual([expect.objectContaining({ message: expect.stringContaining(payments.deadLetterTopic) })]);
});

test("a group that nobody is in can be looked at and deleted by the operator, and by no other service", async () => {
  const admin = services.client(operatorName).admin();
  const other = services.client("shipping-service").admin();
  await Promise.all([admin.connect(), other.connect()]);
  const [described] = (await admin.describeGroups([payments.group])).groups;
  expect(described).toMatchObject({ groupId: payments.group, errorCode: 0, members: [] });
  // Brokers don't even say to it where the group is kept.
  await expect(other.deleteGroups([payments.group])).rejects.toThrow("group coordinator");
  expect(await admin.deleteGroups([payments.group])).toEqual([{ groupId: payments.group, errorCode: 0 }]);
  await Promise.all([admin.disconnect(), other.disconnect()]);
});

const reading = (subscription: () => Subscription) => () => [subscription().topic];

test.each([
  ["the operator", operatorName, "an event topic", reading(() => payments)],
  ["the operator", operatorName, "what is tried again", () => payments.retryTopics.map(({ topic }) => topic)],
  ["a service", "shipping-service", "another's dead letters", () => [payments.deadLetterTopic]],
  ["a service", "payment-service", "its own dead letters", () => [payments.deadLetterTopic]],
])("%s (%s) may not read %s", async (_, who, __, topics) => {
  const own = who === operatorName ? `${operatorName}.${payments.group}` : services.subscriptionOf(who).group;
  const consumer = services.client(who).consumer({ groupId: own });
  const handled: unknown[] = [];
  await consumer.connect();
  const reason = new Promise<string>((resolve) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => resolve(payload.error.message));
    const read = async () => {
      await consumer.subscribe({ topics: topics(), fromBeginning: true });
      await consumer.run({ eachMessage: async (message) => void handled.push(message) });
    };
    read().catch((error: unknown) => resolve(String(error)));
  });
  expect(await reason).toMatch(/authoriz/i);
  await consumer.disconnect();
  expect(handled).toEqual([]);
});

test("the operator may publish no event, and nothing to the second retry or the dead letters", async () => {
  const producer = services.client(operatorName).producer({ retry: { retries: 0 } });
  await producer.connect();
  const topics = [payments.topic, payments.retryTopics[1]?.topic ?? "", payments.deadLetterTopic];
  for (const topic of topics) {
    const sending = producer.send({ topic, messages: [{ value: "{}" }] });
    await expect(sending).rejects.toThrow(/authorization failed/i);
  }
  await producer.disconnect();
});
