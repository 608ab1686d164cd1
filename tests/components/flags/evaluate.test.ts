import { assert, constantFrom, dictionary, integer, option, property, record, string, uniqueArray } from "fast-check";
import { bucketOf, evaluate, murmur3 } from "../../../components/flags/evaluate";
import { type Flag, FlagLayer, FlagReason, type FlagSet, RolloutUnit } from "../../../components/flags/flag";

const setOf = (flag: Flag): FlagSet => ({ version: "1", flags: { flag } });
const asked = (flag: Flag, context = {}) => evaluate(setOf(flag), "flag", context);

test("the hash is MurmurHash3's", () => {
  // Of the algorithm's own test vectors, seed 0.
  expect(murmur3("")).toBe(0);
  expect(murmur3("a")).toBe(0x3c2569b2);
  expect(murmur3("hello")).toBe(0x248bfa47);
  expect(murmur3("hello, world")).toBe(0x149bbb7f);
  expect(murmur3("The quick brown fox jumps over the lazy dog")).toBe(0x2e4ff723);
});

test("the first layer that knows an answer gives it", () => {
  const layers: [FlagLayer, Flag][] = [
    [FlagLayer.Global, { override: "on" }],
    [FlagLayer.Tenant, { tenants: { acme: "on" } }],
    [FlagLayer.Tier, { tiers: { pro: "on" } }],
    [FlagLayer.User, { users: { ann: "on" } }],
    [FlagLayer.Rollout, { rollout: [{ variant: "on", percent: 100 }] }],
    [FlagLayer.Default, { default: "on" }],
  ];
  const context = { tenant: "acme", tier: "pro", user: "ann" };
  layers.forEach(([layer, flag], index) => {
    const below = layers
      .slice(index + 1)
      .map(([, each]) => JSON.parse(JSON.stringify(each).replaceAll('"on"', '"off"')) as Flag);
    expect(asked(Object.assign({}, ...below, flag) as Flag, context)).toMatchObject({ value: true, layer });
    const above = layers
      .slice(0, index)
      .map(([, each]) => JSON.parse(JSON.stringify(each).replaceAll('"on"', '"off"')) as Flag);
    if (index > 0) expect(asked(Object.assign({}, flag, ...above) as Flag, context)).toMatchObject({ value: false });
  });
});

test("a flag that says nothing is off, and an unknown one has no answer", () => {
  expect(asked({})).toEqual({ value: false, variant: "off", layer: FlagLayer.Default, reason: FlagReason.Static });
  expect(evaluate(setOf({}), "other", {})).toBeUndefined();
  for (const name of ["constructor", "__proto__", "toString"]) {
    expect(evaluate(setOf({}), name, {})).toBeUndefined();
    expect(asked({ tenants: { acme: "on" } }, { tenant: name })).toMatchObject({ value: false });
  }
});

test("half of 100,000 users are half, within one percent, and the same ones each time", () => {
  const flag: Flag = { rollout: [{ variant: "on", percent: 50 }] };
  const users = Array.from({ length: 100_000 }, (_, index) => `user-${index}`);
  const isOn = (user: string) => asked(flag, { user })?.value === true;
  const first = users.map(isOn);
  const share = first.filter(Boolean).length / users.length;
  expect(share).toBeGreaterThan(0.49);
  expect(share).toBeLessThan(0.51);
  expect(users.map(isOn)).toEqual(first);
});

test("who is among the first for one flag is not for all others", () => {
  const users = Array.from({ length: 20_000 }, (_, index) => `user-${index}`);
  const both = users.filter((user) => bucketOf("one", user) < 50_000 && bucketOf("other", user) < 50_000);
  expect(both.length / users.length).toBeGreaterThan(0.24);
  expect(both.length / users.length).toBeLessThan(0.26);
});

test("raising the last share takes nobody's variant away", () => {
  assert(
    property(integer({ min: 0, max: 100 }), integer({ min: 0, max: 100 }), string(), (one, other, user) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)];
      const at = (percent: number) => asked({ rollout: [{ variant: "on", percent }] }, { user })?.value;
      if (at(less) === true) expect(at(more)).toBe(true);
    }),
  );
});

test("a rollout by tenant gives all its users the same", () => {
  const flag: Flag = { rollout: [{ variant: "on", percent: 50 }], rolloutBy: RolloutUnit.Tenant };
  assert(
    property(string({ minLength: 1 }), uniqueArray(string(), { minLength: 2, maxLength: 5 }), (tenant, users) => {
      expect(new Set(users.map((user) => asked(flag, { tenant, user })?.value)).size).toBe(1);
    }),
  );
});

test("whatever is stored and asked, there is an answer of the flag's own or false", () => {
  const name = constantFrom("on", "off", "blue", "__proto__", "");
  const flags = record(
    {
      override: name,
      tenants: dictionary(string(), name),
      tiers: dictionary(string(), name),
      users: dictionary(string(), name),
      default: name,
    },
    { requiredKeys: [] },
  );
  const context = record({ tenant: string(), tier: string(), user: string() }, { requiredKeys: [] });
  assert(
    property(flags, context, option(string()), (flag, who, key) => {
      const set: FlagSet = { version: "1", flags: { flag } };
      expect(typeof evaluate(set, "flag", who)?.value).toBe("boolean");
      if (key !== "flag") expect(evaluate(set, key ?? "", who)).toBeUndefined();
    }),
  );
});
