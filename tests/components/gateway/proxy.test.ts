import fc from "fast-check";
import { type GatewayRoute, Size } from "../../../components";
import { gatewayPodSpec, proxyConfiguration, statusPort, tlsPort } from "../../../components/gateway/proxy";

const seconds = (duration: string) => Number(/^(\d+)s$/.exec(duration)?.[1]);
const routes: fc.Arbitrary<GatewayRoute[]> = fc
  .array(fc.option(fc.integer({ min: 10, max: 600_000 }), { nil: undefined }), { maxLength: 5 })
  .map((timeouts) =>
    timeouts.map((timeoutMilliseconds, index) => ({
      ...{ name: `route${index}`, path: `/${index}`, backends: [{ service: "order" }] },
      ...(timeoutMilliseconds === undefined ? {} : { timeoutMilliseconds }),
    })),
  );
const limits = fc.record(
  { headerSeconds: fc.integer({ min: 1, max: 60 }), requestSeconds: fc.integer({ min: 1, max: 3600 }) },
  { requiredKeys: [] },
);
const configurations = fc.record({ routes, limits, trustedProxies: fc.nat(10) });

test("every wait for a caller ends, and none before what was asked for", () => {
  fc.assert(
    fc.property(configurations, (args) => {
      // The proxy reads it from an annotation.
      const { connectionSettings: settings } = JSON.parse(JSON.stringify(proxyConfiguration(args)));
      expect(seconds(settings.httpRequestHeadersTimeout)).toBe(args.limits.headerSeconds ?? 10);
      expect(seconds(settings.httpRequestTimeout)).toBe(args.limits.requestSeconds ?? 60);
      for (const { timeoutMilliseconds = 10_000 } of args.routes) {
        expect(seconds(settings.httpStreamIdleTimeout) * 1000).toBeGreaterThan(timeoutMilliseconds);
      }
    }),
  );
});

test("a caller's address is the one that the trusted proxies saw, and its certificate never a forwarded one", () => {
  fc.assert(
    fc.property(configurations, (args) => {
      const { gatewayTopology, concurrency } = proxyConfiguration(args);
      expect(gatewayTopology).toEqual({
        numTrustedProxies: args.trustedProxies,
        forwardClientCertDetails: "SANITIZE",
      });
      // Each worker has limits of its own.
      expect(concurrency).toBe(1);
    }),
  );
});

test("a pod is not killed before its requests had the time to end, and needs no privilege", () => {
  fc.assert(
    fc.property(configurations, fc.constantFrom(...Object.values(Size)), (args, size) => {
      const pod = gatewayPodSpec({ name: "gateway", serviceAccountName: "gateway", size });
      const [container] = JSON.parse(JSON.stringify(pod.containers));
      const drain = container.lifecycle.preStop.sleep.seconds;
      const terminationDrain = seconds(proxyConfiguration(args).terminationDrainDuration);
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(drain + terminationDrain);
      // Load balancers have left it, whose checks ask for its readiness, before it stops.
      const { periodSeconds, failureThreshold } = container.readinessProbe;
      expect(drain).toBeGreaterThanOrEqual(periodSeconds * failureThreshold);
      expect(Math.min(tlsPort, statusPort)).toBeGreaterThan(1024);
      expect(container.securityContext.capabilities).toEqual({ drop: ["ALL"] });
    }),
  );
});
