import fc from "fast-check";
import { type BreakerArgs, outlierDetection } from "../../../components/mesh/breaker";

const breaker: fc.Arbitrary<BreakerArgs> = fc.record(
  { consecutiveFailures: fc.integer({ min: 1, max: 1000 }), ejectionSeconds: fc.integer({ min: 1, max: 3600 }) },
  { requiredKeys: [] },
);
const seconds = (duration: string | undefined) => Number(/^(\d+)s$/.exec(duration ?? "")?.[1]);

test("however few endpoints there are, every one that fails is ejected, after as many failures as were asked for", () => {
  fc.assert(
    fc.property(breaker, fc.integer({ min: 1, max: 10_000 }), (args, endpoints) => {
      const detection = outlierDetection(args);
      expect(detection.consecutive5xxErrors).toBe(args.consecutiveFailures ?? 5);
      expect(Math.floor((endpoints * (detection.maxEjectionPercent ?? 10)) / 100)).toBe(endpoints);
      // Above what remains it would switch the breaker off.
      expect(detection).not.toHaveProperty("minHealthPercent");
      // With it, timeouts would never eject.
      expect(detection).not.toHaveProperty("splitExternalLocalOriginErrors");
    }),
  );
});

test("an endpoint is tried again after the time that was asked for, and at most a check later", () => {
  fc.assert(
    fc.property(breaker, (args) => {
      const { baseEjectionTime, interval } = outlierDetection(args);
      expect(seconds(baseEjectionTime)).toBe(args.ejectionSeconds ?? 30);
      expect(seconds(interval)).toBeLessThanOrEqual(10);
    }),
  );
});
