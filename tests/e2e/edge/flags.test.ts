import { OFREPProvider } from "@openfeature/ofrep-provider";
import { type Client, ErrorCode, OpenFeature } from "@openfeature/server-sdk";
import { sha256 } from "../../../components/edge/worker/tokens";
import { flagSet } from "../../../components/flags/flag-set";
import { TestEdge } from "./fixture";

jest.setTimeout(60_000);

/** Flags as a service gets them: OpenFeature's own SDK, over a socket, from the Worker in its real runtime. */

const edge = new TestEdge();
const flags = flagSet({
  checkout: { tenants: { acme: "on" }, users: { ann: "on" } },
  theme: { variants: { red: "#ff0000", blue: "#0000ff" }, default: "blue", users: { ann: "red" } },
  half: { rollout: [{ variant: "on", percent: 50 }] },
});
const bob = { targetingKey: "bob", tenant: "globex" };
let address: URL;
/** What the SDK doesn't tell its service. */
const statuses: number[] = [];

const provider = (authorization?: string) =>
  new OFREPProvider({
    baseUrl: address.origin,
    fetchImplementation: async (input, init) => {
      const answer = await fetch(input, init);
      statuses.push(answer.status);
      return answer;
    },
    ...(authorization === undefined ? {} : { headers: { Authorization: authorization } }),
  });

beforeAll(async () => {
  const flagTokens = [await sha256("of-services"), await sha256("of-the-next-month")];
  // By the address, since no name leads to it: a port is no part of a host.
  await edge.start({ flags, settings: { flagTokens, flagsHost: "127.0.0.1" } });
  address = await edge.miniflare.ready;
  await OpenFeature.setProviderAndWait("right", provider("Bearer of-services"));
  await OpenFeature.setProviderAndWait("next", provider("Bearer of-the-next-month"));
  await OpenFeature.setProviderAndWait("wrong", provider("Bearer of-nobody"));
  await OpenFeature.setProviderAndWait("none", provider());
});
afterAll(async () => {
  await OpenFeature.close();
  await edge.stop();
});

const client = (name: string): Client => OpenFeature.getClient(name);

const bulk = (context: object, headers: Record<string, string> = {}, authorization = "Bearer of-services") =>
  edge.fetch("https://127.0.0.1/ofrep/v1/evaluate/flags", {
    method: "POST",
    body: JSON.stringify({ context }),
    headers: { "content-type": "application/json", authorization, ...headers },
  });

test.each(["right", "next"])("who has a token of the services' is answered: the %s one", async (name) => {
  const ofTenant = await client(name).getBooleanDetails("checkout", false, { targetingKey: "bob", tenant: "acme" });
  expect(ofTenant).toMatchObject({ value: true, flagMetadata: { layer: "tenant", version: flags.version } });
  expect(await client(name).getBooleanValue("checkout", true, bob)).toBe(false);
  expect(await client(name).getStringValue("theme", "", { targetingKey: "ann" })).toBe("#ff0000");
});

test.each(["wrong", "none"])("with the %s token a service gets its own default, and why", async (name) => {
  statuses.length = 0;
  for (const otherwise of [true, false]) {
    const details = await client(name).getBooleanDetails("checkout", otherwise, { ...bob, tenant: "acme" });
    expect(details).toMatchObject({ value: otherwise, reason: "ERROR", errorCode: ErrorCode.GENERAL });
  }
  expect(statuses).toEqual([401, 401]);
});

test("all at once, with a tag by which the same isn't sent again", async () => {
  const first = await bulk(bob);
  expect(first.status).toBe(200);
  const body = (await first.json()) as { flags: { key: string; value: unknown }[] };
  expect(body.flags.map(({ key }) => key).sort()).toEqual(["checkout", "half", "theme"]);
  const tag = first.headers.get("etag") ?? "";
  expect(tag).toMatch(/^"[0-9a-f]{64}"$/);
  const again = await bulk(bob, { "if-none-match": tag });
  expect([again.status, await again.text()]).toEqual([304, ""]);
  expect((await bulk({ targetingKey: "ann" }, { "if-none-match": tag })).status).toBe(200);
  expect((await bulk(bob, { "if-none-match": tag }, "Bearer of-nobody")).status).toBe(401);
});

test("the flags' host answers nothing else, and no region is asked", async () => {
  const headers = { authorization: "Bearer of-services" };
  expect((await edge.fetch("https://127.0.0.1/products", { headers })).status).toBe(404);
  expect((await edge.fetch("https://shop.test/ofrep/v1/evaluate/flags", { method: "POST" })).status).toBe(200);
  expect(edge.seen).toEqual(["us-east /ofrep/v1/evaluate/flags"]);
});

test("flags that changed are seen within their ten seconds, and a service's tag no longer holds", async () => {
  const tag = (await bulk(bob)).headers.get("etag") ?? "";
  const store = await edge.store("FLAGS");
  const changed = flagSet({ checkout: { override: "on" } });
  await store.put("flags", JSON.stringify(changed));
  const deadline = Date.now() + 20_000;
  let answer = await bulk(bob, { "if-none-match": tag });
  while (answer.status === 304 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    answer = await bulk(bob, { "if-none-match": tag });
  }
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ metadata: { version: changed.version } });
});
