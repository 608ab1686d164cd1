import { autoscalers, isAlone, kindOf, minimumOf, replicated, scales } from "./kubernetes";
import { metadata } from "./metadata";
import { type Container, containersOf, podOf } from "./pods";
import { definePolicy, type Finding, type Resource } from "./policy";
import { at, isMissing, isRecord, some, type Value } from "./values";

interface ReplicasConfig {
  minReplicas: number;
}

/**
 * A number that a workload itself sets counts even where an autoscaler targets it: each update would set it back. That
 * none is set counts where no autoscaler does, which takes the whole stack to tell; there the engine hands over outputs,
 * in which the API server has already written its default of one replica.
 */
export const minimumReplicas = definePolicy<ReplicasConfig>({
  metadata: metadata.minimumReplicas,
  settings: {
    minReplicas: { type: "integer", minimum: 1, default: 2, description: "The least number of replicas." },
  },
  resource: (resource, { minReplicas }) => [
    ...replicated([resource]).flatMap((workload) => tooFew(workload, minReplicas)),
    ...autoscalers([resource]).flatMap((autoscaler) => {
      const { path, minimum } = minimumOf(autoscaler);
      return typeof minimum === "number" && minimum < minReplicas
        ? [{ resource, path, reason: `lets it scale down to ${minimum}, must be at least ${minReplicas}` }]
        : [];
    }),
  ],
  stack: (resources, { minReplicas }) =>
    replicated(resources)
      .filter((workload) => isAlone(workload) === false)
      .filter((workload) => some(autoscalers(resources).map((scaler) => scales(scaler, workload))) === false)
      .flatMap((resource) => {
        if (!isMissing(at(resource.props, ...replicasPath))) return tooFew(resource, minReplicas);
        const reason = `is not set and no autoscaler targets it, so 1 runs, must be at least ${minReplicas}`;
        return minReplicas > 1 ? [{ resource, path: replicasPath.join("."), reason }] : [];
      }),
});

const replicasPath = ["spec", "replicas"];

function tooFew(resource: Resource, minReplicas: number): Finding[] {
  const replicas = at(resource.props, ...replicasPath);
  if (replicas === 1 && isAlone(resource) !== false) return [];
  return typeof replicas === "number" && replicas < minReplicas
    ? [{ resource, path: replicasPath.join("."), reason: `is ${replicas}, must be at least ${minReplicas}` }]
    : [];
}

interface ProbesConfig {
  probes: string[];
}

const handlers = ["exec", "grpc", "httpGet", "tcpSocket"];

export const healthProbes = definePolicy<ProbesConfig>({
  metadata: metadata.healthProbes,
  settings: {
    probes: {
      type: "array",
      minItems: 1,
      items: { type: "string", enum: ["startupProbe", "readinessProbe", "livenessProbe"] },
      default: ["startupProbe", "readinessProbe", "livenessProbe"],
      description: "The probes that every long-running container must have.",
    },
  },
  resource: (resource, { probes }) =>
    longRunningContainers(resource).flatMap(({ container, path }) =>
      probes.flatMap((probe): Finding[] => {
        const problem = problemOfProbe(at(container, probe));
        const name = at(container, "name");
        const label = typeof name === "string" ? `container "${name}"` : "the container";
        return problem ? [{ resource, path: `${path}.${probe}`, reason: `${label} ${problem}` }] : [];
      }),
    ),
});

function problemOfProbe(probe: Value): string | undefined {
  if (isMissing(probe)) {
    return "has none";
  }
  const checks = !isRecord(probe) || handlers.some((handler) => !isMissing(probe[handler]));
  return checks ? undefined : `has one that checks nothing (needs one of ${handlers.join(", ")})`;
}

const tasks = new Set(["batch:Job", "batch:CronJob"]);

function longRunningContainers(resource: Resource): Container[] {
  const pod = podOf(resource);
  const kind = kindOf(resource);
  // A bare pod that isn't always restarted is a task: it ends, as a Job's does.
  const ends = tasks.has(kind) || (kind === "core:Pod" && (at(pod?.spec, "restartPolicy") ?? "Always") !== "Always");
  return pod === undefined || ends ? [] : containersOf(pod).filter(({ runsOn }) => runsOn);
}
