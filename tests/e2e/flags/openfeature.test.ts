import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { OFREPProvider } from "@openfeature/ofrep-provider";
import { type Client, ErrorCode, type EvaluationContext, OpenFeature } from "@openfeature/server-sdk";
import { type Flag, RolloutUnit } from "../../../components/flags/flag";
import { flagSet } from "../../../components/flags/flag-set";
import { answerOfrep } from "../../../components/flags/ofrep";

jest.setTimeout(60_000);

/** OpenFeature's own SDK and provider, as a service uses them, over a socket. */

const flags: Record<string, Flag> = {
  checkout: { tenants: { acme: "on", globex: "off" }, tiers: { pro: "on" }, users: { ann: "on" } },
  stopped: { override: "off", tenants: { acme: "on" }, rollout: [{ variant: "on", percent: 100 }] },
  theme: { variants: { red: "#ff0000", blue: "#0000ff" }, default: "blue", users: { ann: "red" } },
  "page-size": { variants: { small: 20, large: 100 }, default: "small", tiers: { enterprise: "large" } },
  limits: {
    variants: { usual: { items: 50 }, high: { items: 500, express: true } },
    default: "usual",
    tiers: { pro: "high" },
  },
  half: { rollout: [{ variant: "on", percent: 50 }] },
  together: { rollout: [{ variant: "on", percent: 50 }], rolloutBy: RolloutUnit.Tenant },
};
const set = flagSet(flags);
let server: Server;
let client: Client;

async function asRequest(message: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(Buffer.from(chunk as Uint8Array));
  const { method = "GET", headers, url = "/" } = message;
  const init = { method, headers: { "content-type": headers["content-type"] ?? "" } };
  return new Request(`http://flags.test${url}`, method === "POST" ? { ...init, body: Buffer.concat(chunks) } : init);
}

async function answer(message: IncomingMessage): Promise<Response> {
  // What the Worker does before it evaluates.
  if (message.headers.authorization !== "Bearer of-services") return new Response(null, { status: 401 });
  return answerOfrep(await asRequest(message), set);
}

const provider = (token: string) =>
  new OFREPProvider({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    headers: { Authorization: `Bearer ${token}` },
  });

beforeAll(async () => {
  server = createServer((message, response) => {
    void answer(message).then(async (answered) => {
      response.writeHead(answered.status, Object.fromEntries(answered.headers));
      response.end(Buffer.from(await answered.arrayBuffer()));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  await OpenFeature.setProviderAndWait(provider("of-services"));
  await OpenFeature.setProviderAndWait("stranger", provider("of-nobody"));
  client = OpenFeature.getClient();
});

afterAll(async () => {
  await OpenFeature.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const bob = { targetingKey: "bob" };

test.each<[string, string, EvaluationContext, boolean, string, string]>([
  ["the override, whatever else is said", "stopped", { ...bob, tenant: "acme" }, false, "global", "STATIC"],
  ["the tenant's", "checkout", { ...bob, tenant: "acme" }, true, "tenant", "TARGETING_MATCH"],
  [
    "the tenant's before its tier's and the user's",
    "checkout",
    { targetingKey: "ann", tenant: "globex", tier: "pro" },
    false,
    "tenant",
    "TARGETING_MATCH",
  ],
  ["the tier's", "checkout", { ...bob, tenant: "initech", tier: "pro" }, true, "tier", "TARGETING_MATCH"],
  ["the user's", "checkout", { targetingKey: "ann", tenant: "initech", tier: "free" }, true, "user", "TARGETING_MATCH"],
  ["the default", "checkout", { ...bob, tenant: "initech", tier: "free" }, false, "default", "DEFAULT"],
])("%s", async (_, key, context, value, layer, reason) => {
  // The other value: a failure would show.
  const details = await client.getBooleanDetails(key, !value, context);
  expect(details).toMatchObject({ value, reason, flagMetadata: { layer, version: set.version } });
  expect(details.errorCode).toBeUndefined();
});

test("texts, numbers and objects come as they are", async () => {
  expect(await client.getStringValue("theme", "", { targetingKey: "ann" })).toBe("#ff0000");
  expect(await client.getStringValue("theme", "", bob)).toBe("#0000ff");
  expect(await client.getNumberValue("page-size", 0, { ...bob, tier: "enterprise" })).toBe(100);
  expect(await client.getObjectValue("limits", {}, { ...bob, tier: "pro" })).toEqual({ items: 500, express: true });
});

test("a rollout gives each user the same each time, and about half of them each variant", async () => {
  const users = Array.from({ length: 300 }, (_, index) => `user-${index}`);
  const ask = () => Promise.all(users.map((targetingKey) => client.getBooleanDetails("half", false, { targetingKey })));
  const first = await ask();
  expect(await ask()).toEqual(first);
  expect(new Set(first.map(({ reason }) => reason))).toEqual(new Set(["SPLIT", "DEFAULT"]));
  const share = first.filter(({ value }) => value).length / users.length;
  expect(share).toBeGreaterThan(0.4);
  expect(share).toBeLessThan(0.6);
});

test("a rollout by tenant gives all users of one the same", async () => {
  const users = Array.from({ length: 20 }, (_, index) => `user-${index}`);
  const ofTenant = async (tenant: string) =>
    new Set(
      await Promise.all(
        users.map((targetingKey) => client.getBooleanValue("together", false, { targetingKey, tenant })),
      ),
    );
  const answers = await Promise.all(["acme", "globex", "initech", "umbrella", "hooli", "stark"].map(ofTenant));
  expect(answers.map(({ size }) => size)).toEqual([1, 1, 1, 1, 1, 1]);
  expect(new Set(answers.flatMap((each) => [...each])).size).toBe(2);
});

test.each<[string, string, EvaluationContext, ErrorCode]>([
  ["a flag that there isn't", "none", bob, ErrorCode.FLAG_NOT_FOUND],
  ["a rollout without a user", "half", {}, ErrorCode.TARGETING_KEY_MISSING],
  ["a rollout by tenant without one", "together", bob, ErrorCode.INVALID_CONTEXT],
  ["a tenant that is no text", "checkout", { ...bob, tenant: 1 }, ErrorCode.INVALID_CONTEXT],
  ["a flag of another type", "theme", bob, ErrorCode.TYPE_MISMATCH],
])("%s: the caller's own default, and why", async (_, key, context, errorCode) => {
  for (const otherwise of [true, false]) {
    const details = await client.getBooleanDetails(key, otherwise, context);
    expect(details).toMatchObject({ value: otherwise, errorCode, reason: "ERROR" });
  }
});

test("who has no token gets no flag, and the caller's own default", async () => {
  const details = await OpenFeature.getClient("stranger").getBooleanDetails("checkout", false, {
    ...bob,
    tenant: "acme",
  });
  expect(details).toMatchObject({ value: false, reason: "ERROR" });
});
