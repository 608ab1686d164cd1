import { get, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { TestEdge } from "./fixture";

jest.setTimeout(120_000);

const edge = new TestEdge();
beforeAll(() => edge.start());
afterAll(() => edge.stop());
beforeEach(() => edge.reset());
afterEach(async () => {
  for (const region of edge.regions) await region.restart();
});

const answerAll = (headers: Record<string, string>, body = "answer", status = 200): void => {
  for (const region of edge.regions) {
    region.handler = (_, response) => response.writeHead(status, headers).end(body);
  }
};
const cacheOf = (answer: { headers: { get(name: string): string | null } }) =>
  /cache;desc=(\w+)/.exec(answer.headers.get("server-timing") ?? "")?.[1];
/** The copy of an isolate's memory ends sooner than this. */
const memoryMilliseconds = 1100;

describe("what is kept for others", () => {
  test("a cold read goes to the nearest region, the second is served at the edge", async () => {
    answerAll({ "cache-control": "public, max-age=60" });
    const first = await edge.fetch("https://shop.test/products/1?utm_source=mail&b=2&a=1", { near: "ap-south" });
    expect(await first.text()).toBe("answer");
    expect([first.headers.get("x-region"), cacheOf(first)]).toEqual(["ap-south", "miss"]);
    const second = await edge.fetch("https://shop.test/products/1?a=1&b=2&gclid=9", { near: "ap-south" });
    expect(await second.text()).toBe("answer");
    expect(cacheOf(second)).toBe("memory");
    expect(second.headers.get("age")).toMatch(/^\d+$/);
    await sleep(memoryMilliseconds);
    const third = await edge.fetch("https://shop.test/products/1?a=1&b=2", { near: "us-east" });
    expect([await third.text(), cacheOf(third)]).toEqual(["answer", "centre"]);
    expect(edge.seen).toEqual(["ap-south /products/1?a=1&b=2"]);
  });

  test("an hour in browsers and a day at the edge, as the tiers' table says; what is meant for the edge goes no further", async () => {
    answerAll({
      "cache-control": "public, max-age=3600, must-revalidate",
      "cloudflare-cdn-cache-control": "public, max-age=86400, stale-while-revalidate=60, stale-if-error=86400",
      "cache-tag": "catalog",
      etag: 'W/"1"',
      age: "4000",
    });
    await (await edge.fetch("https://shop.test/products/tiers")).text();
    const hit = await edge.fetch("https://shop.test/products/tiers");
    expect(cacheOf(hit)).toBe("memory");
    const age = Number(hit.headers.get("age"));
    expect(age).toBeGreaterThanOrEqual(4000);
    expect(hit.headers.get("cache-control")).toBe(`public, max-age=${3600 + age}, must-revalidate`);
    for (const name of ["cloudflare-cdn-cache-control", "cache-tag", "x-omega-kept"])
      expect(hit.headers.has(name)).toBe(false);
    const known = await edge.fetch("https://shop.test/products/tiers", { headers: { "if-none-match": '"1"' } });
    expect([known.status, await known.text()]).toEqual([304, ""]);
    const head = await edge.fetch("https://shop.test/products/tiers", { method: "HEAD" });
    expect([head.status, cacheOf(head)]).toEqual([200, "memory"]);
    expect(edge.seen).toHaveLength(1);
  });

  test.each<[string, Record<string, string>, Record<string, string>]>([
    ["private answers", { "cache-control": "private, max-age=60" }, {}],
    ["answers with a cookie", { "cache-control": "public", "set-cookie": "a=b" }, {}],
    ["answers that vary", { "cache-control": "public", vary: "Accept-Language" }, {}],
    ["answers to who shows a token", { "cache-control": "public" }, { authorization: "Bearer token" }],
    ["parts", { "cache-control": "public" }, { range: "bytes=0-1" }],
  ])("%s are not", async (what, headers, asked) => {
    answerAll(headers);
    const url = `https://shop.test/products/${encodeURIComponent(what)}`;
    for (let times = 0; times < 2; times++) await (await edge.fetch(url, { headers: asked })).text();
    expect(edge.seen).toHaveLength(2);
  });

  test("readers who come together wait for one fetch", async () => {
    let answer: (() => void) | undefined;
    for (const region of edge.regions) {
      region.handler = (_, response) =>
        (answer = () => response.writeHead(200, { "cache-control": "public, max-age=60" }).end("one"));
    }
    const readers = Array.from({ length: 20 }, () => edge.fetch("https://shop.test/products/together"));
    while (answer === undefined) await sleep(10);
    await sleep(100);
    answer();
    const answers = await Promise.all(readers);
    expect(await Promise.all(answers.map((each) => each.text()))).toEqual(Array(20).fill("one"));
    expect(edge.seen).toHaveLength(1);
  });

  test("what has just expired is answered at once and fetched anew beside it", async () => {
    answerAll({ "cache-control": "public, max-age=1, stale-while-revalidate=60" }, "old");
    await (await edge.fetch("https://shop.test/products/stale")).text();
    await sleep(1500);
    answerAll({ "cache-control": "public, max-age=60" }, "new");
    const stale = await edge.fetch("https://shop.test/products/stale");
    expect([await stale.text(), cacheOf(stale)]).toEqual(["old", "stale"]);
    while (edge.seen.length < 2) await sleep(10);
    await sleep(200);
    const fresh = await edge.fetch("https://shop.test/products/stale");
    expect(await fresh.text()).toBe("new");
    expect(edge.seen).toHaveLength(2);
  });

  test("a purge empties it", async () => {
    answerAll({ "cache-control": "public, max-age=600" }, "before");
    await (await edge.fetch("https://shop.test/products/purged")).text();
    await (await edge.store("TENANTS")).put("cache-generation", "1");
    answerAll({ "cache-control": "public, max-age=600" }, "after");
    let text = "before";
    // An isolate asks for the generation every five seconds.
    while (text === "before") {
      text = await (await edge.fetch("https://shop.test/products/purged")).text();
      await sleep(200);
    }
    expect(text).toBe("after");
  });
});

describe("when regions fail", () => {
  test("a killed one is passed over, and the reader never knows", async () => {
    answerAll({});
    await edge.region("us-east").kill();
    const answer = await edge.fetch("https://shop.test/products/killed");
    expect([answer.status, await answer.text()]).toEqual([200, "answer"]);
    expect(answer.headers.get("x-region")).toBe("eu-west");
  });

  test("one that hangs is given up for the next", async () => {
    answerAll({});
    edge.region("ap-north").handler = () => undefined;
    const answer = await edge.fetch("https://shop.test/products/hangs", { near: "ap-north" });
    expect([answer.status, answer.headers.get("x-region")]).toEqual([200, "ap-south"]);
  });

  test("after five failures a region is asked no more", async () => {
    answerAll({});
    edge.region("eu-west").handler = (_, response) => response.writeHead(503).end();
    for (let times = 0; times < 7; times++) {
      const answer = await edge.fetch(`https://shop.test/products/breaker-${times}`, { near: "eu-west" });
      expect(answer.status).toBe(200);
    }
    expect(edge.region("eu-west").seen.length).toBeLessThanOrEqual(5);
  });

  test("a write that can't be sent twice goes to one region alone", async () => {
    answerAll({}, "down", 503);
    const answer = await edge.fetch("https://shop.test/carts", { method: "POST", body: "{}" });
    expect(answer.status).toBe(503);
    expect(edge.seen).toHaveLength(1);
  });
});

test.each(["/products/streams", "/carts/streams"])(
  "what streams begins before the region has finished: %s",
  async (path) => {
    let finish: (() => void) | undefined;
    for (const region of edge.regions) {
      region.handler = (_, response) => {
        response.writeHead(200, { "cache-control": "public, max-age=60" }).write("first ");
        finish = () => response.end("last");
      };
    }
    // Over HTTP, since dispatchFetch holds small chunks back until the answer has ended.
    const { hostname, port } = await edge.miniflare.ready;
    const answer = await new Promise<IncomingMessage>((resolve, reject) =>
      get({ hostname, port, path, headers: { host: "shop.test" } }, resolve).on("error", reject),
    );
    let body = "";
    for await (const chunk of answer) {
      body += String(chunk);
      if (body === "first ") finish?.();
    }
    expect(body).toBe("first last");
  },
  10_000,
);

describe("what is refused", () => {
  test.each([
    ["https://nobody.test/products", {}, 404],
    ["https://shop.test/a%2f..%2fadmin", {}, 400],
    ["https://shop.test/products//1", {}, 400],
    [`https://shop.test/${"a".repeat(9000)}`, {}, 414],
    ["https://shop.test/carts", { headers: { cookie: "a".repeat(17_000) } }, 431],
    ["https://shop.test/carts", { headers: { authorization: "Basic eDp5" } }, 401],
  ])("%.60s is answered without a region being asked", async (url, init, status) => {
    expect((await edge.fetch(url, init)).status).toBe(status);
    expect(edge.seen).toEqual([]);
  });

  test("a header that isn't in the key can't change what others get", async () => {
    for (const region of edge.regions) {
      region.handler = ({ headers }, response) => {
        const told = [
          "x-forwarded-host",
          "x-original-url",
          "x-forwarded-prefix",
          "cookie",
          "accept-language",
          "origin",
        ];
        response.writeHead(200, { "cache-control": "public, max-age=60" });
        response.end(told.map((name) => headers[name] ?? "").join());
      };
    }
    const poison = { "x-forwarded-host": "evil.test", "x-original-url": "/admin", "x-forwarded-prefix": "/evil" };
    const further = { cookie: "a=b", "accept-language": "xx", origin: "https://evil.test" };
    const first = await edge.fetch("https://shop.test/products/poison", { headers: { ...poison, ...further } });
    expect(await first.text()).toBe("shop.test,,,,,");
    expect(await (await edge.fetch("https://shop.test/products/poison")).text()).toBe("shop.test,,,,,");
  });
});

test("the trace goes on, under a span of the edge's own", async () => {
  answerAll({});
  const given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  await edge.fetch("https://shop.test/carts", { headers: { traceparent: given } });
  const passed = edge.region("us-east").seen.at(-1)?.headers.traceparent;
  expect(passed).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$/);
  expect(passed).not.toBe(given);
});

test("assets come from the bucket, for a year, whole and in part", async () => {
  const bucket = await edge.miniflare.getR2Bucket("ASSETS");
  await bucket.put("assets/app.1a2b.js", "0123456789", { httpMetadata: { contentType: "text/javascript" } });
  const url = "https://shop.test/assets/app.1a2b.js";
  const whole = await edge.fetch(url);
  expect([whole.status, await whole.text()]).toEqual([200, "0123456789"]);
  expect(whole.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  expect(whole.headers.get("content-type")).toBe("text/javascript");
  const part = await edge.fetch(url, { headers: { range: "bytes=2-4" } });
  expect([part.status, await part.text(), part.headers.get("content-range")]).toEqual([206, "234", "bytes 2-4/10"]);
  const end = await edge.fetch(url, { headers: { range: "bytes=-3" } });
  expect([await end.text(), end.headers.get("content-range")]).toEqual(["789", "bytes 7-9/10"]);
  const tag = whole.headers.get("etag") ?? "";
  expect((await edge.fetch(url, { headers: { "if-none-match": tag } })).status).toBe(304);
  expect((await edge.fetch(url, { method: "HEAD" })).headers.get("content-length")).toBe("10");
  expect((await edge.fetch("https://shop.test/assets/none")).status).toBe(404);
  expect((await edge.fetch(url, { method: "PUT", body: "x" })).status).toBe(405);
  expect(edge.seen).toEqual([]);
});
