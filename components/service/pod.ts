import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { healthPaths, type ServiceContract } from "./contract";

export interface ContainerResources {
  /** CPU that each replica requests, e.g. `250m`; there is no limit, which would throttle a pod beside idle cores. */
  cpu: string;
  /** Memory that each replica requests and may use at most, e.g. `256Mi`. */
  memory: string;
}

export interface PodArgs {
  contract: ServiceContract;
  image: pulumi.Input<string>;
  port: number;
  portName: string;
  resources: ContainerResources;
  serviceAccountName: pulumi.Input<string>;
  labels: Record<string, string>;
}

/** Seconds in which load balancers and proxies learn that a replica is leaving, before it is told to stop. */
const drainSeconds = 10;

export function podSpec(args: PodArgs): types.input.core.v1.PodSpec {
  const { contract, labels, resources } = args;
  return {
    serviceAccountName: args.serviceAccountName,
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 60,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    topologySpreadConstraints: [
      // Without Honor a zone that is cordoned still counts as empty, and its replicas would stay pending for ever.
      spread("topology.kubernetes.io/zone", "DoNotSchedule", labels),
      spread("kubernetes.io/hostname", "ScheduleAnyway", labels),
    ],
    containers: [
      {
        name: contract.name,
        image: args.image,
        ports: [{ name: args.portName, containerPort: args.port }],
        resources: {
          requests: { cpu: resources.cpu, memory: resources.memory },
          limits: { memory: resources.memory },
        },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
        lifecycle: { preStop: { sleep: { seconds: drainSeconds } } },
        ...probes(contract, args.portName),
      },
    ],
  };
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

function probes(
  contract: ServiceContract,
  port: string,
): Pick<types.input.core.v1.Container, "startupProbe" | "readinessProbe" | "livenessProbe"> {
  const { startupPath, readinessPath, livenessPath, intervalSeconds } = healthPaths(contract);
  const probe = (path: string, failureThreshold: number) => ({
    httpGet: { path, port },
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
