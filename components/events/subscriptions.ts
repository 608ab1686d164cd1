import { defaultMaxMessageBytes, hours, type TopicDeclaration, type TopicSettings } from "./topics";

/**
 * A consumer's reading of a topic. It has a group, retry topics and a dead-letter topic of its own, so that what one consumer
 * fails at is never replayed to another.
 */
export interface Subscription {
  /** Name of the service. */
  consumer: string;
  topic: string;
  /** Event types that it takes from it; it skips the others. */
  types: string[];
  /** Consumer group. */
  group: string;
  /** In the order in which a message passes through them. */
  retryTopics: RetryTopic[];
  deadLetterTopic: string;
}

export interface RetryTopic {
  topic: string;
  /** Between the failed attempt and the next one. */
  delayMilliseconds: number;
}

/** The architecture's: three attempts in all, 2^attempt seconds apart. */
const retryDelays = [2_000, 4_000];

export function subscriptionOf(consumer: string, topic: string, types: string[]): Subscription {
  const own = `${topic}.${consumer}`;
  return {
    ...{ consumer, topic, types },
    group: `${consumer}.${topic}`,
    retryTopics: retryDelays.map((delayMilliseconds, index) => ({
      topic: `${own}.retry-${index + 1}`,
      delayMilliseconds,
    })),
    deadLetterTopic: `${own}.dead-letter`,
  };
}

/** Longer than a weekend without the consumer; what waits for it in the topic itself is kept as that one says. */
const retryRetention = hours(72);
const deadLetterRetention = hours(14 * 24);
/** What a failed message gets on its way: when to try again, which attempt it was, and what went wrong. */
const headerBytes = 65_536;
/** Failures are few, and a message waits here anyway. */
const partitions = 6;

/** The topics that a subscription has beside the one that it reads. */
export function subscriptionTopics(
  { retryTopics, deadLetterTopic }: Pick<Subscription, "retryTopics" | "deadLetterTopic">,
  { maxMessageBytes = defaultMaxMessageBytes }: Pick<TopicDeclaration, "maxMessageBytes">,
): TopicSettings[] {
  const settings = (name: string, retention: number): TopicSettings => ({
    name,
    partitions,
    configuration: {
      "cleanup.policy": "delete",
      "retention.ms": retention,
      "max.message.bytes": maxMessageBytes + headerBytes,
      "compression.type": "producer",
    },
  });
  return [
    ...retryTopics.map(({ topic }) => settings(topic, retryRetention)),
    settings(deadLetterTopic, deadLetterRetention),
  ];
}
