import type { SecretKey } from "../../stacks/schema";
import { formatPath, validate } from "../../stacks/validation";

const service = {
  name: "catalog",
  version: "1.0.0",
  image: `registry.example.com/catalog:1@sha256:${"0".repeat(64)}`,
  capabilities: ["search"],
};
const valid = { scope: "single", environment: "dev", regions: [{ name: "us-east" }], services: [service] };
const errorsOf = (input: Record<string, unknown>, secrets: SecretKey[] = []) =>
  validate(input, secrets).errors.map(({ path, reason }) => `${path}: ${reason}`);

describe("a valid configuration", () => {
  test("gets the architecture's numbers as defaults", () => {
    const { sections, errors } = validate(valid, []);
    expect(errors).toEqual([]);
    expect(sections?.services[0]).toMatchObject({
      port: 8080,
      protocol: "http1",
      bulkhead: "standard",
      replicas: { min: 2, max: 100 },
      autoscaling: { cpuPercent: 70, memoryPercent: 80 },
      breaker: { consecutiveFailures: 5, ejectionSeconds: 30 },
      health: { intervalSeconds: 5 },
    });
  });
});

describe("a wrong configuration", () => {
  test.each([
    [
      "too few replicas",
      { services: [{ ...service, replicas: { min: 1 } }] },
      "services[0].replicas.min: must be at least 2",
    ],
    ["a wrong type", { services: [{ ...service, port: "http" }] }, "services[0].port: must be a number"],
    [
      "a missing field",
      { services: [{ ...service, image: undefined }] },
      "services[0].image: is missing: must be a string",
    ],
    ["a value outside a list", { scope: "galaxy" }, "scope: must be one of single, region, global"],
    [
      "an empty list",
      { services: [{ ...service, capabilities: [] }] },
      "services[0].capabilities: must have at least 1",
    ],
    [
      "a misspelt key",
      { services: [{ ...service, replica: 2 }] },
      "services[0].replica: is not known here: remove it or correct its spelling (the JSON Schema lists what is)",
    ],
    ["two services of a name", { services: [service, service] }, 'services[1].name: "catalog" is taken by services[0]'],
    [
      "an unknown dependency",
      { services: [{ ...service, dependencies: [{ service: "cart" }] }] },
      'services[0].dependencies[0].service: "cart" is no service of this platform',
    ],
    [
      "a service that depends on itself",
      { services: [{ ...service, dependencies: [{ service: "catalog" }] }] },
      "services[0].dependencies[0].service: must be another service",
    ],
    [
      "fewer replicas at most than at least",
      { services: [{ ...service, replicas: { min: 5, max: 3 } }] },
      "services[0].replicas.max: must be at least replicas.min, which is 5",
    ],
    [
      "two regions in one stack",
      { regions: [{ name: "us-east" }, { name: "eu-west" }] },
      "regions: must be one where scope is single; several regions are stacks of their own",
    ],
    ["an unknown region", { scope: "region", region: "mars" }, "region: must be one of the regions: us-east"],
    [
      "regions with overlapping addresses",
      {
        scope: "global",
        cloudflareAccountId: "0".repeat(32),
        regions: [
          { name: "us-east", cidrBlock: "10.0.0.0/16" },
          { name: "eu-west", cidrBlock: "10.0.16.0/20" },
        ],
      },
      "regions[1].cidrBlock: overlaps with the block of regions[0]",
    ],
    [
      "the mesh's own namespace",
      { namespace: "istio-system" },
      "namespace: must be one of its own: istio-system belongs to the cluster",
    ],
    [
      "a size that is none",
      { services: [{ ...service, size: "gigantic" }] },
      "services[0].size: must be one of small, medium, large",
    ],
    [
      "an image of production that can change behind its tag",
      { scope: "region", region: "us-east", services: [{ ...service, image: "registry.example.com/catalog:1" }] },
      "services[0].image: must end in @sha256:<digest>: what production runs must not change behind its tag",
    ],
    [
      "a timeout smaller than its retries need",
      {
        services: [
          { ...service, dependencies: [{ service: "cart", timeoutMilliseconds: 1000, perTryMilliseconds: 400 }] },
          { ...service, name: "cart" },
        ],
      },
      "services[0].dependencies[0].timeoutMilliseconds: is 1000, must be at least 1200: 3 tries of 400 ms",
    ],
    [
      "a dependency cycle",
      {
        services: [
          { ...service, dependencies: [{ service: "cart" }] },
          { ...service, name: "cart", dependencies: [{ service: "catalog" }] },
        ],
      },
      "services[0].dependencies: wait for each other in a cycle: catalog, cart",
    ],
    [
      "a host outside that is none",
      { services: [{ ...service, externalHosts: [{ host: "https://api.example.com" }] }] },
      'services[0].externalHosts[0].host: "https://api.example.com" must be a host such as "api.example.com"',
    ],
    [
      "an address block with host bits",
      { regions: [{ name: "us-east", cidrBlock: "10.0.0.1/16" }] },
      "regions[0].cidrBlock: must be an IPv4 block from /16 to /20, e.g. 10.0.0.0/16",
    ],
    [
      "a registry without a password",
      { imageRegistry: { server: "ghcr.io", username: "ci" } },
      "imageRegistryPassword: is missing, for imageRegistry: pulumi config set --secret omega:imageRegistryPassword",
    ],
  ])("%s", (_, change, expected) => {
    expect(errorsOf({ ...valid, ...change })).toEqual([expected]);
  });

  test("reports everything that is wrong between services, gateway and experiments together", () => {
    const critical = { ...service, name: "payment", bulkhead: "critical", dependencies: [{ service: "catalog" }] };
    const services = [
      { ...service, dependencies: [{ service: "wishes" }], replicas: { min: 9, max: 3 } },
      critical,
      { ...service, name: "left", dependencies: [{ service: "right" }] },
      { ...service, name: "right", dependencies: [{ service: "left" }] },
      { ...service, name: "order", dependencies: [{ service: "catalog", fallbacks: ["archive"] }] },
      {
        ...service,
        name: "archive",
        dependencies: [{ service: "catalog", timeoutMilliseconds: 99, perTryMilliseconds: 50 }],
      },
      {
        ...service,
        name: "cart",
        routes: [
          {
            path: "/carts",
            isPublic: true,
            backends: [
              { service: "cart", weight: 80 },
              { service: "next", weight: 10 },
            ],
          },
        ],
      },
    ];
    const gateway = { hosts: ["api.shop.example"], sources: ["0.0.0.0/0"] };
    const chaos = { window: { cron: "0 10 * * 2-4", minutes: 60 }, targets: [{ service: "catalog" }] };
    expect(errorsOf({ ...valid, services, gateway, chaos })).toEqual([
      "chaos.limits: is missing: must be an object",
      'services[0].dependencies[0].service: "wishes" is no service of this platform',
      'services[1].dependencies[0].service: "catalog" is standard, so critical "payment" can\'t wait for it: make it critical, or use events',
      'services[4].dependencies[0].fallbacks[0]: "archive" depends on its primary "catalog"',
      "services[2].dependencies: wait for each other in a cycle: left, right",
      "services[0].replicas.max: must be at least replicas.min, which is 9",
      "services[5].dependencies[0].timeoutMilliseconds: is 99, must be at least 150: 3 tries of 50 ms",
      'gateway.sources[0]: "0.0.0.0/0" must be /8 or narrower, not the internet',
      "services[6].routes[0].backends: have weights that add up to 90, must be 100",
      'services[6].routes[0].backends[1].service: "next" is no service of this platform',
    ]);
  });

  test("no namespace and no service takes a name that others have", () => {
    const gateway = { namespace: "monitoring", hosts: ["api.shop.example"], sources: ["10.0.0.0/8"] };
    const window = { cron: "0 10 * * 2-4", minutes: 60 };
    const limits = { errorRatePercent: 5, p99Milliseconds: 1000 };
    const chaos = { namespace: "istio-system", window, limits, targets: [{ service: "contracts" }] };
    const contracts = { ...service, name: "contracts", protocol: "http2" };
    expect(errorsOf({ ...valid, namespace: "keda", services: [contracts], gateway, chaos })).toEqual([
      'services[0].name: "contracts" names objects of the platform in this namespace',
      "services[0].health.port: is missing: a service of HTTP/2 answers its health checks at a port of HTTP/1.1",
      "namespace: must be one of its own: keda belongs to a controller",
      "gateway.namespace: must be one of its own: monitoring belongs to a controller",
      "chaos.namespace: must be one of its own: istio-system belongs to the cluster",
    ]);
  });

  test("a route needs a gateway, and a token where it isn't public", () => {
    const routed = { ...service, routes: [{ path: "/products" }] };
    expect(errorsOf({ ...valid, services: [routed] })).toEqual([
      "services[0].routes[0]: needs a gateway, and there is none",
    ]);
    const gateway = { namespace: "shop", hosts: ["api.shop.example"], sources: ["10.0.0.0/8"] };
    expect(errorsOf({ ...valid, services: [routed], gateway })).toEqual([
      "services[0].routes[0].isPublic: is false, which needs `authentication`",
      "gateway.namespace: must be one of its own: shop is that of namespace",
    ]);
  });

  test("experiments are checked against the services, all at once", () => {
    const cart = { ...service, name: "cart", bulkhead: "critical", dependencies: [] };
    const chaos = {
      namespace: "shop",
      limits: { errorRatePercent: 5, p99Milliseconds: 1000 },
      window: { cron: "0 10 * * 2-4", minutes: 30 },
      targets: [{ service: "catalog", entry: "cart" }, { service: "cart" }, { service: "wishes" }],
    };
    expect(errorsOf({ ...valid, services: [service, cart], chaos })).toEqual([
      'chaos.targets[0].path: must be one on which "cart" calls "catalog": health checks ask no dependency',
      'chaos.targets[1].bulkhead: "cart" is critical: experiments never touch it',
      "chaos.window.minutes: is 30, must be at least 54 for 9 experiments of 5 minutes",
      'chaos.targets[0].entry: "cart" doesn\'t depend on "catalog": its requests would meet no fault',
      'chaos.targets[2].service: "wishes" is no service of this platform',
      "chaos.namespace: must be one of its own: shop is that of namespace",
    ]);
  });

  test.each([
    [{}, ["chaos.limits: is missing: must be an object"]],
    [{ limits: { errorRatePercent: 5 } }, ["chaos.limits.p99Milliseconds: is missing: must be a number"]],
    [
      { limits: { errorRatePercent: 50, p99Milliseconds: 0 } },
      ["chaos.limits.errorRatePercent: must be at most 10", "chaos.limits.p99Milliseconds: must be at least 1"],
    ],
  ])("an experiment without both limits, %j, is refused", (limits, expected) => {
    const window = { cron: "0 10 * * 2-4", minutes: 60 };
    expect(errorsOf({ ...valid, chaos: { window, targets: [{ service: "catalog" }], ...limits } })).toEqual(expected);
  });

  test("reports errors of form and errors between sections together", () => {
    const broken = { ...service, replicas: { min: 1, max: 0 }, dependencies: [{ service: "cart" }] };
    expect(errorsOf({ ...valid, environment: "Dev!", services: [broken, { ...broken, port: 0 }] })).toEqual([
      "environment: must be a DNS label: lower-case letters, digits and dashes",
      "services[0].replicas.min: must be at least 2",
      "services[0].replicas.max: must be at least 2",
      "services[1].port: must be at least 1",
      "services[1].replicas.min: must be at least 2",
      "services[1].replicas.max: must be at least 2",
      'services[1].name: "catalog" is taken by services[0]',
      'services[0].dependencies[0].service: "cart" is no service of this platform',
      'services[1].dependencies[0].service: "cart" is no service of this platform',
    ]);
  });

  test("an error of form in a section hides none of the other errors in it", () => {
    const services = [
      {
        ...service,
        version: "one",
        dependencies: [
          { service: "cart", timeoutMilliseconds: 99, perTryMilliseconds: 50 },
          { service: 7 },
          { service: "wishes", retries: 99 },
        ],
        routes: [
          { path: "products" },
          { path: "/search", isPublic: true, backends: [{ service: "catalog", weight: 70 }, { service: "cart" }] },
        ],
      },
      { ...service, name: "cart", bulkhead: "critical" },
    ];
    const gateway = { sources: ["0.0.0.0/0"], hosts: "api.shop.example" };
    const chaos = {
      window: { cron: "0 10 * * 2-4", minutes: 5 },
      targets: [{ service: "cart" }, { service: "gifts" }],
    };
    expect(errorsOf({ ...valid, services, gateway, chaos })).toEqual([
      "gateway.hosts: must be a list",
      "services[0].version: must be a semantic version such as 2.1.0",
      "services[0].dependencies[1].service: must be a string",
      "services[0].dependencies[2].retries: must be at most 5",
      'services[0].routes[0].path: must start with "/"',
      "chaos.limits: is missing: must be an object",
      'services[0].dependencies[2].service: "wishes" is no service of this platform',
      "services[0].dependencies[0].timeoutMilliseconds: is 99, must be at least 150: 3 tries of 50 ms",
      'gateway.sources[0]: "0.0.0.0/0" must be /8 or narrower, not the internet',
      "services[0].routes[1].backends[1].weight: must be set where there are several backends",
      "services[0].routes[0].isPublic: is false, which needs `authentication`",
      'chaos.targets[0].bulkhead: "cart" is critical: experiments never touch it',
      "chaos.window.minutes: is 5, must be at least 36 for 6 experiments of 5 minutes",
      'chaos.targets[1].service: "gifts" is no service of this platform',
    ]);
  });

  test("EKS needs each region's AWS name and addresses", () => {
    expect(errorsOf({ ...valid, cluster: { source: "eks" } })).toEqual([
      "regions[0].aws: is missing: cluster.source eks needs it",
      "regions[0].cidrBlock: is missing: cluster.source eks needs it",
    ]);
  });
});

test("a path reads like the stack file", () => {
  expect(formatPath(["services", 0, "replicas", "min"])).toBe("services[0].replicas.min");
});
