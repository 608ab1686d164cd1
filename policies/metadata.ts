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
  zoneSpread: {
    name: "zone-spread",
    principle: "Ω6",
    severity: "medium",
    description: "Every Deployment and StatefulSet asks for its pods to be spread over the zones.",
    protects: "an outage when the one zone is lost that the scheduler happened to put all replicas in",
    fix: "give the pods a topologySpreadConstraint (or an anti-affinity) on topology.kubernetes.io/zone that selects their own labels",
    url: "https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/",
  },
  gracefulShutdown: {
    name: "graceful-shutdown",
    principle: "Ω3",
    severity: "medium",
    description: "Every pod has time to end its work after it is told to stop.",
    protects: "requests and writes that are cut off by each rollout, drain and scale-down",
    fix: "set terminationGracePeriodSeconds to the preStop sleep and the longest request together",
    url: "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination",
  },
  hardenedContainers: {
    name: "hardened-containers",
    principle: "Ω6",
    severity: "high",
    description:
      "Every container is not root, can't become it, has no capabilities, a read-only root and the runtime's seccomp profile.",
    protects: "a flaw in one container that becomes a foothold on its node, and so in everybody's pods",
    fix: "set what the securityContext lacks; for a pod that must be root, say why in its annotation omega-policies/runs-as-root",
    url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
  },
  pinnedImages: {
    name: "pinned-images",
    principle: "Ω6",
    severity: "high",
    description: "Every container's image is named by a version, not by a tag that moves.",
    protects: "replicas of one rollout that run different code, and a rollback that brings back nothing",
    fix: "name a version as the tag, or better the digest (@sha256:…)",
    url: "https://kubernetes.io/docs/concepts/containers/images/#image-names",
  },
  requestTimeouts: {
    name: "request-timeouts",
    principle: "Ω6",
    severity: "high",
    description: "Every route bounds the time of a request, with all of its tries.",
    protects: "callers that wait for ever on a slow service, and retries that multiply its load",
    fix: "give the route a timeout that all tries fit in, and the Service a route",
    url: "https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute",
  },
  mutualTls: {
    name: "mutual-tls",
    principle: "Ω6",
    severity: "critical",
    description: "Every namespace with pods in the mesh requires mutual TLS.",
    protects: "callers without an identity, and traffic that whoever is on the network can read and change",
    fix: "give the namespace, or the mesh's root namespace, a PeerAuthentication with mtls.mode STRICT",
    url: "https://istio.io/latest/docs/reference/config/security/peer_authentication/",
  },
  defaultDeny: {
    name: "default-deny",
    principle: "Ω6",
    severity: "critical",
    description:
      "Every namespace with pods in the mesh denies what no AuthorizationPolicy allows, and none allows everybody.",
    protects: "one captured pod that may call every other",
    fix: "give the namespace, or the mesh's root namespace, an AuthorizationPolicy with an empty spec, and name callers in the others",
    url: "https://istio.io/latest/docs/reference/config/security/authorization-policy/",
  },
  requiredToken: {
    name: "required-token",
    principle: "Ω6",
    severity: "high",
    description: "Wherever tokens are checked, one is required.",
    protects: "requests without any token, which a RequestAuthentication alone lets in",
    fix: "add an AuthorizationPolicy for the same pods: DENY with notRequestPrincipals [*], or ALLOW with requestPrincipals",
    url: "https://istio.io/latest/docs/reference/config/security/request_authentication/",
  },
  declaredEgress: {
    name: "declared-egress",
    principle: "Ω3",
    severity: "high",
    description: "Pods of the mesh call only hosts outside that are declared, each by its name.",
    protects: "data that leaves to a host nobody knows of, and dependencies without a timeout or a breaker",
    fix: "set outboundTrafficPolicy.mode REGISTRY_ONLY, and declare each host in a ServiceEntry with resolution DNS",
    url: "https://istio.io/latest/docs/tasks/traffic-management/egress/egress-control/",
  },
  encryptedListeners: {
    name: "encrypted-listeners",
    principle: "Ω6",
    severity: "critical",
    description: "Every listener of a gateway speaks TLS, or does nothing but redirect to one that does.",
    protects: "tokens and personal data that anybody on the way can read",
    fix: "use HTTPS with a certificate, and on HTTP nothing but HTTPRoutes with requestRedirect.scheme https",
    url: "https://istio.io/latest/docs/tasks/traffic-management/ingress/secure-ingress/",
  },
  closedLoadBalancers: {
    name: "closed-load-balancers",
    principle: "Ω6",
    severity: "high",
    description: "Every load balancer of a Service or of Kafka is internal, or lets in named networks alone.",
    protects: "callers that go round the edge, its firewall and its rate limits",
    fix: "set loadBalancerSourceRanges to the networks of the edge, or make it internal by its cloud's annotation",
    url: "https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/",
  },
  containedChaos: {
    name: "contained-chaos",
    principle: "Ω6",
    severity: "critical",
    description:
      "Every experiment ends itself when the service fails and after a time, names its namespaces, and hits only requests that ask.",
    protects: "an experiment that becomes the outage it was to prevent",
    fix: "run it in a Workflow with a deadline, beside a Continuous StatusCheck with abortWithStatusCheck; match faults by a header",
    url: "https://chaos-mesh.org/docs/status-check-in-workflow/",
  },
  dedicatedIsolation: {
    name: "dedicated-isolation",
    principle: "Ω7",
    severity: "critical",
    description:
      "Pods whose isolation is dedicated share namespace and nodes with no others, and no gateway leads to them.",
    protects: "one captured service or node that brings everything into the scope of PCI DSS, and into reach of cards",
    fix: "give them a namespace and a tainted NodePool of their own, and let declared services alone call them",
    url: "https://docs.aws.amazon.com/whitepapers/latest/architecting-amazon-eks-for-pci-dss-compliance/architecting-amazon-eks-for-pci-dss-compliance.html",
  },
  oneOwnerPerDatum: {
    name: "one-owner-per-datum",
    principle: "Ω7",
    severity: "high",
    description: "Every kind of data that contracts name is owned by one service.",
    protects: "two services that write the same data, each by its own rules, with nobody to say which is right",
    fix: "leave it in one contract's owns, and let the others call that service or consume its events",
    url: "https://microservices.io/patterns/data/database-per-service.html",
  },
} as const satisfies Record<string, Metadata>;
