import fc from "fast-check";
import { burnRateAlerts, burnRates } from "../../../components/observability/burn-rate";
import { errorBudget, latencyBounds, objectiveProblems } from "../../../components/observability/objectives";
import { Severity } from "../../../components/observability/prometheus-operator";
import { windows } from "../../../components/observability/recording-rules";

const hours = (window: string) => {
  const [, amount, unit] = /^(\d+)([mhd])$/.exec(window) ?? [];
  return (Number(amount) * { m: 1, h: 60, d: 1440 }[unit as "m" | "h" | "d"]) / 60;
};
const thousandths = fc.integer({ min: 90_000, max: 101_000 }).map((number) => number / 1000);
const objective = { service: "catalog", namespace: "shop" };

test.each(burnRates)("$factor times over $long: a short window of a twelfth, both recorded", ({ long, short }) => {
  expect(hours(long) / hours(short)).toBe(12);
  expect(windows).toEqual(expect.arrayContaining([long, short]));
});

test("a faster burn is noticed in less time, and pages before it files a ticket", () => {
  const pages = burnRates.map(({ severity }) => severity === Severity.Page);
  expect(pages).toEqual([...pages].sort((left, right) => Number(right) - Number(left)));
  burnRates.slice(1).forEach(({ factor, long }, index) => {
    const faster = burnRates[index];
    expect(factor).toBeLessThan(faster?.factor ?? 0);
    expect(hours(long)).toBeGreaterThan(hours(faster?.long ?? "3d"));
  });
});

test.each([
  ["1h", 0.02],
  ["6h", 0.05],
  ["1d", 0.1],
  ["3d", 0.1],
])("when the alert over %s fires, %d of the budget of 30 days is spent at least", (window, share) => {
  const rate = burnRates.find(({ long }) => long === window);
  expect(((rate?.factor ?? 0) * hours(window)) / (30 * 24)).toBeCloseTo(share, 10);
});

test("every burn rate that an accepted objective has can be reached: no threshold is above all requests", () => {
  fc.assert(
    fc.property(thousandths, (availabilityPercent) => {
      fc.pre(objectiveProblems([{ ...objective, availabilityPercent }]).length === 0);
      for (const { factor } of burnRates) expect(factor * errorBudget(availabilityPercent)).toBeLessThan(1);
      expect(errorBudget(availabilityPercent)).toBeGreaterThan(0);
    }),
  );
});

test("a budget is what the promise leaves, without the noise of binary fractions", () => {
  expect([99.9, 99, 99.99, 99.999, 95].map(errorBudget)).toEqual([0.001, 0.01, 0.0001, 0.00001, 0.05]);
});

test("latency is promised at a bound of the histogram, or not at all", () => {
  fc.assert(
    fc.property(fc.oneof(fc.constantFrom(...latencyBounds), fc.integer()), (latencyMilliseconds) => {
      const isAccepted = objectiveProblems([{ ...objective, latencyMilliseconds }]).length === 0;
      expect(isAccepted).toBe(latencyBounds.includes(latencyMilliseconds));
    }),
  );
});

test("every problem is reported with its path", () => {
  const wrong = { ...objective, availabilityPercent: 100, latencyPercent: 50, latencyMilliseconds: 300 };
  expect(objectiveProblems([wrong, objective]).map(({ path }) => path)).toEqual([
    "objectives[0].availabilityPercent",
    "objectives[0].latencyPercent",
    "objectives[0].latencyMilliseconds",
    "objectives[1]",
  ]);
});

test("each burn rate asks for both of its windows, and for more than a few bad requests", () => {
  for (const { expr, labels } of burnRateAlerts()) {
    const { long, short } = burnRates.find((rate) => rate.long === labels.window) ?? {};
    expect(expr).toContain(`:rate${long} > `);
    expect(expr).toContain(`:rate${short} > `);
    expect(expr).toMatch(/>= 10$/);
  }
});
