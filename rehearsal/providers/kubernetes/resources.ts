import { ApiError } from "../../control-plane/api";
import { KindMissingError, type KubernetesClient } from "./client";
import { observedInputs, observedStringData } from "./difference";
import { kindOfType } from "./kinds";
import { objectAt, parseIdentifier, stringAt, withMetadata, without } from "./objects";
import type { CheckFailure, ExistingResource, Properties } from "../stand-in";

export function checkKind(type: string, inputs: Properties): CheckFailure[] {
  const reason = "patch resources are not rehearsed: own the object, or leave it alone";
  return kindOfType(type).kind === `${stringAt(inputs, "kind")}Patch` ? [{ property: "kind", reason }] : [];
}

/** At import there is nothing but the type and the identifier. */
export function pathOf(client: KubernetesClient, resource: ExistingResource): Promise<string> {
  const { namespace, name } = parseIdentifier(resource.id);
  const { apiVersion, kind } = kindOfType(resource.type);
  const { inputs } = resource;
  return client.path(stringAt(inputs, "apiVersion") || apiVersion, stringAt(inputs, "kind") || kind, namespace, name);
}

export function inputsNow({ inputs, outputs }: ExistingResource, live: Properties): Properties {
  const observed = objectAt({ observed: observedInputs(inputs, outputs, live) }, "observed");
  return live.kind === "Secret" ? observedStringData(observed, live) : observed;
}

const serverMetadata =
  "creationTimestamp deletionGracePeriodSeconds deletionTimestamp generation managedFields resourceVersion uid selfLink";
const serverAnnotations = ["deployment.kubernetes.io/revision", "kubectl.kubernetes.io/last-applied-configuration"];

/** All that is there becomes input, except what only the server writes. */
export function inputsOfImported(live: Properties): Properties {
  const metadata = without(objectAt(live, "metadata"), serverMetadata.split(" "));
  const annotations = without(objectAt(metadata, "annotations"), serverAnnotations);
  const kept = Object.keys(annotations).length > 0 ? annotations : undefined;
  return withMetadata({ ...without(live, ["status"]), metadata }, { annotations: kept });
}

/** What to do about the API server's answer, when it doesn't say so itself. */
export function adviceFor(error: unknown): string {
  if (error instanceof KindMissingError) {
    return "the apiVersion does not exist; verify that any required CRDs have been created: ";
  }
  if (error instanceof ApiError && error.reason === "AlreadyExists") {
    return "it is in the cluster already, perhaps made by an update that was interrupted: import it, or delete it: ";
  }
  if (error instanceof ApiError && error.reason === "Conflict" && error.fields.length > 0) {
    return "somebody else changed and now owns these fields (server-side apply conflict): ignore them with ignoreChanges, or take them back with the provider's enablePatchForce: ";
  }
  return "";
}
