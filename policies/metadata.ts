import type { Severity } from "@pulumi/policy";

/** What a reader has to know of one policy. */
export interface Metadata {
  readonly name: string;
  readonly principle: "Ω1" | "Ω2" | "Ω3" | "Ω4" | "Ω5" | "Ω6" | "Ω7";
  readonly severity: Severity;
  /** What it demands, in one sentence. */
  readonly description: string;
  /** What it protects from. */
  readonly protects: string;
  readonly fix: string;
  readonly url: string;
}

export const metadata = {
  minimumReplicas: {
    name: "minimum-replicas",
    principle: "Ω6",
    severity: "critical",
    description: "Every Deployment and StatefulSet runs at least two replicas, and no autoscaler may go below that.",
    protects: "an outage whenever one pod, node or zone is lost",
    fix: "set spec.replicas, or an autoscaler's minimum, to 2 or more",
    url: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/",
  },
  healthProbes: {
    name: "health-probes",
    principle: "Ω3",
    severity: "high",
    description: "Every long-running container has a startup, a readiness and a liveness probe.",
    protects: "traffic sent to pods that can't serve it, and hung pods that nobody restarts",
    fix: "give the container a startupProbe, a readinessProbe and a livenessProbe",
    url: "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/",
  },
  bulkheadLimits: {
    name: "bulkhead-limits",
    principle: "Ω6",
    severity: "high",
    description:
      "Every DestinationRule bounds the requests in flight and the requests queued, wherever it is overridden.",
    protects: "one slow dependency that takes every connection and thread of its callers with it",
    fix: "set connectionPool.tcp.maxConnections and connectionPool.http.http1MaxPendingRequests, for HTTP/2 with maxConcurrentStreams",
    url: "https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings",
  },
  circuitBreaker: {
    name: "circuit-breaker",
    principle: "Ω6",
    severity: "high",
    description: "Every Service has a DestinationRule whose outlier detection really ejects a failing endpoint.",
    protects: "requests that keep going to an endpoint that fails them all",
    fix: "give the Service a DestinationRule with outlierDetection: consecutive5xxErrors 5, baseEjectionTime 30s, maxEjectionPercent 100",
    url: "https://istio.io/latest/docs/reference/config/networking/destination-rule/#OutlierDetection",
  },
  disruptionBudget: {
    name: "disruption-budget",
    principle: "Ω6",
    severity: "high",
    description:
      "Every Deployment and StatefulSet has one PodDisruptionBudget that protects it and still lets nodes drain.",
    protects: "a node upgrade that evicts every replica at once, or that never ends because it may evict none",
    fix: "give the pods one PodDisruptionBudget, with maxUnavailable: 1",
    url: "https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
  },
} as const satisfies Record<string, Metadata>;
