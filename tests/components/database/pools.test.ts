import fc from "fast-check";
import { auroraBudget } from "../../../components/database/aurora/sizes";
import {
  budgetProblems,
  connectionsOf,
  partsOf,
  type PoolDemand,
  poolVariables,
} from "../../../components/database/pools";
import { vitessBudget } from "../../../components/database/vitess/sizes";
import { Size } from "../../../components/service/size";

const weights = fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), fc.integer({ min: 1, max: 10_000 }), {
  minKeys: 1,
  maxKeys: 8,
});

test("parts add up to the whole, are one at least, and more where the weight is more", () => {
  fc.assert(
    fc.property(weights, fc.integer({ min: 0, max: 2000 }), (given, whole) => {
      const parts = partsOf(whole, given);
      const names = Object.keys(given);
      if (whole < names.length) return expect(parts).toBeUndefined();
      expect(Object.keys(parts ?? {})).toEqual(names);
      expect(Object.values(parts ?? {}).reduce((sum, part) => sum + part, 0)).toBe(whole);
      for (const name of names) {
        expect(parts?.[name]).toBeGreaterThanOrEqual(1);
        for (const other of names) {
          if ((given[name] ?? 0) > (given[other] ?? 0)) {
            expect(parts?.[name]).toBeGreaterThanOrEqual(parts?.[other] ?? 0);
          }
        }
      }
    }),
  );
});

test("what is left after one for each is in proportion, to a connection", () => {
  fc.assert(
    fc.property(weights, fc.integer({ min: 8, max: 2000 }), (given, whole) => {
      const total = Object.values(given).reduce((sum, weight) => sum + weight, 0);
      const rest = whole - Object.keys(given).length;
      for (const [name, part] of Object.entries(partsOf(whole, given) ?? {})) {
        expect(Math.abs(part - 1 - (rest * (given[name] ?? 0)) / total)).toBeLessThan(1);
      }
    }),
  );
});

test("a pool is divided by class and tier, or shared where it is too small", () => {
  const tiers = [
    { tier: "free", requestsPerMinute: 60 },
    { tier: "enterprise", requestsPerMinute: 6000 },
  ];
  expect(poolVariables(10, tiers)).toEqual({
    DATABASE_POOL_SIZE: "10",
    DATABASE_POOL_BY_BULKHEAD: '{"critical":5,"standard":3,"background":2}',
    DATABASE_POOL_BY_TIER: '{"free":1,"enterprise":9}',
  });
  expect(poolVariables(2, [])).toEqual({ DATABASE_POOL_SIZE: "2" });
});

const demands = fc.array(
  fc.record({
    service: fc.constantFrom("catalog", "order", "cart"),
    replicas: fc.integer({ min: 1, max: 200 }),
    connectionsPerReplica: fc.integer({ min: 1, max: 50 }),
  }),
);

test("pools are refused exactly where all replicas' connections don't fit", () => {
  fc.assert(
    fc.property(demands, fc.integer({ min: 0, max: 20_000 }), (given: PoolDemand[], budget) => {
      const wanted = given.map(connectionsOf).reduce((sum, each) => sum + each, 0);
      expect(budgetProblems("budget", given, budget).length === 0).toBe(wanted <= budget);
    }),
  );
  const [problem] = budgetProblems("budget", [{ service: "order", replicas: 100, connectionsPerReplica: 5 }], 300);
  expect(problem?.reason).toContain("add up to 500 (order 100 × 5)");
});

test("a larger database takes more", () => {
  for (const budget of [vitessBudget, auroraBudget]) {
    const [small, medium, large] = [Size.Small, Size.Medium, Size.Large].map(budget);
    expect(small).toBeGreaterThanOrEqual(100);
    expect(medium).toBeGreaterThan(small ?? Infinity);
    expect(large).toBeGreaterThanOrEqual(medium ?? Infinity);
  }
  // 90 % of the 5000 that Aurora takes at most.
  expect(auroraBudget(Size.Large)).toBe(3250);
});
