import type { ArgumentProblem } from "../../arguments";

/** What a write waits for, before it is acknowledged. */
export enum Durability {
  /** Nothing: a lost primary takes the newest writes with it. */
  None = "none",
  /** A replica has it. */
  SemiSync = "semi_sync",
  /** A replica in another zone has it. */
  CrossCell = "cross_cell",
}

/** Of each shard, among which one is elected the primary. */
export const replicasPerShard = 3;

/** How many of them each zone has: as evenly as can be, the first zones first. Zones without any are left out. */
export function spreadOverZones(zones: readonly string[], replicas: number): { zone: string; replicas: number }[] {
  return zones
    .map((zone, index) => ({
      zone,
      replicas: Math.floor(replicas / zones.length) + (index < replicas % zones.length ? 1 : 0),
    }))
    .filter((part) => part.replicas > 0);
}

const zonesNeeded: Record<Durability, number> = {
  [Durability.None]: 1,
  [Durability.SemiSync]: 1,
  // One may be lost: the primary needs a replica in another zone after that too.
  [Durability.CrossCell]: 3,
};

/** A durability that the zones can't give would stop every write. */
export function durabilityProblems(path: string, durability: Durability, zones: readonly string[]): ArgumentProblem[] {
  const needed = zonesNeeded[durability];
  const distinct = new Set(zones.map(cellName)).size;
  const repeated =
    distinct < zones.length
      ? [{ path: "zones", reason: "must be different zones, also without their punctuation, which cells don't have" }]
      : [];
  if (distinct >= needed) return repeated;
  const reason = `is ${durability}, which needs ${needed} zones at least, and there ${distinct === 1 ? "is 1" : `are ${distinct}`}`;
  return [...repeated, { path, reason }];
}

/** A zone as Vitess names it: `us-east-1a` is cell `useast1a`, for its tablets' names have dashes of their own. */
export const cellName = (zone: string): string => zone.toLowerCase().replace(/[^a-z0-9]/g, "");
