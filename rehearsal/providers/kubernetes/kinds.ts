import { stringAt, valueAt } from "./objects";
import type { Properties } from "../stand-in";

/** `kubernetes:apps/v1:Deployment` and `kubernetes:core/v1:Pod`. */
export function kindOfType(type: string): { apiVersion: string; kind: string } {
  const [, apiVersion = "", kind = ""] = type.split(":");
  return { apiVersion: apiVersion.replace(/^core\//, ""), kind };
}

/** The group of core kinds is empty. */
export function kindOf(object: Properties): { group: string; kind: string } {
  const [group = "", version] = stringAt(object, "apiVersion").split("/");
  return { group: version === undefined ? "" : group, kind: stringAt(object, "kind") };
}

function under(prefix: string, names: string): string[] {
  return names.split(" ").map((name) => `${prefix}.${name}`);
}

/** What the real provider replaces for (pulumi-kubernetes, provider/pkg/provider/diff.go), by `group/Kind`. */
const replaceFor: Record<string, string[]> = {
  "/ConfigMap": ["binaryData", "data"],
  "/PersistentVolumeClaim": under("spec", "accessModes selector storageClassName volumeName"),
  "/Secret": ["type", "stringData", "data"],
  "/Service": ["spec.clusterIP"],
  "apps/Deployment": ["spec.selector"],
  "apps/StatefulSet": under(
    "spec",
    "podManagementPolicy revisionHistoryLimit selector serviceName volumeClaimTemplates",
  ),
  "batch/Job": under("spec", "completions parallelism selector template"),
  "rbac.authorization.k8s.io/ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/RoleBinding": ["roleRef"],
  "storage.k8s.io/StorageClass": ["parameters", "provisioner"],
};

/** @param changesConfigMaps the provider's `enableConfigMapMutable` */
export function replacementPaths(object: Properties, changesConfigMaps: boolean): string[][] {
  const { group, kind } = kindOf(object);
  const ofKind = kind === "ConfigMap" && changesConfigMaps ? [] : (replaceFor[`${group}/${kind}`] ?? []);
  const paths = ["metadata.name", "metadata.namespace", ...ofKind];
  return paths.map((path) => path.split("."));
}

/** Whether changing `path` to `value` touches `pattern`: one lies inside the other. */
export function touches(pattern: string[], path: (string | number)[], value: unknown): boolean {
  const shared = Math.min(pattern.length, path.length);
  const isSame = pattern.slice(0, shared).every((key, index) => key === String(path[index]));
  const rest = pattern.slice(shared);
  return isSame && (rest.length === 0 || valueAt(value, ...rest) !== undefined);
}
