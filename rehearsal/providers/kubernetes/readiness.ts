import { condition, isObject, listAt, numberAt, objectAt, stringAt, valueAt } from "./objects";
import type { Properties } from "../stand-in";

export interface Readiness {
  ready: boolean;
  /** Shown beside the resource while it isn't ready. */
  progress: string;
  /** Why not, as the object itself tells. */
  reasons: string[];
  /** It never will be: don't wait for the time to run out. */
  failed?: boolean;
}

export const ready: Readiness = { ready: true, progress: "", reasons: [] };

function notReady(progress: string, reasons: string[] = []): Readiness {
  return { ready: false, progress, reasons };
}

function isTrue(object: Properties, type: string): boolean {
  return condition(object, type)?.status === "True";
}

function conditionMessages(object: Properties, wanted: Record<string, string>): string[] {
  return Object.entries(wanted).flatMap(([type, status]) => {
    const found = condition(object, type);
    return found?.status === status ? [`[${String(found.reason)}] ${String(found.message)}`] : [];
  });
}

function isObserved(object: Properties): boolean {
  return numberAt(object, "status", "observedGeneration") >= numberAt(object, "metadata", "generation");
}

function deployment(object: Properties): Readiness {
  const wanted = numberAt(object, "spec", "replicas");
  const updated = numberAt(object, "status", "updatedReplicas");
  const available = numberAt(object, "status", "availableReplicas");
  const rolledOut = updated === wanted && available === wanted && numberAt(object, "status", "replicas") === wanted;
  if (isObserved(object) && isTrue(object, "Available") && rolledOut) return ready;
  return notReady(`Waiting for Deployment: ${Math.min(updated, available)}/${wanted} pods available`, [
    ...conditionMessages(object, { Progressing: "False", Available: "False", ReplicaFailure: "True" }),
    isTrue(object, "Available")
      ? "Minimum number of Pods to consider the application live was not attained"
      : "Minimum number of live Pods was not attained",
  ]);
}

function statefulSet(object: Properties): Readiness {
  const wanted = numberAt(object, "spec", "replicas");
  const status = (key: string): number => numberAt(object, "status", key);
  const current = stringAt(object, "status", "currentRevision");
  const update = stringAt(object, "status", "updateRevision");
  const onDelete =
    stringAt(object, "spec", "updateStrategy", "type") === "OnDelete" && numberAt(object, "metadata", "generation") > 1;
  const allReady = status("replicas") === wanted && status("readyReplicas") === wanted;
  const rolledOut = onDelete || (current !== "" && current === update && status("currentReplicas") === wanted);
  if (isObserved(object) && allReady && rolledOut) return ready;
  const reasons = [`${status("readyReplicas")} out of ${wanted} replicas succeeded readiness checks`];
  if (!onDelete && current !== update) {
    reasons.push(`StatefulSet controller failed to advance from revision "${current}" to revision "${update}"`);
  }
  return notReady(`Waiting for StatefulSet: ${status("readyReplicas")}/${wanted} pods ready`, reasons);
}

function job(object: Properties): Readiness {
  if (isTrue(object, "Complete")) return ready;
  const counts = ["active", "succeeded", "failed"]
    .map((key) => `${key}: ${numberAt(object, "status", key)}`)
    .join(", ");
  const failed = ["BackoffLimitExceeded", "DeadlineExceeded"].includes(String(condition(object, "Failed")?.reason));
  return { ...notReady(`Waiting for Job (${counts})`, conditionMessages(object, { Failed: "True" })), failed };
}

function phase(...wanted: string[]): (object: Properties) => Readiness {
  return (object) => {
    const found = stringAt(object, "status", "phase");
    const message = `phase is ${found || "not set"}, expected ${wanted.join(" or ")}`;
    return wanted.includes(found) ? ready : notReady(`Waiting: ${message}`, [message]);
  };
}

export function loadBalancer(object: Properties): Readiness {
  return listAt(object, "status", "loadBalancer", "ingress").length > 0
    ? ready
    : notReady("Waiting for an address of the load balancer", [
        "Service was not allocated an IP address; does your cloud provider support this?",
      ]);
}

/** Kinds that tell their readiness themselves; Service and PersistentVolumeClaim need other objects too. */
export const readiness: Record<string, (object: Properties) => Readiness> = {
  "apps/Deployment": deployment,
  "apps/StatefulSet": statefulSet,
  "batch/Job": job,
  "/PersistentVolume": phase("Available", "Bound"),
};

export const claimBound = phase("Bound");
export const claimPending = phase("Bound", "Pending");

/** Needs no endpoints: nothing selects pods for it, or it has no address of its own. */
export function targetsNoPods(service: Properties): boolean {
  return (
    stringAt(service, "spec", "type") === "ExternalName" ||
    stringAt(service, "spec", "clusterIP") === "None" ||
    Object.keys(objectAt(service, "spec", "selector")).length === 0
  );
}

export function endpoints(slices: Properties[]): { all: number; ready: number } {
  const found = slices.flatMap((slice) => listAt(slice, "endpoints"));
  return { all: found.length, ready: found.filter((each) => valueAt(each, "conditions", "ready") !== false).length };
}

/** Why pods are not ready, in the scheduler's and the kubelet's own words, each once. */
export function podMessages(pods: Properties[]): string[] {
  const messages = pods.flatMap((each) => {
    const scheduled = condition(each, "PodScheduled");
    const unscheduled =
      scheduled?.status === "False" ? [`[${String(scheduled.reason)}] ${String(scheduled.message)}`] : [];
    const containers = [
      ...listAt(each, "status", "initContainerStatuses"),
      ...listAt(each, "status", "containerStatuses"),
    ].filter(isObject);
    return [...unscheduled, ...containers.flatMap(containerMessages)];
  });
  return [...new Set(messages)];
}

function containerMessages(status: Properties): string[] {
  const waiting = objectAt(status, "state", "waiting");
  const terminated = objectAt(status, "state", "terminated");
  const messages: string[] = [];
  if (status.ready === true) return messages;
  if (typeof waiting.reason === "string" && !["ContainerCreating", "PodInitializing"].includes(waiting.reason)) {
    messages.push(`[${waiting.reason}] ${stringAt(waiting, "message")}`);
  }
  if (typeof terminated.reason === "string" && terminated.reason !== "Completed") {
    messages.push(
      `[${terminated.reason}] ${stringAt(terminated, "message") || `exit code ${numberAt(terminated, "exitCode")}`}`,
    );
  }
  return messages;
}

/** `condition=Ready` and `condition=Ready=False` of `pulumi.com/waitFor`. */
export function meetsCondition(object: Properties, expression: string): boolean {
  const [type = "", status = "True"] = expression.split("=");
  const found = listAt(object, "status", "conditions")
    .filter(isObject)
    .find((each) => stringAt(each, "type").toLowerCase() === type.toLowerCase());
  const observed = found?.observedGeneration ?? valueAt(object, "status", "observedGeneration");
  const stale = typeof observed === "number" && observed < numberAt(object, "metadata", "generation");
  return found !== undefined && !stale && stringAt(found, "status").toLowerCase() === status.toLowerCase();
}
