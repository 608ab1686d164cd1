import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Protocol } from "../mesh/bulkheads";
import { healthPaths, type ServiceContract } from "./contract";
import type { DedicatedPlacement } from "./isolation";
import { type ContainerResources, resourceRequirements } from "./size";
import type { StoreAccess } from "./stores";

export interface PodArgs {
  contract: ServiceContract;
  image: pulumi.Input<string>;
  port: number;
  /** What the port speaks. */
  portName: Protocol;
  resources: ContainerResources;
  serviceAccountName: pulumi.Input<string>;
  priorityClassName: string;
  /** ConfigMap whose keys become environment variables. */
  configMapName?: pulumi.Input<string>;
  labels: Record<string, string>;
  /** What its databases, caches and brokers add. */
  stores: StoreAccess;
  /** Nodes that they are bound to. Default any. */
  placement?: DedicatedPlacement;
}

/** Seconds in which load balancers and proxies learn that a replica is leaving, before it is told to stop. */
const drainSeconds = 10;

/** Time for the requests in flight to end, after that; the pod's grace period covers both and some room. */
const terminationDrainSeconds = 30;

export const gracePeriodSeconds = drainSeconds + terminationDrainSeconds + 20;
export const drainFirst = { preStop: { sleep: { seconds: drainSeconds } } };

/** A container that may do nothing but its work. */
export const restricted = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

/** User and group of processes that need none of their own: no node's account has this number. */
const unprivilegedId = 65_532;

/** Its pod. Images must be readable by any user, as they are unless they take care not to be. */
export const restrictedPod = {
  runAsNonRoot: true,
  runAsUser: unprivilegedId,
  runAsGroup: unprivilegedId,
  seccompProfile: { type: "RuntimeDefault" },
};

/**
 * The proxy is there before the service and drains with it. One worker: with two, Envoy would let twice a bulkhead's HTTP/2
 * streams through (a worker needs about a core for thousands of requests a second, and services scale out before up).
 */
export const proxyAnnotations = {
  "proxy.istio.io/config": JSON.stringify({
    concurrency: 1,
    holdApplicationUntilProxyStarts: true,
    terminationDrainDuration: `${terminationDrainSeconds}s`,
    // A host outside has an address of its own in each proxy's DNS: so those at one port are told apart.
    proxyMetadata: { ISTIO_META_DNS_CAPTURE: "true" },
  }),
};

export function podSpec(args: PodArgs): types.input.core.v1.PodSpec {
  const { contract, labels, resources, stores } = args;
  const healthPort = contract.health?.port;
  return {
    serviceAccountName: args.serviceAccountName,
    automountServiceAccountToken: false,
    priorityClassName: args.priorityClassName,
    terminationGracePeriodSeconds: gracePeriodSeconds,
    securityContext: restrictedPod,
    topologySpreadConstraints: zoneSpread(labels),
    ...args.placement,
    containers: [
      {
        name: contract.name,
        image: args.image,
        ports: [
          { name: args.portName, containerPort: args.port },
          ...(healthPort === undefined ? [] : [{ name: healthPortName, containerPort: healthPort }]),
        ],
        ...(stores.env.length === 0 ? {} : { env: stores.env }),
        ...(args.configMapName === undefined ? {} : { envFrom: [{ configMapRef: { name: args.configMapName } }] }),
        resources: resourceRequirements(resources),
        securityContext: restricted,
        volumeMounts: [{ name: "tmp", mountPath: "/tmp" }, ...stores.volumeMounts],
        lifecycle: drainFirst,
        ...probes(args),
      },
    ],
    // The root filesystem is read-only, and many runtimes need a place to write.
    volumes: [{ name: "tmp", emptyDir: { sizeLimit: "512Mi" } }, ...stores.volumes],
  };
}

/** Replicas evenly over the zones, and over the nodes where they can be. */
export function zoneSpread(labels: Record<string, string>): types.input.core.v1.TopologySpreadConstraint[] {
  return [
    // Without Honor a zone that is cordoned still counts as empty, and its replicas would stay pending for ever.
    spread("topology.kubernetes.io/zone", "DoNotSchedule", labels),
    spread("kubernetes.io/hostname", "ScheduleAnyway", labels),
  ];
}

function spread(
  topologyKey: string,
  whenUnsatisfiable: string,
  matchLabels: Record<string, string>,
): types.input.core.v1.TopologySpreadConstraint {
  return {
    topologyKey,
    whenUnsatisfiable,
    maxSkew: 1,
    nodeTaintsPolicy: "Honor",
    labelSelector: { matchLabels },
    matchLabelKeys: ["pod-template-hash"],
  };
}

const healthPortName = "http-health";

function probes({
  contract,
  port,
  portName,
}: PodArgs): Pick<types.input.core.v1.Container, "startupProbe" | "readinessProbe" | "livenessProbe"> {
  const { startupPath, readinessPath, livenessPath, intervalSeconds } = healthPaths(contract);
  const asks = (path: string) => {
    if (contract.health?.port !== undefined) return { httpGet: { path, port: healthPortName } };
    return portName === Protocol.Grpc ? { grpc: { port } } : { httpGet: { path, port: portName } };
  };
  const probe = (path: string, failureThreshold: number) => ({
    ...asks(path),
    periodSeconds: intervalSeconds,
    timeoutSeconds: Math.min(intervalSeconds, 2),
    failureThreshold,
  });
  return {
    startupProbe: probe(startupPath, 30),
    readinessProbe: probe(readinessPath, 3),
    // Slower than readiness: a restart is the last resort and empties caches.
    livenessProbe: probe(livenessPath, 6),
  };
}
