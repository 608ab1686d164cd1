import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Kafka } from "kafkajs";
import {
  EventConsumer,
  type EventEnvelope,
  EventPublisher,
  type EventRoutes,
  type Log,
  readEventSchemas,
  type Subscription,
} from "../../../runtime/events";
import { kafkaClient } from "../../../runtime/events/kafka";
import type { KafkaCluster } from "./cluster";

/** Those that the platform registers. */
export const schemas = readEventSchemas(join(__dirname, "../../../components/events/schemas"));

const silent = (): void => undefined;

interface Reading {
  service: string;
  /** Default: the service's own. */
  subscription?: Subscription;
  handler: (event: EventEnvelope) => Promise<void>;
  onFailure?: (error: Error) => void;
  log?: Log;
}

/** Services as they run on the platform, with the runtime library, on a cluster of a test. */
export class Services {
  private readonly running: { stop(): Promise<void> }[] = [];

  /** @param routes by service, as are passwords. */
  constructor(
    private readonly cluster: KafkaCluster,
    private readonly routes: ReadonlyMap<string, EventRoutes>,
    private readonly passwords: ReadonlyMap<string, string>,
  ) {}

  routesOf(service: string): EventRoutes {
    const routes = this.routes.get(service);
    if (routes === undefined) throw new Error(`${service} has no events.`);
    return routes;
  }

  /** The only one that it has. */
  subscriptionOf(service: string): Subscription {
    const [subscription] = this.routesOf(service).subscriptions;
    if (subscription === undefined) throw new Error(`${service} consumes nothing.`);
    return subscription;
  }

  /** @param publishes topics by event type; default: as the service is told. */
  async publisher(service: string, publishes = this.routesOf(service).publishes): Promise<EventPublisher> {
    const publisher = new EventPublisher({ ...this.common(service), routes: { publishes, subscriptions: [] } });
    this.running.push(publisher);
    await publisher.start();
    return publisher;
  }

  async consumer({ service, handler, ...reading }: Reading): Promise<void> {
    const { subscription = this.subscriptionOf(service) } = reading;
    const consumer = new EventConsumer({
      onFailure: (error) => console.error(error),
      ...this.common(service),
      routes: { publishes: {}, subscriptions: [subscription] },
      handlers: Object.fromEntries(subscription.types.map((type) => [type, handler])),
      ...reading,
    });
    this.running.push(consumer);
    await consumer.start();
  }

  /** A service's own client, beside the library. */
  client(service: string): Kafka {
    return kafkaClient(service, this.common(service).connection, silent);
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.splice(0).map((each) => each.stop()));
  }

  private common(service: string) {
    const password = this.passwords.get(service) ?? "";
    return { service, connection: this.cluster.connection({ username: service, password }), schemas, log: silent };
  }
}

const price = { amountMinor: 4_200, currency: "EUR" };

export function orderCreated(id: string) {
  const items = [{ productId: "product-1", quantity: 1, unitPrice: price }];
  const data = { id, customerId: "customer-1", items, total: price };
  return { type: "order.created", version: 1, aggregateId: id, data };
}

export interface StoredRecord {
  topic: string;
  key: string;
  value: string;
  headers: Record<string, string>;
  /** Epoch milliseconds. */
  timestamp: number;
}

/** All that these topics hold, as the administrator reads it. */
export async function recordsOf(cluster: KafkaCluster, topics: readonly string[]): Promise<StoredRecord[]> {
  const client = cluster.client();
  const admin = client.admin();
  await admin.connect();
  const offsets = (await Promise.all(topics.map((topic) => admin.fetchTopicOffsets(topic)))).flat();
  await admin.disconnect();
  const expected = offsets.reduce((total, { high, low }) => total + Number(high) - Number(low), 0);
  const records: StoredRecord[] = [];
  if (expected === 0) return records;
  const consumer = client.consumer({ groupId: randomUUID(), maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topics: [...topics], fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    consumer
      .run({
        eachMessage: async ({ topic, message }) => {
          const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]);
          records.push({
            topic,
            key: String(message.key),
            value: String(message.value),
            headers: Object.fromEntries(headers),
            timestamp: Number(message.timestamp),
          });
          if (records.length === expected) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return records;
}
