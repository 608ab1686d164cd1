import { assert, asyncProperty, jsonValue, string } from "fast-check";
import type { FlagSet } from "../../../components/flags/flag";
import { answerOfrep } from "../../../components/flags/ofrep";

const set: FlagSet = { version: "7", flags: { checkout: { tenants: { acme: "on" } }, search: { override: "on" } } };
const url = "https://flags.test/ofrep/v1/evaluate/flags";
const ask = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  answerOfrep(
    new Request(url + path, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body), headers }),
    set,
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
  await assert(
    asyncProperty(string(), jsonValue(), async (key, body) => {
      const answer = await ask(`/${encodeURIComponent(key)}`, body);
      expect([200, 400, 404]).toContain(answer.status);
      expect(await answer.json()).toEqual(expect.any(Object));
    }),
  );
});
