import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from "kafkajs";

export type DeadLetter = KafkaMessage & { topic: string; partition: number };

/** By partition, the offset behind the last record. */
export type Ends = ReadonlyMap<number, number>;

export interface DeadLetterReading {
  kafka: Kafka;
  groupId: string;
  topic: string;
  /** Where it ends; partitions that aren't named are not read. One at least. */
  ends: Ends;
  /** Milliseconds without anything to read after which it gives up; what the handlers take does not count. */
  idleMilliseconds: number;
  /** Ends it after the record that is being handled. */
  signal?: AbortSignal | undefined;
  handle: (letter: DeadLetter) => Promise<void>;
  /** Once for each batch, also where the handling of one of its records failed: with the offset behind the last that was handled. */
  handled?: (partition: number, before: number) => Promise<void>;
}

/**
 * Reads from the beginning up to the ends, one record after the other, and returns when it is there. Nothing is committed.
 * @throws with what a handler threw, after which it calls no other.
 */
export async function readDeadLetters(reading: DeadLetterReading): Promise<void> {
  await new Reading(reading).run();
}

class Reading {
  private readonly consumer: Consumer;
  private readonly waiting: Map<number, number>;
  /** Of its own; once it has happened nothing more is handled, whatever the client still fetches. */
  private isOver = false;

  constructor(private readonly reading: DeadLetterReading) {
    this.consumer = reading.kafka.consumer({ groupId: reading.groupId, allowAutoTopicCreation: false });
    this.waiting = new Map(reading.ends);
  }

  async run(): Promise<void> {
    const { topic, idleMilliseconds, signal } = this.reading;
    let timer: NodeJS.Timeout | undefined;
    try {
      signal?.throwIfAborted();
      await this.consumer.connect();
      await this.consumer.subscribe({ topics: [topic], fromBeginning: true });
      await new Promise<void>((resolve, reject) => {
        const end = (error?: unknown) => {
          this.isOver = true;
          clearTimeout(timer);
          if (error === undefined) resolve();
          else reject(error instanceof Error ? error : new Error(String(error)));
        };
        const giveUp = () =>
          end(new Error(`Nothing was read of ${topic} for ${idleMilliseconds} ms: does another job read it too?`));
        const wait = () => {
          clearTimeout(timer);
          if (!this.isOver) timer = setTimeout(giveUp, idleMilliseconds);
        };
        wait();
        signal?.addEventListener("abort", () => end(signal.reason), { once: true });
        this.consumer.on(this.consumer.events.CRASH, ({ payload }) => end(payload.error));
        const eachBatch = async (payload: EachBatchPayload) => {
          clearTimeout(timer);
          try {
            await this.batch(payload);
            if (this.waiting.size === 0) end();
          } catch (error) {
            end(error);
          }
          wait();
        };
        this.consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch }).catch(end);
      });
    } finally {
      // It waits for the batch that is being handled.
      await this.consumer.disconnect();
    }
  }

  private async batch({ batch, heartbeat, pause, resolveOffset }: EachBatchPayload): Promise<void> {
    const { topic, partition } = batch;
    const end = this.waiting.get(partition) ?? 0;
    const meant = batch.messages.filter(({ offset }) => Number(offset) < end);
    let before = 0;
    try {
      for (const message of meant) {
        if (this.isOver) return;
        await this.reading.handle({ ...message, topic, partition });
        before = Number(message.offset) + 1;
        resolveOffset(message.offset);
        await heartbeat();
      }
    } finally {
      if (before > 0) await this.reading.handled?.(partition, before);
    }
    if (meant.length < batch.messages.length || before >= end) this.waiting.delete(partition);
    // What came since then is left where it is.
    if (!this.waiting.has(partition)) pause();
  }
}
