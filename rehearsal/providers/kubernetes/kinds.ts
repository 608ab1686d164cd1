import { isObject, stringAt, valueAt, without } from "./objects";
import type { Properties } from "../stand-in";

export interface Kind {
  group: string;
  version: string;
  kind: string;
}

export function parseApiVersion(apiVersion: string): { group: string; version: string } {
  const [first = "", second] = apiVersion.split("/");
  return second === undefined ? { group: "", version: first } : { group: first, version: second };
}

/** `kubernetes:apps/v1:Deployment` and `kubernetes:core/v1:Pod`. */
export function kindOfType(type: string): { apiVersion: string; kind: string } {
  const [, apiVersion = "", kind = ""] = type.split(":");
  return { apiVersion: apiVersion.replace(/^core\//, ""), kind };
}

export function kindOf(object: Properties): Kind {
  return { ...parseApiVersion(stringAt(object, "apiVersion")), kind: stringAt(object, "kind") };
}

export interface Mutability {
  configMaps: boolean;
  secrets: boolean;
}

const volumeSources =
  "awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker gcePersistentDisk glusterfs hostPath iscsi local nfs photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume";
const podFields =
  "affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases hostIPC hostNetwork hostPID hostname imagePullSecrets nodeName nodeSelector overhead preemptionPolicy priority priorityClassName readinessGates restartPolicy runtimeClassName schedulerName securityContext serviceAccount serviceAccountName shareProcessNamespace subdomain terminationGracePeriodSeconds volumes";
const containerFields =
  "args command env image imagePullPolicy lifecycle livenessProbe ports readinessProbe resources securityContext stdin stdinOnce terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts workingDir";

function under(prefix: string, names: string): string[] {
  return names.split(" ").map((name) => `${prefix}.${name}`);
}

/** What the real provider replaces for (pulumi-kubernetes, provider/pkg/provider/diff.go), by `group/Kind`. */
const replaceFor: Record<string, string[]> = {
  "apps/DaemonSet": ["spec.selector"],
  "apps/Deployment": ["spec.selector"],
  "apps/StatefulSet": under(
    "spec",
    "podManagementPolicy revisionHistoryLimit selector serviceName volumeClaimTemplates",
  ),
  "batch/Job": under("spec", "completions parallelism selector template"),
  "rbac.authorization.k8s.io/ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/RoleBinding": ["roleRef"],
  "storage.k8s.io/StorageClass": ["parameters", "provisioner"],
  "/PersistentVolume": under("spec", volumeSources),
  "/PersistentVolumeClaim": under("spec", "accessModes selector storageClassName volumeName"),
  "/Pod": [
    ...under("spec", podFields),
    ...under("spec.containers.*", containerFields),
    ...under("spec.initContainers.*", containerFields),
  ],
  "/ResourceQuota": ["spec.scopes"],
  "/Secret": ["type"],
  "/Service": ["spec.clusterIP"],
};

export function replacementPaths(object: Properties, mutability: Mutability): string[][] {
  const { group, kind } = kindOf(object);
  const key = `${group}/${kind}`;
  const immutable = valueAt(object, "immutable") === true;
  const paths = ["metadata.name", "metadata.namespace"];
  if (key === "/Secret" && (!mutability.secrets || immutable)) {
    paths.push("type", "stringData", "data");
  } else if (key === "/ConfigMap" && (!mutability.configMaps || immutable)) {
    paths.push("binaryData", "data");
  } else {
    paths.push(...(replaceFor[key] ?? []));
  }
  return paths.map((path) => path.split("."));
}

/** Whether changing `path` to `value` touches `pattern`: one lies inside the other. */
export function touches(pattern: string[], path: (string | number)[], value: unknown): boolean {
  const shared = Math.min(pattern.length, path.length);
  for (let i = 0; i < shared; i++) {
    if (pattern[i] !== "*" && pattern[i] !== String(path[i])) return false;
  }
  return holds(value, pattern.slice(shared));
}

function holds(value: unknown, rest: string[]): boolean {
  const [next, ...further] = rest;
  if (next === undefined) return true;
  if (next === "*") return Array.isArray(value) && value.some((each) => holds(each, further));
  return isObject(value) && next in value && holds(value[next], further);
}

const readOnlyMetadata =
  "creationTimestamp deletionGracePeriodSeconds deletionTimestamp generation managedFields resourceVersion uid selfLink".split(
    " ",
  );

/** Drops what only the server writes, as when somebody pastes `kubectl get -o yaml` into a program. */
export function withoutReadOnly(object: Properties): Properties {
  return isObject(object.metadata) ? { ...object, metadata: without(object.metadata, readOnlyMetadata) } : object;
}
