import { array, assert, asyncProperty, constantFrom, oneof, option, string, stringMatching } from "fast-check";
import type { Bindings } from "../../../../components/edge/worker/bindings";
import { problemOf } from "../../../../components/edge/worker/problems";
import { Tenants } from "../../../../components/edge/worker/tenants";
import { hostKey, type Tenant, tenantEntries, TenantTier } from "../../../../components/tenancy/tenant";
import { TenantIsolation } from "../../../../components/database/tenancy";

const acme: Tenant = {
  ...{ id: "acme", tier: TenantTier.Pro, isolation: TenantIsolation.SharedDatabase, dataRegion: "eu-west" },
  customDomains: ["www.acme.example"],
};
const entries = tenantEntries([acme, { ...acme, id: "gone", suspended: true, customDomains: [] }], "tenants.test", {
  free: 60,
  pro: 600,
  enterprise: 6000,
});
const records = new Map(entries.map(({ key, value }) => [key, value]));
const asked: string[] = [];
const store = {
  get: <Value>(key: string): Promise<Value | null> => {
    asked.push(key);
    // The store's own promise: its values are written by the program alone.
    return Promise.resolve((records.get(key) ?? null) as Value | null);
  },
};
const bindings = { TENANTS: store } as unknown as Bindings;
const callerOf = (host: string, headers: Headers) =>
  new Tenants(["shop.test"], undefined).callerOf(new Request("https://x.test/", { headers }), host, bindings, {
    waitUntil: () => undefined,
  });

test("whatever host and token come: a tenant is found by a host of its own alone, and a token that nobody checks names none", async () => {
  const host = oneof(
    constantFrom("shop.test", "acme.tenants.test", "www.acme.example", "gone.tenants.test"),
    constantFrom(
      "acme",
      "tenant:acme",
      "acme.tenants.test.evil.test",
      "acme.tenants.test.",
      "__proto__",
      "constructor",
    ),
    string(),
    array(stringMatching(/^[a-z0-9-]{1,10}$/), { maxLength: 4 }).map((labels) => labels.join(".")),
  );
  const visible = stringMatching(/^[!-~]{0,40}$/);
  const authorization = option(
    oneof(
      visible,
      visible.map((text) => `Bearer ${text}`),
    ),
    { nil: undefined },
  );
  await assert(
    asyncProperty(host, authorization, async (name, given) => {
      const headers = new Headers(given === undefined ? {} : { authorization: given });
      const caller = await callerOf(name, headers);
      const expected = records.get(hostKey(name));
      if (caller instanceof Response) {
        const problem = problemOf(caller);
        if (problem === "unknown-host") return expect([name === "shop.test", expected]).toEqual([false, undefined]);
        if (problem === "suspended") return expect(expected?.suspended).toBe(true);
        expect(problem).toBe("invalid-token");
        return expect(headers.has("authorization")).toBe(true);
      }
      expect(caller.tenant).toEqual(expected);
      expect(expected?.suspended ?? false).toBe(false);
      expect(name === "shop.test" || expected !== undefined).toBe(true);
    }),
    { numRuns: 1000 },
  );
  // By hosts alone: what a visitor sends is never another kind of key.
  expect(asked.every((key) => key.startsWith("host:"))).toBe(true);
});
