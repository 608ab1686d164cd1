import type { KafkaMessage } from "kafkajs";
import { z } from "zod";
import type { DeadLetter, Ends } from "./dead-letter-reader";
import { covers } from "./patterns";
import { parseBefore } from "./purge";
import { failureHeaders } from "./retry";
import type { Subscription } from "./settings";

/** What is done with dead letters. */
export enum DeadLetterTask {
  /** They are told, and nothing changes. */
  List = "list",
  /** Their consumer gets them again. */
  Redrive = "redrive",
  /** Those that were listed are deleted. */
  Purge = "purge",
  /** Brokers forget how far their consumer has read. */
  DeleteGroup = "delete-group",
}

/** Which dead letters are meant: those that all of it is true of. */
export interface DeadLetterFilter {
  /** Ids of events. Default: all. */
  ids?: readonly string[];
  /** Event types, or `<subject>.*`. Default: all. */
  types?: readonly string[];
}

export interface DeadLetterRequest {
  task: DeadLetterTask;
  /** Whose dead letters. */
  subscriptions: Subscription[];
  filter: DeadLetterFilter;
  /** To purge: by partition the offset before which all may go. */
  before?: Ends;
}

const list = z
  .string()
  .transform((text) => text.split(",").flatMap((item) => (item.trim() === "" ? [] : [item.trim()])))
  .optional();

const variables = z.object({
  DEAD_LETTER_TASK: z.enum(DeadLetterTask).default(DeadLetterTask.List),
  DEAD_LETTER_TOPIC: z.string().optional(),
  DEAD_LETTER_IDS: list,
  DEAD_LETTER_TYPES: list,
  DEAD_LETTER_BEFORE: z.string().optional(),
});

/**
 * Reads what somebody asks for in the environment: `DEAD_LETTER_TASK`, by default to list; `DEAD_LETTER_TOPIC`, which all but
 * listing needs; `DEAD_LETTER_IDS` and `DEAD_LETTER_TYPES`, separated by commas; to purge `DEAD_LETTER_BEFORE`, as listing prints it.
 * @throws with what is wrong.
 */
export function deadLetterRequest(
  environment: NodeJS.ProcessEnv,
  subscriptions: readonly Subscription[],
): DeadLetterRequest {
  const parsed = variables.safeParse(environment);
  if (!parsed.success) throw new Error(`No valid task for dead letters:\n${z.prettifyError(parsed.error)}`);
  const { DEAD_LETTER_TASK: task, DEAD_LETTER_TOPIC: topic, DEAD_LETTER_IDS, DEAD_LETTER_TYPES } = parsed.data;
  const chosen = subscriptions.filter(({ deadLetterTopic }) => topic === undefined || deadLetterTopic === topic);
  const known = subscriptions.map(({ deadLetterTopic }) => deadLetterTopic).join(", ");
  if (topic !== undefined && chosen.length === 0) throw new Error(`DEAD_LETTER_TOPIC must be one of ${known}.`);
  if (topic === undefined && task !== DeadLetterTask.List) {
    throw new Error(`To ${task}, DEAD_LETTER_TOPIC must say of which: ${known}.`);
  }
  const filter: DeadLetterFilter = {
    ...(DEAD_LETTER_IDS === undefined ? {} : { ids: DEAD_LETTER_IDS }),
    ...(DEAD_LETTER_TYPES === undefined ? {} : { types: DEAD_LETTER_TYPES }),
  };
  return { task, subscriptions: chosen, filter, ...purging(task, filter, parsed.data.DEAD_LETTER_BEFORE) };
}

function purging(task: DeadLetterTask, filter: DeadLetterFilter, text: string | undefined): { before?: Ends } {
  const deletes = task === DeadLetterTask.Purge || task === DeadLetterTask.DeleteGroup;
  if (deletes && isFiltering(filter)) {
    throw new Error(`To ${task} is about all: Kafka deletes from the beginning of a topic, no single dead letters.`);
  }
  if (task !== DeadLetterTask.Purge) {
    if (text !== undefined) throw new Error(`DEAD_LETTER_BEFORE is for ${DeadLetterTask.Purge} alone.`);
    return {};
  }
  if (text === undefined) {
    throw new Error(
      "To purge, DEAD_LETTER_BEFORE must say how far, as listing prints it: nothing goes that nobody saw.",
    );
  }
  return { before: parseBefore(text) };
}

export const isFiltering = ({ ids, types }: DeadLetterFilter): boolean => ids !== undefined || types !== undefined;

const named = z.object({ id: z.string(), type: z.string() });

/** Undefined for what is no event. */
function eventIn(value: KafkaMessage["value"]): z.infer<typeof named> | undefined {
  try {
    return named.safeParse(JSON.parse(String(value))).data;
  } catch {
    return undefined;
  }
}

export function isChosen({ ids, types }: DeadLetterFilter, value: KafkaMessage["value"]): boolean {
  if (ids === undefined && types === undefined) return true;
  const event = eventIn(value);
  if (event === undefined) return false;
  const { id, type } = event;
  return (ids?.includes(id) ?? true) && (types?.some((each) => covers(each, type)) ?? true);
}

/** What a person may know of a dead letter; what the event says is not for logs. */
export function summaryOf({ value, headers = {} }: Pick<KafkaMessage, "value" | "headers">): Record<string, string> {
  const { reason, error, origin } = failureHeaders;
  const told = Object.entries({ reason, error, origin }).map(([key, header]) => [key, headers[header]?.toString()]);
  const known = told.filter(([, text]) => text !== undefined);
  return { ...eventIn(value), ...Object.fromEntries(known) };
}

type Place = Pick<DeadLetter, "partition" | "offset" | "timestamp">;

/** Tells of several dead letters of one event, which sending single ones again leaves behind, the newest. */
export class NewestLetters {
  /** By where the event was published: some hundred bytes for each event. */
  private readonly byOrigin = new Map<string, Place>();

  add({ headers, partition, offset, timestamp }: Place & Pick<DeadLetter, "headers">): void {
    const origin = originOf(headers);
    if (origin === undefined) return;
    const place = { partition, offset, timestamp };
    const known = this.byOrigin.get(origin);
    if (known === undefined || isOlder(known, place)) this.byOrigin.set(origin, place);
  }

  /** One that doesn't say where it came from stands for itself. */
  has({ headers, partition, offset }: Pick<DeadLetter, "headers" | "partition" | "offset">): boolean {
    const origin = originOf(headers);
    if (origin === undefined) return true;
    const newest = this.byOrigin.get(origin);
    return newest?.partition === partition && newest.offset === offset;
  }
}

const originOf = (headers: KafkaMessage["headers"]): string | undefined => headers?.[failureHeaders.origin]?.toString();

/** Within a partition the offset decides; across partitions, where a record without a key may go, the time of the failure. */
function isOlder(one: Place, other: Place): boolean {
  if (one.partition === other.partition) return Number(one.offset) < Number(other.offset);
  return Number(one.timestamp) < Number(other.timestamp);
}
