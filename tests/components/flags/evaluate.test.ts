import {
  assert,
  constantFrom,
  dictionary,
  integer,
  option,
  property,
  record,
  string,
  stringMatching,
  uniqueArray,
} from "fast-check";
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

test("whatever the flag's name, its share and how users are named, that share of 100,000 users gets it", () => {
  const name = stringMatching(/^[a-z][a-z-]{0,20}$/);
  const naming = constantFrom(
    (index: number) => `user-${index}`,
    (index: number) => String(1_000_000 + index),
    (index: number) => `${index.toString(16).padStart(8, "0")}-0000-4000-8000-000000000000`,
  );
  assert(
    property(name, integer({ min: 1, max: 99 }), naming, (key, percent, named) => {
      const isIn = (_: unknown, index: number) => bucketOf(key, named(index)) < percent * 1000;
      const share = Array.from({ length: 100_000 }, isIn).filter(Boolean).length / 100_000;
      // One percent of all is more than six standard deviations.
      expect(Math.abs(share - percent / 100)).toBeLessThan(0.01);
    }),
    { numRuns: 5 },
  );
});

test("who is among the first for one flag is not for all others", () => {
  const name = stringMatching(/^[a-z][a-z-]{0,20}$/);
  assert(
    property(uniqueArray(name, { minLength: 2, maxLength: 2 }), ([one = "", other = ""]) => {
      const isInBoth = (_: unknown, index: number) =>
        bucketOf(one, `user-${index}`) < 50_000 && bucketOf(other, `user-${index}`) < 50_000;
      const share = Array.from({ length: 20_000 }, isInBoth).filter(Boolean).length / 20_000;
      expect(Math.abs(share - 0.25)).toBeLessThan(0.02);
    }),
    { numRuns: 5 },
  );
});

test("a share that grows takes only from those without one, where it is the last", () => {
  const rollout = (percent: number) => [
    { variant: "blue", percent: 20 },
    { variant: "green", percent },
  ];
  const variants = { blue: "b", green: "g", off: "o" };
  assert(
    property(integer({ min: 0, max: 40 }), integer({ min: 0, max: 40 }), string(), (less, more, user) => {
      const before = asked({ variants, rollout: rollout(less) }, { user })?.variant;
      const after = asked({ variants, rollout: rollout(less + more) }, { user })?.variant;
      expect([before, "green"]).toContain(after);
      if (before !== "off") expect(after).toBe(before);
    }),
  );
});

test("a rollout goes by the user, and where there is none by the tenant; without both it says so", () => {
  const all: Flag = { rollout: [{ variant: "on", percent: 100 }] };
  expect(asked(all, { user: "ann" })).toMatchObject({ layer: FlagLayer.Rollout, value: true });
  expect(asked(all, { tenant: "acme" })).toMatchObject({ layer: FlagLayer.Rollout, value: true });
  expect(asked(all, {})).toEqual({
    ...{ value: false, variant: "off", layer: FlagLayer.Default, reason: FlagReason.Default },
    unnamed: RolloutUnit.User,
  });
  const byTenant = { ...all, rolloutBy: RolloutUnit.Tenant };
  expect(asked(byTenant, { user: "ann" })).toMatchObject({ layer: FlagLayer.Default, unnamed: RolloutUnit.Tenant });
  const half: Flag = { rollout: [{ variant: "on", percent: 50 }] };
  // The user alone decides, whichever tenant asks for them.
  const users = Array.from({ length: 100 }, (_, index) => `user-${index}`);
  for (const user of users) {
    expect(asked(half, { user, tenant: "acme" })?.value).toBe(asked(half, { user, tenant: "globex" })?.value);
  }
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
