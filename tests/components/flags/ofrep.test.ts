import { assert, asyncProperty, constantFrom, jsonValue, oneof, option, record, string } from "fast-check";
import { type FlagSet, RolloutUnit } from "../../../components/flags/flag";
import { answerOfrep } from "../../../components/flags/ofrep";

const set: FlagSet = {
  version: "7",
  flags: {
    checkout: { tenants: { acme: "on" } },
    search: { override: "on" },
  },
};
const rolled: FlagSet = {
  version: "8",
  flags: {
    half: { rollout: [{ variant: "on", percent: 50 }] },
    together: { rollout: [{ variant: "on", percent: 50 }], rolloutBy: RolloutUnit.Tenant },
    search: { override: "on" },
  },
};
const url = "https://flags.test/ofrep/v1/evaluate/flags";
const ask = (path: string, body: unknown, headers: Record<string, string> = {}, flags = set) =>
  answerOfrep(
    new Request(url + path, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body), headers }),
    flags,
  );

test("one flag", async () => {
  const answer = await ask("/checkout", { context: { targetingKey: "ann", tenant: "acme" } });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({
    key: "checkout",
    value: true,
    variant: "on",
    reason: "TARGETING_MATCH",
    metadata: { layer: "tenant", version: "7" },
  });
});

test("all flags, and none again for who has them", async () => {
  const context = { targetingKey: "ann", tenant: "acme" };
  const answer = await ask("", { context });
  const { flags } = (await answer.json()) as { flags: { key: string; value: unknown }[] };
  expect(flags.map(({ key, value }) => [key, value])).toEqual([
    ["checkout", true],
    ["search", true],
  ]);
  const tag = answer.headers.get("etag") ?? "";
  expect((await ask("", { context }, { "if-none-match": tag })).status).toBe(304);
  expect((await ask("", { context: { tenant: "other" } }, { "if-none-match": tag })).status).toBe(200);
  expect((await ask("", { context }, { "if-none-match": tag }, { ...set, version: "8" })).status).toBe(200);
  // As a proxy weakens it, and among others.
  expect((await ask("", { context }, { "if-none-match": `"other", W/${tag}` })).status).toBe(304);
});

test("whoever asks, no two of them share a tag", async () => {
  const name = option(constantFrom("a", "b", "a-", "-b", "a-b", "-", ""), { nil: undefined });
  const context = record({ targetingKey: name, tenant: name, tier: name });
  // An empty text names nobody.
  const whom = ({ targetingKey, tenant, tier }: Record<string, string | undefined>) =>
    JSON.stringify([targetingKey || null, tenant || null, tier || null]);
  await assert(
    asyncProperty(context, context, async (one, other) => {
      const [left, right] = await Promise.all([one, other].map((each) => ask("", { context: each })));
      expect(left?.headers.get("etag") === right?.headers.get("etag")).toBe(whom(one) === whom(other));
    }),
  );
});

test("a rollout says whom it doesn't know, and takes no other flag with it", async () => {
  const single = async (key: string, context: object) => {
    const answer = await ask(`/${key}`, { context }, {}, rolled);
    return [answer.status, ((await answer.json()) as { errorCode?: string }).errorCode];
  };
  expect(await single("half", {})).toEqual([400, "TARGETING_KEY_MISSING"]);
  expect(await single("half", { targetingKey: "" })).toEqual([400, "TARGETING_KEY_MISSING"]);
  expect(await single("half", { tenant: "acme" })).toEqual([200, undefined]);
  expect(await single("together", { targetingKey: "ann" })).toEqual([400, "INVALID_CONTEXT"]);
  const all = await ask("", { context: {} }, {}, rolled);
  expect(all.status).toBe(200);
  expect(await all.json()).toMatchObject({
    flags: [
      { key: "half", errorCode: "TARGETING_KEY_MISSING" },
      { key: "together", errorCode: "INVALID_CONTEXT" },
      { key: "search", value: true },
    ],
  });
});

test("a body without an end is not read to it", async () => {
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 1024;
      controller.enqueue(new Uint8Array(1024).fill(32));
    },
  });
  const request = new Request(`${url}/checkout`, { method: "POST", body, duplex: "half" } as RequestInit);
  expect((await answerOfrep(request, set)).status).toBe(413);
  expect(sent).toBeLessThan(100_000);
});

test.each([
  ["/none", { context: {} }, 404, "FLAG_NOT_FOUND"],
  ["/checkout", "{", 400, "PARSE_ERROR"],
  ["/checkout", "[]", 400, "PARSE_ERROR"],
  ["/checkout", { context: [] }, 400, "INVALID_CONTEXT"],
  ["/checkout", { context: { targetingKey: 1 } }, 400, "INVALID_CONTEXT"],
  ["/checkout", { context: { targetingKey: "x".repeat(70_000) } }, 413, "PARSE_ERROR"],
])("%s with %j is %d %s", async (path, body, status, errorCode) => {
  const answer = await ask(path, body);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ errorCode });
});

test("other methods and paths are refused", async () => {
  expect((await answerOfrep(new Request(`${url}/checkout`), set)).status).toBe(405);
  expect((await answerOfrep(new Request("https://flags.test/", { method: "POST" }), set)).status).toBe(404);
});

test("whatever is sent, the answer is JSON that says what it is", async () => {
  const body = oneof(jsonValue(), record({ context: jsonValue() }), string());
  await assert(
    asyncProperty(string(), body, async (key, sent) => {
      const answer = await ask(`/${encodeURIComponent(key)}`, sent, {}, rolled);
      expect([200, 400, 404]).toContain(answer.status);
      const told = (await answer.json()) as { key?: string; flags?: unknown[]; errorCode?: string };
      if (key === "") expect(told.flags ?? told.errorCode).toBeDefined();
      // Else an SDK takes it for no answer at all.
      else if (new URL(`${url}/${encodeURIComponent(key)}`).pathname.startsWith(new URL(url).pathname)) {
        if (key !== "." && key !== "..") expect(told.key).toBe(key);
      }
    }),
    { numRuns: 500 },
  );
});
