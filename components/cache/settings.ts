import { type ArgumentProblem, wholeNumberProblems } from "../arguments";
import { type RecoveryObjectives, recoveryProblems } from "../data/recovery";
import { CacheEngine, EvictionPolicy } from "./engines/engine";
import { placementProblems } from "./engines/elasticache";
import type { RegionalCacheArgs } from "./regional-cache";
import { isDaily, snapshotProblems, type Snapshots } from "./snapshots";
import { cacheTiers, CacheProfile, tierProblems } from "./tiers";

/** What of a cache is the same whatever its engine, with all defaults. */
export interface CacheSettings {
  gibibytes: number;
  replicas: number;
  evictionPolicy: EvictionPolicy;
  snapshots?: Snapshots & { everyMinutes: number };
  recovery: RecoveryObjectives;
  protectData: boolean;
}

export function withDefaults(args: RegionalCacheArgs): RegionalCacheArgs & CacheSettings {
  const { gibibytes = 2, replicas = 3, evictionPolicy = EvictionPolicy.LeastUsed, snapshots, ...others } = args;
  const { protectData = false } = args;
  const everyMinutes = snapshots?.everyMinutes ?? (args.engine === CacheEngine.ElastiCache ? 1440 : 30);
  return {
    ...others,
    ...{
      gibibytes,
      replicas,
      evictionPolicy,
      protectData,
      recovery: args.recovery ?? defaultRecovery(args, everyMinutes),
    },
    ...(snapshots === undefined ? {} : { snapshots: { ...snapshots, everyMinutes } }),
  };
}

const daySeconds = 86_400;

function defaultRecovery({ engine, snapshots, tiers }: RegionalCacheArgs, everyMinutes: number): RecoveryObjectives {
  const { seconds, staleSeconds } = cacheTiers(CacheProfile.Private, tiers).regional;
  const pointSeconds = snapshots === undefined ? seconds + staleSeconds : 60 * everyMinutes;
  const timeSeconds = { [CacheEngine.Dragonfly]: 600, [CacheEngine.ElastiCache]: 1800 }[engine];
  return { pointSeconds: Math.min(pointSeconds, daySeconds), timeSeconds };
}

/** Everything that is wrong with the arguments. */
export function cacheProblems(args: RegionalCacheArgs): ArgumentProblem[] {
  const { engine, gibibytes, replicas, snapshots, recovery, tiers = {} } = args;
  const problems = [
    ...wholeNumberProblems("gibibytes", gibibytes, 1, 512),
    ...wholeNumberProblems("replicas", replicas, 1, 10),
    ...snapshotProblems("snapshots", snapshots ?? {}),
    ...(recovery === undefined ? [] : recoveryProblems("recovery", recovery)),
    ...tierProblems("tiers", tiers),
  ];
  if (args.clients.length === 0) problems.push({ path: "clients", reason: "must name one at least" });
  return [...problems, ...(engine === CacheEngine.ElastiCache ? elastiCacheProblems(args) : dragonflyProblems(args))];
}

function dragonflyProblems({ namespace, issuer }: RegionalCacheArgs): ArgumentProblem[] {
  return Object.entries({ namespace, issuer })
    .filter(([, value]) => value === undefined)
    .map(([path]) => ({ path, reason: "is missing: Dragonfly's pods need it" }));
}

function elastiCacheProblems({ evictionPolicy, snapshots, placement }: RegionalCacheArgs): ArgumentProblem[] {
  const problems: ArgumentProblem[] = [];
  if (evictionPolicy === EvictionPolicy.Never) {
    const reason = `is never, which ElastiCache Serverless can't: it drops what has a lifetime. ${CacheEngine.Dragonfly} can`;
    problems.push({ path: "evictionPolicy", reason });
  }
  if (snapshots?.everyMinutes !== undefined && !isDaily(snapshots)) {
    const reason = `is ${snapshots.everyMinutes}, must be 1440: ElastiCache Serverless takes one a day`;
    problems.push({ path: "snapshots.everyMinutes", reason });
  }
  if (placement === undefined) problems.push({ path: "placement", reason: "is missing: ElastiCache is in a VPC" });
  return [...problems, ...placementProblems("placement", placement)];
}
