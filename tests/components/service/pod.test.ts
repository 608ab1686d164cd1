import type { types } from "@pulumi/kubernetes";
import fc from "fast-check";
import type { HealthCheck } from "../../../components/service/contract";
import { gracePeriodSeconds, podSpec, proxyAnnotations } from "../../../components/service/pod";
import { Protocol } from "../../../components/mesh/bulkheads";
import { storeAccess } from "../../../components/service/stores";

const path = fc.stringMatching(/^\/[a-z]{1,8}$/);
const health: fc.Arbitrary<HealthCheck> = fc.record(
  {
    startupPath: path,
    readinessPath: path,
    livenessPath: path,
    intervalSeconds: fc.integer({ min: 1, max: 300 }),
  },
  { requiredKeys: [] },
);

interface Probe {
  httpGet: { path: string; port: string };
  periodSeconds: number;
  timeoutSeconds: number;
  failureThreshold: number;
}
type Container = types.input.core.v1.Container & Record<"startupProbe" | "readinessProbe" | "livenessProbe", Probe>;

function containerOf(check: HealthCheck): Container {
  const { containers } = podSpec({
    contract: {
      ...{ name: "catalog", version: "1.0.0", capabilities: ["search"], health: check },
      ...{ owns: [], publishes: [], consumes: [], dependencies: [] },
    },
    image: "registry.example/catalog:1",
    port: 8080,
    portName: Protocol.Http1,
    resources: { cpu: "250m", memory: "256Mi" },
    serviceAccountName: "catalog",
    priorityClassName: "omega-standard",
    labels: {},
    stores: storeAccess([]),
  });
  return (containers as Container[])[0] as Container;
}

test("a replica leaves the load balancers before it is restarted, and a slow start is neither", () => {
  fc.assert(
    fc.property(health, (check) => {
      const { startupProbe, readinessProbe, livenessProbe } = containerOf(check);
      const seconds = ({ periodSeconds, failureThreshold }: Probe) => periodSeconds * failureThreshold;
      expect(seconds(readinessProbe)).toBeLessThan(seconds(livenessProbe));
      expect(seconds(livenessProbe)).toBeLessThan(seconds(startupProbe));
    }),
  );
});

test("no check is still under way when the next one begins, and each asks the port that the container has", () => {
  fc.assert(
    fc.property(health, (check) => {
      const { startupProbe, readinessProbe, livenessProbe, ports } = containerOf(check);
      const [port] = ports as { name: string }[];
      for (const { httpGet, periodSeconds, timeoutSeconds } of [startupProbe, readinessProbe, livenessProbe]) {
        expect(periodSeconds).toBe(check.intervalSeconds ?? 5);
        expect(timeoutSeconds).toBeLessThanOrEqual(periodSeconds);
        expect(httpGet.port).toBe(port?.name);
      }
      expect([startupProbe.httpGet.path, readinessProbe.httpGet.path, livenessProbe.httpGet.path]).toEqual([
        check.startupPath ?? "/health/startup",
        check.readinessPath ?? "/health/ready",
        check.livenessPath ?? "/health/live",
      ]);
    }),
  );
});

test("requests in flight may end: nothing is killed before the drain is over", () => {
  const { terminationDrainDuration } = JSON.parse(proxyAnnotations["proxy.istio.io/config"]);
  const { lifecycle } = containerOf({});
  const { preStop } = lifecycle as { preStop: { sleep: { seconds: number } } };
  expect(gracePeriodSeconds).toBeGreaterThan(preStop.sleep.seconds + Number.parseInt(terminationDrainDuration, 10));
});
