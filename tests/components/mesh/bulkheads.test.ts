import fc from "fast-check";
import { outlierDetection } from "../../../components/mesh/breaker";
import {
  Bulkhead,
  bulkheadExposure,
  bulkheadLimits,
  bulkheads,
  connectionPool,
  inboundLimits,
  podPriority,
  Protocol,
  tcpConnectionPool,
} from "../../../components/mesh/bulkheads";

test.each([
  [Bulkhead.Critical, 20, 100],
  [Bulkhead.Standard, 10, 50],
  [Bulkhead.Background, 5, 1000],
])("%s: %d in flight, %d queued", (bulkhead, inFlight, queued) => {
  expect(bulkheadLimits(bulkhead)).toEqual({ inFlight, queued });
});

test("requests in flight are connections times streams, for every protocol", () => {
  const limits = fc.record({ inFlight: fc.integer({ min: 1 }), queued: fc.integer({ min: 1 }) });
  fc.assert(
    fc.property(limits, fc.constantFrom(...Object.values(Protocol)), ({ inFlight, queued }, protocol) => {
      const { tcp, http } = connectionPool(protocol, { inFlight, queued });
      const streams = protocol === Protocol.Http1 ? 1 : http?.maxConcurrentStreams;
      expect((tcp?.maxConnections ?? Infinity) * (streams ?? Infinity)).toBe(inFlight);
      expect(http?.http1MaxPendingRequests).toBe(queued);
    }),
  );
});

test("the breaker has the architecture's numbers, and may eject every endpoint", () => {
  expect(outlierDetection({})).toEqual({
    consecutive5xxErrors: 5,
    interval: "10s",
    baseEjectionTime: "30s",
    maxEjectionPercent: 100,
  });
});

const reaching = fc.array(fc.constantFrom(...bulkheads), { minLength: 1 });

test("a service accepts the places of each class that reaches it, once: a full class takes none of another's", () => {
  fc.assert(
    fc.property(reaching, fc.constantFrom(...bulkheads), (classes, full) => {
      const { inFlight, queued } = inboundLimits(classes);
      const without = classes.filter((each) => each !== full);
      fc.pre(without.length > 0);
      const rest = inboundLimits(without);
      const taken = classes.includes(full) ? bulkheadLimits(full) : { inFlight: 0, queued: 0 };
      expect({ inFlight: inFlight - taken.inFlight, queued: queued - taken.queued }).toEqual(rest);
    }),
  );
});

test("a replica meets its share of what all callers may have in flight, and one less would be too few", () => {
  const range = fc
    .tuple(fc.integer({ min: 2, max: 500 }), fc.nat(500))
    .map(([min, more]) => ({ min, max: min + more }));
  fc.assert(
    fc.property(fc.constantFrom(...bulkheads), range, range, (bulkhead, callers, callees) => {
      const { allProxies, perCalleeReplica } = bulkheadExposure(bulkhead, callers, callees);
      expect(allProxies.fewest.inFlight).toBe(bulkheadLimits(bulkhead).inFlight * callers.min);
      expect(allProxies.most.queued).toBe(bulkheadLimits(bulkhead).queued * callers.max);
      expect(perCalleeReplica * callees.min).toBeGreaterThanOrEqual(allProxies.most.inFlight);
      expect((perCalleeReplica - 1) * callees.min).toBeLessThan(allProxies.most.inFlight);
    }),
  );
});

test("a more important class has more places in flight and evicts the others' pods", () => {
  const [critical = Bulkhead.Critical, ...others] = bulkheads;
  expect(critical).toBe(Bulkhead.Critical);
  for (const other of others) {
    expect(podPriority(critical)).toBeGreaterThan(podPriority(other));
    expect(bulkheadLimits(critical).inFlight).toBeGreaterThan(bulkheadLimits(other).inFlight);
  }
});

test("a boundary that is no HTTP has as many connections as it says, and a dead endpoint is noticed within seconds", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), (connections) => {
      const { tcp, http } = tcpConnectionPool(connections);
      expect([tcp?.maxConnections, http]).toEqual([connections, undefined]);
      expect(Number.parseInt(tcp?.connectTimeout ?? "", 10)).toBeLessThanOrEqual(5);
    }),
  );
});
