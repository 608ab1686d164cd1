import type { SeekEntry } from "kafkajs";
import type { Ends } from "./dead-letter-reader";

/** What is asked for, as listing prints it, e.g. `0:17,1:4`: by partition the offset before which all may go. */
export function parseBefore(text: string): Ends {
  const pairs = text.split(",").map((pair) => {
    const [, partition, offset] = /^\s*(\d+):(\d+)\s*$/.exec(pair) ?? [];
    if (partition === undefined || offset === undefined) {
      throw new Error(`DEAD_LETTER_BEFORE must be <partition>:<offset>, separated by commas, and not "${text}".`);
    }
    return [Number(partition), Number(offset)] as const;
  });
  const ends = new Map(pairs);
  if (ends.size < pairs.length) throw new Error("DEAD_LETTER_BEFORE names a partition twice.");
  return ends;
}

export interface Purge {
  /** By partition the offset before which it deletes, where there is something to delete. */
  until: Ends;
  /** Offsets of that, so records where there is one at each. */
  deleted: number;
}

/**
 * @param offsets of all partitions, `low` of the first record and `high` behind the last.
 * @throws where it is asked for partitions that there aren't, or for what isn't there yet.
 */
export function purgeEnds(before: Ends, offsets: readonly (SeekEntry & { low: string; high: string })[]): Purge {
  const until = new Map<number, number>();
  let deleted = 0;
  for (const [partition, end] of before) {
    const found = offsets.find((each) => each.partition === partition);
    if (found === undefined) throw new Error(`DEAD_LETTER_BEFORE: there is no partition ${partition}.`);
    const [low, high] = [Number(found.low), Number(found.high)];
    if (end > high) throw new Error(`DEAD_LETTER_BEFORE: partition ${partition} ends at ${high}, before ${end}.`);
    if (end <= low) continue;
    until.set(partition, end);
    deleted += end - low;
  }
  return { until, deleted };
}
