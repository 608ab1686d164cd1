import { CacheProfile, type CacheTiers } from "./tiers";

export enum Tier {
  Browser = "browser",
  Edge = "edge",
  Regional = "regional",
  Origin = "origin",
}

export interface Staleness {
  /** Seconds by which an answer lags behind the data at most, if nobody purges. */
  usualSeconds: number;
  /** The same while the service fails. */
  failingSeconds: number;
}

/** The sum over the tiers: each may have taken its copy from the next one at that one's last moment. */
export function maximumStaleness({ browser, edge, regional, origin }: CacheTiers): Staleness {
  const others = browser.seconds + edge.seconds + regional.seconds + regional.staleSeconds + origin.seconds;
  return {
    usualSeconds: others + edge.staleSeconds,
    failingSeconds: others + Math.max(edge.staleSeconds, edge.staleIfErrorSeconds),
  };
}

/** How a purge takes a tier's copies out of use. */
export enum Reach {
  /** The key that is asked for is another one: nobody reads the old copy again. */
  OtherKey = "other-key",
  /** The copies with the tag are deleted. */
  Deleted = "deleted",
  /** The browser asks each time, by ETag. */
  Asks = "asks",
  /** What changes gets another address. */
  OtherAddress = "other-address",
  /** Not at all: the copy ends when its time is over. */
  Expires = "expires",
  /** It keeps none. */
  KeepsNone = "keeps-none",
}

export interface TierReach {
  tier: Tier;
  by: Reach;
  /** Seconds after the purge has begun, until which the tier may still answer with the old copy. */
  withinSeconds: number;
}

export interface PurgeStep {
  tier: Tier.Regional | Tier.Edge;
  /** Seconds after the purge has begun. */
  afterSeconds: number;
  /** In the region: whose generations go up. At the edge: whose copies are deleted. */
  tags: string[];
}

/** Of the gateway's routes, unless one has another: no answer that was under way comes later. */
const defaultRequestSeconds = 10;

/**
 * What a purge does, from the data outwards. The edge comes last: filled before every service knows of the purge, or by an
 * answer that was under way, it would keep the old for its whole time.
 *
 * @param requestSeconds what a request may take at most
 */
export function purgeSteps(tiers: CacheTiers, tags: string[], requestSeconds = defaultRequestSeconds): PurgeStep[] {
  const inRegion: PurgeStep = { tier: Tier.Regional, afterSeconds: 0, tags };
  if (tiers.edge.seconds === 0) return [inRegion];
  return [inRegion, { tier: Tier.Edge, afterSeconds: allNewSeconds(tiers, requestSeconds), tags }];
}

/** From then on services give new answers only. */
const allNewSeconds = ({ origin }: CacheTiers, requestSeconds: number) => origin.generationSeconds + requestSeconds;

/** How and by when a purge, or another version of a service, has reached each tier; a browser's plain copy it can't reach. */
export function purgeReach(tiers: CacheTiers, requestSeconds = defaultRequestSeconds): TierReach[] {
  const { generationSeconds } = tiers.origin;
  const allNew = allNewSeconds(tiers, requestSeconds);
  return [
    { tier: Tier.Origin, by: Reach.OtherKey, withinSeconds: generationSeconds },
    { tier: Tier.Regional, by: Reach.OtherKey, withinSeconds: generationSeconds },
    tiers.edge.seconds === 0
      ? { tier: Tier.Edge, by: Reach.KeepsNone, withinSeconds: 0 }
      : { tier: Tier.Edge, by: Reach.Deleted, withinSeconds: allNew },
    browserReach(tiers, allNew),
  ];
}

function browserReach({ profile, browser }: CacheTiers, allNew: number): TierReach {
  const tier = Tier.Browser;
  switch (profile) {
    case CacheProfile.Private:
      return { tier, by: Reach.Asks, withinSeconds: allNew };
    case CacheProfile.Versioned:
      return { tier, by: Reach.OtherAddress, withinSeconds: 0 };
    case CacheProfile.Shared:
      return { tier, by: Reach.Expires, withinSeconds: allNew + browser.seconds };
  }
}
