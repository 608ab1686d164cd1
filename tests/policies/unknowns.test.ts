import { unknownCheckingProxy } from "@pulumi/policy";
import * as fc from "fast-check";
import { evaluate, type ResourceUnderTest } from "../../policies/rules";
import { reveal, unknown } from "../../policies/values";
import { edgeObjects } from "./edge-fixture";
import { compliant, leaves, mutant, resource } from "./fixture";
import { neighbours } from "./neighbours";

const placeholder = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** As the policy SDK hands resources over: reading one unknown throws. */
function proxied(stack: readonly ResourceUnderTest[]): ResourceUnderTest[] {
  return stack.map((each) => ({ ...each, props: unknownCheckingProxy(each.props) }));
}

function hide(
  stack: readonly ResourceUnderTest[],
  places: readonly (readonly [string, string])[],
): ResourceUnderTest[] {
  return places.reduce<ResourceUnderTest[]>(
    (current, [target, path]) => mutant(target, path, placeholder, current),
    [...stack],
  );
}

function places(stack: readonly ResourceUnderTest[]): string[] {
  return evaluate(proxied(stack)).map(({ policy, urn, path }) => `${policy} ${urn} ${path}`);
}

test("the SDK's proxy throws on an unknown", () => {
  const [first] = proxied(mutant("StatefulSet/orders", "spec.replicas", placeholder).slice(5, 6));
  expect(() => JSON.stringify(first?.props)).toThrow("can't be known during preview");
});

test.each([
  ["a string of the wire", placeholder],
  ["an object of the SDK", { __pulumiUnknown: true }],
  ["an output without a value", { "4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4" }],
])("unknown as %s is marked in place", (_, value) => {
  expect(reveal({ a: [1, value], b: "known" })).toEqual({ a: [1, unknown], b: "known" });
});

test("a secret is judged by its value", () => {
  const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: 1 };
  expect(evaluate(mutant("StatefulSet/orders", "spec.replicas", secret))).toHaveLength(1);
});

test("an error that isn't about an unknown is not swallowed", () => {
  const broken = Object.defineProperty({}, "a", { enumerable: true, get: () => fail("boom") });
  expect(() => reveal(broken)).toThrow("boom");
});

function fail(message: string): never {
  throw new Error(message);
}

test.each(neighbours)("%s %s is reported beside unknowns", (target, path, weakened, hidden) => {
  const stack = mutant(target, path, weakened);
  const reported = places(stack);
  expect(reported).toHaveLength(1);
  expect(places(hide(stack, hidden))).toEqual(reported);
});

test("a rule that isn't known yet may be the one that is missing", () => {
  const stack = compliant.filter(({ type, name }) => !(/DestinationRule/.test(type) && name === "orders"));
  expect(places(stack)).toHaveLength(1);
  expect(places(mutant("DestinationRule/catalog", "spec.host", placeholder, stack))).toEqual([]);
});

test("an object that the provider will name may be the autoscaler's target", () => {
  const unnamed = mutant("Deployment/catalog", "metadata.name", undefined);
  const target = "spec.scaleTargetRef.name";
  expect(places(mutant("HorizontalPodAutoscaler/catalog", target, "catalog-1a2b", unnamed))).toEqual([]);
});

test("a budget whose pods aren't all known is not compared with their number", () => {
  const more = resource("apps/v1:Deployment", "more", { replicas: 2, template: placeholder });
  const stack = mutant("PodDisruptionBudget/orders", "spec.minAvailable", 3);
  expect(places(stack)).toHaveLength(1);
  expect(evaluate([...stack, more]).filter(({ policy }) => policy === "disruption-budget")).toEqual([]);
});

test("objects of a cluster that is yet to be made, of which nothing is known, break no rule", () => {
  expect(places(compliant.map((each) => ({ ...each, props: {} })))).toEqual([]);
});

/** All but the one value whose unknown is an answer: a headless Service says so. */
const all = leaves(compliant).filter(([, path]) => path !== "spec.clusterIP");

test("a budget whose selector isn't known may be for pods of an operator", () => {
  const stack = mutant("PodDisruptionBudget/orders", "spec.minAvailable", 7);
  expect(places(hide(stack, [["PodDisruptionBudget/orders", "spec.selector"]]))).toEqual([]);
});

// Nothing of the cluster is judged by what is at the edge, nor the other way about.
test.each([
  ["of the cluster", compliant.filter((each) => !edgeObjects.includes(each))],
  ["of the edge", edgeObjects],
])("no unknown %s makes a violation by itself", (_, stack) => {
  const own = new Set(leaves(stack).map(String));
  // As the wire has it, without a proxy: what stays the same is then read once.
  const places = all.filter((place) => own.has(String(place)));
  expect(places.length).toBeGreaterThan(200);
  expect(places.filter((place) => evaluate(hide(stack, [place])).length > 0)).toEqual([]);
});

test("unknowns never make a violation", () => {
  fc.assert(
    fc.property(fc.subarray(all, { maxLength: 12 }), (hidden) => {
      expect(places(hide(compliant, hidden))).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

test("unknowns never move a violation to another place", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...neighbours),
      fc.subarray(all, { maxLength: 12 }),
      ([target, path, weakened], hidden) => {
        const stack = mutant(target, path, weakened);
        const others = hidden.filter(([where, what]) => !(where === target && path.startsWith(what)));
        const known = places(stack);
        expect(known).toEqual(expect.arrayContaining(places(hide(stack, others))));
      },
    ),
    { numRuns: 40 },
  );
});
