import { ApiError, KindMissingError, type KubernetesClient } from "./client";
import { observedInputs, observedStringData } from "./difference";
import { kindOf, kindOfType, withoutReadOnly } from "./kinds";
import { annotation, fromServer, objectAt, parseIdentifier, stringAt, valueAt, withMetadata, without } from "./objects";
import type { CheckFailure, ExistingResource, Properties } from "../stand-in";

const missing: Record<string, string> = {
  "kubernetes:helm.sh/v4:Chart": "v4 charts are not rehearsed: use kubernetes:helm.sh/v3:Release",
};

export function checkKind(type: string, inputs: Properties): CheckFailure[] {
  const { kind } = kindOfType(type);
  const failures = ["apiVersion", "kind"]
    .filter((property) => !inputs[property])
    .map((property) => ({ property, reason: `${property} is required` }));
  if (missing[type] !== undefined) {
    failures.push({ property: "", reason: missing[type] });
  } else if (kind.endsWith("Patch") && inputs.kind !== kind) {
    failures.push({ property: "kind", reason: "patch resources are not rehearsed: own the object, or leave it alone" });
  } else if (kind.endsWith("List") && "items" in inputs) {
    const reason = "list resources cannot be created directly: use the underlying resource type instead";
    failures.push({ property: "kind", reason });
  }
  if (valueAt(inputs, "metadata", "generateName") !== undefined) {
    const reason = "generateName is not supported in Server-Side Apply mode";
    failures.push({ property: "metadata.generateName", reason });
  }
  return failures;
}

/** At import there is nothing but the type and the identifier. */
export function pathOf(client: KubernetesClient, resource: ExistingResource): Promise<string> {
  const { namespace, name } = parseIdentifier(resource.id);
  const { apiVersion, kind } = kindOfType(resource.type);
  const { inputs } = resource;
  return client.path(stringAt(inputs, "apiVersion") || apiVersion, stringAt(inputs, "kind") || kind, namespace, name);
}

export function inputsNow({ inputs, outputs }: ExistingResource, live: Properties): Properties {
  const observed = objectAt({ observed: observedInputs(inputs, outputs, fromServer(live)) }, "observed");
  return live.kind === "Secret" ? observedStringData(observed, live) : observed;
}

const serverAnnotations = ["deployment.kubernetes.io/revision", "kubectl.kubernetes.io/last-applied-configuration"];

/** All that is there becomes input, except what only the server writes. */
export function inputsOfImported(live: Properties): Properties {
  const annotations = without(objectAt(live, "metadata", "annotations"), serverAnnotations);
  const kept = Object.keys(annotations).length > 0 ? annotations : undefined;
  return withMetadata(without(withoutReadOnly(fromServer(live)), ["status"]), { annotations: kept });
}

/** Kinds whose deletion isn't waited for either under `pulumi.com/skipAwait`. */
const skipsAwaitOfDeletion = new Set(
  "/Namespace /Pod /ReplicationController apps/DaemonSet apps/Deployment apps/StatefulSet batch/Job".split(" "),
);
const propagation: Record<string, string> = { orphan: "Orphan", background: "Background" };

export function deletionOf(inputs: Properties): { propagationPolicy: string; isAwaited: boolean } {
  const { group, kind } = kindOf(inputs);
  const policy = annotation(inputs, "pulumi.com/deletionPropagationPolicy").toLowerCase();
  const isSkipped =
    annotation(inputs, "pulumi.com/skipAwait") === "true" && skipsAwaitOfDeletion.has(`${group}/${kind}`);
  return { propagationPolicy: propagation[policy] ?? "Foreground", isAwaited: !isSkipped };
}

/** What to do about the API server's answer, when it doesn't say so itself. */
export function adviceFor(error: unknown): string {
  if (error instanceof KindMissingError) {
    return "the apiVersion does not exist; verify that any required CRDs have been created: ";
  }
  if (error instanceof ApiError && error.reason === "AlreadyExists") {
    return "it is in the cluster already, perhaps made by an update that was interrupted: import it, rename with an alias, or set upsertExistingObjects on the provider: ";
  }
  if (error instanceof ApiError && error.reason === "Conflict" && error.fields.length > 0) {
    return "somebody else changed and now owns these fields (server-side apply conflict): ignore them with ignoreChanges, or take them back with the annotation pulumi.com/patchForce or the provider's enablePatchForce: ";
  }
  return "";
}
