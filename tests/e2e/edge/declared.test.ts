import { DeclaredEdge } from "./declared-edge";
import { until } from "./fixture";

jest.setTimeout(120_000);

const get = async (edge: DeclaredEdge, url: string, near?: string) => edge.fetch(url, {}, near);
const seenBy = (edge: DeclaredEdge) => edge.regions.flatMap(({ name, seen }) => seen.map(() => name));

describe("what the dev stack declares", () => {
  const edge = new DeclaredEdge();
  beforeAll(() => edge.start("dev"));
  afterAll(() => edge.stop());
  const region = () => edge.region("us-east");

  test("has all bindings that the Worker reads, and no other", () => {
    const names = edge.bindings.map(({ name }) => name);
    expect(names.sort()).toEqual(["ASSETS", "FLAGS", "LIMITERS", "RETRIES", "SETTINGS", "TENANTS"]);
  });

  test("belongs together", () => {
    expect(edge.only("QueueConsumer").props.deadLetterQueue).toEqual(
      edge.named("retries-dead-letters").props.queueName,
    );
    expect(edge.only("WorkersDeployment").props.scriptName).toBe(edge.only("Worker").props.name);
  });

  test("answers a public route at the edge the second time", async () => {
    region().handler = (_, response) => response.setHeader("cache-control", "public, max-age=60").end("all products");
    expect(await (await get(edge, "https://api.shop.example/products")).text()).toBe("all products");
    expect(region().seen.at(-1)?.headers["x-omega-edge-key"]).toMatch(/^[0-9a-f]{16}\/0\/api\.shop\.example$/);
    // It is kept beside the answer, not before it.
    await until(async () => {
      const before = region().seen.length;
      await (await get(edge, "https://api.shop.example/products")).text();
      return region().seen.length === before;
    });
  });

  test("knows a tenant by its host in the tenants' domain and by its custom domain, and no stranger", async () => {
    region().handler = (_, response) => response.end("ok");
    for (const host of ["acme.shop.example", "shop.acme-tenant.net"]) {
      const answer = await get(edge, `https://${host}/carts`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("strict-transport-security")).toBe("max-age=31536000");
      const { headers } = region().seen.at(-1) ?? {};
      expect(headers).toMatchObject({ "x-omega-edge-tenant": "acme", "x-omega-edge-tier": "enterprise" });
    }
    const before = region().seen.length;
    expect((await get(edge, "https://nobody.shop.example/carts")).status).toBe(404);
    expect(region().seen).toHaveLength(before);
  });

  test("has assets in the bucket, for a year", async () => {
    await (await edge.bucket()).put("assets/app.4f2a.js", "let app;");
    const answer = await get(edge, "https://api.shop.example/assets/app.4f2a.js");
    expect([answer.status, await answer.text()]).toEqual([200, "let app;"]);
    expect(answer.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  });

  test("queues a write that no region takes where the file says so, and nowhere else", async () => {
    await region().kill();
    const headers = { "idempotency-key": "1", "content-length": "2" };
    const write = (path: string) =>
      edge.fetch(`https://api.shop.example${path}`, { method: "POST", headers, body: "{}" });
    const [queued, refused] = [await write("/orders"), await write("/carts")];
    expect([queued.status, refused.status]).toEqual([202, 503]);
    await region().restart();
    await until(() => Promise.resolve(region().seen.some(({ url, method }) => url === "/orders" && method === "POST")));
  });
});

describe("what the prod stack declares", () => {
  const edge = new DeclaredEdge();
  beforeAll(() => edge.start("prod"));
  afterAll(() => edge.stop());

  test("sends a cold read to the nearest of four regions, and keeps it", async () => {
    for (const each of edge.regions) {
      each.handler = (_, response) => response.setHeader("cache-control", "public, max-age=60").end(each.name);
    }
    for (const name of ["us-east", "eu-west", "ap-south", "ap-north"]) {
      const url = `https://api.shop.example/products/${name}`;
      expect(await (await get(edge, url, name)).text()).toBe(name);
      await until(async () => {
        const before = seenBy(edge).length;
        await (await get(edge, url, name)).text();
        return seenBy(edge).length === before;
      });
    }
    expect(new Set(seenBy(edge)).size).toBe(4);
  });

  test("passes a dead region over, and says so when all are dead", async () => {
    await edge.region("ap-south").kill();
    const answer = await get(edge, "https://api.shop.example/products/fallback", "ap-south");
    expect(answer.status).toBe(200);
    expect(await answer.text()).not.toBe("ap-south");
    for (const each of edge.regions) await each.kill();
    const exhausted = await get(edge, "https://api.shop.example/products/never-seen", "eu-west");
    expect([exhausted.status, exhausted.headers.get("retry-after")]).toEqual([503, "10"]);
  });
});
