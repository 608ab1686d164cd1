import fc from "fast-check";
import { outlierDetection } from "../../../components/mesh/breaker";
import { Bulkhead, bulkheadLimits, connectionPool, Protocol } from "../../../components/mesh/bulkheads";

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

test("the breaker has the seed's numbers, and may eject every endpoint", () => {
  expect(outlierDetection({})).toEqual({
    consecutive5xxErrors: 5,
    interval: "10s",
    baseEjectionTime: "30s",
    maxEjectionPercent: 100,
  });
});
