import fc from "fast-check";
import { Bulkhead, callersOf } from "../../../components";
import { callPolicy } from "../../../components/mesh/call-policy";
import { calledBy, contractGraphProblems, type ServiceNode } from "../../../components/service/contract-graph";
import { dependenciesOn } from "./contracts";

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

const names = ["cart", "catalog", "order", "payment", "search"];
const anyGraph: fc.Arbitrary<ServiceNode[]> = fc.tuple(
  ...names.map((name) =>
    dependenciesOn(names.filter((other) => other !== name)).map((dependencies) => node(name, [], { dependencies })),
  ),
);

test("a service's callers are those that call it, as dependency or as fallback, and nobody else", () => {
  fc.assert(
    fc.property(anyGraph, fc.constantFrom(...names), (services, called) => {
      const callers = callersOf(called, services).map(({ service }) => service);
      expect(callers).toEqual(services.filter((each) => calledBy(each).includes(called)).map(({ name }) => name));
    }),
  );
});

test("a caller has one route in each class that it declares, with time for every call that takes it", () => {
  fc.assert(
    fc.property(anyGraph, fc.constantFrom(...names), (services, called) => {
      for (const { service, calls = [] } of callersOf(called, services)) {
        const { dependencies } = services.find(({ name }) => name === service) as ServiceNode;
        const declared = dependencies.filter((each) => each.service === called || each.fallbacks?.includes(called));
        const classes = calls.map(({ bulkhead }) => bulkhead);
        expect([...classes].sort()).toEqual([...new Set(declared.map(({ bulkhead }) => bulkhead))].sort());
        for (const each of declared) {
          const position = each.fallbacks?.indexOf(called) ?? -1;
          const needed = callPolicy(each).timeoutMilliseconds * (position + 2 - Number(each.service === called));
          const route = calls.find(({ bulkhead }) => bulkhead === each.bulkhead);
          expect(route && callPolicy(route).timeoutMilliseconds).toBeGreaterThanOrEqual(needed);
        }
      }
    }),
  );
});

test("a call that must not be repeated is not, though another one to the same service may be", () => {
  fc.assert(
    fc.property(anyGraph, fc.constantFrom(...names), (services, called) => {
      for (const { service, calls = [] } of callersOf(called, services)) {
        const { dependencies } = services.find(({ name }) => name === service) as ServiceNode;
        for (const { bulkhead, idempotent = false, ...each } of dependencies) {
          if (idempotent || !(each.service === called || each.fallbacks?.includes(called))) continue;
          expect(calls.find((call) => call.bulkhead === bulkhead)?.idempotent ?? false).toBe(false);
        }
      }
    }),
  );
});

/** Services that depend on earlier ones, and fall back to `leaf0` or `leaf1`, which need nobody. */
const soundGraph: fc.Arbitrary<ServiceNode[]> = fc
  .array(fc.tuple(fc.array(fc.nat(), { maxLength: 3 }), fc.subarray(["leaf0", "leaf1"])), {
    minLength: 2,
    maxLength: 6,
  })
  .map((choices) => [
    node("leaf0"),
    node("leaf1"),
    ...choices.map(([earlier, fallbacks], index) => {
      const services = index === 0 ? [] : [...new Set(earlier.map((value) => `s${value % index}`))];
      const dependencies = services.map((service) => ({ service, bulkhead: standard, fallbacks }));
      return node(`s${index}`, [], { dependencies });
    }),
  ]);

/** Also: one more dependency of one service, directly or as a fallback of `leaf0`. */
function withCall(services: ServiceNode[], from: string, to: string, isFallback: boolean): ServiceNode[] {
  const added = isFallback
    ? { service: "leaf0", bulkhead: Bulkhead.Background, fallbacks: [to] }
    : { service: to, bulkhead: Bulkhead.Background };
  return services.map((each) => (each.name === from ? { ...each, dependencies: [...each.dependencies, added] } : each));
}

test("fallbacks that lead back to nobody are no problem, and a name that doesn't exist is one, at its path", () => {
  fc.assert(
    fc.property(soundGraph, fc.nat(), fc.boolean(), (services, choice, isFallback) => {
      expect(contractGraphProblems(services)).toEqual([]);
      const index = choice % services.length;
      const { name, dependencies } = services[index] as ServiceNode;
      const wrong = contractGraphProblems(withCall(services, name, "nobody", isFallback));
      const end = isFallback ? "fallbacks[0]" : "service";
      expect(wrong.map(({ path }) => path)).toContain(`[${index}].dependencies[${dependencies.length}].${end}`);
    }),
  );
});

test("services that wait for each other are reported, by fallbacks too, wherever in the graph and in the list they are", () => {
  const order = fc.array(fc.nat(), { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(soundGraph, fc.nat(), fc.boolean(), fc.boolean(), order, (services, choice, one, other, keys) => {
      const length = services.length - 2;
      const [from, to] = [`s${choice % length}`, `s${(choice + 1) % length}`];
      const circular = withCall(withCall(services, from, to, one), to, from, other);
      const shuffled = circular
        .map((each, index) => ({ each, key: keys[index] ?? 0 }))
        .sort((left, right) => left.key - right.key)
        .map(({ each }) => each);
      const found = contractGraphProblems(shuffled).filter(({ reason }) => reason.includes("cycle"));
      expect(found).toHaveLength(1);
      expect(found[0]?.reason.split(/[:,]? /)).toEqual(expect.arrayContaining([from, to]));
    }),
  );
});
