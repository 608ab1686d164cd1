import type { ResourceUnderTest } from "../../policies/rules";

const handler = { httpGet: { path: "/health", port: 8080 }, periodSeconds: 5 };
const probes = { startupProbe: handler, readinessProbe: handler, livenessProbe: handler };
const breaker = { consecutive5xxErrors: 5, interval: "10s", baseEjectionTime: "30s", maxEjectionPercent: 100 };

const pool = (connections: number, pending: number, http: object = {}): object => ({
  tcp: { maxConnections: connections },
  http: { http1MaxPendingRequests: pending, ...http },
});

export function resource(type: string, name: string, spec: object, namespace = "shop"): ResourceUnderTest {
  const urn = `urn:pulumi:dev::shop::${type}::${name}`;
  return { type: `kubernetes:${type}`, name, urn, props: { metadata: { name, namespace }, spec } };
}

const template = (labels: object, spec: object): object => ({ metadata: { labels }, spec });

/** A stack that every policy accepts, with each kind of thing that they must leave alone. */
export const compliant: readonly ResourceUnderTest[] = [
  resource("apps/v1:Deployment", "catalog", {
    template: template(
      { app: "catalog", tier: "web" },
      {
        containers: [{ name: "app", ...probes }],
        initContainers: [{ name: "migrate" }, { name: "proxy", restartPolicy: "Always", ...probes }],
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
  resource("core/v1:Service", "catalog", { ports: [{ name: "http", port: 80 }] }),
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
    template: template({ app: "orders" }, { containers: [{ name: "app", ...probes }] }),
  }),
  resource("policy/v1:PodDisruptionBudget", "orders", {
    minAvailable: 2,
    selector: { matchExpressions: [{ key: "app", operator: "In", values: ["orders"] }] },
  }),
  resource("core/v1:Service", "orders", { type: "LoadBalancer", ports: [{ name: "grpc-api", port: 9000 }] }),
  resource("networking.istio.io/v1beta1:DestinationRule", "orders", {
    host: "*.shop.svc.cluster.local",
    trafficPolicy: {
      connectionPool: pool(1, 100, { maxConcurrentStreams: 20 }),
      outlierDetection: { consecutive5xxErrors: 0, consecutiveGatewayErrors: 5, maxEjectionPercent: 50 },
    },
  }),
  resource("apps/v1:Deployment", "worker", {
    template: template({ app: "worker" }, { containers: [{ name: "app", ...probes }] }),
  }),
  resource("keda.sh/v1alpha1:ScaledObject", "worker", { scaleTargetRef: { name: "worker" }, minReplicaCount: 2 }),
  resource("policy/v1beta1:PodDisruptionBudget", "worker", {
    maxUnavailable: "50%",
    selector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["catalog", "orders"] }] },
  }),
  resource("core/v1:Service", "orders-peers", { clusterIP: "None", ports: [{ port: 9000 }] }, "data"),
  resource("core/v1:Service", "mail", { type: "ExternalName", externalName: "mail.example.com" }, "data"),
  resource("core/v1:Service", "dns", { ports: [{ port: 53, protocol: "UDP" }] }, "data"),
  resource("batch/v1:Job", "import", { template: template({}, { containers: [{ name: "app" }] }) }),
  resource("core/v1:Pod", "shell", { restartPolicy: "Never", containers: [{ name: "app" }] }),
  { type: "aws:s3/bucket:Bucket", name: "assets", urn: "urn:pulumi:dev::shop::aws::assets", props: {} },
];

type Step = string | number;

/** A copy with one value replaced; undefined removes it. */
export function edit(value: unknown, [step, ...rest]: readonly Step[], next: unknown): unknown {
  if (step === undefined) {
    return next;
  }
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (index === step ? edit(item, rest, next) : item));
  }
  const current = Object.entries(typeof value === "object" && value !== null ? value : {});
  const edited = edit(new Map<Step, unknown>(current).get(step), rest, next);
  const others = current.filter(([key]) => key !== step);
  return Object.fromEntries(edited === undefined ? others : [...others, [step, edited]]);
}

/** `spec.containers[0].name` as steps. */
function steps(path: string): Step[] {
  return path
    .split(/[.[\]]+/)
    .filter(Boolean)
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

/** The compliant stack with one property of one resource (`Kind/name`) changed. */
export function mutant(target: string, path: string, next: unknown, stack = compliant): ResourceUnderTest[] {
  const isTarget = ({ type, name }: ResourceUnderTest): boolean => `${type.split(":").at(-1)}/${name}` === target;
  if (!stack.some(isTarget)) {
    throw new Error(`no ${target}`);
  }
  return stack.map((each) =>
    isTarget(each)
      ? { ...each, props: Object.fromEntries(Object.entries(edit(each.props, steps(path), next) ?? {})) }
      : each,
  );
}

export function without(target: string): ResourceUnderTest[] {
  return compliant.filter(({ type, name }) => `${type.split(":").at(-1)}/${name}` !== target);
}

/** Every value of a stack that isn't an object or a list, as a target and a path. */
export function leaves(stack: readonly ResourceUnderTest[]): [target: string, path: string][] {
  const paths = (value: unknown, path: string): string[] =>
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, item]) => paths(item, path ? `${path}.${key}` : key))
      : [path];
  return stack.flatMap(({ type, name, props }) =>
    paths(props, "")
      .filter((path) => path !== "")
      .map((path): [string, string] => [`${type.split(":").at(-1)}/${name}`, path]),
  );
}
