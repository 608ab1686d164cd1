import { charts, resources, type ValuesArgs } from "./charts";

const kept = { "helm.sh/resource-policy": "keep" };

/** CRDs outlive the release: with them would go every object of their kinds. */
export function gatewayApiValues() {
  return { standard: { enabled: true }, experimental: { enabled: false }, global: { resourcePolicy: { keep: true } } };
}

/** @param isGatewayApiInstalled lets issuers answer ACME challenges by an HTTPRoute. */
export function certManagerValues({ highlyAvailable, isMonitored }: ValuesArgs, isGatewayApiInstalled: boolean) {
  const component = (replicas: number, memory: string) => ({
    replicaCount: highlyAvailable ? replicas : 1,
    podDisruptionBudget: highlyAvailable ? { enabled: true, maxUnavailable: 1 } : { enabled: false },
    networkPolicy: { enabled: true },
    resources: resources("20m", memory),
  });
  return {
    ...component(2, "256Mi"),
    crds: { enabled: true, keep: true },
    config: {
      apiVersion: "controller.config.cert-manager.io/v1alpha1",
      kind: "ControllerConfiguration",
      gatewayAPI: { enabled: isGatewayApiInstalled },
    },
    // While its webhook is away no certificate can be made or changed: it gets one replica more.
    webhook: component(3, "64Mi"),
    cainjector: component(2, "256Mi"),
    startupapicheck: { resources: resources("10m", "64Mi") },
    prometheus: { enabled: true, podmonitor: { enabled: isMonitored } },
  };
}

/** @param isCertified cert-manager makes its certificate, so that the API server can verify it. */
export function metricsServerValues({ highlyAvailable, isMonitored }: ValuesArgs, isCertified: boolean) {
  return {
    replicas: highlyAvailable ? 2 : 1,
    podDisruptionBudget: highlyAvailable ? { enabled: true, maxUnavailable: 1 } : { enabled: false },
    resources: resources("100m", "200Mi"),
    metrics: { enabled: isMonitored },
    serviceMonitor: { enabled: isMonitored },
    ...(isCertified ? { tls: { type: "cert-manager" }, apiService: { insecureSkipTLSVerify: false } } : {}),
  };
}

/** Without the chart's NetworkPolicies: they admit pods alone, and a managed API server, which calls KEDA, is none. */
export function kedaValues({ highlyAvailable, isMonitored }: ValuesArgs) {
  const replicaCount = highlyAvailable ? 2 : 1;
  const budget = highlyAvailable ? { maxUnavailable: 1 } : {};
  const monitored = { enabled: isMonitored, podMonitor: { enabled: isMonitored } };
  return {
    crds: { install: true, additionalAnnotations: kept },
    operator: { replicaCount },
    metricsServer: { replicaCount },
    webhooks: { replicaCount },
    podDisruptionBudget: { operator: budget, metricServer: budget, webhooks: budget },
    prometheus: { operator: monitored, metricServer: monitored },
    image: { pullPolicy: "IfNotPresent" },
  };
}

/**
 * Experiments in namespaces that opted in alone. No dashboard, whose users would need no review, no DNS server, which no
 * experiment of ours needs, and no profiler.
 */
export function chaosMeshValues({ highlyAvailable }: ValuesArgs) {
  return {
    enableProfiling: false,
    controllerManager: {
      enableFilterNamespace: true,
      replicaCount: highlyAvailable ? 2 : 1,
      leaderElection: { enabled: true },
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
      resources: resources("25m", "256Mi"),
    },
    chaosDaemon: {
      runtime: "containerd",
      socketPath: "/run/containerd/containerd.sock",
      mtls: { enabled: true },
      resources: resources("25m", "256Mi"),
    },
    // Security mode is the dashboard's setting, but the controller obeys it: who makes an experiment needs the right to.
    dashboard: { create: false, securityMode: true },
    dnsServer: { create: false },
  };
}

/** Of all namespaces. Its containers are restricted by the chart itself. */
export function strimziValues({ highlyAvailable, isMonitored }: ValuesArgs) {
  return {
    replicas: highlyAvailable ? 2 : 1,
    leaderElection: { enable: true },
    watchAnyNamespace: true,
    // A bus's users are where its clients are, whose Secrets their passwords are; off, there would be no users at all.
    extraEnvs: [{ name: "STRIMZI_ENTITY_OPERATOR_WATCHED_NAMESPACE_ENABLED", value: "true" }],
    podDisruptionBudget: highlyAvailable ? { enabled: true, minAvailable: 1 } : { enabled: false },
    // Where it reaches depends on the clusters that it runs.
    operatorNetworkPolicy: { enabled: true },
    topologySpreadConstraints: [zoneSpread({ name: "strimzi-cluster-operator" })],
    dashboards: { enabled: isMonitored },
    resources: resources("200m", "512Mi"),
  };
}

/** Its own metrics are behind a proxy that asks the cluster whether Prometheus may read them. */
export function dragonflyValues({ highlyAvailable, isMonitored }: ValuesArgs) {
  const { chart, namespace } = charts.prometheus;
  return {
    crds: { install: true, keep: true },
    replicaCount: highlyAvailable ? 2 : 1,
    podSecurityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    serviceMonitor: {
      enabled: isMonitored,
      rbacProxyMetricsReader: {
        create: isMonitored,
        serviceAccountName: `${chart}-prometheus`,
        serviceAccountNamespace: namespace,
      },
    },
    rbacProxy: { resources: resources("10m", "64Mi") },
    manager: {
      topologySpreadConstraints: [zoneSpread({ "app.kubernetes.io/name": "dragonfly-operator" })],
      resources: resources("20m", "256Mi"),
    },
  };
}

const zoneSpread = (matchLabels: Record<string, string>) => ({
  maxSkew: 1,
  topologyKey: "topology.kubernetes.io/zone",
  whenUnsatisfiable: "ScheduleAnyway",
  labelSelector: { matchLabels },
});
