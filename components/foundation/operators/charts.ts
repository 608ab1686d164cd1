/** A Helm chart at the version that was read for its values. */
export interface Chart {
  /** Name, or for an OCI registry the whole reference; also the release's name. */
  chart: string;
  version: string;
  repository?: string;
  namespace: string;
  /** Pod Security Standard of its namespace; undefined: the namespace is the cluster's own. */
  podSecurity?: "restricted" | "privileged";
}

export const charts = {
  // The Gateway API project publishes no chart (kubernetes-sigs/gateway-api#4809), and Envoy Gateway's is too big for the
  // Secret of a Helm release. This one holds the project's own CRDs, standard channel, at 1.6.1.
  gatewayApi: {
    chart: "gateway-api-crds",
    version: "1.2.3",
    repository: "https://charts.christianhuth.de",
    namespace: "gateway-api",
    podSecurity: "restricted",
  },
  prometheus: {
    chart: "kube-prometheus-stack",
    version: "88.5.3",
    repository: "https://prometheus-community.github.io/helm-charts",
    namespace: "monitoring",
    // Its node exporter reads the host.
    podSecurity: "privileged",
  },
  certManager: {
    chart: "oci://quay.io/jetstack/charts/cert-manager",
    version: "v1.21.2",
    namespace: "cert-manager",
    podSecurity: "restricted",
  },
  metricsServer: {
    chart: "metrics-server",
    version: "3.13.1",
    repository: "https://kubernetes-sigs.github.io/metrics-server",
    namespace: "kube-system",
  },
  keda: {
    chart: "keda",
    version: "2.21.0",
    repository: "https://kedacore.github.io/charts",
    namespace: "keda",
    podSecurity: "restricted",
  },
  chaosMesh: {
    chart: "chaos-mesh",
    version: "2.8.3",
    repository: "https://charts.chaos-mesh.org",
    namespace: "chaos-mesh",
    // Its daemon enters other pods' namespaces.
    podSecurity: "privileged",
  },
  strimzi: {
    chart: "oci://quay.io/strimzi-helm/strimzi-kafka-operator",
    version: "1.2.0",
    namespace: "strimzi",
    podSecurity: "restricted",
  },
  dragonfly: {
    chart: "oci://ghcr.io/dragonflydb/dragonfly-operator/helm/dragonfly-operator",
    version: "v1.6.1",
    namespace: "dragonfly-operator",
    podSecurity: "restricted",
  },
} as const satisfies Record<string, Chart>;

/** Namespaces that hold the charts' own objects and nothing else's. */
export const chartNamespaces: readonly string[] = Object.values(charts).map(({ namespace }) => namespace);

/** What a chart's values depend on. */
export interface ValuesArgs {
  highlyAvailable: boolean;
  /** Prometheus' operator is there, so that monitors can be. */
  isMonitored: boolean;
}

/** Requests, and of memory the same as a limit; CPU is not limited, for an idle core helps nobody. */
export function resources(cpu: string, memory: string) {
  return { requests: { cpu, memory }, limits: { memory } };
}
