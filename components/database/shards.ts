import type { ArgumentProblem } from "../arguments";

/** Two hexadecimal digits name the bounds of so many. */
export const mostShards = 256;

/**
 * The equal parts of a keyspace, as Vitess names them by their bounds: `-40`, `40-80`, `80-c0`, `c0-`; one alone is `-`. From
 * 1 to 256, a power of two.
 */
export function shardRanges(shards: number): string[] {
  const bound = (index: number) =>
    index === 0 || index === shards ? "" : ((index * mostShards) / shards).toString(16).padStart(2, "0");
  return Array.from({ length: shards }, (_, index) => `${bound(index)}-${bound(index + 1)}`);
}

export function shardProblems(path: string, shards: number): ArgumentProblem[] {
  if (Number.isInteger(shards) && shards >= 1 && shards <= mostShards && Number.isInteger(Math.log2(shards))) return [];
  const reason = `is ${shards}, must be a power of two from 1 to ${mostShards}: only equal parts can be halved without a gap`;
  return [{ path, reason }];
}

/** How a keyspace is divided, and how it is to be. */
export interface Partitions {
  name: string;
  shards: number;
  reshardTo?: number;
}

/**
 * What is wrong with the way from one state to the next. Rows move between two partitionings that exist side by side: the new
 * one is added (`reshardTo`), rows and traffic are moved, and only then it takes the old one's place.
 */
export function reshardErrors(previous: readonly Partitions[], wanted: readonly Partitions[]): ArgumentProblem[] {
  return wanted.flatMap(({ name, shards, reshardTo }, index): ArgumentProblem[] => {
    const before = previous.find((keyspace) => keyspace.name === name);
    if (before === undefined) return [];
    const at = `keyspaces[${index}]`;
    if (shards === before.shards) {
      if (before.reshardTo === undefined || reshardTo === undefined || reshardTo === before.reshardTo) return [];
      const reason = `was ${before.reshardTo}: finish that resharding, or take it back by leaving reshardTo out, before another`;
      return [{ path: `${at}.reshardTo`, reason }];
    }
    if (shards === before.reshardTo) {
      if (reshardTo === undefined) return [];
      return [{ path: `${at}.reshardTo`, reason: "must be left out in the step that removes the old shards" }];
    }
    const reason =
      before.reshardTo === undefined
        ? `was ${before.shards} and can't be changed in place, which would drop its rows: keep it, set reshardTo: ${shards}, ` +
          "move rows and traffic as docs/databases.md says, and then change it"
        : `was ${before.shards} on its way to ${before.reshardTo}, must be one of the two`;
    return [{ path: `${at}.shards`, reason }];
  });
}

/** Number of shards of each partitioning, the serving one first. */
export const partitionings = ({ shards, reshardTo }: Omit<Partitions, "name">): number[] =>
  reshardTo === undefined ? [shards] : [shards, reshardTo];
