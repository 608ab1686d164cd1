import { randomUUID } from "node:crypto";

/** What every event is wrapped in; `envelope.json` among the event schemas says the same as JSON Schema. */
export interface EventEnvelope<Data extends object = object> {
  /** Unique: a consumer that sees it twice can tell. */
  id: string;
  /** E.g. `order.created`. */
  type: string;
  /** Of the schema of the data. */
  version: number;
  /** When it happened, by RFC 3339. */
  timestamp: string;
  /** Service that published it. */
  source: string;
  /** The same for all events that one request led to. */
  correlationId: string;
  /** Id of the event that caused it; absent where none did. */
  causationId?: string;
  data: Data;
  /** What is about the event's way and not about what happened, e.g. the tenant's id. */
  metadata: Record<string, string>;
}

/** An event that is to be published. */
export interface NewEvent<Data extends object = object> {
  type: string;
  version: number;
  /** What it is about, e.g. the id of an order: events of one aggregate stay in order. */
  aggregateId: string;
  data: Data;
  /** Default empty. */
  metadata?: Record<string, string>;
  /** The event that caused it, whose correlation it takes over. */
  cause?: EventEnvelope;
  /** Of the request that led to it, where no event caused it. Default a new one. */
  correlationId?: string;
}

export function envelopeOf<Data extends object>(event: NewEvent<Data>, source: string): EventEnvelope<Data> {
  const { type, version, data, metadata = {}, cause, correlationId } = event;
  return {
    id: randomUUID(),
    type,
    version,
    timestamp: new Date().toISOString(),
    source,
    correlationId: cause?.correlationId ?? correlationId ?? randomUUID(),
    ...(cause === undefined ? {} : { causationId: cause.id }),
    data,
    metadata,
  };
}
