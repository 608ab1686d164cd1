import fc from "fast-check";
import { Bulkhead, callersOf } from "../../../components";
import { contractGraphProblems, type ServiceNode } from "../../../components/service/contract-graph";

const standard = Bulkhead.Standard;
const node = (name: string, services: string[] = [], change: Partial<ServiceNode> = {}): ServiceNode => ({
  name,
  bulkhead: standard,
  dependencies: services.map((service) => ({ service, bulkhead: standard })),
  ...change,
});
const problems = (...services: ServiceNode[]) =>
  contractGraphProblems(services).map(({ path, reason }) => `${path}: ${reason}`);

test("services that depend on earlier ones only have no problem, whatever their order", () => {
  const graph = fc
    .array(fc.array(fc.nat()), { maxLength: 8 })
    .map((choices) =>
      choices.map((choice, index) =>
        node(`s${index}`, index === 0 ? [] : [...new Set(choice.map((value) => `s${value % index}`))]),
      ),
    );
  fc.assert(
    fc.property(graph, fc.boolean(), (services, isReversed) => {
      expect(contractGraphProblems(isReversed ? [...services].reverse() : services)).toEqual([]);
    }),
  );
});

test("a cycle of any length is reported once", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 9 }), (length) => {
      const services = Array.from({ length }, (_, index) => node(`s${index}`, [`s${(index + 1) % length}`]));
      expect(contractGraphProblems(services)).toHaveLength(1);
    }),
  );
});

test("a dependency and a fallback that don't exist", () => {
  const cart = node("cart", [], { dependencies: [{ service: "a", bulkhead: standard, fallbacks: ["b"] }] });
  expect(problems(cart)).toEqual([
    '[0].dependencies[0].service: "a" is no service of this platform',
    '[0].dependencies[0].fallbacks[0]: "b" is no service of this platform',
  ]);
});

test("a fallback that depends on its primary, through others too", () => {
  const cart = node("cart", [], { dependencies: [{ service: "search", bulkhead: standard, fallbacks: ["cache"] }] });
  expect(problems(cart, node("search"), node("cache", ["index"]), node("index", ["search"]))).toEqual([
    '[0].dependencies[0].fallbacks[0]: "cache" depends on its primary "search"',
  ]);
});

test.each([Bulkhead.Standard, Bulkhead.Background])("a critical service can't wait for a %s one", (bulkhead) => {
  const order = node("order", ["stock"], { bulkhead: Bulkhead.Critical });
  expect(problems(order, node("stock", [], { bulkhead }))).toEqual([
    `[0].dependencies[0].service: "stock" is ${bulkhead}, so critical "order" can't wait for it: make it critical, or use events`,
  ]);
});

test("who falls back to a service calls it too, with more time", () => {
  const cart = node("cart", [], {
    dependencies: [
      { service: "search", bulkhead: standard, timeoutMilliseconds: 100, fallbacks: ["index", "list"] },
      { service: "list", bulkhead: Bulkhead.Background },
    ],
  });
  expect(callersOf("search", [cart])).toEqual([
    { service: "cart", calls: [{ bulkhead: standard, timeoutMilliseconds: 100 }] },
  ]);
  expect(callersOf("index", [cart])).toEqual([
    { service: "cart", calls: [{ bulkhead: standard, timeoutMilliseconds: 200 }] },
  ]);
  expect(callersOf("list", [cart])).toEqual([
    { service: "cart", calls: [{ bulkhead: standard, timeoutMilliseconds: 300 }, { bulkhead: Bulkhead.Background }] },
  ]);
  expect(callersOf("cart", [cart])).toEqual([]);
});
