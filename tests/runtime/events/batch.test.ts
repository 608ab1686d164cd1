import { type Batch, BatchHandler } from "../../../runtime/events/batch";
import type { EventHandler } from "../../../runtime/events/delivery";
import { failureHeaders, type Forward } from "../../../runtime/events/retry";
import { EventValidator } from "../../../runtime/events/schemas";
import { event, schemas, subscription } from "./fixture";

const validator = new EventValidator(schemas);

type Message = Batch["batch"]["messages"][number];

const message = (offset: number, value: string | null, headers = {}): Message => ({
  key: Buffer.from("order-1"),
  value: value === null ? null : Buffer.from(value),
  headers,
  offset: String(offset),
  timestamp: "0",
  attributes: 0,
});

/** What a batch handler does, in order, with a client and a store that only note it. */
class Trial {
  readonly steps: string[] = [];
  running = true;
  readonly handler: BatchHandler;

  constructor(handle: EventHandler, store?: (forward: Forward) => Promise<void>) {
    const receiver = { subscription, validator, handlers: { "order.created": handle } };
    this.handler = new BatchHandler(receiver, async ({ offset }, forward) => {
      await store?.(forward);
      this.steps.push(`stored ${offset} in ${forward.topic}`);
    });
  }

  handle(messages: Message[], topic = "orders"): Promise<void> {
    return this.handler.handle({
      batch: { topic, partition: 0, messages },
      resolveOffset: (offset) => void this.steps.push(`resolved ${offset}`),
      heartbeat: async () => undefined,
      commitOffsetsIfNecessary: async () => undefined,
      isRunning: () => this.running,
      isStale: () => false,
      pause: () => {
        this.steps.push("paused");
        return () => void this.steps.push("resumed");
      },
    });
  }
}

const text = JSON.stringify(event);
const [retry = { topic: "" }] = subscription.retryTopics;

test("a record counts as read once it is handled, of a type that nobody wants, or a deletion", async () => {
  const handled: unknown[] = [];
  const trial = new Trial(async (received) => void handled.push(received));
  const unwanted = JSON.stringify({ ...event, type: "order.cancelled", data: {} });
  await trial.handle([message(1, text), message(2, unwanted), message(3, null)]);
  expect(handled).toEqual([event]);
  expect(trial.steps).toEqual(["resolved 1", "resolved 2", "resolved 3"]);
});

test("a failed one counts as read once it is stored in the retry topic, and the next follows", async () => {
  const trial = new Trial(async ({ id }) => {
    if (id === event.id) throw new Error("no");
  });
  const other = JSON.stringify({ ...event, id: "11111111-1111-4111-8111-111111111111" });
  await trial.handle([message(1, text), message(2, other)]);
  expect(trial.steps).toEqual([`stored 1 in ${retry.topic}`, "resolved 1", "resolved 2"]);
});

test("one that can't be stored elsewhere comes again, and what is behind it", async () => {
  const lost = new Error("no broker");
  const trial = new Trial(
    () => Promise.reject(new Error("no")),
    () => Promise.reject(lost),
  );
  await expect(trial.handle([message(1, text), message(2, text)])).rejects.toBe(lost);
  expect(trial.steps).toEqual([]);
});

test.each([
  ["no JSON", "{"],
  ["no envelope", "{}"],
  ["data of another form", JSON.stringify({ ...event, data: {} })],
])("what is %s is a dead letter without an attempt", async (_, value) => {
  const handle = jest.fn();
  const trial = new Trial(handle);
  await trial.handle([message(1, value)]);
  expect(trial.steps).toEqual([`stored 1 in ${subscription.deadLetterTopic}`, "resolved 1"]);
  expect(handle).not.toHaveBeenCalled();
});

test("a record before its time pauses its partition until then, and is tried afterwards", async () => {
  jest.useFakeTimers({ now: 1_000_000 });
  try {
    const trial = new Trial(async () => undefined);
    const waiting = message(1, text, { [failureHeaders.notBefore]: "1002000" });
    await trial.handle([waiting, message(2, text)], retry.topic);
    jest.advanceTimersByTime(1_999);
    expect(trial.steps).toEqual(["paused"]);
    jest.advanceTimersByTime(1);
    expect(trial.steps).toEqual(["paused", "resumed"]);
    await trial.handle([waiting], retry.topic);
    expect(trial.steps).toEqual(["paused", "resumed", "resolved 1"]);
  } finally {
    jest.useRealTimers();
  }
});

test("nothing is resumed after the end", async () => {
  jest.useFakeTimers({ now: 1_000_000 });
  try {
    const trial = new Trial(async () => undefined);
    await trial.handle([message(1, text, { [failureHeaders.notBefore]: "1002000" })], retry.topic);
    trial.handler.stop();
    jest.advanceTimersByTime(10_000);
    expect(trial.steps).toEqual(["paused"]);
  } finally {
    jest.useRealTimers();
  }
});

test("a consumer that is to end leaves the rest", async () => {
  const trial = new Trial(async () => {
    trial.running = false;
  });
  await trial.handle([message(1, text), message(2, text)]);
  expect(trial.steps).toEqual(["resolved 1"]);
});

test("a long batch is left after a second, for what else comes from the same broker", async () => {
  jest.useFakeTimers();
  try {
    const trial = new Trial(async () => void jest.setSystemTime(Date.now() + 600));
    await trial.handle([1, 2, 3].map((offset) => message(offset, text)));
    expect(trial.steps).toEqual(["resolved 1", "resolved 2"]);
  } finally {
    jest.useRealTimers();
  }
});

test("the group gets signs of life while a handler is at work", async () => {
  jest.useFakeTimers();
  try {
    const heartbeat = jest.fn(async () => undefined);
    let finish = (): void => undefined;
    const trial = new Trial(() => new Promise((resolve) => (finish = resolve)));
    const batch = { topic: "orders", partition: 0, messages: [message(1, text)] };
    const client = { isRunning: () => true, isStale: () => false, pause: () => () => undefined };
    const handled = trial.handler.handle({
      ...{ batch, heartbeat, ...client },
      resolveOffset: () => undefined,
      commitOffsetsIfNecessary: async () => undefined,
    });
    await jest.advanceTimersByTimeAsync(5_000);
    expect(heartbeat).toHaveBeenCalledTimes(5);
    finish();
    await handled;
  } finally {
    jest.useRealTimers();
  }
});
