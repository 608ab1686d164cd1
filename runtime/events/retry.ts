import type { IHeaders } from "kafkajs";
import type { Subscription } from "./settings";

/** Headers of a record that failed. */
export const failureHeaders = {
  /** Epoch milliseconds before which it must not be tried again. */
  notBefore: "omega-not-before",
  /** Failed attempts so far. */
  attempt: "omega-attempt",
  /** What the last of them failed with. */
  error: "omega-error",
  /** Why nothing more is tried, in a dead-letter topic: `attempts-exhausted` or `invalid-event`. */
  reason: "omega-reason",
  /** `<topic>/<partition>/<offset>` of the record as it was published. */
  origin: "omega-origin",
} as const;

/** Well below what a retry topic allows beyond the largest message of its topic. */
const longestError = 1_000;

/** Where a record was read. */
export interface ReadRecord {
  topic: string;
  partition: number;
  offset: string;
  headers?: IHeaders | undefined;
}

/** Where a record goes that was not handled. */
export interface Forward {
  topic: string;
  headers: IHeaders;
  /** Epoch milliseconds of the failure, from which the wait counts. */
  timestamp: string;
}

/** What becomes of a record after one more failed attempt: the next retry topic, or after the last the dead-letter topic. */
export function afterFailure(subscription: Subscription, record: ReadRecord, error: unknown, now: number): Forward {
  const { retryTopics, deadLetterTopic } = subscription;
  const attempt = failedAttempts(subscription, record) + 1;
  const headers = { ...forwardedHeaders(subscription, record, error), [failureHeaders.attempt]: String(attempt) };
  const next = retryTopics[attempt - 1];
  const [topic, further] =
    next === undefined
      ? [deadLetterTopic, { [failureHeaders.reason]: "attempts-exhausted" }]
      : [next.topic, { [failureHeaders.notBefore]: String(now + next.delayMilliseconds) }];
  return { topic, headers: { ...headers, ...further }, timestamp: String(now) };
}

/** What becomes of a record that no repetition makes valid. */
export function afterInvalid(subscription: Subscription, record: ReadRecord, error: unknown, now: number): Forward {
  const headers = { ...forwardedHeaders(subscription, record, error), [failureHeaders.reason]: "invalid-event" };
  return { topic: subscription.deadLetterTopic, headers, timestamp: String(now) };
}

/**
 * Sends a dead letter on its way through the retries again, from the first of them, where its consumer alone reads it: so it is
 * tried at once, and once more after each further retry topic's wait.
 */
export function afterDeath({ retryTopics }: Subscription, { headers = {} }: ReadRecord, now: number): Forward {
  const [first] = retryTopics;
  if (first === undefined) throw new Error("The subscription has no retry topic, and so no way back for dead letters.");
  const kept = Object.entries(headers).filter(([name]) => !ofLastFailure.includes(name));
  // What is in the first retry topic has used one attempt, whatever this header says: both agree.
  const reset = { [failureHeaders.attempt]: "1" };
  return { topic: first.topic, headers: { ...Object.fromEntries(kept), ...reset }, timestamp: String(now) };
}

const ofLastFailure: string[] = [failureHeaders.notBefore, failureHeaders.error, failureHeaders.reason];

/** Milliseconds until the record may be tried: 0 where it may be now. */
export function waitOf(subscription: Subscription, record: ReadRecord, now: number): number {
  if (failedAttempts(subscription, record) === 0) return 0;
  const notBefore = Number(record.headers?.[failureHeaders.notBefore]?.toString());
  return Number.isFinite(notBefore) ? Math.max(0, notBefore - now) : 0;
}

/** By the topic it was read from: whoever publishes to the main topic may set any header. */
function failedAttempts({ retryTopics }: Subscription, { topic }: ReadRecord): number {
  return retryTopics.findIndex((retry) => retry.topic === topic) + 1;
}

function forwardedHeaders(subscription: Subscription, record: ReadRecord, error: unknown): IHeaders {
  const { topic, partition, offset, headers = {} } = record;
  const own = Object.values<string>(failureHeaders);
  const others = Object.entries(headers).filter(([name]) => !own.includes(name));
  const origin =
    failedAttempts(subscription, record) === 0 ? `${topic}/${partition}/${offset}` : headers[failureHeaders.origin];
  return {
    ...Object.fromEntries(others),
    [failureHeaders.origin]: origin,
    [failureHeaders.error]: messageOf(error).slice(0, longestError),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
