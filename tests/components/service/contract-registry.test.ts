import fc from "fast-check";
import { bulkheadLimits, bulkheads } from "../../../components/mesh/bulkheads";
import { calledBy } from "../../../components/service/contract-graph";
import { publishedContract, type RegisteredService } from "../../../components/service/contract-registry";
import { bulkhead, contractOf } from "./contracts";

const names = ["cart", "catalog", "order", "payment"];
const service = (name: string): fc.Arbitrary<RegisteredService> =>
  fc
    .record({
      contract: contractOf(
        name,
        names.filter((other) => other !== name),
      ),
      bulkhead,
      replicas: fc.tuple(fc.integer({ min: 2, max: 20 }), fc.nat(80)).map(([min, more]) => ({ min, max: min + more })),
    })
    .map((each) => ({ name, dependencies: each.contract.dependencies, ...each }));
const region = fc.tuple(...names.map(service));

/** As whoever reads the ConfigMap sees it. */
const read = (each: RegisteredService, all: RegisteredService[]): ReturnType<typeof publishedContract> =>
  JSON.parse(JSON.stringify(publishedContract(each, all)));

test("both ends of a call are published: who is called names the caller, in each of its classes", () => {
  fc.assert(
    fc.property(region, (all) => {
      const ends = all.flatMap((each) =>
        read(each, all).callers.map((caller) => `${caller.service} ${each.name} ${caller.bulkhead}`),
      );
      const starts = all.flatMap(({ name, dependencies }) =>
        dependencies.flatMap((each) =>
          calledBy({ dependencies: [each] }).map((called) => `${name} ${called} ${each.bulkhead}`),
        ),
      );
      expect([...ends].sort()).toEqual([...new Set(starts)].sort());
    }),
  );
});

test("no default is left to be guessed: checks, and each call's time, tries and deadline", () => {
  fc.assert(
    fc.property(region, (all) => {
      for (const each of all) {
        const { contract, health, metricsPath, dependencies } = { contract: each.contract, ...read(each, all) };
        expect(Object.keys(health).sort()).toEqual(["intervalSeconds", "livenessPath", "readinessPath", "startupPath"]);
        expect(metricsPath).toMatch(/^\//);
        expect(dependencies).toMatchObject(contract.dependencies);
        for (const { timeoutMilliseconds, retries, idempotent, deadlineMilliseconds } of dependencies) {
          expect([typeof retries, typeof idempotent]).toEqual(["number", "boolean"]);
          expect(timeoutMilliseconds).toBeGreaterThan(0);
          expect(deadlineMilliseconds).toBeGreaterThanOrEqual(timeoutMilliseconds);
        }
      }
    }),
  );
});

test("one replica accepts the full pool of each class that reaches it, and nothing of classes that don't", () => {
  fc.assert(
    fc.property(region, (all) => {
      for (const each of all) {
        const { acceptedPerReplica, callers } = read(each, all);
        const reaching = bulkheads.filter(
          (own) => own === each.bulkhead || callers.some((caller) => caller.bulkhead === own),
        );
        const sum = (what: "inFlight" | "queued") =>
          reaching.map((own) => bulkheadLimits(own)[what]).reduce((total, value) => total + value);
        expect(acceptedPerReplica).toEqual({ inFlight: sum("inFlight"), queued: sum("queued") });
      }
    }),
  );
});

test("what a caller may send grows with its own replicas, and shrinks with those that share it", () => {
  fc.assert(
    fc.property(region, (all) => {
      for (const each of all) {
        for (const { service: caller, exposure } of read(each, all).callers) {
          const { replicas } = all.find(({ name }) => name === caller) as RegisteredService;
          const { perProxy, allProxies, perCalleeReplica } = exposure;
          expect(allProxies.fewest.inFlight).toBe(perProxy.inFlight * replicas.min);
          expect(allProxies.most.queued).toBe(perProxy.queued * replicas.max);
          expect(perCalleeReplica * each.replicas.min).toBeGreaterThanOrEqual(allProxies.most.inFlight);
          expect((perCalleeReplica - 1) * each.replicas.min).toBeLessThan(allProxies.most.inFlight);
        }
      }
    }),
  );
});
