import { TenantTier } from "../../../components/tenancy/tenant";
import { TenantIsolation } from "../../../components/database/tenancy";
import { TestEdge, until } from "./fixture";

jest.setTimeout(90_000);

const edge = new TestEdge();
const free = { id: "acme", tier: TenantTier.Free, isolation: TenantIsolation.SharedDatabase, dataRegion: "eu-west" };
beforeAll(() => edge.start({ tenants: [free, { ...free, id: "strict", staysInRegion: true }] }));
afterAll(() => edge.stop());
beforeEach(() => edge.reset());

const failAll = (): void => {
  for (const region of edge.regions) region.handler = (_, response) => response.writeHead(503).end();
};

test("a killed region's requests go to the next one", async () => {
  await edge.region("ap-south").kill();
  const answer = await edge.fetch("https://shop.test/reports", { near: "ap-south" });
  expect([answer.status, answer.headers.get("x-region")]).toEqual([200, "ap-north"]);
  await edge.region("ap-south").start();
});

test("a region that hangs is left when its time is over", async () => {
  edge.region("us-east").handler = () => {};
  const answer = await edge.fetch("https://shop.test/reports");
  expect([answer.status, answer.headers.get("x-region")]).toEqual([200, "eu-west"]);
  expect(edge.seen).toEqual(["us-east /reports", "eu-west /reports"]);
});

test("a write without a key is never sent twice", async () => {
  failAll();
  const answer = await edge.fetch("https://shop.test/orders", { method: "POST", body: "{}" });
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "10"]);
  expect(edge.seen).toEqual(["us-east /orders"]);
});

test("a tenant's requests go to its region first, and nowhere else if it says so", async () => {
  const moved = await edge.fetch("https://acme.tenants.test/reports", { near: "ap-north" });
  expect(moved.headers.get("x-region")).toBe("eu-west");
  expect(edge.region("eu-west").seen[0]?.headers["x-omega-edge-tenant"]).toBe("acme");
  edge.region("eu-west").handler = (_, response) => response.writeHead(503).end();
  expect((await edge.fetch("https://strict.tenants.test/reports")).status).toBe(503);
  expect(edge.seen.filter((each) => !each.startsWith("eu-west"))).toEqual([]);
});

test("a tenant over its tier is answered 429, and others are not", async () => {
  const statuses = [];
  for (let index = 0; index < 61; index++) {
    const answer = await edge.fetch("https://acme.tenants.test/reports");
    await answer.text();
    statuses.push(answer.status);
    if (answer.status === 429) expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  }
  // One was used by the test before.
  expect(statuses.filter((status) => status === 200)).toHaveLength(59);
  expect(statuses.filter((status) => status === 429)).toHaveLength(2);
  expect((await edge.fetch("https://strict.tenants.test/reports")).status).toBe(200);
});

test("a write that no region took is kept and sent again; what fails too often is a dead letter", async () => {
  failAll();
  const send = (path: string, key: string) =>
    edge.fetch(`https://shop.test${path}`, {
      method: "POST",
      body: "kept",
      headers: { "idempotency-key": key, "content-length": "4" },
    });
  expect((await send("/orders/good", "1")).status).toBe(202);
  expect((await send("/orders/bad", "2")).status).toBe(202);
  edge.reset();
  const bodies: string[] = [];
  for (const region of edge.regions) {
    region.handler = (request, response) => {
      if (request.url === "/orders/bad") return response.writeHead(503).end();
      request.on("data", (chunk: Buffer) => bodies.push(chunk.toString()));
      return request.on("end", () => response.end());
    };
  }
  await until(() => Promise.resolve(bodies.length > 0));
  expect(bodies).toEqual(["kept"]);
  const sent = edge.regions.flatMap(({ seen }) => seen).find(({ url }) => url === "/orders/good");
  expect(sent?.headers["idempotency-key"]).toBe("1");
  const dead = await edge.miniflare.getKVNamespace("DEAD", "dead-letters");
  const letter = await until(() => dead.get("/orders/bad"));
  expect(JSON.parse(letter)).toMatchObject({ method: "POST", host: "shop.test", target: "/orders/bad" });
  expect(bodies).toEqual(["kept"]);
});

test("with all regions killed what was kept is answered, then 503", async () => {
  for (const region of edge.regions) {
    region.handler = (_, response) =>
      response
        .setHeader("cache-control", "public, max-age=1, stale-while-revalidate=0, stale-if-error=600")
        .end("kept");
  }
  const url = "https://shop.test/products/kept";
  expect(await (await edge.fetch(url)).text()).toBe("kept");
  for (const region of edge.regions) await region.kill();
  const stale = await until(async () => {
    const answer = await edge.fetch(url);
    const body = await answer.text();
    return answer.headers.get("server-timing")?.includes("desc=stale") === true && { status: answer.status, body };
  });
  expect(stale).toEqual({ status: 200, body: "kept" });
  const none = await edge.fetch("https://shop.test/products/never-seen");
  expect([none.status, none.headers.get("retry-after")]).toEqual([503, "10"]);
  expect(await none.json()).toMatchObject({ type: "urn:omega:edge:regions-exhausted" });
});
