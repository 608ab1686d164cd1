import type { Envoy } from "./envoy";
import { type GatewayCall, type GatewayClient, securityHeaders, TokenIssuer } from "./gateway-client";
import { GatewayFixture } from "./gateway-fixture";
import { routes, services, site } from "./gateway-routes";

jest.setTimeout(240_000);

const fixture = new GatewayFixture();
afterAll(() => fixture.stop());

const audience = "shop";
const issuer = new TokenIssuer("https://login.example.com");

let proxy: Envoy;
let client: GatewayClient;

beforeAll(async () => {
  await fixture.start(services, "catalog");
  ({ proxy, client } = await fixture.gateway("gateway", {
    hosts: ["api.example.com", "*.shop.example.com"],
    routes,
    authentication: { issuer: issuer.name, audiences: [audience], jwks: issuer.jwks },
    limits: { headerSeconds: 1 },
  }));
});

beforeEach(() => {
  for (const upstream of Object.values(fixture.upstreams)) {
    upstream.release();
    upstream.forget();
  }
});

const token = (claims: Record<string, unknown> = {}) =>
  issuer.sign({ aud: audience, tenant: "acme", tier: "pro", ...claims });
const order = (call: GatewayCall = {}) => client.send({ path: "/orders/1", token: token(), ...call });
const statusOf = async (call: GatewayCall) => (await client.send(call)).status;

test("the proxy takes every listener, and has its certificate from a Secret of the cluster", async () => {
  const rejected = await proxy.stats("update_rejected$");
  expect(Object.keys(rejected)).toContain("listener_manager.lds.update_rejected");
  expect(Object.values(rejected).filter((count) => count > 0)).toEqual([]);
  const { body } = await proxy.admin("/config_dump?resource=dynamic_active_secrets");
  expect(body).toContain("kubernetes-gateway://gateway/gateway-tls");
});

test("a public route needs no token, and its service lets the gateway in by its certificate", async () => {
  expect(await client.send({ path: "/catalog/1" })).toMatchObject({ status: 200, body: "catalog" });
});

describe("a pool of a tier", () => {
  test("answers the tenants whose token names the tier, and nobody else", async () => {
    expect(await order({ token: token({ tier: "enterprise" }) })).toMatchObject({
      ...{ status: 200, body: "order-enterprise" },
    });
    expect(await order()).toMatchObject({ status: 200, body: "order" });
  });

  test("is not for who only says so", async () => {
    const headers = { "x-omega-tier": "enterprise" };
    expect(await order({ headers })).toMatchObject({ status: 200, body: "order" });
    expect(fixture.upstream("order-enterprise").requests).toEqual([]);
  });

  test("takes no longer bodies than the route", async () => {
    const call = { token: token({ tier: "enterprise" }), method: "POST", body: "x".repeat(4096) };
    expect((await order(call)).status).toBe(413);
  });
});

describe("a protected route", () => {
  test("lets a token of the issuer for one of the audiences in", async () => {
    expect(await order()).toMatchObject({ status: 200, body: "order" });
  });

  const elsewhere = new TokenIssuer("https://login.example.org");
  const forger = new TokenIssuer(issuer.name);
  const hour = Math.floor(Date.now() / 1000) - 3600;
  test.each<[string, number, GatewayCall]>([
    ["none", 403, {}],
    ["no token at all", 401, { token: "nonsense" }],
    ["one that has expired", 401, { token: token({ exp: hour }) }],
    ["one of another issuer", 401, { token: elsewhere.sign({ aud: audience }) }],
    ["one that another key signed", 401, { token: forger.sign({ aud: audience }) }],
    ["one for another audience", 403, { token: token({ aud: "elsewhere" }) }],
    ["one in the URL", 403, { path: `/orders/1?access_token=${token()}` }],
  ])("refuses %s: %d", async (_what, status, call) => {
    expect(await statusOf({ path: "/orders/1", ...call })).toBe(status);
    expect(fixture.upstream("order").requests).toHaveLength(0);
  });
});

describe("what a service learns of the caller", () => {
  const spoofed = {
    "x-omega-tenant": "other",
    "X-Omega-Tier": "enterprise",
    "x-omega-chaos": "failure",
    "x-omega-bulkhead": "critical",
    x_omega_tenant: "other",
    "x-forwarded-client-cert": "By=spiffe://cluster.local/ns/shop/sa/admin",
  };
  const platform = (service: string) =>
    fixture
      .upstream(service)
      .requests.map((headers) => Object.entries(headers).filter(([name]) => /^x.omega/.test(name)));

  test("is what the token claims, whatever it sent", async () => {
    expect(await order({ headers: spoofed })).toMatchObject({ status: 200 });
    expect(platform("order")).toEqual([
      [
        ["x-omega-tenant", "acme"],
        ["x-omega-tier", "pro"],
      ],
    ]);
    for (const name of ["authorization", "x-forwarded-client-cert"]) {
      expect(fixture.upstream("order").requests[0]).not.toHaveProperty(name);
    }
  });

  test("and nothing where the token has no such claim, or there is no token", async () => {
    expect(await order({ headers: spoofed, token: issuer.sign({ aud: audience }) })).toMatchObject({ status: 200 });
    expect(await client.send({ path: "/catalog/1", headers: spoofed })).toMatchObject({ status: 200 });
    expect([...platform("order"), ...platform("catalog")]).toEqual([[], []]);
  });
});

describe("access is decided by the path that services see", () => {
  const tricks = [
    ..."//orders/1 /./orders/1 /catalog/../orders/1 /catalog/%2e%2e/orders/1 /catalog/..%2forders/1".split(" "),
    ..."/catalog/..;/orders/1 /catalog/..\\orders/1 /catalog/..%5corders/1 /orders/ /orders?x /orders;x".split(" "),
    ..."/catalog//admin /catalog/./admin /catalog/x/../admin /catalog%2fadmin /catalog/%2fadmin".split(" "),
    ..."/catalog\\admin /catalog/%61dmin /catalog/admin;x=1 /catalog/;/admin /catalog/%3b/admin".split(" "),
    ..."/catalog/admin/help/../x /catalog/admin/help%2f..%2fx /catalog/%252e%252e/orders /catalog%252fadmin".split(" "),
    ..."/%63atalog/admin /catalog/admin/helpx /catalog/admin%00 //example.org/%2e%2e/orders".split(" "),
  ];

  test.each(tricks)("%s without a token reaches nothing protected", async (path) => {
    const { status, headers } = await client.send({ path });
    expect([307, 400, 403]).toContain(status);
    // To the plain path of this host, which is decided by anew.
    if (status === 307) expect(headers.location).toMatch(/^\/[a-z]+(\/[a-z0-9]+)*$/);
    expect(Object.values(fixture.upstreams).flatMap(({ paths }) => paths)).toEqual([]);
  });

  test.each(["/catalog/1%20%25", "/catalog/administrator", "/catalog/a%3Fb%23", "/catalog/%C3%A4"])(
    "%s reaches its service as it is",
    async (path) => {
      expect(await statusOf({ path })).toBe(200);
      expect(fixture.upstream("catalog").paths).toEqual([path]);
    },
  );
});

describe("a route is chosen", () => {
  test.each<[string, GatewayCall, number, string]>([
    ["by the longest path", { path: "/catalog/admin/help/1" }, 200, "help"],
    ["by its host before a wildcard", { host: "special.shop.example.com", path: "/catalog/1" }, 403, ""],
    ["and so is its service", { host: "special.shop.example.com", path: "/catalog/1", token: token() }, 200, "admin"],
    ["by a wildcard", { host: "other.shop.example.com", path: "/catalog/1" }, 200, "catalog"],
    ["by a host in other letters", { host: "API.example.com", path: "/catalog/1" }, 200, "catalog"],
    ["by its version", { path: "/orders/1", token: token(), headers: { "x-api-version": "2" } }, 200, "order-next"],
    ["without one", { path: "/orders/1", token: token() }, 200, "order"],
    ["never for another host", { headers: { host: "api.example.com.evil.org" }, path: "/catalog/1" }, 403, ""],
    ["by a host with a port", { headers: { host: "api.example.com:443" }, path: "/catalog/1" }, 200, "catalog"],
    ["by no host in other letters", { headers: { host: "SPECIAL.Shop.example.com" }, path: "/catalog/1" }, 403, ""],
    ["by no host with a port", { headers: { host: "special.shop.example.com:443" }, path: "/catalog/1" }, 403, ""],
    ["by no wildcard with a port", { headers: { host: "other.shop.example.com:443" }, path: "/catalog/1" }, 403, ""],
    ["never for another path", { path: "/elsewhere", token: token() }, 403, ""],
    ["never for half a segment", { path: "/catalogue" }, 403, ""],
  ])("%s", async (_how, call, status, body) => {
    const answer = await client.send(call);
    expect(answer.status).toBe(status);
    if (body !== "") expect(answer.body).toBe(body);
  });

  test("by weight", async () => {
    const bodies: string[] = [];
    while (bodies.length < 300) {
      const batch = Array.from({ length: 20 }, () => client.send({ path: "/search" }));
      bodies.push(...(await Promise.all(batch)).map(({ body }) => body));
    }
    const next = bodies.filter((body) => body === "search-next").length;
    expect(bodies.filter((body) => body === "search")).toHaveLength(300 - next);
    expect(next).toBeGreaterThan(30);
    expect(next).toBeLessThan(90);
  });
});

describe("a request that takes too much is refused", () => {
  const long = "x".repeat(20_000);
  const many = Object.fromEntries(Array.from({ length: 110 }, (_, index) => [`x-header-${index}`, "1"]));
  test.each<[string, number, GatewayCall]>([
    ["a long body", 413, { method: "POST", body: "x".repeat(2049), path: "/orders", token: token() }],
    ["a longer one elsewhere", 413, { method: "POST", body: "x".repeat(1_048_577), path: "/catalog" }],
    ["long headers", 431, { headers: { "x-long": long } }],
    ["many headers", 431, { headers: many }],
    ["a path that is too long", 431, { path: `/catalog/${long}` }],
  ])("%s: %d", async (_what, status, call) => {
    const answer = await client.send({ path: "/catalog", ...call });
    expect(answer).toMatchObject({ status, headers: securityHeaders });
    expect(fixture.upstream("order").requests.concat(fixture.upstream("catalog").requests)).toHaveLength(0);
  });

  test("a body within the bounds is not", async () => {
    expect(await order({ method: "POST", body: "x".repeat(2048) })).toMatchObject({ status: 200 });
    expect(await statusOf({ method: "POST", body: "x".repeat(1_000_000), path: "/catalog" })).toBe(200);
  });

  test("one whose headers don't end is cut off", async () => {
    const answer = await client.unfinished("GET /catalog HTTP/1.1\r\nhost: api.example.com\r\n");
    expect(answer).toContain("408 Request Timeout");
  });
});

test("a service that takes too long is not waited for, whatever the caller asks", async () => {
  fixture.upstream("order").behaviour = { kind: "hang" };
  const began = Date.now();
  const answer = await order({ headers: { "x-envoy-upstream-rq-timeout-ms": "10000" } });
  expect(answer).toMatchObject({ status: 504, headers: securityHeaders });
  expect(Date.now() - began).toBeLessThan(9000);
});

test("a service that fails is not called again", async () => {
  fixture.upstream("order").behaviour = { kind: "answer", status: 503 };
  expect(await order({ headers: { "x-envoy-retry-on": "5xx" } })).toMatchObject({ status: 503 });
  expect(fixture.upstream("order").requests).toHaveLength(1);
});

test.each<[string, GatewayCall]>([
  ["a service", { path: "/catalog" }],
  ["a refusal", { path: "/orders" }],
  ["a wrong token", { path: "/orders", token: "nonsense" }],
])("an answer of %s has the security headers, and doesn't say what answered", async (_what, call) => {
  const { headers } = await client.send(call);
  expect(headers).toMatchObject(securityHeaders);
  expect(headers).not.toHaveProperty("server");
});

describe("a browser asks before it calls another site", () => {
  const preflight = (path: string, origin: string) =>
    client.send({ path, method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });

  test("and learns that this site's scripts may", async () => {
    const answer = await preflight("/carts/1", site);
    expect(answer).toMatchObject({ status: 200, headers: { "access-control-allow-origin": site } });
    expect(answer.headers["access-control-allow-methods"]).toContain("POST");
    const { headers } = await client.send({ path: "/carts/1", token: token(), headers: { origin: site } });
    expect(headers).toMatchObject({ "access-control-allow-origin": site });
  });

  test("and that another's may not; its question reaches no service", async () => {
    const answer = await preflight("/carts/1", "https://evil.example.org");
    expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
    expect(await preflight("/orders/1", site)).toMatchObject({ status: 403 });
    expect(fixture.upstream("cart").requests).toHaveLength(0);
  });

  test("what is no such question needs a token", async () => {
    expect(await statusOf({ path: "/carts/1", method: "OPTIONS" })).toBe(403);
    expect(await statusOf({ path: "/carts/1", headers: { origin: site } })).toBe(403);
  });
});

test("TLS is 1.2 at least", async () => {
  const negotiated = await Promise.all(
    (["TLSv1.1", "TLSv1.2", "TLSv1.3"] as const).map((version) => client.negotiates(version)),
  );
  expect(negotiated).toEqual([false, true, true]);
});

test("a gateway says itself that it works, on any host, and nothing else does at that path", async () => {
  expect(await client.send({ path: "/healthz" })).toMatchObject({ status: 200, body: "" });
  expect(await client.send({ path: "/healthz/more" })).toMatchObject({ status: 403 });
});

describe("a gateway with an authority for its callers", () => {
  let partner: GatewayClient;
  const identity = () => fixture.issue("DNS:edge.example.com");
  const said = { "x-omega-edge-tenant": "globex", "x-omega-edge-tier": "enterprise", "x-omega-chaos": "failure" };
  const platform = () =>
    fixture.upstream("help").requests.map((headers) => Object.entries(headers).filter(([name]) => /omega/.test(name)));

  beforeAll(async () => {
    ({ client: partner } = await fixture.gateway("partner", {
      hosts: ["partner.example.com"],
      routes: [
        { name: "help", path: "/help", isPublic: true, backends: [{ service: "help" }] },
        { name: "own", path: "/own", backends: [{ service: "help" }] },
      ],
      clientAuthority: fixture.authorityCertificate,
      authentication: { issuer: issuer.name, audiences: [audience], jwks: issuer.jwks },
    }));
  });

  test("asks for their certificates", async () => {
    await expect(partner.send({ path: "/help" })).rejects.toThrow(/certificate|ECONNRESET/);
    expect(await partner.send({ path: "/help", identity: identity() })).toMatchObject({ status: 200, body: "help" });
  });

  test("believes the edge which tenant a host is", async () => {
    await partner.send({ path: "/help", identity: identity(), headers: said });
    expect(platform()).toEqual([
      [
        ["x-omega-tenant", "globex"],
        ["x-omega-tier", "enterprise"],
      ],
    ]);
  });

  test("and a token more than the edge", async () => {
    const token = issuer.sign({ aud: audience, tenant: "acme", tier: "pro" });
    expect(await partner.send({ path: "/own", identity: identity(), headers: said, token })).toMatchObject({
      status: 200,
    });
    expect(Object.fromEntries(platform()[0] ?? [])).toEqual({ "x-omega-tenant": "acme", "x-omega-tier": "pro" });
  });

  test("and nobody who only names it otherwise", async () => {
    const headers = { "omega-edge-tenant": "globex", "omega-edge-tier": "enterprise", "x-omega-tenant": "globex" };
    await partner.send({ path: "/help", identity: identity(), headers });
    expect(platform()).toEqual([[]]);
  });
});

test("a gateway without one believes no edge", async () => {
  const headers = { "x-omega-edge-tenant": "globex", "x-omega-edge-tier": "enterprise" };
  expect(await client.send({ path: "/catalog/1", headers })).toMatchObject({ status: 200 });
  const [seen = {}] = fixture.upstream("catalog").requests;
  expect(Object.keys(seen).filter((name) => /omega/.test(name))).toEqual([]);
});
