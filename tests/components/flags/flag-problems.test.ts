import { type Flag, RolloutUnit } from "../../../components/flags/flag";
import { flagProblems } from "../../../components/flags/flag-problems";

const around = { tenants: ["acme"], tiers: ["free", "pro"] };
const told = (flag: Flag, key = "flag") =>
  flagProblems({ [key]: flag }, around).map(({ path, reason }) => `${path}: ${reason}`);

test("flags that refer to what there is are taken", () => {
  expect(
    told({
      variants: { red: "#f00", blue: "#00f" },
      tenants: { acme: "red" },
      tiers: { pro: "blue" },
      users: { anybody: "red" },
      rollout: [
        { variant: "red", percent: 0.001 },
        { variant: "blue", percent: 99.999 },
      ],
      default: "blue",
    }),
  ).toEqual([]);
  expect(told({})).toEqual([]);
});

test("all that is wrong is told at once, with where", () => {
  expect(
    told({
      override: "maybe",
      tenants: { nobody: "on" },
      tiers: { gold: "on" },
      users: { ann: "perhaps" },
      rollout: [
        { variant: "on", percent: 60 },
        { variant: "on", percent: 50.00001 },
      ],
    }),
  ).toEqual([
    'flags.flag.override: "maybe" is no variant of it: on, off',
    "flags.flag.tenants.nobody: there is no such tenant: acme",
    "flags.flag.tiers.gold: there is no such tier: free, pro",
    'flags.flag.users.ann: "perhaps" is no variant of it: on, off',
    "flags.flag.rollout[1].percent: is 50.00001, must be from 0 to 100 in steps of 0.001",
    'flags.flag.rollout[1].variant: "on" has a share already',
    "flags.flag.rollout: has 110 percent in all, must be at most 100",
  ]);
});

test.each<[Flag, string]>([
  [
    { variants: { on: true }, default: "on" },
    "flags.flag.variants: must be two at least: a flag of one answer is none",
  ],
  [
    { variants: { one: 1, off: "no" } },
    "flags.flag.variants: are number and string: all must be of one type, as its callers read one",
  ],
  [{ variants: { red: 1, blue: 2 } }, "flags.flag.default: is missing: its variants have no off (red, blue)"],
  [
    { rollout: [{ variant: "on", percent: 100.001 }] },
    "flags.flag.rollout[0].percent: is 100.001, must be from 0 to 100 in steps of 0.001",
  ],
  [
    { rollout: [{ variant: "on", percent: Number.NaN }] },
    "flags.flag.rollout[0].percent: is NaN, must be from 0 to 100 in steps of 0.001",
  ],
  [{ rolloutBy: RolloutUnit.Tenant }, "flags.flag.rolloutBy: goes with rollout, which is missing"],
  [
    { variants: { on: true, off: null } as unknown as Flag["variants"] & object },
    "flags.flag.variants.off: must be true or false, a text, a number or an object",
  ],
  [
    { variants: { on: ["a"], off: {} } as unknown as Flag["variants"] & object },
    "flags.flag.variants.on: must be true or false, a text, a number or an object",
  ],
  [
    { variants: { "": true, off: false }, default: "off" },
    "flags.flag.variants.: must be named by 1 to 100 of a-z, 0-9, - and .",
  ],
])("%j is refused", (flag, problem) => expect(told(flag)).toContain(problem));

test("a flag is named as its callers can write it", () => {
  expect(told({}, "Big Flag")).toEqual(["flags.Big Flag: must be named by 1 to 100 of a-z, 0-9, - and ."]);
});

test("shares of fractions may add up to all, and to no more", () => {
  const rollout = (...percents: number[]): Flag => ({
    variants: { one: 1, two: 2, three: 3, off: 0 },
    rollout: percents.map((percent, index) => ({ variant: ["one", "two", "three"][index] ?? "", percent })),
  });
  // As numbers they add up to 100.00000000000001.
  expect(told(rollout(33.4, 33.3, 33.3))).toEqual([]);
  expect(told(rollout(33.4, 33.3, 33.301))).toEqual([
    "flags.flag.rollout: has 100.001 percent in all, must be at most 100",
  ]);
});

test("flags that are too many for an isolate to read are refused", () => {
  const flags = Object.fromEntries(
    Array.from({ length: 5000 }, (_, index) => [`flag-${index}`, { users: { [`user-${index}`]: "on", other: "off" } }]),
  );
  const [problem, ...others] = flagProblems(flags, around);
  expect(others).toEqual([]);
  expect(problem).toMatchObject({
    path: "flags",
    reason: expect.stringMatching(/^have \d{6} bytes, may have 262144: remove/) as string,
  });
});
