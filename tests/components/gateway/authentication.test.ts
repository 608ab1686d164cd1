import fc from "fast-check";
import type { AuthorizationOperation } from "../../../components";
import {
  isHostOf,
  isWithin,
  jwtRule,
  operationsOf,
  protectedRules,
  publicRules,
} from "../../../components/gateway/authentication";
import { type GatewayRoute, routeHosts } from "../../../components/gateway/routes";
import { routeProblems } from "../../../components/gateway/route-problems";

const hosts = ["api.example.com", "*.example.com", "*.shop.example.com", "eu.shop.example.com"];
const path = fc.array(fc.constantFrom("a", "b", "ab"), { maxLength: 3 }).map((segments) => `/${segments.join("/")}`);

const route: fc.Arbitrary<GatewayRoute> = fc.record({
  name: fc.stringMatching(/^[a-z]{8}$/),
  hosts: fc.subarray(hosts, { minLength: 1 }),
  path,
  isPublic: fc.boolean(),
  backends: fc.constant([{ service: "catalog" }]),
});
const routes = fc
  .array(route, { minLength: 1, maxLength: 8 })
  .filter((some) => routeProblems(some, hosts).length === 0);
const request = fc.record({
  host: fc.constantFrom(
    "api.example.com",
    "www.example.com",
    "eu.shop.example.com",
    "us.shop.example.com",
    "example.org",
  ),
  path,
});
type Request = { host: string; path: string };

/** Istio's meaning: a `*` at either end stands for anything, alone for all. */
function fits(value: string, pattern: string): boolean {
  if (pattern.endsWith("*")) return value.startsWith(pattern.slice(0, -1));
  return pattern.startsWith("*") ? value.endsWith(pattern.slice(1)) : value === pattern;
}

function allows({ hosts: of = [], notHosts = [], paths = [], notPaths = [] }: AuthorizationOperation, sent: Request) {
  const some = (patterns: string[], value: string) => patterns.some((pattern) => fits(value, pattern));
  return some(of, sent.host) && !some(notHosts, sent.host) && some(paths, sent.path) && !some(notPaths, sent.path);
}

/** The Gateway API's meaning: the closest host, and of its routes the one with the longest path. */
function answering(some: GatewayRoute[], sent: Request): GatewayRoute | undefined {
  const named = [...new Set(some.flatMap((each) => routeHosts(each, hosts)))].filter((host) =>
    isHostOf(sent.host, host),
  );
  const [closest] = named.sort(
    (left, right) => Number(left.startsWith("*")) - Number(right.startsWith("*")) || right.length - left.length,
  );
  return some
    .filter(
      (each) => closest !== undefined && routeHosts(each, hosts).includes(closest) && isWithin(sent.path, each.path),
    )
    .sort((left, right) => right.path.length - left.path.length)[0];
}

test("a request passes without a token exactly if the route that answers it is public", () => {
  fc.assert(
    fc.property(routes, request, (some, sent) => {
      const open = operationsOf(some, hosts, ({ isPublic }) => isPublic === true);
      expect(open.some((operation) => allows(operation, sent))).toBe(answering(some, sent)?.isPublic === true);
    }),
    { numRuns: 2000 },
  );
});

test("and with a token if there is such a route at all", () => {
  fc.assert(
    fc.property(routes, request, (some, sent) => {
      const rules = [...publicRules(some, hosts), ...protectedRules(some, hosts, "issuer")];
      const operations = rules.flatMap(({ to = [] }) => to.map(({ operation }) => operation));
      expect(operations.some((operation) => allows(operation, sent))).toBe(answering(some, sent) !== undefined);
    }),
    { numRuns: 2000 },
  );
});

const backends = [{ service: "catalog" }];

test("a path that is protected is cut out of a public one around it, for its own host alone", () => {
  const some: GatewayRoute[] = [
    { name: "catalog", path: "/catalog", isPublic: true, backends },
    { name: "admin", path: "/catalog/admin", hosts: ["api.example.com"], backends },
  ];
  expect(publicRules(some, ["api.example.com", "www.example.com"])).toEqual([
    {
      to: [
        {
          operation: {
            hosts: ["api.example.com", "api.example.com:*"],
            paths: ["/catalog", "/catalog/*"],
            notPaths: ["/catalog/admin", "/catalog/admin/*"],
          },
        },
        {
          operation: {
            hosts: ["www.example.com", "www.example.com:*"],
            paths: ["/catalog", "/catalog/*"],
          },
        },
      ],
    },
  ]);
});

test("a browser's question passes to a protected route with CORS, and to no other", () => {
  const cors = { origins: ["https://shop.example.com"] };
  const [rule, ...others] = publicRules([{ name: "cart", path: "/carts", cors, backends }], ["api.example.com"]);
  expect(others).toEqual([]);
  expect(rule?.to?.[0]?.operation.methods).toEqual(["OPTIONS"]);
  expect(rule?.when?.map(({ key }) => key)).toEqual([
    "request.headers[origin]",
    "request.headers[access-control-request-method]",
  ]);
  expect(publicRules([{ name: "cart", path: "/carts", backends }], ["api.example.com"])).toEqual([]);
});

test("a token comes in a header alone, and says the tenant and its tier", () => {
  const rule = jwtRule({ issuer: "https://login.example.com", audiences: ["shop"], jwks: "{}", tenantClaim: "org.id" });
  expect(rule).toMatchObject({
    fromHeaders: [{ name: "Authorization", prefix: "Bearer " }],
    forwardOriginalToken: false,
    outputClaimToHeaders: [
      { header: "x-omega-tenant", claim: "org.id" },
      { header: "x-omega-tier", claim: "tier" },
    ],
  });
});
