import {
  deadLetterRequest,
  DeadLetterTask,
  isChosen,
  NewestLetters,
  summaryOf,
} from "../../../runtime/events/dead-letters";
import { purgeEnds } from "../../../runtime/events/purge";
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

const request = (asked: NodeJS.ProcessEnv) => deadLetterRequest(asked, [subscription, other]);

test("nothing but listing is done unless it is asked for, with a topic that there is", () => {
  expect(request({})).toEqual({ task: DeadLetterTask.List, subscriptions: [subscription, other], filter: {} });
  const again = { DEAD_LETTER_TASK: "redrive", DEAD_LETTER_TOPIC: deadLetterTopic, DEAD_LETTER_IDS: "a, b" };
  const expected = { task: DeadLetterTask.Redrive, subscriptions: [subscription], filter: { ids: ["a", "b"] } };
  expect(request(again)).toEqual(expected);
  expect(() => request({ DEAD_LETTER_TASK: "delete" })).toThrow("No valid task");
  for (const task of ["redrive", "purge", "delete-group"]) {
    expect(() => request({ DEAD_LETTER_TASK: task })).toThrow("DEAD_LETTER_TOPIC must say of which");
  }
  expect(() => request({ DEAD_LETTER_TOPIC: "orders" })).toThrow(`must be one of ${deadLetterTopic}`);
});

test("what is purged has been listed before", () => {
  const purge = { DEAD_LETTER_TASK: "purge", DEAD_LETTER_TOPIC: deadLetterTopic };
  const before = new Map([
    [0, 17],
    [1, 4],
  ]);
  expect(request({ ...purge, DEAD_LETTER_BEFORE: "0:17,1:4" })).toMatchObject({ task: DeadLetterTask.Purge, before });
  expect(() => request(purge)).toThrow("DEAD_LETTER_BEFORE must say how far");
  for (const text of ["", "0", "0:17;1:4", "-1:4", "0:x"]) {
    expect(() => request({ ...purge, DEAD_LETTER_BEFORE: text })).toThrow("must be <partition>:<offset>");
  }
  expect(() => request({ ...purge, DEAD_LETTER_BEFORE: "0:17,0:4" })).toThrow("twice");
  expect(() => request({ DEAD_LETTER_BEFORE: "0:17" })).toThrow("for purge alone");
});

test.each(["purge", "delete-group"])("%s is about all, so a filter is refused", (task) => {
  const asked = { DEAD_LETTER_TASK: task, DEAD_LETTER_TOPIC: deadLetterTopic, DEAD_LETTER_TYPES: "order.*" };
  expect(() => request(asked)).toThrow("no single dead letters");
});

test("purging ends where listing ended, whatever came since, and never behind the end", () => {
  const offsets = [
    { partition: 0, offset: "20", low: "10", high: "20" },
    { partition: 1, offset: "4", low: "4", high: "4" },
    { partition: 2, offset: "9", low: "0", high: "9" },
  ];
  const asked = new Map([
    [0, 17],
    [1, 4],
  ]);
  expect(purgeEnds(asked, offsets)).toEqual({ until: new Map([[0, 17]]), deleted: 7 });
  expect(() => purgeEnds(new Map([[2, 10]]), offsets)).toThrow("partition 2 ends at 9");
  expect(() => purgeEnds(new Map([[3, 1]]), offsets)).toThrow("no partition 3");
});

test("of several dead letters of one event the newest counts", () => {
  const letter = (partition: number, offset: string, timestamp: number, origin?: string) => ({
    ...{ partition, offset, timestamp: String(timestamp) },
    headers: origin === undefined ? {} : { [failureHeaders.origin]: Buffer.from(origin) },
  });
  const letters = [
    letter(0, "9", now, "orders/0/1"),
    letter(0, "10", now, "orders/0/1"),
    letter(0, "11", now, "orders/0/2"),
    // A clock that went back changes nothing within a partition; across partitions there is nothing else.
    letter(1, "2", now, "orders/0/3"),
    letter(1, "3", now - 1, "orders/0/3"),
    letter(2, "0", now + 1, "orders/0/4"),
    letter(3, "7", now, "orders/0/4"),
    letter(3, "8", now),
    letter(3, "9", now),
  ];
  const newest = new NewestLetters();
  for (const each of letters) newest.add(each);
  const places = letters.filter((each) => newest.has(each)).map(({ partition, offset }) => `${partition}/${offset}`);
  expect(places).toEqual(["0/10", "0/11", "1/3", "2/0", "3/8", "3/9"]);
});
