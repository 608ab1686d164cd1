import { type ArgumentProblem, wholeNumberProblems } from "../arguments";
import { eventStoreSettings } from "./event-store";
import { isEventPattern } from "./event-types";

export enum TopicKind {
  /** Everything that happened, kept for its retention. */
  Stream = "stream",
  /** The last message of each key, kept for ever: Kafka takes the older ones away. */
  State = "state",
  /** Everything that ever happened to its aggregates, kept for ever: their event store. */
  EventStore = "event-store",
}

export enum Compression {
  /** As its producers send it. */
  Producer = "producer",
  /** What every client can read without more libraries, kafkajs among them. */
  Gzip = "gzip",
}

/** The most that a topic must take, from which come its partitions. */
export interface PeakThroughput {
  /** Messages a second, of all producers together. Default 100, from 1 to 1,000,000. */
  messagesPerSecond?: number;
  /** Bytes of a message, on average. Default 1024, from 1 to 4,194,304. */
  messageBytes?: number;
  /**
   * Messages a second that the slowest of its consumers was measured to handle from one partition, one after the other.
   * Default 100, which is 10 ms for each, about one write to a database. From 1 to 100,000.
   */
  consumerMessagesPerSecond?: number;
}

/** A topic as it is declared. */
export interface TopicDeclaration {
  /** A DNS label, e.g. `orders`. */
  name: string;
  /** Event types that it carries, e.g. `order.*`; no other topic carries them too. */
  events: string[];
  /** Default stream. */
  kind?: TopicKind;
  peak?: PeakThroughput;
  /**
   * Partitions at least: more than its peak needs, for the time to come, or as many as it has. Kafka can't take partitions
   * away. Default 6, from 1 to 600.
   */
  partitions?: number;
  /** Hours for which a stream keeps a message. Default 168, a week; from 1 to 8760. */
  retentionHours?: number;
  /** Bytes of the largest message, compressed. Default 1,048,576, from 1024 to 4,194,304. */
  maxMessageBytes?: number;
  /** Default as producers send it. */
  compression?: Compression;
}

/** A topic as Kafka has it. */
export interface TopicSettings {
  name: string;
  partitions: number;
  /** By Kafka's own names. */
  configuration: Record<string, string | number>;
  /** Why it keeps everything, where it does: the policy bounded-stores asks for it. */
  keptForEver?: string;
}

export const hours = (count: number): number => count * 3_600_000;

const mostPartitions = 600;
/** So that leaders are even over 3 or 6 brokers, and a slightly higher peak moves no key to another partition. */
const partitionStep = 6;
/** Of one partition: max(t/p, t/c) after https://www.confluent.io/blog/how-choose-number-topics-partitions-kafka-cluster */
const partitionBytesPerSecond = 10 * 1_048_576;

/** Enough for the consumers and for the brokers, and for what was asked for. */
export function partitionsFor({ peak = {}, partitions = 1 }: Pick<TopicDeclaration, "peak" | "partitions">): number {
  const { messagesPerSecond = 100, messageBytes = 1024, consumerMessagesPerSecond = 100 } = peak;
  const needed = Math.max(
    partitions,
    messagesPerSecond / consumerMessagesPerSecond,
    (messagesPerSecond * messageBytes) / partitionBytesPerSecond,
  );
  return Math.ceil(needed / partitionStep) * partitionStep;
}

export const defaultMaxMessageBytes = 1_048_576;

/** @param isTiered whether brokers can move what is older to an object store */
export function topicSettings(topic: TopicDeclaration, isTiered = false): TopicSettings {
  const { name, kind, maxMessageBytes = defaultMaxMessageBytes, compression = Compression.Producer } = topic;
  return {
    name,
    partitions: partitionsFor(topic),
    ...(kind === TopicKind.EventStore ? { keptForEver: "the event store of its aggregates" } : {}),
    configuration: {
      ...keeping(topic, isTiered),
      "max.message.bytes": maxMessageBytes,
      "compression.type": compression,
    },
  };
}

/** How long a topic keeps what. */
function keeping({ kind = TopicKind.Stream, retentionHours = 168 }: TopicDeclaration, isTiered: boolean) {
  switch (kind) {
    case TopicKind.Stream:
      return { "cleanup.policy": "delete", "retention.ms": hours(retentionHours) };
    case TopicKind.State:
      // What was deleted or replaced is gone after a day, whatever the traffic.
      return { "cleanup.policy": "compact", "max.compaction.lag.ms": hours(24), "delete.retention.ms": hours(24) };
    case TopicKind.EventStore:
      return eventStoreSettings(isTiered);
  }
}

const dnsLabel = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;

export function topicProblems(topic: TopicDeclaration): ArgumentProblem[] {
  const { name, events, kind, peak = {}, partitions, retentionHours, maxMessageBytes } = topic;
  const problems: ArgumentProblem[] = [];
  if (!dnsLabel.test(name)) problems.push({ path: "name", reason: `"${name}" must be a DNS label such as "orders"` });
  if (events.length === 0) problems.push({ path: "events", reason: "must name one event type at least" });
  events.forEach((type, index) => {
    if (isEventPattern(type)) return;
    problems.push({ path: `events[${index}]`, reason: `"${type}" must be an event type such as "order.*"` });
  });
  problems.push(
    ...wholeNumberProblems("peak.messagesPerSecond", peak.messagesPerSecond, 1, 1_000_000),
    ...wholeNumberProblems("peak.messageBytes", peak.messageBytes, 1, 4_194_304),
    ...wholeNumberProblems("peak.consumerMessagesPerSecond", peak.consumerMessagesPerSecond, 1, 100_000),
    ...wholeNumberProblems("partitions", partitions, 1, mostPartitions),
    ...wholeNumberProblems("retentionHours", retentionHours, 1, 8760),
    ...wholeNumberProblems("maxMessageBytes", maxMessageBytes, 1024, 4_194_304),
  );
  const needed = partitionsFor(topic);
  if (problems.length === 0 && needed > mostPartitions) {
    const reason = `needs ${needed} partitions, and ${mostPartitions} are the most: make its consumers faster, or split it`;
    problems.push({ path: "peak", reason });
  }
  if (kind !== undefined && kind !== TopicKind.Stream && retentionHours !== undefined) {
    problems.push({ path: "retentionHours", reason: `is for streams: ${kind} is kept for ever` });
  }
  return problems;
}
