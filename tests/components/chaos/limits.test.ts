import fc from "fast-check";
import { assertionPath, type ChaosLimits, limitsProblems, steadyState } from "../../../components/chaos/limits";

const paths = (limits: Partial<ChaosLimits> | undefined) => limitsProblems(limits).map(({ path }) => path);

test("limits within the bounds are accepted", () => {
  const errorRatePercent = fc.double({ min: 0.1, max: 10, noNaN: true });
  const p99Milliseconds = fc.double({ min: 1, max: 5_000, noNaN: true });
  fc.assert(
    fc.property(fc.record({ errorRatePercent, p99Milliseconds }), (limits) => limitsProblems(limits).length === 0),
  );
});

test("limits out of the bounds, and what is no number, are refused, each with its path", () => {
  const outside = (least: number, most: number) =>
    fc.oneof(fc.double({ max: least, maxExcluded: true }), fc.double({ min: most, minExcluded: true }));
  const limits = fc.record({ errorRatePercent: outside(0.1, 10), p99Milliseconds: outside(1, 5_000) });
  fc.assert(
    fc.property(limits, (wrong) => {
      expect(paths(wrong)).toEqual(["limits.errorRatePercent", "limits.p99Milliseconds"]);
    }),
  );
});

test("there is no experiment without both limits", () => {
  expect(paths(undefined)).toEqual(["limits.errorRatePercent", "limits.p99Milliseconds"]);
  expect(paths({ errorRatePercent: 5 })).toEqual(["limits.p99Milliseconds"]);
  expect(paths({ p99Milliseconds: 1000 })).toEqual(["limits.errorRatePercent"]);
});

test("the steady state of a service is the architecture's two limits and no alert that pages", () => {
  const limits = { errorRatePercent: 5, p99Milliseconds: 1000 };
  const expression = steadyState({ namespace: "shop", service: "catalog", limits });
  expect(expression).toBe(
    '(omega:request_error_ratio:rate1m{namespace="shop",service="catalog"} < 0.05 ' +
      'and on (namespace, service) omega:request_latency_p99_milliseconds:rate1m{namespace="shop",service="catalog"} < 1000) ' +
      'unless on () (omega:request_error_ratio:rate1m{namespace="shop"} >= 0.05 ' +
      'or omega:request_latency_p99_milliseconds:rate1m{namespace="shop"} >= 1000 ' +
      'or ALERTS{alertstate="firing",severity=~"page|critical"})',
  );
});

test("a path carries any expression whole", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (expression) => {
      const { pathname, searchParams } = new URL(assertionPath(expression), "http://prometheus");
      expect(pathname).toBe("/api/v1/query");
      expect(searchParams.get("query")).toContain(`absent(${expression})`);
    }),
  );
});
