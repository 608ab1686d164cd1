import { isDeepStrictEqual } from "node:util";
import type { MeshObject } from "./mesh";

/**
 * What a proof may change in an emitted object, by kind: addresses and ports alone. A machine without pods has no captured
 * traffic, so a Sidecar's listeners get ports of loopback; a host outside the mesh is a port of loopback.
 */
const allowed: Record<string, RegExp[]> = {
  Sidecar: [/^spec\.egress\.\d+\.(bind|captureMode)$/, /^spec\.ingress$/],
  ServiceEntry: [/^spec\.endpoints$/, /^spec\.ports\.\d+\.number$/],
};

/** @throws if the change touches more than addresses and ports. */
export function adapt<Adapted extends MeshObject>(object: Adapted, change: (copy: Adapted) => void): Adapted {
  const copy = structuredClone(object);
  change(copy);
  const refused = differences(object, copy).filter((path) => !allowed[object.kind]?.some((each) => each.test(path)));
  if (refused.length === 0) return copy;
  throw new Error(`${object.kind} ${object.metadata.name}: ${refused.join(", ")} is no address and no port`);
}

/** Paths at which two values differ; what is only in one of them is a difference as a whole. */
function differences(left: unknown, right: unknown, path: string[] = []): string[] {
  if (isDeepStrictEqual(left, right)) return [];
  if (!isContainer(left) || !isContainer(right) || Array.isArray(left) !== Array.isArray(right))
    return [path.join(".")];
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return keys.flatMap((key) => differences(left[key], right[key], [...path, key]));
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/**
 * All of what the platform says of identities that proofs without certificates go without: those come from istio-agent, which
 * runs in pods. What is left out has proofs with certificates: of services in authorization.test.ts, of a gateway in
 * gateway.test.ts and rate-limit.test.ts.
 */
export const withoutIdentities = {
  /** In place of the mesh's own, which requires mutual TLS; a `MeshNamespace` has one that comes before it. */
  peerAuthentication: {
    apiVersion: "security.istio.io/v1",
    kind: "PeerAuthentication",
    metadata: { name: "default", namespace: "istio-system" },
    spec: { mtls: { mode: "DISABLE" } },
  } satisfies MeshObject,

  /** The emitted objects but for who may call whom: a caller without a certificate is nobody. */
  applied: (objects: MeshObject[]): MeshObject[] => objects.filter(({ kind }) => kind !== "AuthorizationPolicy"),
};

/** Of all objects of Kubernetes those that istiod reads. The others make, count and guard pods, of which there are none. */
export const readByIstiod = (objects: MeshObject[]): MeshObject[] =>
  objects.filter(
    ({ apiVersion, kind }) =>
      isOfMesh(apiVersion) || (apiVersion === "v1" && ["Service", "ServiceAccount", "ConfigMap"].includes(kind)),
  );

/** Whether it is a version of Istio's kinds or of the Gateway API's. */
export const isOfMesh = (apiVersion: string): boolean =>
  /\.istio\.io\/|^gateway\.networking\.k8s\.io\//.test(apiVersion);

/** Of every service, as in the platform. */
export const servicePort = 8080;

/** Where a service's proxy listens on loopback. */
export interface ProxyAddress {
  /** Of its own, so that services keep their ports: the proxy listens there on the port of each dependency. */
  address: string;
  /** For calls to the service: the port of loopback that the service itself listens on, and what it speaks. */
  inbound?: { application: number; protocol: "HTTP" | "HTTP2" };
}

interface SidecarObject extends MeshObject {
  spec: { egress: object[]; ingress?: object[] };
}

/** The emitted objects with each Sidecar's listeners on loopback; those of services without an address are as they were. */
export function onLoopback(objects: MeshObject[], proxies: Record<string, ProxyAddress>): MeshObject[] {
  return objects.map((object) => {
    const proxy = proxies[object.metadata.name];
    if (!isSidecar(object) || proxy === undefined) return object;
    const listener = { bind: proxy.address, captureMode: "NONE" };
    return adapt(object, ({ spec }) => {
      for (const egress of spec.egress) Object.assign(egress, listener);
      if (proxy.inbound === undefined) return;
      const { application, protocol } = proxy.inbound;
      const inbound = {
        port: { number: servicePort, protocol, name: "inbound" },
        defaultEndpoint: `127.0.0.1:${application}`,
      };
      spec.ingress = [{ ...listener, ...inbound }];
    });
  });
}

const isSidecar = (object: MeshObject): object is SidecarObject => object.kind === "Sidecar";

interface Endpoint {
  /** Default 127.0.0.1. */
  address?: string;
  port: number;
  /** Whether it has a proxy with a certificate. Default no. */
  encrypted?: boolean;
  /** As a node's labels would say it. */
  locality?: { region: string; zone: string };
}

/**
 * Stands for a Service and its EndpointSlices, which refuse addresses of loopback: the same host, with endpoints there.
 */
export function workloads(service: string, protocol: "HTTP" | "HTTP2", endpoints: Endpoint[]): MeshObject {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name: `${service}-workloads`, namespace: "shop" },
    spec: {
      hosts: [`${service}.shop.svc.cluster.local`],
      ports: [{ number: servicePort, name: "main", protocol }],
      location: "MESH_INTERNAL",
      resolution: "STATIC",
      endpoints: endpoints.map(({ address = "127.0.0.1", port, encrypted = false, locality }) => ({
        address,
        ports: { main: port },
        labels: {
          "app.kubernetes.io/name": service,
          // What istiod's injection says of a pod with a proxy.
          ...(encrypted ? { "security.istio.io/tlsMode": "istio" } : {}),
        },
        ...(locality === undefined ? {} : { locality: `${locality.region}/${locality.zone}` }),
      })),
    },
  };
}

/** Gateways listen on all addresses: this moves the listeners of one namespace's gateways at one port to loopback. */
export function gatewayOnLoopback(namespace: string, address: string, port: number): MeshObject {
  return {
    apiVersion: "networking.istio.io/v1alpha3",
    kind: "EnvoyFilter",
    metadata: { name: `loopback-${port}`, namespace },
    spec: {
      configPatches: [
        {
          applyTo: "LISTENER",
          match: { context: "GATEWAY", listener: { portNumber: port } },
          patch: { operation: "MERGE", value: { address: { socket_address: { address, port_value: port } } } },
        },
      ],
    },
  };
}
