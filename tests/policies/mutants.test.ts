import { evaluate, type ResourceUnderTest } from "../../policies/rules";
import { compliant, mutant, resource, without } from "./fixture";
import { reports, testWeakened, type Weakened } from "./reports";

const pool = "spec.trafficPolicy.connectionPool";
const outlier = "spec.trafficPolicy.outlierDetection";
const container = "spec.template.spec.containers[0]";
const noRule = [["Service/catalog", "metadata.name"]] as const;

/** A catalog rule that isn't for the Service leaves it to the wildcard, so these stacks have no wildcard for it. */
const exactOnly = without("DestinationRule/orders").filter(
  ({ name, type }) => !(name === "orders" && /Service/.test(type)),
);

test("the compliant stack passes every policy", () => {
  expect(evaluate(compliant)).toEqual([]);
  expect(evaluate(exactOnly)).toEqual([]);
  expect(evaluate([])).toEqual([]);
});

/** Mutants that are reported at the very property that was changed. */
const weakened: Weakened[] = [
  ["minimum-replicas", "HorizontalPodAutoscaler/catalog", "spec.minReplicas", undefined, 1],
  ["minimum-replicas", "ScaledObject/worker", "spec.minReplicaCount", undefined, 0, 1],
  ["minimum-replicas", "StatefulSet/orders", "spec.replicas", undefined, 0, 1],
  // The autoscaler of the same stack is no excuse: each update would set the number back.
  ["minimum-replicas", "Deployment/catalog", "spec.replicas", 0, 1],
  ["health-probes", "Deployment/catalog", `${container}.startupProbe`, undefined, {}],
  ["health-probes", "Deployment/catalog", `${container}.readinessProbe`, undefined, { periodSeconds: 5 }],
  ["health-probes", "StatefulSet/orders", `${container}.livenessProbe`, undefined, { httpGet: undefined }],
  ["health-probes", "Deployment/catalog", "spec.template.spec.initContainers[1].livenessProbe", undefined],
  ["bulkhead-limits", "DestinationRule/catalog", pool, undefined],
  ["bulkhead-limits", "DestinationRule/catalog", `${pool}.tcp.maxConnections`, undefined, 0, 21],
  ["bulkhead-limits", "DestinationRule/catalog", `${pool}.http.http1MaxPendingRequests`, undefined, 0, 101],
  ["bulkhead-limits", "DestinationRule/catalog", "spec.trafficPolicy.portLevelSettings[0].connectionPool", undefined],
  [
    "bulkhead-limits",
    "DestinationRule/catalog",
    "spec.subsets[0].trafficPolicy.connectionPool.tcp.maxConnections",
    undefined,
    6,
    20,
  ],
  [
    "bulkhead-limits",
    "DestinationRule/catalog",
    "spec.subsets[0].trafficPolicy.connectionPool.http.http1MaxPendingRequests",
    undefined,
    1001,
  ],
  ["bulkhead-limits", "DestinationRule/orders", `${pool}.http.maxConcurrentStreams`, undefined, 0],
  ["bulkhead-limits", "DestinationRule/ledger", `${pool}.tcp.maxConnections`, undefined, 0],
  ["circuit-breaker", "DestinationRule/catalog", outlier, undefined],
  ["circuit-breaker", "DestinationRule/catalog", `${outlier}.consecutive5xxErrors`, 0, 6],
  ["circuit-breaker", "DestinationRule/catalog", `${outlier}.splitExternalLocalOriginErrors`, true],
  ["circuit-breaker", "DestinationRule/catalog", `${outlier}.maxEjectionPercent`, undefined, 10, 49],
  ["circuit-breaker", "DestinationRule/catalog", `${outlier}.baseEjectionTime`, "29s", "29999ms", "soon", 30],
  ["circuit-breaker", "DestinationRule/catalog", `${outlier}.minHealthPercent`, 1],
  ["circuit-breaker", "DestinationRule/orders", `${outlier}.minHealthPercent`, 51],
  ["circuit-breaker", "DestinationRule/catalog", "spec.trafficPolicy.portLevelSettings[0].outlierDetection", undefined],
  [
    "circuit-breaker",
    "DestinationRule/catalog",
    "spec.subsets[1].trafficPolicy.outlierDetection.maxEjectionPercent",
    undefined,
  ],
  ["disruption-budget", "PodDisruptionBudget/catalog", "spec.maxUnavailable", 0, "0%", 2, "60%", "100%"],
  ["disruption-budget", "PodDisruptionBudget/orders", "spec.minAvailable", 0, "0%", 3, "67%", "100%"],
];

testWeakened(weakened);

/** Mutants that break a connection, and are reported on the resource that lost it. */
const severed: [title: string, policy: string, stack: ResourceUnderTest[], ...at: (readonly [string, string])[]][] = [
  [
    "no autoscaler",
    "minimum-replicas",
    without("HorizontalPodAutoscaler/catalog"),
    ["Deployment/catalog", "spec.replicas"],
  ],
  ...(["spec.scaleTargetRef.name", "metadata.namespace", "spec.scaleTargetRef.kind"] as const).map(
    (path): (typeof severed)[number] => [
      `an autoscaler with another ${path}`,
      "minimum-replicas",
      mutant("HorizontalPodAutoscaler/catalog", path, "other"),
      ["Deployment/catalog", "spec.replicas"],
    ],
  ),
  ["no rule", "circuit-breaker", exactOnly.filter(({ type }) => !/DestinationRule/.test(type)), ...noRule],
  ...["other", "catalog.shop", "catalog.shop.svc", "catalog.data.svc.cluster.local", "*.data.svc.cluster.local"].map(
    (host): (typeof severed)[number] => [
      `host ${host}`,
      "circuit-breaker",
      mutant("DestinationRule/catalog", "spec.host", host, exactOnly),
      ...noRule,
    ],
  ),
  [
    "a rule of another namespace",
    "circuit-breaker",
    mutant("DestinationRule/catalog", "metadata.namespace", "data", exactOnly),
    ...noRule,
  ],
  [
    "a rule for some callers",
    "circuit-breaker",
    mutant("DestinationRule/catalog", "spec.workloadSelector", { matchLabels: { app: "cart" } }, exactOnly),
    ...noRule,
  ],
  [
    "a Service that is no longer headless",
    "circuit-breaker",
    mutant("Service/orders-peers", "spec.clusterIP", undefined),
    ["Service/orders-peers", "metadata.name"],
  ],
  ...["*", ".", undefined].map((value): (typeof severed)[number] => [
    `a Service that is exported to ${value}`,
    "circuit-breaker",
    mutant("Service/topology", 'metadata.annotations["networking.istio.io/exportTo"]', value),
    ["Service/topology", "metadata.name"],
  ]),
  [
    "HTTP/2 told by the rule",
    "bulkhead-limits",
    mutant("DestinationRule/catalog", `${pool}.http.h2UpgradePolicy`, "UPGRADE"),
    ["DestinationRule/catalog", `${pool}.http.maxConcurrentStreams`],
  ],
  [
    "HTTP/2 told by the Service",
    "bulkhead-limits",
    mutant("Service/catalog", "spec.ports[0].appProtocol", "kubernetes.io/h2c"),
    ["DestinationRule/catalog", `${pool}.http.maxConcurrentStreams`],
    ["DestinationRule/catalog", "spec.trafficPolicy.portLevelSettings[0].connectionPool.http.maxConcurrentStreams"],
    ["DestinationRule/catalog", "spec.subsets[0].trafficPolicy.connectionPool.http.maxConcurrentStreams"],
  ],
  [
    "HTTP/2 wherever the caller speaks it",
    "bulkhead-limits",
    mutant("DestinationRule/catalog", `${pool}.http.useClientProtocol`, true),
    ["DestinationRule/catalog", `${pool}.http.maxConcurrentStreams`],
  ],
  [
    "a pool for connections alone before a Service that speaks HTTP",
    "bulkhead-limits",
    mutant("DestinationRule/catalog", `${pool}.http`, undefined),
    ["DestinationRule/catalog", `${pool}.http.http1MaxPendingRequests`],
  ],
  [
    "no pool on HTTP/2",
    "bulkhead-limits",
    mutant("DestinationRule/orders", pool, undefined),
    ["DestinationRule/orders", pool],
  ],
  [
    "a rule of the root namespace behind a weaker one of the Service's own",
    "circuit-breaker",
    [
      ["DestinationRule/catalog", "metadata.namespace", "istio-system"] as const,
      ["DestinationRule/catalog", "spec.host", "catalog.shop.svc.cluster.local"] as const,
      ["DestinationRule/orders", `${outlier}.maxEjectionPercent`, 10] as const,
    ].reduce((stack, [target, path, value]) => mutant(target, path, value, stack), without("Service/orders")),
    ["DestinationRule/orders", `${outlier}.maxEjectionPercent`],
  ],
  [
    "too many streams",
    "bulkhead-limits",
    mutant("DestinationRule/orders", `${pool}.http.maxConcurrentStreams`, 21),
    ["DestinationRule/orders", `${pool}.tcp.maxConnections`],
  ],
  [
    "a pod that is always restarted",
    "health-probes",
    mutant("Pod/shell", "spec.restartPolicy", undefined),
    ...["startup", "readiness", "liveness"].map((kind) => ["Pod/shell", `spec.containers[0].${kind}Probe`] as const),
  ],
  [
    "a budget that says nothing",
    "disruption-budget",
    mutant("PodDisruptionBudget/catalog", "spec.maxUnavailable", undefined),
    ["PodDisruptionBudget/catalog", "spec"],
  ],
  [
    "two budgets over one pod",
    "disruption-budget",
    mutant("PodDisruptionBudget/worker", "spec.selector", { matchLabels: { tier: "web" } }).concat(
      resource("policy/v1:PodDisruptionBudget", "rest", {
        maxUnavailable: 1,
        selector: { matchLabels: { app: "worker" } },
      }),
    ),
    ["Deployment/catalog", "spec.template.metadata.labels"],
  ],
  [
    "an autoscaler that goes below minAvailable",
    "disruption-budget",
    compliant.concat(
      resource("autoscaling/v1:HorizontalPodAutoscaler", "orders", {
        scaleTargetRef: { kind: "StatefulSet", name: "orders" },
        minReplicas: 2,
      }),
    ),
    ["PodDisruptionBudget/orders", "spec.minAvailable"],
  ],
  ...(
    [
      ["catalog", "metadata.namespace", "data"],
      ["catalog", "spec.selector", undefined],
      ["catalog", "spec.selector.matchLabels.app", "cart"],
      ["catalog", "spec.selector.matchLabels.version", "1"],
      ["catalog", "spec.selector.matchExpressions", [{ key: "tier", operator: "DoesNotExist" }]],
      ["catalog", "spec.selector.matchExpressions", [{ key: "canary", operator: "Exists" }]],
      ["orders", "spec.selector.matchExpressions[0].values", ["cart"]],
      ["worker", "spec.selector", {}],
    ] as const
  ).map(([name, path, value]): (typeof severed)[number] => [
    `the budget of ${name} with ${path} ${JSON.stringify(value)}`,
    "disruption-budget",
    mutant(`PodDisruptionBudget/${name}`, path, value),
    [`${name === "orders" ? "StatefulSet" : "Deployment"}/${name}`, "spec.template.metadata.labels"],
  ]),
];

test("a budget is compared with the autoscaler's minimum", () => {
  const stack = mutant("PodDisruptionBudget/catalog", "spec.maxUnavailable", 2);
  expect(evaluate(mutant("HorizontalPodAutoscaler/catalog", "spec.minReplicas", 3, stack))).toEqual([]);
});

test.each(severed)("%s: %s", (_, policy, stack, ...expected) => {
  expect(reports(stack, policy)).toEqual(expected.map(([target, path]) => `${target} ${path}`));
});
