import { setTimeout as sleep } from "node:timers/promises";
import { isNotFound, type KubernetesClient } from "./client";
import { isMet, parseExpectation } from "./jsonpath";
import { kindOf } from "./kinds";
import { annotation, condition, listAt, numberAt, objectAt, stringAt, valueAt } from "./objects";
import {
  claimBound,
  claimPending,
  endpoints,
  loadBalancer,
  meetsCondition,
  podMessages,
  readiness,
  ready,
  targetsNoPods,
  type Readiness,
} from "./readiness";
import type { Operation, Properties } from "../stand-in";

const defaultTimeoutSeconds = 600;
const pollMilliseconds = 500;
/** The real provider waits 10 s for stragglers among a Service's endpoints; here pods are simulated and quick. */
const settleMilliseconds = 1000;

export class NotReadyError extends Error {
  constructor(
    /** As seen last. */
    readonly object: Properties,
    readonly reasons: string[],
  ) {
    super(reasons.join("\n"));
  }
}

type Check = (object: Properties) => Promise<Readiness>;

export function isAwaitSkipped(object: Properties): boolean {
  return annotation(object, "pulumi.com/skipAwait") === "true";
}

function timeoutMilliseconds(object: Properties, operation: Operation): number {
  const seconds = operation.timeoutSeconds || Number(annotation(object, "pulumi.com/timeoutSeconds"));
  return 1000 * (seconds || defaultTimeoutSeconds);
}

/** Waits as the real provider does for this kind, or as `pulumi.com/waitFor` says. Answers with the object as it is then. */
export async function waitUntilReady(
  client: KubernetesClient,
  object: Properties,
  operation: Operation,
): Promise<Properties> {
  const check = isAwaitSkipped(object) ? undefined : checkFor(client, object);
  if (check === undefined) return object;
  const name = stringAt(object, "metadata", "name");
  const path = await client.pathOf(object);
  const report = changesOnly(operation);
  const deadline = Date.now() + timeoutMilliseconds(object, operation);
  for (let live = object; ; live = await client.request(path)) {
    const result = await check(live);
    if (result.ready) return live;
    const giveUp = result.failed
      ? `Resource '${name}' was created but failed to initialize`
      : operation.signal.aborted
        ? `Resource operation was cancelled for '${name}'`
        : Date.now() > deadline
          ? `'${name}' timed out waiting to be Ready`
          : undefined;
    if (giveUp !== undefined) {
      throw new NotReadyError(live, [giveUp, ...result.reasons, ...podMessages(await podsOf(client, live))]);
    }
    report(result.progress);
    await sleep(pollMilliseconds);
  }
}

function changesOnly({ report }: Operation): (message: string) => void {
  let told = "";
  return (message) => {
    if (message !== told) report(message);
    told = message;
  };
}

function checkFor(client: KubernetesClient, object: Properties): Check | undefined {
  const waitFor = annotation(object, "pulumi.com/waitFor");
  if (waitFor !== "") return waitForCheck(waitFor);
  const { group, kind } = kindOf(object);
  if (group === "" && kind === "Service") return serviceCheck(client);
  if (group === "" && kind === "PersistentVolumeClaim") return claimCheck(client);
  const own = readiness[`${group}/${kind}`];
  return own && (async (live) => own(live));
}

function waitForCheck(annotationValue: string): Check {
  const expressions = annotationValue.startsWith("[")
    ? listAt({ list: JSON.parse(annotationValue) }, "list")
    : [annotationValue];
  const checks = expressions.map(String).map((text) => {
    const [, type, expression = ""] = /^(jsonpath|condition)=(.*)$/s.exec(text) ?? [];
    if (type === undefined) {
      throw new Error(`waitFor: expected a "jsonpath=" or "condition=" prefix, got "${text}"`);
    }
    const expectation = type === "jsonpath" ? parseExpectation(expression) : undefined;
    return {
      text,
      met: (live: Properties) =>
        expectation ? isObserved(live) && isMet(expectation, live) : meetsCondition(live, expression),
    };
  });
  return async (live) => {
    const missing = checks.filter(({ met }) => !met(live)).map(({ text }) => text);
    const told = listAt(live, "status", "conditions")
      .filter((each) => valueAt(each, "status") !== "True" && stringAt(each, "message") !== "")
      .map((each) => `[${stringAt(each, "reason")}] ${stringAt(each, "message")}`);
    return missing.length === 0
      ? ready
      : {
          ready: false,
          progress: `Waiting for ${missing.join(", ")}`,
          reasons: [`not met: ${missing.join(", ")}`, ...told],
        };
  };
}

function isObserved(live: Properties): boolean {
  const observed = valueAt(live, "status", "observedGeneration");
  return typeof observed !== "number" || observed >= numberAt(live, "metadata", "generation");
}

function serviceCheck(client: KubernetesClient): Check {
  let seen = "";
  let since = Date.now();
  return async (live) => {
    if (stringAt(live, "spec", "type") === "LoadBalancer" && !loadBalancer(live).ready) return loadBalancer(live);
    if (targetsNoPods(live)) return ready;
    const { namespace, name } = objectAt(live, "metadata");
    const slices = await client.listByLabels("discovery.k8s.io/v1", "EndpointSlice", String(namespace), {
      "kubernetes.io/service-name": name,
    });
    const versions = slices.map((slice) => stringAt(slice, "metadata", "resourceVersion")).join();
    if (versions !== seen) {
      seen = versions;
      since = Date.now();
    }
    const found = endpoints(slices);
    return slices.length > 0 && found.all === found.ready && Date.now() - since >= settleMilliseconds
      ? ready
      : {
          ready: false,
          progress: `Waiting for Service: ${found.ready}/${found.all} endpoints ready`,
          reasons: [
            "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' may not match labels on any Pods",
          ],
        };
  };
}

function claimCheck(client: KubernetesClient): Check {
  return async (live) => {
    const storageClass = stringAt(live, "spec", "storageClassName");
    let mode = "";
    if (storageClass !== "") {
      try {
        const path = await client.path("storage.k8s.io/v1", "StorageClass", "", storageClass);
        mode = stringAt(await client.request(path), "volumeBindingMode");
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    return mode === "WaitForFirstConsumer" ? claimPending(live) : claimBound(live);
  };
}

async function podsOf(client: KubernetesClient, object: Properties): Promise<Properties[]> {
  const labels = objectAt(object, "spec", "selector", "matchLabels");
  return Object.keys(labels).length === 0
    ? []
    : client.listByLabels("v1", "Pod", stringAt(object, "metadata", "namespace"), labels);
}

/** Until the object, or rather this one of its name, is gone. */
export async function waitUntilGone(
  client: KubernetesClient,
  path: string,
  deleted: Properties,
  operation: Operation,
): Promise<void> {
  const name = stringAt(deleted, "metadata", "name");
  const report = changesOnly(operation);
  const deadline = Date.now() + timeoutMilliseconds(deleted, operation);
  for (;;) {
    let live: Properties;
    try {
      live = await client.request(path);
    } catch (error) {
      if (isNotFound(error)) return;
      throw error;
    }
    const uid = stringAt(deleted, "metadata", "uid");
    if (uid !== "" && uid !== stringAt(live, "metadata", "uid")) return;
    const finalizers = listAt(live, "metadata", "finalizers").join(", ");
    const remaining = ["NamespaceContentRemaining", "NamespaceFinalizersRemaining"].flatMap((type) => {
      const found = condition(live, type);
      return found?.status === "True" ? [stringAt(found, "message")] : [];
    });
    if (operation.signal.aborted || Date.now() > deadline) {
      const why = operation.signal.aborted ? "was cancelled" : "timed out";
      const hints =
        finalizers === "" ? remaining : [`finalizers might be preventing deletion (${finalizers})`, ...remaining];
      throw new Error([`deletion of '${name}' ${why}`, ...hints].join(": "));
    }
    report(`Waiting for deletion${finalizers === "" ? "" : ` (finalizers: ${finalizers})`}`);
    await sleep(pollMilliseconds / 2);
  }
}
