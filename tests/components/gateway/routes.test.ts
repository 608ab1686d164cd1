import fc from "fast-check";
import { routeProblems } from "../../../components/gateway/route-problems";
import { type GatewayRoute, gatewayDuration, httpRouteRules } from "../../../components/gateway/routes";
import { streamIdleSeconds } from "../../../components/gateway/limits";

const hosts = ["api.example.com", "*.shop.example.com"];
const route: GatewayRoute = { name: "catalog", path: "/catalog", backends: [{ service: "catalog" }] };
const paths = (...routes: GatewayRoute[]) => routeProblems(routes, hosts).map((problem) => problem.path);

test("a sound route has no problems", () => expect(paths(route)).toEqual([]));

test.each<[Partial<GatewayRoute>, string]>([
  [{ name: "Catalog" }, "name"],
  [{ path: "catalog" }, "path"],
  [{ path: "/catalog/" }, "path"],
  [{ path: "//catalog" }, "path"],
  [{ path: "/a/../b" }, "path"],
  [{ path: "/cata*log" }, "path"],
  [{ path: "/a%2fb" }, "path"],
  [{ version: "2 or 3" }, "version"],
  [{ hosts: ["www.example.com"] }, "hosts[0]"],
  [{ hosts: ["API.example.com"] }, "hosts[0]"],
  [{ hosts: [] }, "hosts"],
  [{ timeoutMilliseconds: 5 }, "timeoutMilliseconds"],
  [{ timeoutMilliseconds: 600_001 }, "timeoutMilliseconds"],
  [{ maxBodyBytes: 1 }, "maxBodyBytes"],
  [{ backends: [] }, "backends"],
  [{ backends: [{ service: "a", weight: 99 }] }, "backends"],
  [
    {
      backends: [
        { service: "a", weight: 90 },
        { service: "b", weight: 20 },
      ],
    },
    "backends",
  ],
  [{ backends: [{ service: "a", weight: 100 }, { service: "b" }] }, "backends[1].weight"],
  [
    {
      backends: [
        { service: "a", weight: 50 },
        { service: "a", weight: 50 },
      ],
    },
    "backends[1].service",
  ],
  [{ backends: [{ service: "a", port: 0 }] }, "backends[0].port"],
  [{ backends: [{ service: "A" }] }, "backends[0].service"],
  [{ cors: { origins: [] } }, "cors.origins"],
  [{ cors: { origins: ["shop.example.com"] } }, "cors.origins[0]"],
  [{ cors: { origins: ["https://shop.example.com"], methods: ["TRACE"] } }, "cors.methods[0]"],
  [{ cors: { origins: ["https://shop.example.com"], headers: ["a b"] } }, "cors.headers[0]"],
  [{ cors: { origins: ["https://shop.example.com"], maxAgeSeconds: 0 } }, "cors.maxAgeSeconds"],
])("%j is refused at %s", (change, path) => {
  expect(paths({ ...route, ...change })).toEqual([`routes[0].${path}`]);
});

test.each<[GatewayRoute, string[]]>([
  [{ ...route, path: "/other" }, ["name"]],
  [{ ...route, name: "other" }, ["path"]],
  [{ ...route, name: "other", hosts: ["api.example.com"] }, ["path"]],
  [{ ...route, name: "other", hosts: ["eu.shop.example.com"] }, []],
  [{ ...route, name: "other", version: "2" }, []],
  [{ ...route, name: "other", version: "2", isPublic: true }, ["isPublic"]],
  [{ ...route, name: "other", version: "2", cors: { origins: ["https://shop.example.com"] } }, ["cors"]],
])("beside the first one, %j has problems at %j", (second, keys) => {
  expect(paths(route, second)).toEqual(keys.map((key) => `routes[1].${key}`));
});

const weights = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 8 });

test("weights pass exactly if they add up to 100", () => {
  fc.assert(
    fc.property(weights, fc.boolean(), (some, isFilled) => {
      const all = isFilled ? filledUp(some) : some;
      const backends = all.map((weight, index) => ({ service: `s${index}`, weight }));
      const isWhole = all.reduce((sum, weight) => sum + weight) === 100;
      expect(paths({ ...route, backends }).length === 0).toBe(isWhole);
    }),
  );
});

/** As many of them as fit into 100, and the rest. */
function filledUp(some: number[]): number[] {
  const taken: number[] = [];
  for (const weight of some) {
    const left = 100 - taken.reduce((sum, each) => sum + each, 0);
    taken.push(Math.min(weight, left));
  }
  return [...taken, 100 - taken.reduce((sum, each) => sum + each, 0)];
}

const milliseconds = fc.integer({ min: 10, max: 600_000 });

test("every rule has both timeouts, in the form that the Gateway API takes, and no stream ends before them", () => {
  fc.assert(
    fc.property(milliseconds, (timeoutMilliseconds) => {
      const [rule] = httpRouteRules({ ...route, timeoutMilliseconds });
      if (rule === undefined) throw new Error("there is no rule");
      const { timeouts } = rule;
      expect(timeouts.request).toMatch(/^([0-9]{1,5}(h|m|s|ms)){1,4}$/);
      expect(timeouts.backendRequest).toBe(timeouts.request);
      const [, seconds = "0", rest = "0"] = /^(?:(\d+)s)?(?:(\d+)ms)?$/.exec(timeouts.request) ?? [];
      expect(Number(seconds) * 1000 + Number(rest)).toBe(timeoutMilliseconds);
      expect(streamIdleSeconds([{ ...route, timeoutMilliseconds }]) * 1000).toBeGreaterThan(timeoutMilliseconds);
    }),
  );
});

test("ten seconds, all requests to the only backend, any version", () => {
  expect(httpRouteRules(route)[0]).toEqual({
    name: "catalog",
    matches: [{ path: { type: "PathPrefix", value: "/catalog" } }],
    backendRefs: [{ name: "catalog", port: 8080, weight: 100 }],
    timeouts: { request: "10s", backendRequest: "10s" },
  });
});

test("a version is a header's value", () => {
  expect(httpRouteRules({ ...route, version: "2" })[0]?.matches[0]?.headers).toEqual([
    { name: "x-api-version", value: "2" },
  ]);
  expect(gatewayDuration(1500)).toBe("1s500ms");
});
