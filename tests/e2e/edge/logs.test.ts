import { sha256 } from "../../../components/edge/worker/tokens";
import { flagSet } from "../../../components/flags/flag-set";
import { TestEdge, until } from "./fixture";

jest.setTimeout(60_000);

const edge = new TestEdge();
beforeAll(async () => {
  const flagTokens = [await sha256("of-services")];
  await edge.start({ flags: flagSet({ checkout: {} }), settings: { hitLogSampling: 10, flagTokens } });
});
afterAll(() => edge.stop());
beforeEach(() => {
  edge.reset();
  edge.logged = "";
});

type Line = Record<string, unknown>;
const lines = (): Line[] =>
  edge.logged.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as Line] : []));

/** Lines so far, once the last request's, which is always logged, has come. */
async function linesBefore(marker: string): Promise<Line[]> {
  await edge.fetch(`https://shop.test/${marker}`);
  await until(() => Promise.resolve(lines().some(({ path }) => path === `/${marker}`)));
  return lines().filter(({ path }) => path !== `/${marker}`);
}

async function times(count: number, url: string, init: Parameters<TestEdge["fetch"]>[1] = {}): Promise<void> {
  for (let index = 0; index < count; index++) await (await edge.fetch(url, init)).text();
}

test("refusals of each kind: the first, and then one in so many", async () => {
  await times(11, "https://nobody.test/products?secret=1");
  await times(1, "https://shop.test/a%2fb");
  await times(1, "https://shop.test/reports", { headers: { authorization: "Basic c2VjcmV0" } });
  const logged = await linesBefore("after-refusals");
  expect(logged.map(({ problem, status, host, path }) => [problem, status, host, path])).toEqual([
    ["unknown-host", 404, "nobody.test", "/products"],
    ["unknown-host", 404, "nobody.test", "/products"],
    ["ambiguous-path", 400, undefined, undefined],
    ["invalid-token", 401, "shop.test", "/reports"],
  ]);
  for (const { traceparent, method } of logged) {
    expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
    expect(method).toBe("GET");
  }
  expect(edge.logged).not.toMatch(/secret|c2VjcmV0/);
});

test("assets and flags likewise", async () => {
  await (await edge.miniflare.getR2Bucket("ASSETS")).put("assets/a.js", "1");
  await times(11, "https://shop.test/assets/a.js");
  const headers = { authorization: "Bearer of-services" };
  await times(11, "https://flags.test/ofrep/v1/evaluate/flags/checkout", { method: "POST", body: "{}", headers });
  const logged = await linesBefore("after-assets");
  expect(logged.map(({ cache, status }) => [cache, status])).toEqual([
    ["assets", 200],
    ["assets", 200],
    ["flags", 200],
    ["flags", 200],
  ]);
});

test("what a region was asked for one by one, hits one in so many", async () => {
  for (const region of edge.regions) {
    region.handler = (_, response) => response.setHeader("cache-control", "public, max-age=60").end("x");
  }
  await times(1, "https://shop.test/products/1");
  await until(async () => (await edge.fetch("https://shop.test/products/1")).headers.has("age"));
  edge.logged = "";
  await times(20, "https://shop.test/products/1");
  await times(3, "https://shop.test/reports");
  const caches = (await linesBefore("after-hits")).map(({ cache }) => cache);
  expect(caches.filter((cache) => cache === "pass")).toHaveLength(3);
  expect(caches.filter((cache) => cache === "memory" || cache === "centre").length).toBeLessThanOrEqual(3);
  expect(caches.length).toBeGreaterThan(3);
});

test("failures one by one, with the regions that failed", async () => {
  for (const region of edge.regions) region.handler = (_, response) => response.writeHead(503).end();
  await times(2, "https://shop.test/fails");
  const logged = await linesBefore("after-failures");
  expect(logged).toHaveLength(2);
  expect(logged[0]).toMatchObject({ status: 503, cache: "pass", problem: "regions-exhausted" });
  expect(logged[0]?.failedRegions).toEqual(["us-east", "eu-west", "ap-north", "ap-south"]);
});
