import { kindOf, namespaceOf, selects } from "./kubernetes";
import type { Resource } from "./policy";
import { at, equal, every, list, present, some, type Answer, type Value } from "./values";

/** A pod, or what a workload makes its pods from. */
export interface Pod {
  metadata: Value;
  spec: Value;
  /** Path of the spec in its resource. */
  path: string;
}

const templatePaths: Record<string, string> = {
  "apps:Deployment": "spec.template",
  "extensions:Deployment": "spec.template",
  "apps:StatefulSet": "spec.template",
  "apps:DaemonSet": "spec.template",
  "extensions:DaemonSet": "spec.template",
  "apps:ReplicaSet": "spec.template",
  "extensions:ReplicaSet": "spec.template",
  "core:ReplicationController": "spec.template",
  "batch:Job": "spec.template",
  "batch:CronJob": "spec.jobTemplate.spec.template",
};

export function podOf(resource: Resource): Pod | undefined {
  const kind = kindOf(resource);
  const path = templatePaths[kind];
  if (path === undefined && kind !== "core:Pod") return undefined;
  const template = path === undefined ? resource.props : at(resource.props, ...path.split("."));
  return {
    metadata: at(template, "metadata"),
    spec: at(template, "spec"),
    path: path === undefined ? "spec" : `${path}.spec`,
  };
}

export interface Container {
  container: Value;
  path: string;
  /** Whether it runs as long as its pod: an init container that is always restarted is a sidecar. */
  runsOn: boolean;
  /** Whether Istio puts its own proxy in its place and fills in what isn't set. */
  isInjected: Answer;
}

/** By it a pod asks for Istio's proxy as its only container. */
const templatesAnnotation = "inject.istio.io/templates";

export function containersOf(pod: Pod): Container[] {
  const isGateway = present(at(pod.metadata, "annotations", templatesAnnotation));
  return ["containers", "initContainers"].flatMap((field) =>
    list(at(pod.spec, field)).map((container, index): Container => ({
      container,
      path: `${pod.path}.${field}[${index}]`,
      runsOn: field === "containers" || at(container, "restartPolicy") === "Always",
      isInjected: every([isGateway, equal(at(container, "image"), "auto")]),
    })),
  );
}

/** By list: each Service asks for them, and few pods are any. */
const known = new WeakMap<readonly Resource[], (readonly [Resource, Pod])[]>();

function gatewayPods(resources: readonly Resource[]): (readonly [Resource, Pod])[] {
  const before = known.get(resources);
  if (before !== undefined) return before;
  const found = resources.flatMap((resource) => {
    const pod = podOf(resource);
    const isAny = pod !== undefined && present(at(pod.metadata, "annotations", templatesAnnotation)) !== false;
    return isAny ? [[resource, pod] as const] : [];
  });
  known.set(resources, found);
  return found;
}

/** Whether a Service's pods are gateways: they are called from outside, by no proxy that a rule could be for. */
export function leadsToGateway(service: Resource, resources: readonly Resource[]): Answer {
  const selector = at(service.props, "spec", "selector");
  return some(
    gatewayPods(resources).map(([resource, pod]) => {
      return every([
        equal(namespaceOf(resource), namespaceOf(service)),
        present(at(pod.metadata, "annotations", templatesAnnotation)),
        present(selector),
        selects({ matchLabels: selector }, at(pod.metadata, "labels")),
      ]);
    }),
  );
}
