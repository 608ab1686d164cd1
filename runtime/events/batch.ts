import type { EachBatchPayload, KafkaMessage } from "kafkajs";
import { deliver, type Receiver } from "./delivery";
import { type Forward, waitOf } from "./retry";

const heartbeatMilliseconds = 1_000;
/** The next records of all partitions that one broker leads are fetched when this one's are handled. */
const turnMilliseconds = 1_000;

/** What of the client's payload is used. */
export type Batch = Pick<
  EachBatchPayload,
  "resolveOffset" | "heartbeat" | "commitOffsetsIfNecessary" | "isRunning" | "isStale" | "pause"
> & { batch: Pick<EachBatchPayload["batch"], "topic" | "partition" | "messages"> };

/** Handles the records of one subscription, and resolves each when it is handled or stored elsewhere. */
export class BatchHandler {
  private readonly timers = new Set<NodeJS.Timeout>();

  /** @param store returns once a record is stored where it is forwarded to. */
  constructor(
    private readonly receiver: Receiver,
    private readonly store: (message: KafkaMessage, forward: Forward) => Promise<void>,
  ) {}

  /** What it leaves unresolved comes again. */
  async handle({ batch, resolveOffset, heartbeat, commitOffsetsIfNecessary, ...client }: Batch): Promise<void> {
    const turnEnds = Date.now() + turnMilliseconds;
    for (const message of batch.messages) {
      if (!client.isRunning() || client.isStale() || Date.now() > turnEnds) return;
      const record = { ...message, topic: batch.topic, partition: batch.partition };
      const wait = waitOf(this.receiver.subscription, record, Date.now());
      // Of this partition alone: the group, and what other partitions hold, go on.
      if (wait > 0) return this.after(wait, client.pause());
      await whileBeating(heartbeat, async () => {
        const forward = await deliver(this.receiver, record, message.value);
        if (forward !== undefined) await this.store(message, forward);
      });
      resolveOffset(message.offset);
      await commitOffsetsIfNecessary();
      await heartbeat();
    }
  }

  /** Partitions that wait are left to whoever gets them next. */
  stop(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }

  private after(milliseconds: number, resume: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      resume();
    }, milliseconds);
    this.timers.add(timer);
  }
}

/** A handler may take longer than the group waits for a sign of life. */
async function whileBeating(heartbeat: () => Promise<void>, task: () => Promise<void>): Promise<void> {
  // That the group changes is told by the heartbeat after the task, too.
  const timer = setInterval(() => void heartbeat().catch(() => undefined), heartbeatMilliseconds);
  try {
    await task();
  } finally {
    clearInterval(timer);
  }
}
