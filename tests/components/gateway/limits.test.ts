import fc from "fast-check";
import type { GatewayRoute } from "../../../components";
import { limitPatches, limitsOf, type RequestLimits, streamIdleSeconds } from "../../../components/gateway/limits";

const bytes = fc.integer({ min: 1024, max: 67_108_864 });
const limits: fc.Arbitrary<RequestLimits> = fc.record(
  {
    maxBodyBytes: bytes,
    maxHeaderKibibytes: fc.integer({ min: 4, max: 96 }),
    maxHeaders: fc.integer({ min: 20, max: 1000 }),
    headerSeconds: fc.integer({ min: 1, max: 60 }),
    requestSeconds: fc.integer({ min: 1, max: 3600 }),
  },
  { requiredKeys: [] },
);
const route: fc.Arbitrary<GatewayRoute> = fc.record(
  {
    name: fc.stringMatching(/^[a-z]{1,8}$/),
    path: fc.constant("/orders"),
    backends: fc.constant([{ service: "order" }]),
    timeoutMilliseconds: fc.integer({ min: 10, max: 600_000 }),
    maxBodyBytes: bytes,
  },
  { requiredKeys: ["name", "path", "backends"] },
);
const routes = fc.uniqueArray(route, { maxLength: 5, selector: ({ name }) => name });

test("a route's bodies may have what it says, and otherwise what the gateway says, whatever other routes say", () => {
  fc.assert(
    fc.property(limits, routes, (given, some) => {
      const patches = limitPatches(given, some);
      const [shared] = patches.filter(({ applyTo }) => applyTo === "HTTP_FILTER");
      const most: number = shared?.patch.value.typed_config.max_request_bytes;
      for (const { name, maxBodyBytes } of some) {
        const own = patches.filter(({ match }) => match?.routeConfiguration?.vhost.route.name === name);
        expect(own.length).toBeLessThanOrEqual(1);
        const config = own[0]?.patch.value.typed_per_filter_config[shared?.patch.value.name];
        expect(config?.buffer.max_request_bytes ?? most).toBe(maxBodyBytes ?? limitsOf(given).maxBodyBytes);
      }
    }),
  );
});

test("headers are bounded in number and in size, for every listener of the gateway", () => {
  fc.assert(
    fc.property(limits, routes, (given, some) => {
      const [manager] = limitPatches(given, some).filter(({ applyTo }) => applyTo === "NETWORK_FILTER");
      expect(manager?.match).toMatchObject({ context: "GATEWAY" });
      expect(manager?.patch.value.typed_config).toMatchObject({
        max_request_headers_kb: given.maxHeaderKibibytes ?? 16,
        common_http_protocol_options: { max_headers_count: given.maxHeaders ?? 100 },
      });
    }),
  );
});

test("no default takes the place of what is given, and without anything there are all bounds", () => {
  fc.assert(
    fc.property(limits, (given) => {
      const all = limitsOf(given);
      expect(all).toMatchObject(given);
      expect(Object.values(all)).toHaveLength(5);
      for (const value of Object.values(all)) expect(value).toBeGreaterThan(0);
      expect(limitsOf(all)).toEqual(all);
    }),
  );
});

test("a silent stream outlives the slowest route, and ends soon after what that may take", () => {
  fc.assert(
    fc.property(routes, (some) => {
      const slowest = Math.max(0, ...some.map(({ timeoutMilliseconds = 10_000 }) => timeoutMilliseconds)) / 1000;
      const idle = streamIdleSeconds(some);
      expect(Number.isInteger(idle)).toBe(true);
      expect(idle).toBeGreaterThan(slowest);
      expect(idle).toBeLessThanOrEqual(Math.max(60, slowest + 10));
    }),
  );
});
