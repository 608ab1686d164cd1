import { cacheTiers, CacheProfile } from "../../../../components/cache/tiers";
import { browserControl, lifetimeOf } from "../../../../components/edge/worker/freshness";

const settings = {
  apiSeconds: 3600,
  edgeSeconds: 86_400,
  staleSeconds: 60,
  staleIfErrorSeconds: 600,
  memorySeconds: 5,
  memoryBytes: 1000,
};
const of = (headers: Record<string, string>, status = 200) =>
  lifetimeOf({ status, headers: new Headers(headers) }, settings);
const seconds = (headers: Record<string, string>, status = 200) => of(headers, status)?.freshSeconds;

test("what the tiers' table tells services is what the edge does", () => {
  const tiers = cacheTiers(CacheProfile.Shared);
  const told = (profile: CacheProfile) => {
    const { browser, edge } = cacheTiers(profile);
    return of({ "cache-control": browser.cacheControl, "cloudflare-cdn-cache-control": edge.cacheControl });
  };
  expect(told(CacheProfile.Shared)).toEqual({
    freshSeconds: tiers.edge.seconds,
    staleSeconds: tiers.edge.staleSeconds,
    staleIfErrorSeconds: tiers.edge.staleIfErrorSeconds,
    ageSeconds: 0,
    browserSeconds: tiers.browser.seconds,
  });
  expect(told(CacheProfile.Private)).toBeUndefined();
});

test.each([
  [{ "cache-control": "public" }, 3600],
  [{ "cache-control": "max-age=10" }, 10],
  [{ "cache-control": "max-age=10, s-maxage=20" }, 20],
  [{ "cache-control": "max-age=10", age: "4" }, 6],
  [{ "cache-control": "max-age=10", age: "10" }, undefined],
  [{ "cache-control": "max-age=999999" }, 86_400],
  [{ "cache-control": "max-age=x" }, undefined],
  [{ "cache-control": "private, max-age=10" }, undefined],
  [{ "cache-control": "no-store" }, undefined],
  [{}, undefined],
  [{ "cache-control": "public", "set-cookie": "a=b" }, undefined],
  [{ "cache-control": "public", vary: "Accept-Encoding" }, 3600],
  [{ "cache-control": "public", vary: "Accept-Language" }, undefined],
  [{ "cache-control": "public", vary: "*" }, undefined],
  [{ "cache-control": "no-store", "cdn-cache-control": "max-age=5" }, 5],
  [{ "cdn-cache-control": "max-age=5", "cloudflare-cdn-cache-control": "max-age=7" }, 7],
] as [Record<string, string>, number | undefined][])("%j may be kept for %s seconds", (headers, expected) =>
  expect(seconds(headers)).toBe(expected),
);

test("only whole answers, and others for as long as they say themselves", () => {
  expect([206, 302, 500, 503].map((status) => seconds({ "cache-control": "public, max-age=10" }, status))).toEqual(
    Array(4).fill(undefined),
  );
  expect(seconds({ "cache-control": "public" }, 404)).toBeUndefined();
  expect(seconds({ "cache-control": "max-age=10" }, 404)).toBe(10);
});

test("what must be asked for again is never given when it is over", () => {
  expect(of({ "cache-control": "max-age=10, must-revalidate" })).toMatchObject({
    staleSeconds: 0,
    staleIfErrorSeconds: 0,
  });
  expect(of({ "cache-control": "max-age=10, stale-while-revalidate=7, stale-if-error=8" })).toMatchObject({
    staleSeconds: 7,
    staleIfErrorSeconds: 8,
  });
});

test("a browser keeps what is a day old for an hour, and never longer than the edge", () => {
  expect(browserControl(3600, 80_000, 6400, false)).toBe("public, max-age=10000, must-revalidate");
  expect(browserControl(3600, 100, 86_300, false)).toBe("public, max-age=86400, must-revalidate");
  expect(browserControl(3600, -5, 86_405, false)).toBe("no-cache");
  expect(browserControl(31_536_000, 31_536_000, 0, true)).toBe("public, max-age=31536000, immutable");
});
