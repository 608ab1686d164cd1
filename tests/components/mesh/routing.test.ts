import fc from "fast-check";
import { Bulkhead, Protocol } from "../../../components";
import { bulkheadSubsets, type Caller, httpRoutes, reachingBulkheads } from "../../../components/mesh/routing";

const host = "catalog.shop.svc.cluster.local";
const caller: fc.Arbitrary<Caller> = fc.record({
  service: fc.constantFrom("cart", "order", "search"),
  calls: fc
    .uniqueArray(fc.constantFrom(...Object.values(Bulkhead)), { minLength: 1 })
    .map((bulkheads) => bulkheads.map((bulkhead) => ({ bulkhead }))),
});
const callers = fc.uniqueArray(caller, { selector: ({ service }) => service });
const bulkhead = fc.constantFrom(...Object.values(Bulkhead));

test("every route has a timeout and leads to a pool that exists", () => {
  fc.assert(
    fc.property(callers, bulkhead, (some, own) => {
      const subsets = bulkheadSubsets(Protocol.Http1, reachingBulkheads(some, own)).map(({ name }) => name);
      for (const { timeout, route } of httpRoutes({ host, callers: some, bulkhead: own, faults: [] })) {
        expect(timeout).toMatch(/^[1-9]\d*ms$/);
        expect(subsets).toContain(route[0]?.destination.subset);
      }
    }),
  );
});

test("the last route takes every request, and only that one does", () => {
  fc.assert(
    fc.property(callers, bulkhead, (some, own) => {
      const routes = httpRoutes({ host, callers: some, bulkhead: own, faults: [] });
      expect(routes.filter(({ match }) => match === undefined)).toEqual([routes.at(-1)]);
    }),
  );
});

test("a caller picks one of its own classes by header, and the first one by none", () => {
  const calls = [{ bulkhead: Bulkhead.Critical }, { bulkhead: Bulkhead.Background }];
  const routes = httpRoutes({
    host,
    callers: [{ service: "cart", calls }],
    bulkhead: Bulkhead.Standard,
    faults: [],
  });
  expect(routes.map(({ name, match }) => [name, match])).toEqual([
    [
      "cart-background",
      [
        {
          sourceLabels: { "app.kubernetes.io/name": "cart" },
          headers: { "x-omega-bulkhead": { exact: "background" } },
        },
      ],
    ],
    ["cart-critical", [{ sourceLabels: { "app.kubernetes.io/name": "cart" } }]],
    ["default", undefined],
  ]);
});

test("a fault is only for requests that ask for it, and comes before every other route", () => {
  const fault = { abort: { percentage: { value: 0.1 }, httpStatus: 503 } };
  const [first] = httpRoutes({ host, callers: [], bulkhead: Bulkhead.Standard, faults: [{ name: "failure", fault }] });
  expect(first).toMatchObject({ match: [{ headers: { "x-omega-chaos": { exact: "failure" } } }], fault });
});
