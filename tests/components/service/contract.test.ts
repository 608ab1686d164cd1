import fc from "fast-check";
import { Bulkhead } from "../../../components";
import {
  contractAnnotations,
  contractProblems,
  dependencyDeadline,
  healthPaths,
  type ServiceContract,
  type ServiceDependency,
} from "../../../components/service/contract";
import { calledBy, callersOf } from "../../../components/service/contract-graph";
import { contract as anyContract } from "./contracts";

const contract = {
  name: "order",
  version: "2.1.0",
  capabilities: ["create-order", "track-fulfillment"],
  owns: ["orders"],
  publishes: ["order.*"],
  consumes: [],
  dependencies: [{ service: "payment", bulkhead: Bulkhead.Critical }],
};

test("a sound contract has no problems", () => expect(contractProblems(contract)).toEqual([]));

test.each([
  [{ name: "Order" }, "contract.name"],
  [{ version: "2" }, "contract.version"],
  [{ capabilities: [] }, "contract.capabilities"],
  [{ dependencies: [{ service: "order", bulkhead: Bulkhead.Standard }] }, "contract.dependencies[0].service"],
  [{ health: { intervalSeconds: 0 } }, "contract.health.intervalSeconds"],
  [{ health: { readinessPath: "ready" } }, "contract.health.readinessPath"],
])("%j is refused at %s", (change, path) => {
  expect(contractProblems({ ...contract, ...change }).map((problem) => problem.path)).toEqual([path]);
});

test("it is published as annotations, without empty lists", () => {
  expect(contractAnnotations(contract)).toEqual({
    "omega-platform/contract-version": "2.1.0",
    "omega-platform/health": "/health/ready",
    "omega-platform/metrics": "/metrics",
    "omega-platform/capabilities": "create-order,track-fulfillment",
    "omega-platform/owns": "orders",
    "omega-platform/publishes": "order.*",
    "omega-platform/dependencies": "payment:critical",
  });
});

test("health is checked every 5 s by default", () => expect(healthPaths(contract).intervalSeconds).toBe(5));

const withDependency = fc
  .tuple(anyContract, fc.nat())
  .filter(([{ dependencies }]) => dependencies.length > 0)
  .map(([given, position]) => ({ given, index: position % given.dependencies.length }));

/** The contract with something else in place of one dependency. */
function replaced(given: ServiceContract, index: number, change: (dependency: ServiceDependency) => ServiceDependency) {
  const dependencies = given.dependencies.map((each, position) => (position === index ? change(each) : each));
  return contractProblems({ ...given, dependencies }).map(({ path }) => path);
}

test("one wrong value in a sound contract is one problem, at its path", () => {
  const mistakes: [string, (given: ServiceContract) => (dependency: ServiceDependency) => ServiceDependency][] = [
    [
      "fallbacks[0]",
      ({ name }) =>
        (each) => ({ ...each, fallbacks: [name] }),
    ],
    ["fallbacks[0]", () => (each) => ({ ...each, fallbacks: [each.service] })],
    ["fallbacks[1]", () => (each) => ({ ...each, fallbacks: ["other", "other"] })],
    ["deadlineMilliseconds", () => (each) => ({ ...each, deadlineMilliseconds: dependencyDeadline(each) - 1 })],
    ["deadlineMilliseconds", () => (each) => ({ ...each, deadlineMilliseconds: Number.NaN })],
    ["retries", () => (each) => ({ ...each, idempotent: false, retries: 6 })],
    [
      "service",
      ({ name }) =>
        () => ({ service: name, bulkhead: Bulkhead.Standard }),
    ],
  ];
  fc.assert(
    fc.property(withDependency, fc.constantFrom(...mistakes), ({ given, index }, [path, mistake]) => {
      expect(contractProblems(given)).toEqual([]);
      expect(replaced(given, index, mistake(given))).toEqual([`contract.dependencies[${index}].${path}`]);
    }),
  );
});

test("a service is called once in a class: who declares it again is told", () => {
  fc.assert(
    fc.property(withDependency, ({ given, index }) => {
      const { service, bulkhead } = given.dependencies[index] as ServiceDependency;
      const dependencies = [...given.dependencies, { service, bulkhead }];
      const problems = contractProblems({ ...given, dependencies }).map(({ path }) => path);
      expect(problems).toEqual([`contract.dependencies[${dependencies.length - 1}]`]);
    }),
  );
});

test("a deadline leaves time for the call and for all its fallbacks, each as long as its own route lets it take", () => {
  fc.assert(
    fc.property(withDependency, fc.nat(10_000), ({ given, index }, more) => {
      const dependency = { timeoutMilliseconds: 1000, ...given.dependencies[index] } as ServiceDependency;
      const node = { name: given.name, bulkhead: Bulkhead.Standard, dependencies: [dependency] };
      const times = calledBy(node).flatMap((called) =>
        callersOf(called, [node]).flatMap(({ calls = [] }) =>
          calls.map(({ timeoutMilliseconds = Number.NaN }) => timeoutMilliseconds),
        ),
      );
      expect(times).toHaveLength(1 + (dependency.fallbacks?.length ?? 0));
      const needed = times.reduce((sum, time) => sum + time);
      expect(dependencyDeadline(dependency)).toBe(needed);
      const later = { ...dependency, deadlineMilliseconds: needed + more };
      expect(replaced(given, index, () => later)).toEqual([]);
      expect(dependencyDeadline(later)).toBe(needed + more);
    }),
  );
});

test("what a sound contract says can be read from its annotations again", () => {
  fc.assert(
    fc.property(anyContract, (given) => {
      const annotations = contractAnnotations(given);
      const listOf = (key: string) => annotations[`omega-platform/${key}`]?.split(",") ?? [];
      const { version, capabilities, owns, publishes, consumes, dependencies } = given;
      expect(annotations["omega-platform/contract-version"]).toBe(version);
      expect([listOf("capabilities"), listOf("owns")]).toEqual([capabilities, owns]);
      expect([listOf("publishes"), listOf("consumes")]).toEqual([publishes, consumes]);
      const read = listOf("dependencies").map((text) => text.split(":"));
      expect(read).toEqual(dependencies.map(({ service, bulkhead }) => [service, bulkhead]));
    }),
  );
});
