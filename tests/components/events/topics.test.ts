import fc from "fast-check";
import { subscriptionOf, subscriptionTopics } from "../../../components/events/subscriptions";
import {
  Compression,
  partitionsFor,
  type PeakThroughput,
  type TopicDeclaration,
  TopicKind,
  topicProblems,
  topicSettings,
} from "../../../components/events/topics";

const anyPeak: fc.Arbitrary<PeakThroughput> = fc.record(
  {
    messagesPerSecond: fc.integer({ min: 1, max: 50_000 }),
    messageBytes: fc.integer({ min: 1, max: 65_536 }),
    consumerMessagesPerSecond: fc.integer({ min: 1, max: 100_000 }),
  },
  { requiredKeys: [] },
);
const anyPartitions = fc.integer({ min: 1, max: 600 });
const orders: TopicDeclaration = { name: "orders", events: ["order.*"] };

test("one write to a database takes 10 ms: 100 messages a second fit into the fewest partitions", () => {
  expect(partitionsFor({})).toBe(6);
  expect(partitionsFor({ peak: { messagesPerSecond: 600 } })).toBe(6);
  expect(partitionsFor({ peak: { messagesPerSecond: 601 } })).toBe(12);
  expect(partitionsFor({ peak: { messagesPerSecond: 1200, consumerMessagesPerSecond: 10 } })).toBe(120);
});

test("each partition's share of the peak is no more than a consumer handles and a partition takes", () => {
  fc.assert(
    fc.property(anyPeak, anyPartitions, (peak, partitions) => {
      const found = partitionsFor({ peak, partitions });
      const { messagesPerSecond = 100, messageBytes = 1024, consumerMessagesPerSecond = 100 } = peak;
      expect(messagesPerSecond / found).toBeLessThanOrEqual(consumerMessagesPerSecond);
      expect((messagesPerSecond * messageBytes) / found).toBeLessThanOrEqual(10 * 2 ** 20);
      expect(found).toBeGreaterThanOrEqual(partitions);
    }),
  );
});

test("leaders are even over three and over six brokers, and there are no more partitions than that takes", () => {
  fc.assert(
    fc.property(anyPeak, anyPartitions, (peak, partitions) => {
      const found = partitionsFor({ peak, partitions });
      expect(found % 6).toBe(0);
      const { messagesPerSecond = 100, messageBytes = 1024, consumerMessagesPerSecond = 100 } = peak;
      const needed = [
        partitions,
        messagesPerSecond / consumerMessagesPerSecond,
        (messagesPerSecond * messageBytes) / (10 * 2 ** 20),
      ];
      expect(found - 6).toBeLessThan(Math.max(...needed));
    }),
  );
});

test("more traffic or slower consumers never take partitions away", () => {
  fc.assert(
    fc.property(anyPeak, fc.integer({ min: 1, max: 1000 }), (peak, more) => {
      const { messagesPerSecond = 100, messageBytes = 1024, consumerMessagesPerSecond = 100 } = peak;
      const before = partitionsFor({ peak });
      expect(partitionsFor({ peak: { ...peak, messagesPerSecond: messagesPerSecond + more } })).toBeGreaterThanOrEqual(
        before,
      );
      expect(partitionsFor({ peak: { ...peak, messageBytes: messageBytes + more } })).toBeGreaterThanOrEqual(before);
      const slower = Math.max(1, consumerMessagesPerSecond - more);
      expect(partitionsFor({ peak: { ...peak, consumerMessagesPerSecond: slower } })).toBeGreaterThanOrEqual(before);
    }),
  );
});

test("a stream keeps a week of messages, state the last one of each key", () => {
  expect(topicSettings(orders)).toEqual({
    name: "orders",
    partitions: 6,
    configuration: {
      "cleanup.policy": "delete",
      "retention.ms": 604_800_000,
      "max.message.bytes": 1_048_576,
      "compression.type": "producer",
    },
  });
  expect(
    topicSettings({ ...orders, kind: TopicKind.State, maxMessageBytes: 2048, compression: Compression.Gzip }),
  ).toEqual({
    name: "orders",
    partitions: 6,
    configuration: {
      "cleanup.policy": "compact",
      "max.compaction.lag.ms": 86_400_000,
      "delete.retention.ms": 86_400_000,
      "max.message.bytes": 2048,
      "compression.type": "gzip",
    },
  });
});

test("the architecture's retries: three attempts in all, 2 s and 4 s apart, then dead letters kept for two weeks", () => {
  const subscription = subscriptionOf("shipping", "orders", ["order.created"]);
  expect(subscription).toEqual({
    consumer: "shipping",
    topic: "orders",
    types: ["order.created"],
    group: "shipping.orders",
    retryTopics: [
      { topic: "orders.shipping.retry-1", delayMilliseconds: 2000 },
      { topic: "orders.shipping.retry-2", delayMilliseconds: 4000 },
    ],
    deadLetterTopic: "orders.shipping.dead-letter",
  });
  const topics = subscriptionTopics(subscription, {});
  expect(topics.map(({ name, configuration }) => [name, configuration["retention.ms"]])).toEqual([
    ["orders.shipping.retry-1", 72 * 3_600_000],
    ["orders.shipping.retry-2", 72 * 3_600_000],
    ["orders.shipping.dead-letter", 14 * 24 * 3_600_000],
  ]);
});

test("what a topic takes, its retries and dead letters take too, with the headers of a failure", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1024, max: 4_194_304 }), (maxMessageBytes) => {
      const topics = subscriptionTopics(subscriptionOf("shipping", "orders", ["order.*"]), { maxMessageBytes });
      for (const { configuration } of topics) {
        expect(configuration["max.message.bytes"]).toBe(maxMessageBytes + 65_536);
        expect(configuration["cleanup.policy"]).toBe("delete");
      }
    }),
  );
});

test("everything that is wrong with a topic is found at once, each with its path", () => {
  const wrong: TopicDeclaration = {
    name: "Orders.new",
    events: ["order", "order.*"],
    kind: TopicKind.State,
    peak: { messagesPerSecond: 0, messageBytes: 0.5, consumerMessagesPerSecond: 100_001 },
    partitions: 601,
    retentionHours: 0,
    maxMessageBytes: 1023,
  };
  expect(topicProblems(wrong).map(({ path }) => path)).toEqual([
    "name",
    "events[0]",
    "peak.messagesPerSecond",
    "peak.messageBytes",
    "peak.consumerMessagesPerSecond",
    "partitions",
    "retentionHours",
    "maxMessageBytes",
    "retentionHours",
  ]);
  expect(topicProblems({ ...orders, events: [] }).map(({ path }) => path)).toEqual(["events"]);
  expect(topicProblems({ ...orders, peak: { messagesPerSecond: 1_000_000 } })).toEqual([
    { path: "peak", reason: expect.stringContaining("needs 10002 partitions, and 600 are the most") },
  ]);
  expect(topicProblems(orders)).toEqual([]);
});
