import { OFREPProvider } from "@openfeature/ofrep-provider";
import { OpenFeature } from "@openfeature/server-sdk";
import { TenantIsolation } from "../../../components/database/tenancy";
import { sha256 } from "../../../components/edge/worker/tokens";
import { flagSet } from "../../../components/flags/flag-set";
import { TenantTier } from "../../../components/tenancy/tenant";
import { TestEdge } from "./fixture";

jest.setTimeout(60_000);

const flags = flagSet({ checkout: { override: "on" } });
const acme = { id: "acme", tier: TenantTier.Pro, isolation: TenantIsolation.SharedDatabase, dataRegion: "eu-west" };
let edge: TestEdge;

/** A runtime of its own for each test: an isolate that remembers nothing. */
beforeEach(async () => {
  edge = new TestEdge();
  const settings = { flagTokens: [await sha256("of-services")], flagsHost: "127.0.0.1" };
  await edge.start({ tenants: [acme], flags, settings, storesFail: true });
  for (const region of edge.regions) {
    region.handler = (_, response) => response.setHeader("cache-control", "public, max-age=60").end("answer");
  }
});
afterEach(async () => {
  await OpenFeature.close();
  await edge.stop();
});

const evaluate = (flag: string) =>
  edge.fetch(`https://127.0.0.1/ofrep/v1/evaluate/flags/${flag}`, {
    method: "POST",
    body: "{}",
    headers: { authorization: "Bearer of-services" },
  });

test("whose host it is can't be told: 503 with Retry-After, no region asked, and well again with the store", async () => {
  const answer = await edge.fetch("https://acme.tenants.test/reports");
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
  expect(await answer.json()).toMatchObject({ type: "urn:omega:edge:settings-unavailable", status: 503 });
  expect(edge.seen).toEqual([]);
  await edge.storesFail(false);
  const later = await edge.fetch("https://acme.tenants.test/reports");
  expect([later.status, later.headers.get("x-region")]).toEqual([200, "eu-west"]);
});

test("the platform's own hosts go on, with nothing kept while purges can't be known", async () => {
  for (let times = 0; times < 2; times++) {
    expect((await edge.fetch("https://shop.test/products/1")).status).toBe(200);
  }
  expect(edge.seen).toHaveLength(2);
  await edge.storesFail(false);
  for (let times = 0; times < 2; times++) await edge.fetch("https://shop.test/products/1");
  expect(edge.seen).toHaveLength(3);
});

test("what is known already outlives the stores", async () => {
  await edge.storesFail(false);
  await edge.fetch("https://acme.tenants.test/products/1");
  expect((await evaluate("checkout")).status).toBe(200);
  await edge.storesFail(true);
  expect((await edge.fetch("https://acme.tenants.test/products/1")).status).toBe(200);
  expect((await evaluate("checkout")).status).toBe(200);
  expect(edge.seen).toHaveLength(1);
});

test("a service's flags are its own defaults", async () => {
  const answer = await evaluate("checkout");
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
  const baseUrl = (await edge.miniflare.ready).origin;
  const headers = { Authorization: "Bearer of-services" };
  await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl, headers }));
  const client = OpenFeature.getClient();
  for (const otherwise of [true, false]) {
    const details = await client.getBooleanDetails("checkout", otherwise, {});
    expect(details).toMatchObject({ value: otherwise, reason: "ERROR" });
  }
  await edge.storesFail(false);
  await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl, headers }));
  expect(await OpenFeature.getClient().getBooleanValue("checkout", false, {})).toBe(true);
});
