import fc from "fast-check";
import { cacheTags, entityTag, responseHeaders, storeKey, tierEnvironment } from "../../../components/cache/answers";
import { maximumStaleness, purgeReach, purgeSteps, Reach, Tier } from "../../../components/cache/staleness";
import {
  CacheProfile,
  cacheTiers,
  defaultTiers,
  tierProblems,
  type TierSettings,
} from "../../../components/cache/tiers";

const { Shared, Private, Versioned } = CacheProfile;
const profiles = [Shared, Private, Versioned];
const pathsOf = (settings: TierSettings) => tierProblems("tiers", settings).map(({ path }) => path);

/** Any settings that are in order. */
const legal: fc.Arbitrary<Required<TierSettings>> = fc
  .record({
    edgeSeconds: fc.integer({ min: 1, max: 31_536_000 }),
    browser: fc.double({ min: 0, max: 1, noNaN: true }),
    regional: fc.double({ min: 0, max: 1, noNaN: true }),
    origin: fc.double({ min: 0, max: 1, noNaN: true }),
    stale: fc.double({ min: 0, max: 1, noNaN: true }),
    generation: fc.double({ min: 0, max: 1, noNaN: true }),
    lock: fc.double({ min: 0, max: 1, noNaN: true }),
    staleIfErrorSeconds: fc.integer({ min: 0, max: 604_800 }),
    jitterPercent: fc.integer({ min: 0, max: 50 }),
    earlyRefresh: fc.double({ min: 0, max: 10, noNaN: true }),
  })
  .map(({ edgeSeconds, browser, regional, origin, stale, generation, lock, ...others }) => {
    const upTo = (most: number, share: number, least = 1) => least + Math.floor((most - least) * share);
    const regionalSeconds = upTo(edgeSeconds, regional);
    const originSeconds = upTo(regionalSeconds, origin);
    const staleSeconds = upTo(Math.min(regionalSeconds, 86_400), stale);
    return {
      ...{ edgeSeconds, regionalSeconds, originSeconds, staleSeconds, browserSeconds: upTo(edgeSeconds, browser) },
      generationSeconds: upTo(Math.min(originSeconds, 3600), generation),
      lockMilliseconds: upTo(1000 * staleSeconds, lock, 100),
      ...others,
    };
  });

describe("the table", () => {
  test("has the architecture's numbers unless it is told otherwise", () => {
    expect(tierProblems("tiers", {})).toEqual([]);
    const { browser, edge, regional, origin } = cacheTiers(Shared);
    expect([browser, edge, regional, origin].map(({ seconds }) => seconds)).toEqual([3600, 86_400, 3600, 300]);
  });

  test.each([
    [
      Shared,
      "public, max-age=3600, must-revalidate",
      "public, max-age=86400, stale-while-revalidate=60, stale-if-error=86400",
    ],
    [Private, "private, no-cache", "no-store"],
    [
      Versioned,
      "public, max-age=31536000, immutable",
      "public, max-age=31536000, stale-while-revalidate=60, stale-if-error=86400",
    ],
  ])("says to browsers and edge, for %s answers: %s", (profile, browser, edge) => {
    const answer = { service: "catalog", version: "1.0.0", key: "/products/42", tags: ["product-42"] };
    const headers = responseHeaders(cacheTiers(profile), answer, "{}");
    expect(headers).toMatchObject({ "Cache-Control": browser, "Cloudflare-CDN-Cache-Control": edge });
    expect(headers["Cache-Tag"]).toBe(profile === Private ? undefined : "catalog,catalog.product-42");
  });

  test("headers, cache rule and the services' settings say the same", () => {
    fc.assert(
      fc.property(fc.constantFrom(...profiles), legal, (profile, settings) => {
        expect(tierProblems("tiers", settings)).toEqual([]);
        const { browser, edge, regional, origin } = cacheTiers(profile, settings);
        const maxAge = (header: string) => Number(/max-age=(\d+)/.exec(header)?.[1] ?? 0);
        expect(maxAge(browser.cacheControl)).toBe(browser.seconds);
        expect(maxAge(edge.cacheControl)).toBe(edge.seconds);
        expect(edge.rule.cache).toBe(edge.seconds > 0);
        expect(edge.rule.edgeTtl?.default ?? 0).toBe(edge.seconds);
        expect(edge.rule.browserTtl?.default ?? 0).toBe(browser.seconds);
        expect(tierEnvironment(cacheTiers(profile, settings))).toMatchObject({
          CACHE_TTL_SECONDS: String(regional.seconds),
          CACHE_ORIGIN_TTL_SECONDS: String(origin.seconds),
          CACHE_BROWSER_CONTROL: browser.cacheControl,
          CACHE_EDGE_CONTROL: edge.cacheControl,
        });
      }),
    );
  });

  test("what is for the edge alone is not told to browsers and proxies on the way", () => {
    for (const profile of profiles) expect(cacheTiers(profile).browser.cacheControl).not.toMatch(/stale|s-maxage/);
  });

  test("jitter shortens and never lengthens", () => {
    fc.assert(
      fc.property(legal, (settings) => {
        const { regional, origin } = cacheTiers(Shared, settings);
        for (const { seconds, leastSeconds } of [regional, origin]) {
          expect(leastSeconds).toBeLessThanOrEqual(seconds);
          expect(leastSeconds).toBeGreaterThanOrEqual(Math.floor(seconds / 2));
        }
      }),
    );
  });
});

describe("tiers out of order are refused", () => {
  test.each<[TierSettings, string[]]>([
    [{ browserSeconds: 86_401 }, ["tiers.browserSeconds"]],
    [{ edgeSeconds: 3599 }, ["tiers.browserSeconds", "tiers.regionalSeconds"]],
    [{ originSeconds: 3601 }, ["tiers.originSeconds"]],
    [{ staleSeconds: 3601 }, ["tiers.staleSeconds"]],
    [{ lockMilliseconds: 60_001 }, ["tiers.lockMilliseconds"]],
    [{ generationSeconds: 301 }, ["tiers.generationSeconds"]],
    [
      { edgeSeconds: 0, jitterPercent: 51, earlyRefresh: -1, staleIfErrorSeconds: 0.5 },
      [
        "tiers.edgeSeconds",
        "tiers.staleIfErrorSeconds",
        "tiers.jitterPercent",
        "tiers.earlyRefresh",
        "tiers.browserSeconds",
        "tiers.regionalSeconds",
      ],
    ],
  ])("%j", (settings, paths) => expect(pathsOf(settings)).toEqual(paths));

  test("with what would be right", () => {
    expect(tierProblems("cache.tiers", { originSeconds: 7200 })).toEqual([
      {
        path: "cache.tiers.originSeconds",
        reason:
          "is 7200, must be at most regionalSeconds, which is 3600: a service would keep what the region has dropped",
      },
    ]);
  });

  test("and the bounds themselves are in order", () => {
    const equal = { browserSeconds: 60, edgeSeconds: 60, regionalSeconds: 60, originSeconds: 60, staleSeconds: 60 };
    expect(pathsOf({ ...equal, lockMilliseconds: 60_000, generationSeconds: 60 })).toEqual([]);
  });
});

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);
const version = fc.stringMatching(/^\d\.\d\.\d$/);
const answers = fc.record({
  service: name,
  version,
  key: fc.string({ maxLength: 20 }),
  tags: fc.array(fc.string({ minLength: 1, maxLength: 12 }), { maxLength: 5 }),
});
const now = Date.parse("2026-01-01T00:00:00Z");
const generationsOf = (tags: string[]) => fc.record(Object.fromEntries(tags.map((tag) => [tag, fc.nat(now)])));

describe("a purge", () => {
  const purges = answers.chain((answer) =>
    fc.record({
      answer: fc.constant(answer),
      purged: fc.constantFrom(...cacheTags(answer)),
      generations: generationsOf(cacheTags(answer)),
    }),
  );
  const after = (generations: Record<string, number>, tag: string) => ({
    ...generations,
    [tag]: (generations[tag] ?? 0) + 1,
  });

  test("of anything that an answer was made from gives it another key in region and service", () => {
    fc.assert(
      fc.property(purges, ({ answer, purged, generations }) => {
        expect(storeKey(answer, after(generations, purged), now)).not.toBe(storeKey(answer, generations, now));
      }),
    );
  });

  test("is not undone when the store loses a generation: the one that comes after it never was", () => {
    fc.assert(
      fc.property(purges, ({ answer, purged, generations }) => {
        const { [purged]: lost = 0, ...others } = generations;
        expect(storeKey(answer, others, lost + 1)).not.toBe(storeKey(answer, generations, now));
      }),
    );
  });

  test("of anything else leaves the key as it is", () => {
    fc.assert(
      fc.property(purges, ({ answer, generations }) => {
        expect(storeKey(answer, after(generations, "another service's"), now)).toBe(storeKey(answer, generations, now));
      }),
    );
  });

  test("finds at the edge what the header names: the same tags, in a form that Cloudflare takes", () => {
    fc.assert(
      fc.property(purges, fc.constantFrom(Shared, Versioned), ({ answer, purged }, profile) => {
        const tiers = cacheTiers(profile);
        const header = (responseHeaders(tiers, answer, "")["Cache-Tag"] ?? "").split(",");
        const [inRegion, atEdge] = purgeSteps(tiers, [purged]);
        expect(header).toContain(purged);
        for (const tag of header) expect(tag).toMatch(/^[!-+\--@[-~]+$/);
        for (const tag of header) expect(tag).toBe(tag.toLowerCase());
        expect(inRegion).toEqual({ tier: Tier.Regional, afterSeconds: 0, tags: [purged] });
        expect(atEdge).toMatchObject({ tier: Tier.Edge, tags: [purged] });
      }),
    );
  });

  test("reaches the edge when no service gives old answers any more, and after those under way", () => {
    fc.assert(
      fc.property(legal, fc.integer({ min: 1, max: 600 }), (settings, requestSeconds) => {
        const tiers = cacheTiers(Shared, settings);
        const [, atEdge] = purgeSteps(tiers, ["catalog"], requestSeconds);
        const [origin] = purgeReach(tiers, requestSeconds);
        expect(atEdge?.afterSeconds).toBe((origin?.withinSeconds ?? NaN) + requestSeconds);
      }),
    );
  });

  test("has nothing to delete at the edge where the edge keeps nothing", () => {
    expect(purgeSteps(cacheTiers(Private), ["cart"]).map(({ tier }) => tier)).toEqual([Tier.Regional]);
  });

  test("reaches all four tiers in bounded time; what it can't reach is a browser's plain copy, for its max-age", () => {
    fc.assert(
      fc.property(fc.constantFrom(...profiles), legal, (profile, settings) => {
        const tiers = cacheTiers(profile, settings);
        const reach = purgeReach(tiers);
        expect(reach.map(({ tier }) => tier).sort()).toEqual(Object.values(Tier).sort());
        const unreached = reach.filter(({ by }) => by === Reach.Expires);
        expect(unreached.map(({ tier }) => tier)).toEqual(profile === Shared ? [Tier.Browser] : []);
        const [edge] = reach.filter(({ tier }) => tier === Tier.Edge);
        for (const { withinSeconds } of unreached) {
          expect(withinSeconds).toBe((edge?.withinSeconds ?? NaN) + tiers.browser.seconds);
        }
        for (const { by, withinSeconds } of reach) {
          if (by !== Reach.Expires) expect(withinSeconds).toBeLessThanOrEqual(tiers.origin.generationSeconds + 10);
        }
      }),
    );
  });
});

describe("another version of a service", () => {
  test("gives its answers another key and another ETag, and its tag is on all of them", () => {
    const changes = fc.record({ answer: answers, next: version }).filter(({ answer, next }) => answer.version !== next);
    fc.assert(
      fc.property(changes, fc.string(), ({ answer, next }, body) => {
        const later = { ...answer, version: next };
        expect(storeKey(later, {}, now)).not.toBe(storeKey(answer, {}, now));
        expect(entityTag(next, body)).not.toBe(entityTag(answer.version, body));
        expect(cacheTags(answer)).toContain(answer.service);
        expect(cacheTags(later)).toEqual(cacheTags(answer));
      }),
    );
  });
});

test("what was answered decides the ETag, so that no browser is told that an old copy holds", () => {
  fc.assert(
    fc.property(version, fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 2 }), (of, [body = "", other = ""]) => {
      expect(entityTag(of, body)).not.toBe(entityTag(of, other));
      expect(entityTag(of, body)).toBe(entityTag(of, body));
    }),
  );
});

test("two answers of a service never share a key", () => {
  fc.assert(
    fc.property(answers, fc.string({ maxLength: 20 }), (answer, key) => {
      fc.pre(key !== answer.key);
      expect(storeKey({ ...answer, key }, {}, now)).not.toBe(storeKey(answer, {}, now));
    }),
  );
});

describe("without a purge", () => {
  test("an answer lags by the sum of all tiers at most", () => {
    expect(maximumStaleness(cacheTiers(Shared))).toEqual({
      usualSeconds: 3600 + (86_400 + 60) + (3600 + 60) + 300,
      failingSeconds: 3600 + (86_400 + 86_400) + (3600 + 60) + 300,
    });
    expect(maximumStaleness(cacheTiers(Private))).toEqual({ usualSeconds: 3960, failingSeconds: 3960 });
  });

  test("no setting shortens the lag by being longer", () => {
    const fields = ["browserSeconds", "edgeSeconds", "regionalSeconds", "originSeconds", "staleSeconds"] as const;
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.integer({ min: 1, max: 1000 }), (field, more) => {
        const longer = maximumStaleness(cacheTiers(Shared, { [field]: defaultTiers[field] + more }));
        const { usualSeconds } = maximumStaleness(cacheTiers(Shared));
        expect(longer.usualSeconds).toBe(usualSeconds + (field === "staleSeconds" ? 2 * more : more));
      }),
    );
  });
});
