import type { EachBatchPayload, Kafka, KafkaMessage } from "kafkajs";
import { type DeadLetter, type DeadLetterReading, readDeadLetters } from "../../../runtime/events/dead-letter-reader";

const topic = "orders.payment-service.dead-letter";

/** Gives batches one after the other, as kafkajs' consumer does: also after a handler failed, until it is disconnected. */
function kafkaOf(batches: readonly { partition: number; offsets: number[] }[]): Kafka {
  let isConnected = true;
  let running: Promise<void> = Promise.resolve();
  const give = async (eachBatch: (payload: EachBatchPayload) => Promise<void>) => {
    for (const { partition, offsets } of batches) {
      if (!isConnected) return;
      const messages = offsets.map((offset) => ({ offset: String(offset) }) as KafkaMessage);
      await eachBatch({
        ...{ batch: { topic, partition, messages }, heartbeat: async () => undefined },
        ...{ pause: () => () => undefined, resolveOffset: () => undefined },
      } as unknown as EachBatchPayload);
    }
  };
  const consumer = {
    ...{ connect: async () => undefined, subscribe: async () => undefined, on: () => () => undefined },
    ...{ events: { CRASH: "consumer.crash" } },
    run: async ({ eachBatch }: { eachBatch: (payload: EachBatchPayload) => Promise<void> }) => {
      running = give(eachBatch);
    },
    disconnect: async () => {
      isConnected = false;
      await running;
    },
  };
  return { consumer: () => consumer } as unknown as Kafka;
}

interface Seen {
  letters: string[];
  deleted: [number, number][];
}

/** @returns what had been handled when it ended, and the error that it ended with. */
async function read(reading: Partial<DeadLetterReading>): Promise<Seen & { error?: unknown }> {
  const seen: Seen = { letters: [], deleted: [] };
  const { handle = async () => undefined, kafka = kafkaOf([]), ...rest } = reading;
  const ended = readDeadLetters({
    ...{ kafka, groupId: "operator.group", topic, idleMilliseconds: 50, ends: new Map([[0, 4]]) },
    handle: async (letter: DeadLetter) => {
      await handle(letter);
      seen.letters.push(`${letter.partition}/${letter.offset}`);
    },
    handled: async (partition, before) => void seen.deleted.push([partition, before]),
    ...rest,
  });
  return ended.then(
    () => seen,
    (error: unknown) => ({ ...seen, error }),
  );
}

const ends = new Map([
  [0, 4],
  [1, 2],
]);

test("it reads up to the ends, and leaves what came since", async () => {
  const kafka = kafkaOf([
    { partition: 0, offsets: [0, 1] },
    { partition: 1, offsets: [0, 1, 2] },
    { partition: 2, offsets: [0] },
    { partition: 0, offsets: [2, 3, 4] },
  ]);
  expect(await read({ kafka, ends })).toEqual({
    letters: ["0/0", "0/1", "1/0", "1/1", "0/2", "0/3"],
    deleted: [
      [0, 2],
      [1, 2],
      [0, 4],
    ],
  });
});

test("where one fails, what was done before it is deleted, and nothing after it is handled", async () => {
  const failure = new Error("the brokers are away");
  const handle = async ({ offset }: DeadLetter) => {
    if (offset === "2") throw failure;
  };
  const kafka = kafkaOf([
    { partition: 0, offsets: [0, 1, 2, 3] },
    { partition: 1, offsets: [0, 1] },
  ]);
  expect(await read({ kafka, ends, handle })).toEqual({ letters: ["0/0", "0/1"], deleted: [[0, 2]], error: failure });
});

test("an interruption ends it behind the record that is being handled", async () => {
  const interruption = new AbortController();
  const reason = new Error("interrupted");
  const handle = async ({ offset }: DeadLetter) => {
    if (offset === "1") interruption.abort(reason);
  };
  const kafka = kafkaOf([{ partition: 0, offsets: [0, 1, 2, 3] }]);
  const { error, ...seen } = await read({ kafka, handle, signal: interruption.signal });
  expect(seen).toEqual({ letters: ["0/0", "0/1"], deleted: [[0, 2]] });
  expect(error).toBe(reason);
  const none = await read({ kafka, signal: interruption.signal });
  expect(none).toEqual({ letters: [], deleted: [], error: reason });
});

test("a slow batch is no idleness, and nothing to read is", async () => {
  const handle = () => new Promise<void>((resolve) => setTimeout(resolve, 40));
  const kafka = kafkaOf([{ partition: 0, offsets: [0, 1, 2, 3] }]);
  expect(await read({ kafka, handle })).toMatchObject({ letters: ["0/0", "0/1", "0/2", "0/3"], deleted: [[0, 4]] });
  const { error } = await read({ kafka: kafkaOf([{ partition: 0, offsets: [0, 1] }]) });
  expect(String(error)).toContain("Nothing was read");
});
