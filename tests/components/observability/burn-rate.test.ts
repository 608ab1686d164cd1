import fc from "fast-check";
import { burnRateAlerts } from "../../../components/observability/burn-rate";
import { errorBudget } from "../../../components/observability/objectives";
import { Severity } from "../../../components/observability/prometheus-operator";
import {
  evaluationSeconds,
  Indicator,
  indicators,
  type Window,
  windows,
} from "../../../components/observability/recording-rules";

/** A service that has failed at one rate for days. */
interface World {
  indicator: Indicator;
  /** Share of the requests that went wrong. */
  share: number;
  requestsPerSecond: number;
  promisedPercent: number;
}
const percent = fc.integer({ min: 95_000, max: 99_999 }).map((number) => number / 1000);
const worlds: fc.Arbitrary<World> = fc.record({
  indicator: fc.constantFrom(...Object.values(Indicator)),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
  requestsPerSecond: fc.double({ min: 1, max: 100_000, noNaN: true }),
  promisedPercent: percent,
});
const seconds = (window: string) =>
  Number.parseInt(window, 10) * ({ m: 60, h: 3600, d: 86_400 }[window.slice(-1)] ?? 0);

/** The expression's value in such a world; the other indicator is all good. */
function fires(expr: string, { indicator, share, requestsPerSecond, promisedPercent }: World): boolean {
  const values = new Map<string, number>();
  for (const each of Object.values(Indicator)) {
    const { bad, budget, ratio } = indicators[each];
    const own = each === indicator ? share : 0;
    values.set(budget, errorBudget(promisedPercent));
    for (const window of windows) {
      values.set(ratio(window), own);
      values.set(`sum_over_time(${bad}[${window}])`, (own * requestsPerSecond * seconds(window)) / evaluationSeconds);
    }
  }
  const product = (text: string) =>
    text
      .split(" * ")
      .map((factor) => values.get(factor) ?? Number(factor))
      .reduce((result, factor) => result * factor);
  return expr.split(" and ").every((comparison) => {
    const [, left = "", operator, right = ""] = /^(.*) (>=?) (.*)$/.exec(comparison) ?? [];
    const [value, bound] = [product(left), product(right)];
    expect([value, bound]).not.toContain(Number.NaN);
    return operator === ">" ? value > bound : value >= bound;
  });
}
const firing = (world: World) => burnRateAlerts().filter(({ expr }) => fires(expr, world));

test("who keeps a promise is never woken, nor gets a ticket", () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const kept = { ...world, share: world.share * errorBudget(world.promisedPercent) };
      expect(firing(kept)).toEqual([]);
    }),
  );
});

test("an outage pages, whatever was promised, by the alerts of what went wrong alone", () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const alerts = firing({ ...world, share: 1 });
      expect(alerts.some(({ labels }) => labels.severity === Severity.Page)).toBe(true);
      const name = { availability: "AvailabilityBudgetBurn", latency: "LatencyBudgetBurn" }[world.indicator];
      expect(new Set(alerts.map(({ alert }) => alert))).toEqual(new Set([name]));
    }),
  );
});

test("more that goes wrong never silences an alert, and what pages has filed its ticket too", () => {
  fc.assert(
    fc.property(worlds, fc.double({ min: 1, max: 20, noNaN: true }), (world, times) => {
      const windowsOf = (share: number) => firing({ ...world, share }).map(({ labels }) => labels.window);
      const [few, many] = [windowsOf(world.share / times), windowsOf(world.share)];
      expect(many).toEqual(expect.arrayContaining(few));
      const longer: Window[] = ["6h", "1d", "3d"];
      if (few.includes("1h")) expect(few).toEqual(expect.arrayContaining(longer));
    }),
  );
});

test("a handful of failures wakes nobody, however large a share they are", () => {
  fc.assert(
    fc.property(worlds, fc.integer({ min: 1, max: 9 }), (world, failures) => {
      for (const { expr, labels } of burnRateAlerts()) {
        const few = { ...world, share: 1, requestsPerSecond: failures / seconds(labels.window ?? "") };
        expect(fires(expr, few)).toBe(false);
      }
    }),
  );
});
