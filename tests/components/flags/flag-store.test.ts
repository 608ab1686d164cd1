import type * as pulumi from "@pulumi/pulumi";
import type { Flag, FlagSet } from "../../../components/flags/flag";
import { evaluate } from "../../../components/flags/evaluate";
import { flagSet } from "../../../components/flags/flag-set";
import { FlagStore, type FlagStoreArgs } from "../../../components/flags/flag-store";
import { recorded } from "../tenancy/recorded";

const flags: Record<string, Flag> = {
  checkout: { tiers: { pro: "on" }, tenants: { acme: "off" }, rollout: [{ variant: "on", percent: 10 }] },
  theme: { variants: { red: "#f00", blue: "#00f" }, default: "blue" },
};
const args: FlagStoreArgs = { accountId: "0".repeat(32), flags, tenants: ["acme"] };

test("what a store is made of", async () => {
  expect(await recorded(() => void new FlagStore("flags", { ...args, title: "prod-flags" }))).toMatchSnapshot();
});

test("what is stored answers as what was written", async () => {
  const [stored] = (await recorded(() => void new FlagStore("flags", args))).filter(
    ({ name }) => name === "flags-flags",
  );
  const set = JSON.parse(String(stored?.inputs.value)) as FlagSet;
  expect(set).toEqual(flagSet(flags));
  expect(evaluate(set, "checkout", { tier: "pro" })?.value).toBe(true);
  expect(evaluate(set, "checkout", { tenant: "acme", tier: "pro" })?.value).toBe(false);
});

test("it says which store, and which flags", async () => {
  let store: FlagStore | undefined;
  await recorded(() => {
    store = new FlagStore("flags", args);
  });
  const valueOf = <Value>(output: pulumi.Output<Value> | undefined) => new Promise((resolve) => output?.apply(resolve));
  expect(await valueOf(store?.namespaceId)).toBe("flags-namespace");
  expect(await valueOf(store?.version)).toBe(flagSet(flags).version);
});

test("flags that refer to nothing are refused, all at once", () => {
  const wrong = {
    ...args,
    tenants: [],
    flags: { checkout: { ...flags.checkout, override: "maybe", tiers: { gold: "on" } } },
  };
  expect(() => new FlagStore("flags", wrong)).toThrow(
    'FlagStore "flags" has invalid arguments: flags.checkout.override: "maybe" is no variant of it: on, off; ' +
      "flags.checkout.tenants.acme: there is no such tenant: there are none; " +
      "flags.checkout.tiers.gold: there is no such tier: free, pro, enterprise",
  );
});
