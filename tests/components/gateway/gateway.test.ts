import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import {
  CertificateIssuer,
  type CertificateIssuerArgs,
  Gateway,
  type GatewayArgs,
  gatewayCaller,
  type GatewayRoute,
  IssuerKind,
} from "../../../components";
import { gatewayProblems, sourceProblem } from "../../../components/gateway/gateway-problems";
import { type PlannedResource, planProgram } from "../../../rehearsal/engine/plan";

const catalog: GatewayRoute = { name: "catalog", path: "/catalog", isPublic: true, backends: [{ service: "catalog" }] };
const order: GatewayRoute = {
  name: "order",
  path: "/orders",
  version: "2",
  timeoutMilliseconds: 2500,
  maxBodyBytes: 65_536,
  cors: { origins: ["https://shop.example.com"] },
  backends: [
    { service: "order", weight: 95 },
    { service: "order-next", port: 9090, weight: 5 },
  ],
};

const args: GatewayArgs = {
  namespace: "gateway",
  hosts: ["api.example.com"],
  issuer: { kind: IssuerKind.Issuer, name: "gateway" },
  sources: ["203.0.113.0/24", "2001:db8::/32"],
  routesNamespace: "shop",
  routes: [catalog, order],
  authentication: {
    issuer: "https://login.example.com",
    audiences: ["shop"],
    jwksUri: "https://login.example.com/keys",
  },
};

async function plan(program: () => void): Promise<PlannedResource[]> {
  return (await planProgram(() => Promise.resolve(program()), "test", { config: {}, secrets: [] })).resources;
}

const graph = (resources: PlannedResource[]) =>
  resources
    .map(({ type, name, props }) => ({ type, name, props }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));

const specOf = (resources: PlannedResource[], type: string): Record<string, unknown> =>
  resources.find((resource) => resource.type.endsWith(type))?.props.spec as Record<string, unknown>;

test("what a gateway is made of", async () => {
  expect(graph(await plan(() => void new Gateway("gateway", args)))).toMatchSnapshot();
});

test("the edge's authority, the cloud and the name are told by arguments", async () => {
  const resources = await plan(() => {
    new Gateway("gateway", {
      ...args,
      gatewayName: "partner",
      clientAuthority: "PEM",
      loadBalancer: {
        annotations: { "example.com/scheme": "internet" },
        className: "eks.amazonaws.com/nlb",
        healthCheckSources: ["10.0.0.0/16"],
      },
    });
  });
  expect(specOf(resources, "v1:Gateway")).toMatchObject({
    addresses: [{ type: "Hostname", value: "partner.gateway.svc.cluster.local" }],
    tls: {
      frontend: {
        default: {
          validation: { caCertificateRefs: [{ group: "", kind: "ConfigMap", name: "partner-client-authority" }] },
        },
      },
    },
  });
  expect(specOf(resources, "v1:Service")).toMatchObject({ loadBalancerClass: "eks.amazonaws.com/nlb" });
  expect(specOf(resources, "v1:NetworkPolicy").ingress).toContainEqual({
    from: [{ ipBlock: { cidr: "10.0.0.0/16" } }],
    ports: [{ port: 15021, protocol: "TCP" }],
  });
});

test.each([
  [{ hostname: "nlb.example.com" }, "nlb.example.com"],
  [{ ip: "192.0.2.7" }, "192.0.2.7"],
])("its address is the load balancer's: %j", async (ingress, address) => {
  await pulumi.runtime.setMocks({
    newResource: ({ name, type, inputs }) => ({
      id: name,
      state: type.endsWith("v1:Service") ? { ...inputs, status: { loadBalancer: { ingress: [ingress] } } } : inputs,
    }),
    call: () => ({}),
  });
  const gateway = new Gateway("gateway", args);
  expect(await new Promise((resolve) => gateway.address.apply(resolve))).toBe(address);
});

test("a service names it as its caller", () => {
  expect(gatewayCaller("gateway")).toEqual({ service: "gateway", namespace: "gateway" });
  expect(gatewayCaller("edge", "partner")).toEqual({ service: "partner", namespace: "edge" });
});

test("every problem is reported, each with its path, and nothing is made", async () => {
  const wrong: GatewayArgs = {
    ...args,
    gatewayName: "Gateway",
    hosts: ["api", "*.example.com"],
    sources: ["0.0.0.0/0", "203.0.113.7"],
    authentication: { issuer: "", audiences: [], jwks: "{}", jwksUri: "http://login.example.com" },
    routes: [
      { ...catalog, path: "catalog" },
      { ...order, backends: [{ service: "order", weight: 95 }] },
    ],
    limits: { maxBodyBytes: 1, maxHeaderKibibytes: 0, maxHeaders: 1, headerSeconds: 0, requestSeconds: 0 },
    trustedProxies: -1,
    replicas: { min: 1, max: 2000 },
    autoscaling: { cpuPercent: 0, memoryPercent: 101 },
  };
  const expected = [
    "gatewayName",
    "hosts[0]",
    "sources[0]",
    "sources[1]",
    "authentication.issuer",
    "authentication.audiences",
    "authentication.jwksUri",
    "authentication.jwksUri",
    "routes[0].path",
    "routes[1].backends",
    "limits.maxBodyBytes",
    "limits.maxHeaderKibibytes",
    "limits.maxHeaders",
    "limits.headerSeconds",
    "limits.requestSeconds",
    "trustedProxies",
    "replicas.min",
    "replicas.max",
    "autoscaling.cpuPercent",
    "autoscaling.memoryPercent",
  ];
  expect(gatewayProblems(wrong).map(({ path }) => path)).toEqual(expected);
  const refused = await planProgram(() => Promise.resolve(void new Gateway("gateway", wrong)), "test", {
    config: {},
    secrets: [],
  }).catch((error: unknown) => String(error));
  expect(refused).toContain("routes[1].backends: have weights that add up to 95, must be 100");
});

test.each<[Partial<GatewayArgs>, string[]]>([
  [{ hosts: [] }, ["hosts"]],
  [{ sources: [] }, ["sources"]],
  [{ replicas: { min: 5, max: 3 } }, ["replicas.min"]],
  [{ loadBalancer: { healthCheckSources: ["::/0"] } }, ["loadBalancer.healthCheckSources[0]"]],
])("%j is refused at %j", (change, paths) => {
  expect(gatewayProblems({ ...args, ...change }).map(({ path }) => path)).toEqual(paths);
});

test("a protected route needs to know whose tokens to take", () => {
  const without: GatewayArgs = { ...args };
  delete without.authentication;
  expect(gatewayProblems(without)).toEqual([
    { path: "routes[1].isPublic", reason: "is false, which needs `authentication`" },
  ]);
});

test("sources are networks of an edge, never the internet or a half of it", () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.integer({ min: 0, max: 40 }), (address, length) => {
      expect(sourceProblem(`${address}/${length}`) === undefined).toBe(length >= 8 && length <= 32);
    }),
  );
  fc.assert(
    fc.property(fc.ipV6(), fc.integer({ min: 0, max: 140 }), (address, length) => {
      expect(sourceProblem(`${address}/${length}`) === undefined).toBe(length >= 16 && length <= 128);
    }),
  );
  for (const source of ["203.0.113.7", "203.0.113.0/24/1", "edge", ""]) expect(sourceProblem(source)).toBeDefined();
});

const token = { secretName: "cloudflare", key: "token" };

test.each<[string, CertificateIssuerArgs]>([
  ["an authority of one's own", { namespace: "gateway" }],
  [
    "Let's Encrypt",
    { namespace: "gateway", acme: { email: "operations@example.com", cloudflareToken: token, zones: ["example.com"] } },
  ],
])("certificates are issued by %s", async (_who, issuer) => {
  expect(graph(await plan(() => void new CertificateIssuer("gateway", issuer)))).toMatchSnapshot();
});

test("an authority without https or zones is refused", () => {
  const acme = {
    email: "operations@example.com",
    cloudflareToken: token,
    server: "http://acme.example.com",
    zones: [],
  };
  expect(() => new CertificateIssuer("gateway", { namespace: "gateway", acme })).toThrow(/acme\.server.*acme\.zones/);
});
