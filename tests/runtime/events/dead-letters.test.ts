import { deadLetterRequest, DeadLetterTask, isChosen, summaryOf } from "../../../runtime/events/dead-letters";
import { afterDeath, afterFailure, failureHeaders, waitOf } from "../../../runtime/events/retry";
import { event, subscription } from "./fixture";

const { deadLetterTopic } = subscription;
const other = { ...subscription, deadLetterTopic: "orders.shipping.dead-letter" };
const value = Buffer.from(JSON.stringify(event));
const now = 1_800_000_000_000;
const dead = {
  ...{ topic: deadLetterTopic, partition: 2, offset: "5" },
  headers: {
    trace: "1",
    [failureHeaders.attempt]: "3",
    [failureHeaders.error]: "Error: the bank is closed",
    [failureHeaders.origin]: "orders/3/17",
    [failureHeaders.reason]: "attempts-exhausted",
  },
};

test("a dead letter is tried at once, keeps where it came from, and fails as from the first retry", () => {
  const { topic, headers } = afterDeath(subscription, dead, now);
  expect(topic).toBe(subscription.retryTopics[0]?.topic);
  expect(headers).toEqual({ trace: "1", [failureHeaders.attempt]: "1", [failureHeaders.origin]: "orders/3/17" });
  const again = { topic, partition: 0, offset: "0", headers };
  expect(waitOf(subscription, again, now)).toBe(0);
  const failed = afterFailure(subscription, again, new Error("still closed"), now);
  expect(failed.topic).toBe(subscription.retryTopics[1]?.topic);
  expect(failed.headers).toMatchObject({ [failureHeaders.attempt]: "2", [failureHeaders.origin]: "orders/3/17" });
  expect(() => afterDeath({ ...subscription, retryTopics: [] }, dead, now)).toThrow("no retry topic");
});

test.each([
  [{}, true],
  [{ ids: [event.id] }, true],
  [{ ids: ["another"] }, false],
  [{ types: ["order.*"] }, true],
  [{ types: ["payment.*"], ids: [event.id] }, false],
])("a filter means what is true of all of it: %j", (filter, expected) => {
  expect(isChosen(filter, value)).toBe(expected);
});

test("what is no event has no id: a filter never means it, and without one it is meant", () => {
  for (const text of ["no event", "null", "{}"]) {
    expect(isChosen({ types: ["order.*"] }, Buffer.from(text))).toBe(false);
    expect(isChosen({}, Buffer.from(text))).toBe(true);
  }
});

test("a person is told why it failed, and nothing of what it says", () => {
  const summary = summaryOf({ value, headers: dead.headers });
  expect(summary).toEqual({
    ...{ id: event.id, type: event.type, reason: "attempts-exhausted" },
    ...{ error: "Error: the bank is closed", origin: "orders/3/17" },
  });
});

test("nothing but listing is done unless it is asked for, with a topic that there is", () => {
  const request = (asked: NodeJS.ProcessEnv) => deadLetterRequest(asked, [subscription, other]);
  expect(request({})).toEqual({ task: DeadLetterTask.List, subscriptions: [subscription, other], filter: {} });
  expect(request({ DEAD_LETTER_TASK: "redrive", DEAD_LETTER_TOPIC: deadLetterTopic, DEAD_LETTER_IDS: "a, b" })).toEqual(
    {
      ...{ task: DeadLetterTask.Redrive, subscriptions: [subscription], filter: { ids: ["a", "b"] } },
    },
  );
  expect(() => request({ DEAD_LETTER_TASK: "purge" })).toThrow("No valid task");
  expect(() => request({ DEAD_LETTER_TASK: "delete" })).toThrow("DEAD_LETTER_TOPIC must say of which");
  expect(() => request({ DEAD_LETTER_TOPIC: "orders" })).toThrow(`must be one of ${deadLetterTopic}`);
  const single = { DEAD_LETTER_TASK: "delete", DEAD_LETTER_TOPIC: deadLetterTopic, DEAD_LETTER_TYPES: "order.*" };
  expect(() => request(single)).toThrow("no deleting of single dead letters");
});
