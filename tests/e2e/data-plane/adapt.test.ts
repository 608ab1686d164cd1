import { Bulkhead, Gateway, IssuerKind, ServiceMesh } from "../../../components";
import { adapt, onLoopback, readByIstiod, withoutIdentities } from "./adapt";
import { emitted, emittedObjects } from "./emitted";
import { Envoy, type EnvoyOptions } from "./envoy";
import type { MeshObject } from "./mesh";
import { type ServiceDefinition, servicesObjects, startCallers } from "./services";

const sidecar = (): MeshObject & {
  spec: { egress: Record<string, unknown>[]; ingress?: object[]; workloadSelector?: object };
} => ({
  apiVersion: "networking.istio.io/v1",
  kind: "Sidecar",
  metadata: { name: "cart", namespace: "shop" },
  spec: { egress: [{ hosts: ["./catalog.shop.svc.cluster.local"] }] },
});

const serviceEntry = () => ({
  apiVersion: "networking.istio.io/v1",
  kind: "ServiceEntry",
  metadata: { name: "api.example.com", namespace: "shop" },
  spec: { hosts: ["api.example.com"], resolution: "DNS", ports: [{ number: 80, protocol: "HTTP" }] },
});

const rule = () => ({
  apiVersion: "networking.istio.io/v1",
  kind: "DestinationRule",
  metadata: { name: "catalog", namespace: "shop" },
  spec: { trafficPolicy: { outlierDetection: { baseEjectionTime: "30s" } } },
});

test("addresses and ports may change, and the object that was given stays as it is", () => {
  const given = sidecar();
  const inbound = { application: 9000, protocol: "HTTP" } as const;
  const [adapted] = onLoopback([given], { cart: { address: "127.1.2.3", inbound } });
  expect(adapted?.spec).toMatchObject({
    egress: [{ hosts: given.spec.egress[0]?.hosts, bind: "127.1.2.3", captureMode: "NONE" }],
    ingress: [{ port: { number: 8080 }, bind: "127.1.2.3", defaultEndpoint: "127.0.0.1:9000" }],
  });
  expect(given).toEqual(sidecar());
});

test.each([
  [
    "a Sidecar's hosts",
    () => adapt(sidecar(), ({ spec }) => (spec.egress[0] = { hosts: ["*/*"] })),
    "spec.egress.0.hosts.0",
  ],
  ["one more listener", () => adapt(sidecar(), ({ spec }) => spec.egress.push({ hosts: ["*/*"] })), "spec.egress.1"],
  [
    "whom a Sidecar is for",
    () => adapt(sidecar(), ({ spec }) => (spec.workloadSelector = {})),
    "spec.workloadSelector",
  ],
  ["a name", () => adapt(sidecar(), ({ metadata }) => (metadata.name = "order")), "metadata.name"],
  ["how a host is resolved", () => adapt(serviceEntry(), ({ spec }) => (spec.resolution = "NONE")), "spec.resolution"],
  [
    "a port's protocol",
    () => adapt(serviceEntry(), ({ spec }) => (spec.ports = [{ number: 81, protocol: "TCP" }])),
    "spec.ports.0.protocol",
  ],
  [
    "a breaker",
    () => adapt(rule(), ({ spec }) => (spec.trafficPolicy.outlierDetection.baseEjectionTime = "1s")),
    "spec.trafficPolicy.outlierDetection.baseEjectionTime",
  ],
])("%s may not", (_what, change, path) => {
  expect(change).toThrow(`${path} is no address and no port`);
});

/** How many objects of each kind there are. */
function kindsOf(objects: MeshObject[]): Record<string, number> {
  const kinds: Record<string, number> = {};
  for (const { kind } of objects) kinds[kind] = (kinds[kind] ?? 0) + 1;
  return kinds;
}

/** What a mesh without proxies is given. */
class RecordingMesh {
  readonly applied: MeshObject[] = [];

  apply(objects: MeshObject[]): void {
    this.applied.push(...objects);
  }

  proxy(options: EnvoyOptions): Promise<Envoy> {
    return Promise.resolve(new Envoy(options, { command: "", folder: "", instance: 1, xdsPort: 0 }));
  }
}

describe("what is left out", () => {
  test("of services without certificates: who may call whom, and nothing else", async () => {
    const bulkhead = Bulkhead.Standard;
    const services: ServiceDefinition[] = [
      { name: "catalog", adaptive: { admissionControl: true } },
      {
        name: "cart",
        externalHosts: [{ host: "api.example.com", bulkhead }],
        dependencies: [{ service: "catalog", bulkhead }],
      },
    ];
    const mesh = new RecordingMesh();
    await startCallers(mesh, services, { cart: { address: "127.1.2.3" } }, []);
    const { AuthorizationPolicy, ...others } = kindsOf(await servicesObjects(services));
    expect(AuthorizationPolicy).toBe(1);
    expect(Object.keys(others)).toEqual(expect.arrayContaining(["DestinationRule", "EnvoyFilter", "Sidecar"]));
    expect(kindsOf(mesh.applied)).toEqual(others);
  });

  test("of the mesh without certificates: that callers must show one, and nothing else of that object", async () => {
    const objects = await emitted(() => void new ServiceMesh("mesh", {}));
    const strict = objects.filter(({ kind }) => kind === "PeerAuthentication");
    const spec = { mtls: { mode: "STRICT" } };
    expect(strict).toEqual([{ ...withoutIdentities.peerAuthentication, spec }]);
  });

  test("of a gateway: what makes, counts and guards its pods, and nothing else", async () => {
    const objects = await emittedObjects(() => {
      new Gateway("gateway", {
        namespace: "gateway",
        hosts: ["api.example.com"],
        issuer: { kind: IssuerKind.Issuer, name: "gateway" },
        sources: ["203.0.113.0/24"],
        routesNamespace: "shop",
        routes: [
          { name: "catalog", path: "/catalog", isPublic: true, backends: [{ service: "catalog" }] },
          { name: "order", path: "/orders", backends: [{ service: "order" }] },
        ],
        authentication: { issuer: "https://login.example.com", audiences: ["shop"], jwks: '{"keys":[]}' },
      });
    });
    const pods = { Deployment: 1, HorizontalPodAutoscaler: 1, NetworkPolicy: 1, PodDisruptionBudget: 1 };
    // Becomes a Secret, which the fixture applies in cert-manager's stead.
    const leftOut = { ...pods, Certificate: 1 };
    expect({ ...kindsOf(readByIstiod(objects)), ...leftOut }).toEqual(kindsOf(objects));
  });
});
