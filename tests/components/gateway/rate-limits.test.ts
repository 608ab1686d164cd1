import fc from "fast-check";
import { parse } from "yaml";
import {
  defaultBackstop,
  instanceBucket,
  limiterConfiguration,
  rateLimitProblems,
  tenantBucket,
  tierLimits,
} from "../../../components/gateway/rate-limits";

const tier = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
const limit = fc.integer({ min: 1, max: 10_000_000 });
const given = fc.dictionary(tier, limit);

test("the architecture's tiers are the defaults", () => {
  expect(tierLimits()).toEqual([
    { tier: "free", requestsPerMinute: 60 },
    { tier: "pro", requestsPerMinute: 600 },
    { tier: "enterprise", requestsPerMinute: 6000 },
  ]);
});

test("what is given stands in place of a default or beside them", () => {
  fc.assert(
    fc.property(given, (overrides) => {
      expect(rateLimitProblems(overrides)).toEqual([]);
      const limits = Object.fromEntries(tierLimits(overrides).map((each) => [each.tier, each.requestsPerMinute]));
      expect(limits).toEqual({ free: 60, pro: 600, enterprise: 6000, ...overrides });
    }),
  );
});

interface Descriptor {
  key: string;
  value?: string;
  rate_limit?: { unit: string; requests_per_unit: number };
  descriptors?: Descriptor[];
}

/** How the limiter reads its file: the entry of the value, or else the one of any value, level by level. */
function limitOf(configuration: string, question: [key: string, value: string][]): number | undefined {
  let level: Descriptor[] = parse(configuration).descriptors;
  let found: Descriptor | undefined;
  for (const [key, value] of question) {
    const ofKey = level.filter((each) => each.key === key);
    found = ofKey.find((each) => each.value === value) ?? ofKey.find((each) => each.value === undefined);
    level = found?.descriptors ?? [];
  }
  return found?.rate_limit?.requests_per_unit;
}

test("a tenant has the limit of its tier, and the lowest one if the tier is unknown or missing", () => {
  fc.assert(
    fc.property(given, fc.string({ minLength: 1 }), (overrides, tenant) => {
      const limits = tierLimits(overrides);
      const configuration = limiterConfiguration(limits);
      const lowest = Math.min(...limits.map(({ requestsPerMinute }) => requestsPerMinute));
      for (const each of limits) {
        const question: [string, string][] = [
          ["tier", each.tier],
          ["tenant", tenant],
        ];
        expect(limitOf(configuration, question)).toBe(each.requestsPerMinute);
      }
      for (const unknown of ["", "FREE", "no such tier", "*"]) {
        const question: [string, string][] = [
          ["tier", unknown],
          ["tenant", tenant],
        ];
        expect(limitOf(configuration, question)).toBe(lowest);
      }
      expect(limitOf(configuration, [["tenant", tenant]])).toBe(lowest);
    }),
  );
});

test("an instance's own bucket never refuses a tenant what the limiter allows", () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 90_000 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), gaps, (requestsPerMinute, milliseconds) => {
      const bucket = tenantBucket(requestsPerMinute);
      const perMillisecond = bucket.tokens_per_fill / 60_000;
      let [tokens, now, counted] = [bucket.max_tokens, 0, { minute: 0, requests: 0 }];
      for (const gap of milliseconds) {
        now += gap;
        tokens = Math.min(bucket.max_tokens, tokens + gap * perMillisecond);
        const minute = Math.floor(now / 60_000);
        if (minute !== counted.minute) counted = { minute, requests: 0 };
        // As many at once as the limiter still allows in this minute.
        const allowed = requestsPerMinute - counted.requests;
        counted.requests += allowed;
        tokens -= allowed;
        expect(tokens).toBeGreaterThan(-1e-6);
      }
    }),
  );
});

test("an instance has room for ten tenants of the highest tier at their full rate", () => {
  expect(defaultBackstop(tierLimits())).toBe(1000);
  fc.assert(
    fc.property(given, (overrides) => {
      const limits = tierLimits(overrides);
      const backstop = defaultBackstop(limits);
      expect(rateLimitProblems(overrides, backstop)).toEqual([]);
      for (const { requestsPerMinute } of limits) expect(backstop * 60).toBeGreaterThanOrEqual(10 * requestsPerMinute);
      expect(instanceBucket(backstop)).toEqual({
        max_tokens: backstop,
        tokens_per_fill: backstop,
        fill_interval: "1s",
      });
    }),
  );
});

test.each<[Record<string, number>, number | undefined, string[]]>([
  [
    { free: 0, pro: 1.5, enterprise: -1 },
    0,
    ["free", "pro", "enterprise"].map(pathOf).concat("backstopRequestsPerSecond"),
  ],
  [{ free: Number.NaN, pro: 10_000_001 }, undefined, ["free", "pro"].map(pathOf)],
  [
    { "": 1, Gold: 1, "a b": 1, "gold*": 1 },
    10_000_001,
    ["", "Gold", "a b", "gold*"].map(pathOf).concat("backstopRequestsPerSecond"),
  ],
])("limits %j and a backstop of %j are refused, each problem with its path", (limits, backstop, paths) => {
  expect(rateLimitProblems(limits, backstop).map(({ path }) => path)).toEqual(paths);
});

function pathOf(name: string): string {
  return `requestsPerMinute.${name}`;
}
