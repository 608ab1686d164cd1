import type { Producer } from "kafkajs";
import { envelopeOf, type EventEnvelope, type NewEvent } from "./envelope";
import { acknowledgedByAll, idempotentProducer, kafkaClient, type Log, toStandardOutput } from "./kafka";
import { entryFor } from "./patterns";
import { type EventSchemas, EventValidator } from "./schemas";
import type { EventSettings } from "./settings";

export interface EventPublisherOptions extends EventSettings {
  /** Name of the service, which becomes the source of its events. */
  service: string;
  schemas: EventSchemas;
  /** Default: standard output. */
  log?: Log;
}

export class EventPublisher {
  private readonly producer: Producer;
  private readonly validator: EventValidator;

  constructor(private readonly options: EventPublisherOptions) {
    const { service, connection, schemas, log = toStandardOutput } = options;
    this.producer = idempotentProducer(kafkaClient(service, connection, log));
    this.validator = new EventValidator(schemas);
  }

  /** @throws if the brokers can't be reached, or don't let the service in. */
  async start(): Promise<void> {
    await this.producer.connect();
  }

  /**
   * Resolves once the event is stored by all in-sync replicas. While brokers are away it goes on trying: a caller that can't
   * wait must have written the event elsewhere.
   * @throws InvalidEventError
   */
  async publish<Data extends object>(event: NewEvent<Data>): Promise<EventEnvelope<Data>> {
    const { service, routes } = this.options;
    const topic = entryFor(routes.publishes, event.type);
    if (topic === undefined) throw new Error(`${service} may not publish ${event.type}: its contract doesn't say so.`);
    const envelope = envelopeOf(event, service);
    const value = JSON.stringify(envelope);
    // As its consumers will see it, so that what JSON leaves out is missed here.
    this.validator.assertData(this.validator.parse(value));
    await this.producer.send({ topic, acks: acknowledgedByAll, messages: [{ key: event.aggregateId, value }] });
    return envelope;
  }

  async stop(): Promise<void> {
    await this.producer.disconnect();
  }
}
