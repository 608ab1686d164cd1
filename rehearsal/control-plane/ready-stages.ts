import type { Stage } from "./stages";

interface ReadyKind {
  apiGroup: string;
  kind: string;
  /** Whether its conditions tell the generation that they are about, and when they changed. */
  isObserved: boolean;
}

/** Operators' kinds that tell by the condition Ready alone what became of them. */
const kinds: ReadyKind[] = [
  { apiGroup: "cert-manager.io/v1", kind: "Certificate", isObserved: true },
  { apiGroup: "cert-manager.io/v1", kind: "Issuer", isObserved: true },
  { apiGroup: "cert-manager.io/v1", kind: "ClusterIssuer", isObserved: true },
  { apiGroup: "keda.sh/v1alpha1", kind: "ScaledObject", isObserved: false },
];

const failAnnotation = "rehearsal.omega.dev/fail";

/** For each of them a stage that makes it ready, and one that makes it fail while it has the annotation. */
export function readyStages(): Stage[] {
  return kinds.flatMap((kind) => [readyStage(kind), failStage(kind)]);
}

function readyStage({ apiGroup, kind, isObserved }: ReadyKind): Stage {
  const ready = isObserved
    ? '.metadata.generation as $generation | .status.conditions.[] | select(.type == "Ready" and .status == "True" and .observedGeneration == $generation)'
    : '.status.conditions.[] | select(.type == "Ready" and .status == "True")';
  return stage(kind.toLowerCase(), {
    resourceRef: { apiGroup, kind },
    selector: { matchExpressions: [notDeleted, { key: ready, operator: "DoesNotExist" }] },
    next: {
      event: { type: "Normal", reason: "Simulated", message: `No controller of ${kind}s runs in the rehearsal.` },
      statusTemplate: condition("True", "simulated by the rehearsal", isObserved ? "{{ Now | Quote }}" : undefined),
    },
  });
}

/** No time of its own: a patch that changes nothing ends the matching. */
function failStage({ apiGroup, kind, isObserved }: ReadyKind): Stage {
  const message = `{{ index .metadata.annotations "${failAnnotation}" | Quote }}`;
  const time = isObserved ? "{{ .metadata.creationTimestamp | Quote }}" : undefined;
  return stage(`${kind.toLowerCase()}-fail`, {
    resourceRef: { apiGroup, kind },
    selector: {
      matchExpressions: [notDeleted, { key: `.metadata.annotations["${failAnnotation}"]`, operator: "Exists" }],
    },
    weight: 1,
    next: { statusTemplate: condition("False", message, time) },
  });
}

const notDeleted = { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" };

function stage(name: string, spec: Stage["spec"] & Record<string, unknown>): Stage {
  return { apiVersion: "kwok.x-k8s.io/v1alpha1", kind: "Stage", metadata: { name }, spec };
}

function condition(status: "True" | "False", message: string, time: string | undefined): string {
  const fields = [`type: Ready`, `status: "${status}"`, `reason: Simulated`, `message: ${message}`];
  if (time !== undefined) {
    fields.push("observedGeneration: {{ .metadata.generation }}", `lastTransitionTime: ${time}`);
  }
  return `conditions:\n- ${fields.join("\n  ")}\n`;
}
