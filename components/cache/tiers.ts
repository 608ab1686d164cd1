import { type ArgumentProblem, wholeNumberProblems } from "../arguments";

/** Who may be given one and the same copy. */
export enum CacheProfile {
  /** Everybody: all four tiers keep it. */
  Shared = "shared",
  /** One user or tenant: region and service keep it; browsers ask each time whether theirs still holds. */
  Private = "private",
  /** Everybody, at an address that holds its version, so that it never changes there: browsers and edge keep it a year. */
  Versioned = "versioned",
}

/** What may be set of the four tiers. The defaults of the first four are the architecture's. */
export interface TierSettings {
  /** Seconds in a browser, where no purge reaches it. Default 3600, from 1 to `edgeSeconds`. */
  browserSeconds?: number;
  /** Seconds at the edge. Default 86,400, from 1 to 31,536,000. */
  edgeSeconds?: number;
  /** Seconds in the region's store. Default 3600, from 1 to `edgeSeconds`. */
  regionalSeconds?: number;
  /** Seconds in a service's own memory. Default 300, from 1 to `regionalSeconds`. */
  originSeconds?: number;
  /** Seconds for which edge and region still answer with what expired, while one caller fetches anew. Default 60, from 1. */
  staleSeconds?: number;
  /** Seconds for which the edge still answers with what expired, while the service fails. Default 86,400, up to a week. */
  staleIfErrorSeconds?: number;
  /** Percent by which lifetimes in region and service are cut at random: what came together goes apart. Default 10, to 50. */
  jitterPercent?: number;
  /**
   * Beta of probabilistic early expiration (XFetch): above 1 earlier, below 1 later, 0 never before the time is over.
   * Default 1, up to 10.
   */
  earlyRefresh?: number;
  /**
   * Milliseconds for which one caller alone may fetch what is missing, while the others wait or take what expired. Default
   * 5000, which is what a standard call may take; from 100 to `staleSeconds`.
   */
  lockMilliseconds?: number;
  /** Seconds after which a service asks again what was purged. Default 5, from 1 to `originSeconds`. */
  generationSeconds?: number;
}

/** What each tier does with a profile's answers: headers, cache rules and settings all come from this. */
export interface CacheTiers {
  profile: CacheProfile;
  browser: BrowserTier;
  edge: EdgeTier;
  regional: RegionalTier;
  origin: OriginTier;
}

export interface BrowserTier {
  /** 0: it asks each time. */
  seconds: number;
  /** Of the header Cache-Control, which browsers and any other proxy on the way obey. */
  cacheControl: string;
}

export interface EdgeTier {
  /** 0: it keeps none. */
  seconds: number;
  staleSeconds: number;
  staleIfErrorSeconds: number;
  /** Of the header Cloudflare-CDN-Cache-Control, which goes no further than the edge. */
  cacheControl: string;
  rule: EdgeCacheRule;
}

/** As Cloudflare's cache rules take it. */
export interface EdgeCacheRule {
  cache: boolean;
  edgeTtl?: { mode: "override_origin"; default: number };
  browserTtl?: { mode: "override_origin"; default: number };
  serveStale?: { disableStaleWhileUpdating: boolean };
}

export interface RegionalTier {
  /** At most; jitter only shortens it, so that no bound on staleness depends on chance. */
  seconds: number;
  /** At least, with all of the jitter. */
  leastSeconds: number;
  /** For which the store keeps it after that. */
  staleSeconds: number;
  jitterPercent: number;
  earlyRefresh: number;
  lockMilliseconds: number;
}

export interface OriginTier {
  seconds: number;
  leastSeconds: number;
  generationSeconds: number;
}

export const defaultTiers: Required<TierSettings> = {
  browserSeconds: 3600,
  edgeSeconds: 86_400,
  regionalSeconds: 3600,
  originSeconds: 300,
  staleSeconds: 60,
  staleIfErrorSeconds: 86_400,
  jitterPercent: 10,
  earlyRefresh: 1,
  lockMilliseconds: 5000,
  generationSeconds: 5,
};

const year = 31_536_000;

/** The table of the four tiers. */
export function cacheTiers(profile: CacheProfile, settings: TierSettings = {}): CacheTiers {
  const values = { ...defaultTiers, ...settings };
  const { regionalSeconds, originSeconds, staleSeconds, jitterPercent, generationSeconds } = values;
  const least = (seconds: number) => Math.floor(seconds * (1 - jitterPercent / 100));
  return {
    profile,
    ...atTheEdge(profile, values),
    regional: {
      seconds: regionalSeconds,
      leastSeconds: least(regionalSeconds),
      ...{ staleSeconds, jitterPercent, earlyRefresh: values.earlyRefresh, lockMilliseconds: values.lockMilliseconds },
    },
    origin: { seconds: originSeconds, leastSeconds: least(originSeconds), generationSeconds },
  };
}

/**
 * What only the edge may do is said to the edge alone: an `s-maxage` or `stale-while-revalidate` for everybody would also be
 * obeyed by browsers and by proxies that nobody can purge.
 */
function atTheEdge(profile: CacheProfile, values: Required<TierSettings>): Pick<CacheTiers, "browser" | "edge"> {
  if (profile === CacheProfile.Private) {
    return {
      browser: { seconds: 0, cacheControl: "private, no-cache" },
      edge: { seconds: 0, staleSeconds: 0, staleIfErrorSeconds: 0, cacheControl: "no-store", rule: { cache: false } },
    };
  }
  const isVersioned = profile === CacheProfile.Versioned;
  const seconds = isVersioned ? year : values.edgeSeconds;
  const browserSeconds = isVersioned ? year : values.browserSeconds;
  const { staleSeconds, staleIfErrorSeconds } = values;
  const edge = [
    `public, max-age=${seconds}`,
    `stale-while-revalidate=${staleSeconds}`,
    `stale-if-error=${staleIfErrorSeconds}`,
  ];
  return {
    browser: {
      seconds: browserSeconds,
      cacheControl: `public, max-age=${browserSeconds}, ${isVersioned ? "immutable" : "must-revalidate"}`,
    },
    edge: {
      ...{ seconds, staleSeconds, staleIfErrorSeconds, cacheControl: edge.join(", ") },
      rule: {
        cache: true,
        edgeTtl: { mode: "override_origin", default: seconds },
        browserTtl: { mode: "override_origin", default: browserSeconds },
        serveStale: { disableStaleWhileUpdating: false },
      },
    },
  };
}

/**
 * The order that matters: a copy that nobody can take back lives no longer than one that somebody can (browser and edge), and
 * who asks again when the time is over gets something newer than what it had (edge, region, service, each filled by the next).
 */
export function tierProblems(path: string, settings: TierSettings): ArgumentProblem[] {
  const values = { ...defaultTiers, ...settings };
  const { browserSeconds, edgeSeconds, regionalSeconds, originSeconds } = values;
  const { staleSeconds, lockMilliseconds, generationSeconds, earlyRefresh } = values;
  const at = (field: string) => `${path}.${field}`;
  const problems = [
    ...wholeNumberProblems(at("browserSeconds"), browserSeconds, 1, year),
    ...wholeNumberProblems(at("edgeSeconds"), edgeSeconds, 1, year),
    ...wholeNumberProblems(at("regionalSeconds"), regionalSeconds, 1, year),
    ...wholeNumberProblems(at("originSeconds"), originSeconds, 1, year),
    ...wholeNumberProblems(at("staleSeconds"), staleSeconds, 1, 86_400),
    ...wholeNumberProblems(at("staleIfErrorSeconds"), values.staleIfErrorSeconds, 0, 604_800),
    ...wholeNumberProblems(at("jitterPercent"), values.jitterPercent, 0, 50),
    ...wholeNumberProblems(at("lockMilliseconds"), lockMilliseconds, 100, 86_400_000),
    ...wholeNumberProblems(at("generationSeconds"), generationSeconds, 1, 3600),
  ];
  if (!(earlyRefresh >= 0 && earlyRefresh <= 10)) {
    problems.push({ path: at("earlyRefresh"), reason: `is ${earlyRefresh}, must be from 0 to 10` });
  }
  const atMost = (field: string, value: number, [than, bound]: [string, number], why: string) => {
    if (!(value > bound)) return;
    problems.push({ path: at(field), reason: `is ${value}, must be at most ${than}, which is ${bound}: ${why}` });
  };
  const edge: [string, number] = ["edgeSeconds", edgeSeconds];
  const regional: [string, number] = ["regionalSeconds", regionalSeconds];
  atMost("browserSeconds", browserSeconds, edge, "no purge reaches a browser, and the edge's copy can be purged");
  atMost("regionalSeconds", regionalSeconds, edge, "the edge would ask again and get the copy that it had");
  atMost("originSeconds", originSeconds, regional, "a service would keep what the region has dropped");
  atMost("staleSeconds", staleSeconds, regional, "copies would be expired for longer than they were fresh");
  atMost(
    "lockMilliseconds",
    lockMilliseconds,
    ["staleSeconds in milliseconds", 1000 * staleSeconds],
    "a caller that died with the lock would leave the others with nothing to answer",
  );
  atMost(
    "generationSeconds",
    generationSeconds,
    ["originSeconds", originSeconds],
    "a service's copy would be over before it learns of a purge",
  );
  return problems;
}
