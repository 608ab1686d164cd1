import type { ResourceUnderTest } from "../../policies/rules";

const handler = { httpGet: { path: "/health", port: 8080 }, periodSeconds: 5 };
export const probes = { startupProbe: handler, readinessProbe: handler, livenessProbe: handler };
const breaker = { consecutive5xxErrors: 5, interval: "10s", baseEjectionTime: "30s", maxEjectionPercent: 100 };

const pool = (connections: number, pending: number, http: object = {}): object => ({
  tcp: { maxConnections: connections },
  http: { http1MaxPendingRequests: pending, ...http },
});

export function resource(type: string, name: string, spec: object, namespace = "shop"): ResourceUnderTest {
  const urn = `urn:pulumi:dev::shop::${type}::${name}`;
  return { type: `kubernetes:${type}`, name, urn, props: { metadata: { name, namespace }, spec } };
}

export function annotated(target: ResourceUnderTest, annotations: object): ResourceUnderTest {
  const metadata = Object.fromEntries(Object.entries(target.props["metadata"] ?? {}));
  return { ...target, props: { ...target.props, metadata: { ...metadata, annotations } } };
}

export const template = (labels: object, spec: object, annotations: object = {}): object => ({
  metadata: { labels, annotations },
  spec,
});

const image = "registry.example.com:5000/shop/app:1.2.3";
const digest = `@sha256:${"0".repeat(64)}`;

/** What only a container itself can have. */
const locked = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};
/** What it may have from its pod. */
const unprivileged = { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };

const container = { name: "app", image, securityContext: locked };
const task = { ...container, securityContext: { ...locked, ...unprivileged } };

const zone = "topology.kubernetes.io/zone";
const spread = (app: string): object => ({
  topologySpreadConstraints: [{ topologyKey: zone, maxSkew: 1, labelSelector: { matchLabels: { app } } }],
});
const apart = { topologyKey: zone, labelSelector: { matchLabels: { app: "worker" } } };

/** Workloads, their budgets and breakers, with each kind of thing that the policies must leave alone. */
export const workloads: readonly ResourceUnderTest[] = [
  resource("apps/v1:Deployment", "catalog", {
    template: template(
      { app: "catalog", tier: "web" },
      {
        securityContext: unprivileged,
        terminationGracePeriodSeconds: 60,
        containers: [{ ...container, ...probes, lifecycle: { preStop: { sleep: { seconds: 10 } } } }],
        initContainers: [
          { ...container, name: "migrate", image: image + digest },
          { ...container, name: "proxy", restartPolicy: "Always", ...probes },
        ],
        ...spread("catalog"),
      },
    ),
  }),
  resource("autoscaling/v2:HorizontalPodAutoscaler", "catalog", {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "catalog" },
    minReplicas: 2,
    maxReplicas: 100,
  }),
  resource("policy/v1:PodDisruptionBudget", "catalog", {
    maxUnavailable: 1,
    selector: { matchLabels: { app: "catalog" } },
  }),
  resource("core/v1:Service", "catalog", { ports: [{ name: "http", port: 80 }], selector: { app: "catalog" } }),
  resource("networking.istio.io/v1:DestinationRule", "catalog", {
    host: "catalog",
    trafficPolicy: {
      connectionPool: pool(20, 100),
      outlierDetection: breaker,
      portLevelSettings: [{ port: { number: 80 }, connectionPool: pool(10, 50), outlierDetection: breaker }],
    },
    subsets: [
      { name: "background", trafficPolicy: { connectionPool: pool(5, 1000) } },
      { name: "v2", trafficPolicy: { outlierDetection: breaker } },
      { name: "v3" },
    ],
  }),
  resource("apps/v1:StatefulSet", "orders", {
    replicas: 3,
    template: template(
      { app: "orders" },
      {
        securityContext: { runAsNonRoot: false, runAsUser: 0 },
        containers: [
          {
            ...container,
            ...probes,
            securityContext: { ...locked, runAsNonRoot: true, runAsUser: 999, seccompProfile: { type: "Localhost" } },
          },
        ],
        ...spread("orders"),
      },
    ),
  }),
  resource("policy/v1:PodDisruptionBudget", "orders", {
    minAvailable: 2,
    selector: { matchExpressions: [{ key: "app", operator: "In", values: ["orders"] }] },
  }),
  resource("core/v1:Service", "orders", {
    type: "LoadBalancer",
    ports: [{ name: "grpc-api", port: 9000 }],
    loadBalancerSourceRanges: ["173.245.48.0/20"],
  }),
  resource("networking.istio.io/v1beta1:DestinationRule", "orders", {
    host: "*.shop.svc.cluster.local",
    trafficPolicy: {
      connectionPool: pool(1, 100, { maxConcurrentStreams: 20 }),
      outlierDetection: { consecutive5xxErrors: 0, consecutiveGatewayErrors: 5, maxEjectionPercent: 50 },
    },
  }),
  resource("apps/v1:Deployment", "worker", {
    template: template(
      { app: "worker" },
      {
        securityContext: unprivileged,
        containers: [
          {
            ...container,
            ...probes,
            securityContext: { ...locked, capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] } },
          },
        ],
        affinity: {
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: apart }],
          },
        },
      },
    ),
  }),
  resource("keda.sh/v1alpha1:ScaledObject", "worker", { scaleTargetRef: { name: "worker" }, minReplicaCount: 2 }),
  resource("policy/v1beta1:PodDisruptionBudget", "worker", {
    maxUnavailable: "50%",
    selector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["catalog", "orders"] }] },
  }),
  resource("core/v1:Service", "orders-peers", { clusterIP: "None", ports: [{ port: 9000 }] }, "data"),
  resource("core/v1:Service", "mail", { type: "ExternalName", externalName: "mail.example.com" }, "data"),
  resource("core/v1:Service", "dns", { ports: [{ port: 53, protocol: "UDP" }] }, "data"),
  annotated(resource("core/v1:Service", "topology", { ports: [{ port: 2379 }] }, "data"), {
    "networking.istio.io/exportTo": "~",
  }),
  resource("batch/v1:Job", "import", { template: template({}, { containers: [task] }) }),
  resource("batch/v1:CronJob", "report", { jobTemplate: { spec: { template: template({}, { containers: [task] }) } } }),
  resource("core/v1:Pod", "shell", { restartPolicy: "Never", containers: [task] }),
  // One replica, and says why; and connections that carry no requests.
  annotated(
    resource(
      "apps/v1:StatefulSet",
      "ledger",
      {
        replicas: 1,
        template: template(
          { app: "ledger" },
          { securityContext: unprivileged, containers: [{ ...container, ...probes }] },
        ),
      },
      "data",
    ),
    { "omega-policies/single-replica": "its file has one writer" },
  ),
  resource(
    "policy/v1:PodDisruptionBudget",
    "ledger",
    { maxUnavailable: 1, selector: { matchLabels: { app: "ledger" } } },
    "data",
  ),
  resource("core/v1:Service", "ledger", { clusterIP: "None", ports: [{ name: "tcp-ledger", port: 7000 }] }, "data"),
  resource(
    "networking.istio.io/v1:DestinationRule",
    "ledger",
    {
      host: "ledger",
      trafficPolicy: { connectionPool: { tcp: { maxConnections: 200 } }, outlierDetection: breaker },
    },
    "data",
  ),
  // Root, and says why.
  resource("apps/v1:DaemonSet", "log-agent", {
    template: template(
      {},
      {
        securityContext: { seccompProfile: { type: "RuntimeDefault" } },
        containers: [{ ...container, ...probes, securityContext: { ...locked, runAsUser: 0 } }],
      },
      { "omega-policies/runs-as-root": "a node's log files belong to root" },
    ),
  }),
  // Knows none of a Linux container's settings.
  resource("core/v1:Pod", "windows", {
    restartPolicy: "Never",
    os: { name: "windows" },
    containers: [{ name: "app", image }],
  }),
  { type: "aws:s3/bucket:Bucket", name: "assets", urn: "urn:pulumi:dev::shop::aws::assets", props: {} },
];
