import { assert, dictionary, jsonValue, property, string } from "fast-check";
import type { Flag } from "../../../components/flags/flag";
import { canonicalText, flagSet } from "../../../components/flags/flag-set";

const flags: Record<string, Flag> = {
  checkout: { tiers: { pro: "on", free: "off" }, rollout: [{ variant: "on", percent: 10 }] },
  search: { override: "on" },
};

test("the same flags are the same version, in whatever order they were written", () => {
  const { version } = flagSet(flags);
  expect(version).toMatch(/^[0-9a-f]{16}$/);
  const reordered = {
    search: { override: "on" },
    checkout: { rollout: flags.checkout?.rollout ?? [], tiers: { free: "off", pro: "on" } },
  };
  expect(flagSet(reordered).version).toBe(version);
});

test.each<[string, Record<string, Flag>]>([
  ["another variant", { ...flags, search: { override: "off" } }],
  ["another share", { ...flags, checkout: { ...flags.checkout, rollout: [{ variant: "on", percent: 11 }] } }],
  ["one flag less", { search: { override: "on" } }],
])("%s is another version", (_, other) => expect(flagSet(other).version).not.toBe(flagSet(flags).version));

test("the order of a rollout is kept: it decides who gets which share", () => {
  const shares = [
    { variant: "on", percent: 10 },
    { variant: "off", percent: 20 },
  ];
  const of = (rollout: Flag["rollout"]) => flagSet({ flag: { rollout: rollout ?? [] } }).version;
  expect(of(shares)).not.toBe(of([...shares].reverse()));
});

test("canonical text says the same, sorted", () => {
  assert(
    property(dictionary(string(), jsonValue()), (value) => {
      expect(JSON.parse(canonicalText(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
