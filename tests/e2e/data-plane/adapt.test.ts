import { adapt, onLoopback } from "./adapt";
import type { MeshObject } from "./mesh";

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
