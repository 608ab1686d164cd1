import type { Consumer, Kafka, Producer } from "kafkajs";
import { BatchHandler } from "./batch";
import type { EventHandler } from "./delivery";
import { acknowledgedByAll, idempotentProducer, kafkaClient, type Log, toStandardOutput } from "./kafka";
import { covers } from "./patterns";
import { failureHeaders } from "./retry";
import { type EventSchemas, EventValidator } from "./schemas";
import type { EventSettings, Subscription } from "./settings";

export interface EventConsumerOptions extends EventSettings {
  /** Name of the service. */
  service: string;
  schemas: EventSchemas;
  /** By event type, or `<subject>.*`: at least one for each that the service subscribes to. What has none is skipped. */
  handlers: Readonly<Record<string, EventHandler>>;
  /** Partitions of a subscription that are handled at the same time. Default 10, which is the architecture's standard bulkhead. */
  concurrency?: number;
  /** Called when a subscription is read no more, e.g. because the brokers refuse it: the process should end. */
  onFailure: (error: Error) => void;
  /** Default: standard output. */
  log?: Log;
}

/** How long a broker may hold back an answer: a partition whose wait is over is asked for only after that. */
const fetchWaitMilliseconds = 500;

/**
 * Hands each event of the service's subscriptions to its handler. One that fails goes through the subscription's retry topics
 * and at last into its dead-letter topic; meanwhile the events behind it go on. A record counts as read once it is handled or
 * stored elsewhere.
 */
export class EventConsumer {
  private readonly kafka: Kafka;
  private readonly producer: Producer;
  private readonly validator: EventValidator;
  private readonly log: Log;
  private readonly consumers: Consumer[] = [];
  private readonly batches: BatchHandler[] = [];

  /** @throws if there are subscriptions without a handler. */
  constructor(private readonly options: EventConsumerOptions) {
    const { service, connection, routes, handlers, schemas, log = toStandardOutput } = options;
    const types = routes.subscriptions.flatMap((subscription) => subscription.types);
    const handled = Object.keys(handlers);
    const unhandled = types.filter((type) => !handled.some((key) => covers(type, key) || covers(key, type)));
    if (unhandled.length > 0) throw new Error(`${service} subscribes to ${unhandled.join(", ")} and has no handler.`);
    this.log = log;
    this.kafka = kafkaClient(service, connection, log);
    this.producer = idempotentProducer(this.kafka);
    this.validator = new EventValidator(schemas);
  }

  /** @throws if the brokers can't be reached, or don't let the service in. */
  async start(): Promise<void> {
    await this.producer.connect();
    await Promise.all(this.options.routes.subscriptions.map((subscription) => this.read(subscription)));
  }

  /** Returns when what is being handled is. */
  async stop(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.disconnect()));
    for (const batches of this.batches) batches.stop();
    await this.producer.disconnect();
  }

  private async read(subscription: Subscription): Promise<void> {
    const { concurrency = 10, onFailure } = this.options;
    const { group, topic, retryTopics } = subscription;
    const batches = this.batchHandler(subscription);
    const consumer = this.kafka.consumer({
      groupId: group,
      maxWaitTimeInMs: fetchWaitMilliseconds,
      allowAutoTopicCreation: false,
    });
    this.batches.push(batches);
    this.consumers.push(consumer);
    // After what may pass the client starts again by itself.
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) onFailure(payload.error);
    });
    await consumer.connect();
    // A new group has missed nothing.
    await consumer.subscribe({ topics: [topic, ...retryTopics.map((retry) => retry.topic)], fromBeginning: true });
    await consumer.run({
      // Of what is resolved: about once a second, and after each batch.
      autoCommitInterval: 1_000,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: concurrency,
      eachBatch: (payload) => batches.handle(payload),
    });
  }

  private batchHandler(subscription: Subscription): BatchHandler {
    const { handlers } = this.options;
    const receiver = { subscription, handlers, validator: this.validator };
    return new BatchHandler(receiver, async ({ key, value }, { topic, ...forward }) => {
      const { [failureHeaders.origin]: origin, [failureHeaders.error]: error } = forward.headers;
      this.log({ level: "warning", message: "event failed", origin, error, forwardedTo: topic });
      await this.producer.send({ topic, acks: acknowledgedByAll, messages: [{ key, value, ...forward }] });
    });
  }
}
