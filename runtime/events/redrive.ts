import type { Admin, Kafka } from "kafkajs";
import { type DeadLetter, type Ends, readDeadLetters } from "./dead-letter-reader";
import { type DeadLetterFilter, DeadLetterTask, isChosen, isFiltering, NewestLetters, summaryOf } from "./dead-letters";
import { deleteGroup, refuseUnread } from "./groups";
import { acknowledgedByAll, idempotentProducer, kafkaClient, type Log } from "./kafka";
import { purgeEnds } from "./purge";
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
  /** What purging needs: by partition the offset before which it deletes, as listing told it. */
  before?: Ends;
  log: Log;
  /** Milliseconds without anything to read after which it gives up. Default 60,000. */
  idleMilliseconds?: number;
  /** Ends it after the dead letter that is being sent. */
  signal?: AbortSignal;
}

/** Numbers of dead letters, and where listing ended. */
export interface DeadLetterCounts {
  /** That were there at the start. */
  there: number;
  /** Of those, what the filter let pass. */
  chosen: number;
  /** Of the chosen, what a later failure of the same event stands for; they are not sent. */
  superseded: number;
  sent: number;
  deleted: number;
  /** `<partition>:<offset>,…`: all before it was listed. Where all was listed and there is any. */
  before?: string;
}

/** Repetitions of one sending, some twenty seconds. Without an end a job would wait for its deadline. */
const sendRetries = 10;

/**
 * Does one task with the dead letters that are there at the start. Of those of one event it sends the newest alone. What it is
 * done with it deletes, so that whoever runs it again goes on behind that; one that is killed may have sent what it has not
 * deleted. With a filter it deletes none, for Kafka deletes from the beginning of a topic alone.
 */
export async function handleDeadLetters(options: DeadLetterOptions): Promise<DeadLetterCounts> {
  const { operator, connection, subscription, task, log } = options;
  const kafka = kafkaClient(operator, connection, log);
  const admin = kafka.admin();
  await admin.connect();
  try {
    if (task === DeadLetterTask.DeleteGroup) await deleteGroup(admin, subscription.group);
    const offsets = await admin.fetchTopicOffsets(subscription.deadLetterTopic);
    const filled = offsets.filter(({ low, high }) => Number(low) < Number(high));
    const there = filled.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
    const ends = new Map(filled.map(({ partition, high }) => [partition, Number(high)]));
    const counts = { there, chosen: 0, superseded: 0, sent: 0, deleted: 0 };
    const job = new DeadLetterJob(kafka, admin, options, counts);
    switch (task) {
      case DeadLetterTask.DeleteGroup:
        return counts;
      case DeadLetterTask.Purge: {
        const { until, deleted } = purgeEnds(options.before ?? new Map(), offsets);
        for (const [partition, before] of until) await job.delete(partition, before);
        return { ...counts, chosen: deleted, deleted };
      }
      case DeadLetterTask.List:
        if (there > 0) await job.list(ends);
        return isFiltering(options.filter ?? {}) || there === 0 ? counts : { ...counts, before: printed(ends) };
      case DeadLetterTask.Redrive:
        if (there > 0) await job.redrive(ends);
        return counts;
    }
  } finally {
    await admin.disconnect();
  }
}

const printed = (ends: Ends): string => [...ends].map(([partition, end]) => `${partition}:${end}`).join(",");

class DeadLetterJob {
  private readonly filter: DeadLetterFilter;

  constructor(
    private readonly kafka: Kafka,
    private readonly admin: Admin,
    private readonly options: DeadLetterOptions,
    private readonly counts: DeadLetterCounts,
  ) {
    this.filter = options.filter ?? {};
  }

  async list(ends: Ends): Promise<void> {
    await this.read(ends, async (letter) => {
      if (!isChosen(this.filter, letter.value)) return;
      this.counts.chosen += 1;
      this.tell("dead letter", letter);
    });
  }

  async redrive(ends: Ends): Promise<void> {
    await refuseUnread(this.admin, this.options.subscription);
    const newest = new NewestLetters();
    await this.read(ends, async (letter) => {
      if (isChosen(this.filter, letter.value)) newest.add(letter);
    });
    const producer = idempotentProducer(this.kafka, sendRetries);
    await producer.connect();
    let done = 0;
    const handle = async (letter: DeadLetter) => {
      done += 1;
      if (!isChosen(this.filter, letter.value)) return;
      this.counts.chosen += 1;
      if (!newest.has(letter)) {
        this.counts.superseded += 1;
        return;
      }
      this.tell("dead letter is sent again", letter);
      const { topic, ...forward } = afterDeath(this.options.subscription, letter, Date.now());
      const { key, value } = letter;
      // One by one: together they could be more than the topic takes at once. After one that failed comes none.
      await producer.send({ topic, acks: acknowledgedByAll, messages: [{ key, value, ...forward }] });
      this.counts.sent += 1;
    };
    const deleteHandled = async (partition: number, before: number) => {
      await this.delete(partition, before);
      this.counts.deleted += done;
      done = 0;
    };
    try {
      await this.read(ends, handle, isFiltering(this.filter) ? undefined : deleteHandled);
    } finally {
      await producer.disconnect();
    }
  }

  async delete(partition: number, before: number): Promise<void> {
    const { deadLetterTopic: topic } = this.options.subscription;
    await this.admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(before) }] });
  }

  private async read(
    ends: Ends,
    handle: (letter: DeadLetter) => Promise<void>,
    handled?: (partition: number, before: number) => Promise<void>,
  ): Promise<void> {
    const { operator, subscription, idleMilliseconds = 60_000, signal } = this.options;
    const { group, deadLetterTopic: topic } = subscription;
    await readDeadLetters({
      ...{ kafka: this.kafka, groupId: `${operator}.${group}`, topic, ends, idleMilliseconds, signal, handle },
      ...(handled === undefined ? {} : { handled }),
    });
  }

  private tell(message: string, letter: DeadLetter): void {
    const { topic, partition, offset } = letter;
    this.options.log({ level: "info", message, topic, partition, offset, ...summaryOf(letter) });
  }
}
