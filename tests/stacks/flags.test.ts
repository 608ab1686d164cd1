import { Scope } from "../../stacks/schema";
import { z } from "zod";
import { lenient } from "../../stacks/lenient";
import { buildFlags, flagErrors } from "../../stacks/flags";
import { flagsSchema } from "../../stacks/schema/flags";
import { gatewaySchema } from "../../stacks/schema/gateway";
import { tenantsSchema } from "../../stacks/schema/tenants";
import { recorded } from "../components/tenancy/recorded";

const schema = z.strictObject({ flags: flagsSchema, tenants: tenantsSchema, gateway: gatewaySchema.optional() });
const tenants = [{ id: "acme", tier: "pro", dataRegion: "us-east" }];
const gateway = { hosts: ["api.shop.example"], sources: ["10.0.0.0/8"] };
const errorsOf = (input: object) =>
  flagErrors(lenient(schema).parse({ tenants, ...input })).map(({ path, reason }) => `${path}: ${reason}`);

test("a flag is a line, and none is needed", () => {
  expect(schema.parse({})).toEqual({ flags: {}, tenants: [] });
  const flags = {
    checkout: {},
    search: { tiers: { enterprise: "on" }, rollout: [{ variant: "on", percent: 0.5 }], rolloutBy: "tenant" },
    theme: { variants: { red: { hex: "#f00" }, blue: { hex: "#00f" } }, default: "blue", tenants: { acme: "red" } },
  };
  expect(schema.parse({ flags }).flags).toEqual(flags);
  expect(errorsOf({ flags })).toEqual([]);
});

test.each<[string, object]>([
  ["a share without its variant", { rollout: [{ percent: 5 }] }],
  ["more than all", { rollout: [{ variant: "on", percent: 101 }] }],
  ["a rollout of nothing", { rollout: [] }],
  ["a rollout by what there isn't", { rolloutBy: "country" }],
  ["a list for a value", { variants: { on: [1], off: [2] } }],
  ["a word that is none of a flag's", { overide: "on" }],
])("%s has the wrong form", (_, flag) => {
  expect(schema.safeParse({ flags: { flag } }).success).toBe(false);
});

test("flags that refer to nothing are told all at once, beside errors of form", () => {
  const flags = {
    checkout: { tenants: { globex: "on" }, tiers: { gold: "on" }, override: "maybe" },
    search: { rollout: [{ variant: "on", percent: 60 }, { variant: "off", percent: 41 }, { percent: "all" }] },
  };
  expect(errorsOf({ flags })).toEqual(
    expect.arrayContaining([
      'flags.checkout.override: "maybe" is no variant of it: on, off',
      "flags.checkout.tenants.globex: there is no such tenant: acme",
      "flags.checkout.tiers.gold: there is no such tier: free, pro, enterprise",
    ]),
  );
});

test("tiers are those that tokens can name", () => {
  const flags = { checkout: { tiers: { gold: "on" } } };
  expect(errorsOf({ flags, gateway: { ...gateway, rateLimits: { requestsPerMinute: { gold: 100 } } } })).toEqual([]);
});

test("they go to a store that is named after the environment", async () => {
  const config = { ...schema.parse({ flags: { checkout: { tenants: { acme: "on" } } }, tenants }), gateway: undefined };
  const resources = await recorded(
    () => void buildFlags({ ...config, environment: "prod", scope: Scope.Global }, "0".repeat(32), {}),
  );
  expect(resources.map(({ inputs }) => inputs.title ?? inputs.keyName)).toEqual(["flags", "prod-flags"]);
});
