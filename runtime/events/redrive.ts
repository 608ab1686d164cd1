import type { Admin, Consumer, EachBatchPayload, Kafka, Producer } from "kafkajs";
import { DeadLetterTask, type DeadLetterFilter, isChosen, isFiltering, summaryOf } from "./dead-letters";
import { acknowledgedByAll, idempotentProducer, kafkaClient, type Log } from "./kafka";
import { afterDeath } from "./retry";
import type { KafkaConnection, Subscription } from "./settings";

export interface DeadLetterOptions {
  /** Name of the operator; its groups are `<operator>.<group>`. */
  operator: string;
  connection: KafkaConnection;
  subscription: Subscription;
  task: DeadLetterTask;
  /** Default: all are meant. */
  filter?: DeadLetterFilter;
  log: Log;
  /** Milliseconds without anything to read after which it gives up. Default 60,000. */
  idleMilliseconds?: number;
}

/** Numbers of dead letters. */
export interface DeadLetterCounts {
  /** That were there at the start. */
  there: number;
  /** Of those, what the filter let pass. */
  chosen: number;
  sent: number;
  deleted: number;
}

/** By partition, the offset behind the last record. */
type Ends = ReadonlyMap<number, number>;

/**
 * Does one task with all dead letters that are there at the start. Those that it sends it deletes, a batch at a time and after
 * they are stored, so that whoever runs it again after a failure goes on behind them: each is sent at least once, and a second
 * time where it ended in between. With a filter it deletes none, for Kafka deletes from the beginning of a topic alone.
 */
export async function handleDeadLetters(options: DeadLetterOptions): Promise<DeadLetterCounts> {
  const kafka = kafkaClient(options.operator, options.connection, options.log);
  const admin = kafka.admin();
  await admin.connect();
  try {
    const { deadLetterTopic } = options.subscription;
    const offsets = await admin.fetchTopicOffsets(deadLetterTopic);
    const filled = offsets.filter(({ low, high }) => Number(low) < Number(high));
    const there = filled.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
    const ends = new Map(filled.map(({ partition, high }) => [partition, Number(high)]));
    const counts = { there, chosen: 0, sent: 0, deleted: 0 };
    if (there === 0) return counts;
    if (options.task === DeadLetterTask.Delete) {
      await Promise.all([...ends].map(([partition, end]) => deleteBefore(admin, deadLetterTopic, partition, end)));
      return { ...counts, chosen: there, deleted: there };
    }
    await new DeadLetterReader(kafka, admin, options, counts).read(ends);
    return counts;
  } finally {
    await admin.disconnect();
  }
}

async function deleteBefore(admin: Admin, topic: string, partition: number, end: number): Promise<void> {
  await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(end) }] });
}

class DeadLetterReader {
  private readonly consumer: Consumer;
  private readonly producer: Producer;

  constructor(
    kafka: Kafka,
    private readonly admin: Admin,
    private readonly options: DeadLetterOptions,
    private readonly counts: DeadLetterCounts,
  ) {
    const { operator, subscription } = options;
    this.consumer = kafka.consumer({ groupId: `${operator}.${subscription.group}`, allowAutoTopicCreation: false });
    this.producer = idempotentProducer(kafka);
  }

  async read(ends: Ends): Promise<void> {
    const { subscription, idleMilliseconds = 60_000 } = this.options;
    let timer: NodeJS.Timeout | undefined;
    try {
      await this.producer.connect();
      await this.consumer.connect();
      await this.consumer.subscribe({ topics: [subscription.deadLetterTopic], fromBeginning: true });
      await new Promise<void>((resolve, reject) => {
        const waiting = new Map(ends);
        const giveUp = () => {
          const hint = "does another job read them too?";
          reject(new Error(`Nothing was read of ${subscription.deadLetterTopic} for ${idleMilliseconds} ms: ${hint}`));
        };
        timer = setTimeout(giveUp, idleMilliseconds);
        this.consumer.on(this.consumer.events.CRASH, ({ payload }) => reject(payload.error));
        const eachBatch = async (payload: EachBatchPayload) => {
          timer?.refresh();
          try {
            const { partition } = payload.batch;
            const end = waiting.get(partition);
            if (end !== undefined && (await this.handle(payload, end)) >= end) waiting.delete(partition);
            // What came since then is left where it is.
            if (!waiting.has(partition)) payload.pause();
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
          if (waiting.size === 0) resolve();
        };
        // Nothing is committed: what is done with is deleted.
        this.consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch }).catch(reject);
      });
    } finally {
      clearTimeout(timer);
      await this.consumer.disconnect();
      await this.producer.disconnect();
    }
  }

  /** @returns the offset behind the last record that it is done with. */
  private async handle({ batch, heartbeat, resolveOffset }: EachBatchPayload, end: number): Promise<number> {
    const { filter = {}, task } = this.options;
    const { topic, partition } = batch;
    const meant = batch.messages.filter(({ offset }) => Number(offset) < end);
    let done = meant.length < batch.messages.length ? end : 0;
    for (const message of meant) {
      if (isChosen(filter, message.value)) {
        this.counts.chosen += 1;
        await this.treat({ ...message, topic, partition });
      }
      done = Math.max(done, Number(message.offset) + 1);
      resolveOffset(message.offset);
      await heartbeat();
    }
    if (task === DeadLetterTask.Redrive && !isFiltering(filter) && meant.length > 0) {
      await deleteBefore(this.admin, topic, partition, done);
      this.counts.deleted += meant.length;
    }
    return done;
  }

  private async treat(record: EachBatchPayload["batch"]["messages"][number] & { topic: string; partition: number }) {
    const { log, subscription, task } = this.options;
    const { topic, partition, offset, key, value } = record;
    const isSent = task === DeadLetterTask.Redrive;
    const place = { topic, partition, offset };
    log({
      level: "info",
      message: isSent ? "dead letter is sent again" : "dead letter",
      ...place,
      ...summaryOf(record),
    });
    if (!isSent) return;
    const { topic: retryTopic, ...forward } = afterDeath(subscription, record, Date.now());
    // One by one: together they could be more than the topic takes at once.
    await this.producer.send({ topic: retryTopic, acks: acknowledgedByAll, messages: [{ key, value, ...forward }] });
    this.counts.sent += 1;
  }
}
