import type { Stage } from "./stages";

/** What says so for the generation that there is now, by where a kind tells the generation that it is about. */
const isReady = {
  condition:
    '.metadata.generation as $generation | .status.conditions.[] | select(.type == "Ready" and .status == "True" and .observedGeneration == $generation)',
  status:
    '.metadata.generation as $generation | .status | select(.observedGeneration == $generation) | .conditions.[] | select(.type == "Ready" and .status == "True")',
  nowhere: '.status.conditions.[] | select(.type == "Ready" and .status == "True")',
};

interface ReadyKind {
  apiGroup: string;
  kind: string;
  /** Nowhere: nor does it tell when its conditions changed. */
  generationIn: keyof typeof isReady;
}

/** Operators' kinds that tell by the condition Ready alone what became of them. */
const kinds: ReadyKind[] = [
  { apiGroup: "cert-manager.io/v1", kind: "Certificate", generationIn: "condition" },
  { apiGroup: "cert-manager.io/v1", kind: "Issuer", generationIn: "condition" },
  { apiGroup: "cert-manager.io/v1", kind: "ClusterIssuer", generationIn: "condition" },
  { apiGroup: "keda.sh/v1alpha1", kind: "ScaledObject", generationIn: "nowhere" },
  // Not Strimzi's node pools and templates of rebalances: their operator never calls these ready.
  ...["Kafka", "KafkaTopic", "KafkaUser", "KafkaMirrorMaker2"].map((kind): ReadyKind => ({
    apiGroup: "kafka.strimzi.io/v1",
    kind,
    generationIn: "status",
  })),
];

const failAnnotation = "rehearsal.omega.dev/fail";

/** For each of them a stage that makes it ready, and one that makes it fail while it has the annotation. */
export function readyStages(): Stage[] {
  return kinds.flatMap((kind) => [readyStage(kind), failStage(kind)]);
}

function readyStage(ready: ReadyKind): Stage {
  const { apiGroup, kind, generationIn } = ready;
  return stage(kind.toLowerCase(), {
    resourceRef: { apiGroup, kind },
    selector: { matchExpressions: [notDeleted, { key: isReady[generationIn], operator: "DoesNotExist" }] },
    next: {
      event: { type: "Normal", reason: "Simulated", message: `No controller of ${kind}s runs in the rehearsal.` },
      statusTemplate: statusOf(ready, "True", "simulated by the rehearsal", "{{ Now | Quote }}"),
    },
  });
}

/** No time of its own: a patch that changes nothing ends the matching. */
function failStage(failing: ReadyKind): Stage {
  const { apiGroup, kind } = failing;
  const message = `{{ index .metadata.annotations "${failAnnotation}" | Quote }}`;
  return stage(`${kind.toLowerCase()}-fail`, {
    resourceRef: { apiGroup, kind },
    selector: {
      matchExpressions: [notDeleted, { key: `.metadata.annotations["${failAnnotation}"]`, operator: "Exists" }],
    },
    weight: 1,
    next: { statusTemplate: statusOf(failing, "False", message, "{{ .metadata.creationTimestamp | Quote }}") },
  });
}

const notDeleted = { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" };

function stage(name: string, spec: Stage["spec"] & Record<string, unknown>): Stage {
  return { apiVersion: "kwok.x-k8s.io/v1alpha1", kind: "Stage", metadata: { name }, spec };
}

function statusOf({ generationIn }: ReadyKind, status: "True" | "False", message: string, time: string): string {
  const fields = [`type: Ready`, `status: "${status}"`, `reason: Simulated`, `message: ${message}`];
  const generation = "observedGeneration: {{ .metadata.generation }}";
  if (generationIn !== "nowhere") fields.push(`lastTransitionTime: ${time}`);
  if (generationIn === "condition") fields.push(generation);
  const conditions = `conditions:\n- ${fields.join("\n  ")}\n`;
  return generationIn === "status" ? `${generation}\n${conditions}` : conditions;
}
