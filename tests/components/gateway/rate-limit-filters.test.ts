import fc from "fast-check";
import { rateLimitPatches } from "../../../components/gateway/rate-limit-filters";
import { type TierLimit, type TokenBucket, tierLimits } from "../../../components/gateway/rate-limits";

const tier = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
const anyLimits = fc.dictionary(tier, fc.integer({ min: 1, max: 10_000_000 })).map(tierLimits);
const backstop = fc.integer({ min: 1, max: 10_000_000 });

interface Action {
  request_headers: { header_name: string; descriptor_key: string; skip_if_absent?: boolean };
}
type Headers = Record<string, string>;

function filtersOf(limits: TierLimit[], backstopRequestsPerSecond: number) {
  const args = {
    limits,
    backstopRequestsPerSecond,
    host: "limiter.gateway",
    cluster: "outbound|8081||limiter.gateway",
  };
  return rateLimitPatches(args).map(({ patch }) => patch.value);
}

/** What Envoy asks about a request, and which bucket of its own it takes a token from. */
function questionOf(rateLimits: { actions: Action[] }[], headers: Headers): [string, string][] | undefined {
  const entries: [string, string][] = [];
  for (const { request_headers: action } of rateLimits.flatMap(({ actions }) => actions)) {
    const value = headers[action.header_name];
    if (value !== undefined) entries.push([action.descriptor_key, value]);
    else if (action.skip_if_absent !== true) return undefined;
  }
  return entries;
}
interface Descriptor {
  entries: { key: string; value?: string }[];
  token_bucket: TokenBucket;
}
function bucketsOf(descriptors: Descriptor[], question: [string, string][] | undefined): TokenBucket[] {
  return descriptors
    .filter(
      ({ entries }) =>
        entries.length === question?.length &&
        entries.every(({ key, value }, index) => {
          const [askedKey, askedValue] = question[index] ?? [];
          return key === askedKey && (value === undefined || value === askedValue);
        }),
    )
    .map(({ token_bucket }) => token_bucket);
}

test("a tenant of each tier has one bucket at each instance, which never refuses what the tier's limit allows", () => {
  fc.assert(
    fc.property(anyLimits, backstop, fc.string({ minLength: 1 }), (limits, total, tenant) => {
      const [, own] = filtersOf(limits, total);
      for (const { tier: name, requestsPerMinute } of limits) {
        const headers = { "x-omega-tier": name, "x-omega-tenant": tenant };
        const found = bucketsOf(own?.typed_config.descriptors, questionOf(own?.typed_config.rate_limits, headers));
        expect(found).toHaveLength(1);
        const { max_tokens = 0, tokens_per_fill = 0, fill_interval = "" } = found[0] ?? {};
        // The end of one minute and the beginning of the next, all at once.
        expect(max_tokens).toBeGreaterThanOrEqual(2 * requestsPerMinute);
        expect((tokens_per_fill * 60) / Number.parseInt(fill_interval, 10)).toBe(requestsPerMinute);
      }
    }),
  );
});

test("who has no tenant takes from no tenant's bucket, nor does who has an unknown tier", () => {
  fc.assert(
    fc.property(anyLimits, backstop, fc.string(), (limits, total, text) => {
      const [, own] = filtersOf(limits, total);
      const { descriptors, rate_limits } = own?.typed_config ?? {};
      const unknown = { "x-omega-tier": `${text} unknown`, "x-omega-tenant": text };
      for (const headers of [{ "x-omega-tier": "free" }, { "x-omega-tenant": text }, unknown, {}]) {
        expect(bucketsOf(descriptors, questionOf(rate_limits, headers))).toEqual([]);
      }
    }),
  );
});

test("the limiter is asked first, about the same as the instance itself, and its absence refuses nobody", () => {
  fc.assert(
    fc.property(anyLimits, backstop, (limits, total) => {
      const [limiter, own] = filtersOf(limits, total);
      expect(limiter?.typed_config).toMatchObject({ failure_mode_deny: false });
      expect(limiter?.typed_config.rate_limits).toEqual(own?.typed_config.rate_limits);
      expect(limiter?.typed_config).toHaveProperty("rate_limit_service");
      expect(own?.typed_config.token_bucket).toMatchObject({ max_tokens: total, fill_interval: "1s" });
    }),
  );
});

test("Envoy takes it: every bucket is filled at a multiple of the interval of the one for all", () => {
  fc.assert(
    fc.property(anyLimits, backstop, (limits, total) => {
      const { token_bucket, descriptors } = filtersOf(limits, total)[1]?.typed_config ?? {};
      for (const { token_bucket: bucket } of descriptors as Descriptor[]) {
        expect(Number.parseInt(bucket.fill_interval, 10) % Number.parseInt(token_bucket.fill_interval, 10)).toBe(0);
      }
      const names = (descriptors as Descriptor[]).map(({ entries }) => JSON.stringify(entries));
      expect(new Set(names).size).toBe(names.length);
    }),
  );
});
