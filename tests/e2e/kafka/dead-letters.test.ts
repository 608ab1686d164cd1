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

/** The payment service as it runs, which tells the ids of what it is given. */
async function paying(handler: () => Promise<void> = async () => undefined): Promise<string[]> {
  const given: string[] = [];
  await services.consumer({
    service: "payment-service",
    handler: async ({ id }) => {
      given.push(id);
      await handler();
    },
  });
  return given;
}

const closed = () => Promise.reject(new Error("the bank is closed"));

test("dead letters are listed, sent to their consumer alone, and gone; those of an id alone when asked so", async () => {
  const shipped: string[] = [];
  await services.consumer({ service: "shipping-service", handler: async ({ id }) => void shipped.push(id) });
  const published = (await deadLetters(5)).map(({ id }) => id);
  const [one = ""] = published;
  const topic = payments.deadLetterTopic;
  const redrive = { DEAD_LETTER_TASK: "redrive", DEAD_LETTER_TOPIC: topic };

  const listed = await program.run({});
  expect(listed.code).toBe(0);
  const lines = listed.lines.filter(({ message }) => message === "dead letter");
  expect(lines.map(({ id }) => String(id)).sort()).toEqual([...published].sort());
  expect(lines[0]).toMatchObject({ reason: "attempts-exhausted", error: "Error: the bank is closed" });
  expect(listed.lines).toContainEqual(expect.objectContaining({ topic, there: 5, chosen: 5, sent: 0, deleted: 0 }));
  expect(listed.lines).toContainEqual(expect.objectContaining({ topic: shipping.deadLetterTopic, there: 0 }));
  expect(await idsIn(topic)).toEqual([...published].sort());

  // With nobody in the group it would wait where nobody looks.
  const unread = await program.run(redrive);
  expect(unread.code).toBe(1);
  expect(unread.lines.at(-1)?.message).toContain(`the group ${payments.group} has no members`);
  expect(await idsIn(topic)).toEqual([...published].sort());

  // One that fails once more is there twice, and is sent once.
  const failing = await paying(closed);
  const single = await program.run({ ...redrive, DEAD_LETTER_IDS: one });
  expect(single.lines).toContainEqual(
    expect.objectContaining({ there: 5, chosen: 1, superseded: 0, sent: 1, deleted: 0 }),
  );
  await waitFor("its second dead letter", async () => (await idsIn(topic)).length === 6, 60);
  await services.stop();
  expect(new Set(failing)).toEqual(new Set([one]));

  await services.consumer({ service: "shipping-service", handler: async ({ id }) => void shipped.push(id) });
  const paid = await paying();
  const again = await program.run({ ...redrive, DEAD_LETTER_IDS: one });
  expect(again.lines).toContainEqual(
    expect.objectContaining({ there: 6, chosen: 2, superseded: 1, sent: 1, deleted: 0 }),
  );
  await waitFor("the one", async () => paid.length > 0, 60);

  const all = await program.run(redrive);
  expect(all.code).toBe(0);
  expect(all.lines).toContainEqual(
    expect.objectContaining({ there: 6, chosen: 6, superseded: 1, sent: 5, deleted: 6 }),
  );
  expect(await idsIn(topic)).toEqual([]);
  await waitFor("all of them", async () => paid.length >= 6, 60);
  // What comes after all that was sent has reached it, so nothing of that did.
  const last = await (await services.publisher("order-service")).publish(orderCreated("order-0"));
  await waitFor("the last event", async () => [paid, shipped].every((ids) => ids.includes(last.id)), 60);
  // The one was sent alone, which leaves its letter where it is, and then with all others.
  expect([...paid].sort()).toEqual([one, ...published, last.id].sort());
  expect([...shipped].sort()).toEqual([...published, last.id].sort());
  const sent = (await recordsOf(cluster, [payments.retryTopics[0]?.topic ?? ""])).at(-1);
  expect(Object.keys(sent?.headers ?? {}).sort()).toEqual([failureHeaders.attempt, failureHeaders.origin].sort());
});

test("one that fails again waits once more, and is a dead letter again; what was listed can be purged, and no more", async () => {
  const published = (await deadLetters(1)).map(({ id }) => id);
  const topic = payments.deadLetterTopic;
  const tried: number[] = [];
  await paying(() => {
    tried.push(Date.now());
    return closed();
  });
  await program.run({ DEAD_LETTER_TASK: "redrive", DEAD_LETTER_TOPIC: topic });
  await waitFor("the dead letter", async () => tried.length >= 2 && (await idsIn(topic)).length > 0, 60);
  await services.stop();
  expect(tried).toHaveLength(2);
  expect((tried[1] ?? 0) - (tried[0] ?? 0)).toBeGreaterThanOrEqual(4_000);
  expect(await idsIn(topic)).toEqual(published);

  const listed = await program.run({ DEAD_LETTER_TOPIC: topic });
  const before = String(listed.lines.at(-1)?.before);
  const unseen = (await deadLetters(1)).map(({ id }) => id);
  const purge = { DEAD_LETTER_TASK: "purge", DEAD_LETTER_TOPIC: topic };
  expect((await program.run(purge)).code).toBe(1);
  const purged = await program.run({ ...purge, DEAD_LETTER_BEFORE: before });
  expect(purged.lines).toContainEqual(expect.objectContaining({ there: 2, deleted: 1, sent: 0 }));
  expect(await idsIn(topic)).toEqual(unseen);
});

test("a task that is none is refused, with what there is", async () => {
  const { code, lines } = await program.run({ DEAD_LETTER_TASK: "redrive" });
  expect(code).toBe(1);
  expect(lines).toEqual([expect.objectContaining({ message: expect.stringContaining(payments.deadLetterTopic) })]);
});

test("the operator deletes a group that nobody is in, whose consumer then begins again; no other service may", async () => {
  const task = { DEAD_LETTER_TASK: "delete-group", DEAD_LETTER_TOPIC: payments.deadLetterTopic };
  await paying();
  const refused = await program.run(task);
  expect(refused.code).toBe(1);
  expect(refused.lines.at(-1)?.message).toContain(`The group ${payments.group} has 1 members`);
  await services.stop();
  const other = services.client("shipping-service").admin();
  await other.connect();
  // Brokers don't even say to it where the group is kept.
  await expect(other.deleteGroups([payments.group])).rejects.toThrow("group coordinator");
  await other.disconnect();
  expect((await program.run(task)).code).toBe(0);
  const events = await idsIn(payments.topic);
  const retried = payments.retryTopics.map(({ topic }) => topic);
  const replayed = [...events, ...(await recordsOf(cluster, retried)).map(({ value }) => String(JSON.parse(value).id))];
  const given = await paying();
  await waitFor("all that the topics have", async () => given.length >= replayed.length, 60);
  expect([...given].sort()).toEqual(replayed.sort());
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
