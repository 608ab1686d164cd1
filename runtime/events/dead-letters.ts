import type { KafkaMessage } from "kafkajs";
import { z } from "zod";
import { covers } from "./patterns";
import { failureHeaders } from "./retry";
import type { Subscription } from "./settings";

/** What is done with dead letters. */
export enum DeadLetterTask {
  /** They are told, and nothing changes. */
  List = "list",
  /** Their consumer gets them again. */
  Redrive = "redrive",
  /** Nobody gets them any more. */
  Delete = "delete",
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
});

/**
 * Reads what somebody asks for in the environment: `DEAD_LETTER_TASK`, by default to list; `DEAD_LETTER_TOPIC`, which all but
 * listing needs; `DEAD_LETTER_IDS` and `DEAD_LETTER_TYPES`, separated by commas.
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
  if (task === DeadLetterTask.Delete && isFiltering(filter)) {
    throw new Error("Kafka deletes from the beginning of a topic: there is no deleting of single dead letters.");
  }
  return { task, subscriptions: chosen, filter };
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
