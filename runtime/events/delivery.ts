import type { KafkaMessage } from "kafkajs";
import type { EventEnvelope } from "./envelope";
import { covers, entryFor } from "./patterns";
import { afterFailure, afterInvalid, type Forward, type ReadRecord } from "./retry";
import type { EventValidator } from "./schemas";
import type { Subscription } from "./settings";

/** Does what the event asks for. It may get one twice, of the same id: what it did once must do no harm again. */
export type EventHandler = (event: EventEnvelope) => Promise<void>;

export interface Receiver {
  subscription: Subscription;
  /** By event type, or `<subject>.*`. */
  handlers: Readonly<Record<string, EventHandler>>;
  validator: EventValidator;
}

/** @returns where the record is to be forwarded; undefined: it is done with. */
export async function deliver(
  { subscription, handlers, validator }: Receiver,
  record: ReadRecord,
  value: KafkaMessage["value"],
): Promise<Forward | undefined> {
  // In a compacted topic it deletes what came before under its key: no event.
  if (value === null) return undefined;
  let event: EventEnvelope;
  let handle: EventHandler | undefined;
  try {
    event = validator.parse(value.toString());
    handle = subscription.types.some((type) => covers(type, event.type)) ? entryFor(handlers, event.type) : undefined;
    if (handle === undefined) return undefined;
    validator.assertReadable(event);
  } catch (error) {
    return afterInvalid(subscription, record, error, Date.now());
  }
  try {
    await handle(event);
    return undefined;
  } catch (error) {
    return afterFailure(subscription, record, error, Date.now());
  }
}
