import fc from "fast-check";
import { afterFailure, afterInvalid, failureHeaders, type ReadRecord, waitOf } from "../../../runtime/events/retry";
import { subscription } from "./fixture";

const now = 1_800_000_000_000;
const published: ReadRecord = { topic: "orders", partition: 3, offset: "17", headers: { trace: "1" } };
const failure = new Error("the bank is closed");

test("each failure leads to the next retry topic after its delay, and the last to the dead-letter topic", () => {
  const delays = fc.array(fc.integer({ min: 1, max: 86_400_000 }), { maxLength: 5 });
  fc.assert(
    fc.property(delays, fc.nat(), (milliseconds, between) => {
      const retryTopics = milliseconds.map((delayMilliseconds, index) => ({ topic: `r-${index}`, delayMilliseconds }));
      const chain = { ...subscription, retryTopics };
      let record = published;
      let time = now;
      for (const [index, { topic, delayMilliseconds }] of retryTopics.entries()) {
        const { headers, ...forward } = afterFailure(chain, record, failure, time);
        expect(forward).toEqual({ topic, timestamp: String(time) });
        expect(headers[failureHeaders.attempt]).toBe(String(index + 1));
        record = { topic, partition: 0, offset: "0", headers };
        expect(waitOf(chain, record, time)).toBe(delayMilliseconds);
        expect(waitOf(chain, record, time + delayMilliseconds - 1)).toBe(1);
        time += delayMilliseconds + between;
        expect(waitOf(chain, record, time)).toBe(0);
      }
      expect(afterFailure(chain, record, failure, time)).toEqual({
        topic: subscription.deadLetterTopic,
        timestamp: String(time),
        headers: {
          trace: "1",
          [failureHeaders.attempt]: String(milliseconds.length + 1),
          [failureHeaders.error]: "Error: the bank is closed",
          [failureHeaders.origin]: "orders/3/17",
          [failureHeaders.reason]: "attempts-exhausted",
        },
      });
    }),
  );
});

test("headers that a publisher sets count for nothing", () => {
  const headers = {
    [failureHeaders.attempt]: "2",
    [failureHeaders.notBefore]: String(now + 1_000),
    [failureHeaders.origin]: "elsewhere",
    [failureHeaders.reason]: "none",
  };
  const record = { ...published, headers };
  expect(waitOf(subscription, record, now)).toBe(0);
  expect(afterFailure(subscription, record, failure, now)).toEqual({
    topic: subscription.retryTopics[0]?.topic,
    timestamp: String(now),
    headers: {
      [failureHeaders.attempt]: "1",
      [failureHeaders.error]: "Error: the bank is closed",
      [failureHeaders.notBefore]: String(now + 2_000),
      [failureHeaders.origin]: "orders/3/17",
    },
  });
});

test("what no repetition makes valid goes to the dead-letter topic at once", () => {
  expect(afterInvalid(subscription, published, "broken", now)).toEqual({
    topic: subscription.deadLetterTopic,
    timestamp: String(now),
    headers: {
      trace: "1",
      [failureHeaders.error]: "broken",
      [failureHeaders.origin]: "orders/3/17",
      [failureHeaders.reason]: "invalid-event",
    },
  });
});

test("an error is told in so many characters that the record still fits", () => {
  const { headers } = afterFailure(subscription, published, "x".repeat(100_000), now);
  expect(String(headers[failureHeaders.error])).toHaveLength(1_000);
});
