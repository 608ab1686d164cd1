import type * as pulumi from "@pulumi/pulumi";
import type { Endpoint, PodMonitorArgs, Relabeling, ServiceMonitorArgs } from "./prometheus-operator";

/** The `job` of what is scraped; the alerts name these. */
export const jobs = {
  proxies: "mesh-proxies",
  controlPlane: "istiod",
  collector: "telemetry-collector",
  logAgent: "log-agent",
};

const interval = "15s";

const named = (job: string): Relabeling => ({ targetLabel: "job", replacement: job });

/**
 * Every pod that has a proxy, on the port where the proxy serves its own metrics and its service's together. That port is
 * not declared in the pod: the address is made from one that is.
 */
export const proxyMonitorSpec: PodMonitorArgs["spec"] = {
  selector: { matchExpressions: [{ key: "service.istio.io/canonical-name", operator: "Exists" }] },
  namespaceSelector: { any: true },
  sampleLimit: 20_000,
  podMetricsEndpoints: [
    {
      port: "http-envoy-prom",
      path: "/stats/prometheus",
      interval,
      relabelings: [
        named(jobs.proxies),
        { sourceLabels: ["__address__"], regex: "(.+):\\d+", targetLabel: "__address__", replacement: "$1:15020" },
        { sourceLabels: ["__meta_kubernetes_pod_label_service_istio_io_canonical_name"], targetLabel: "service" },
      ],
      metricRelabelings: [
        // What grows with routes, and what is about the proxy's own insides.
        {
          action: "drop",
          sourceLabels: ["__name__"],
          regex: "envoy_(vhost|wasm|listener_manager|cluster_manager)_.*|istio_agent_(go|process|scrape)_.*",
        },
        ...calleeOfCluster(),
      ],
    },
  ],
};

/**
 * Envoy knows a callee as `outbound|<port>|<class>|<host>`. Its metrics get the callee's labels that Istio's have; a host
 * outside the mesh is in the caller's own namespace, which alone sees it.
 */
function calleeOfCluster(): Relabeling[] {
  const outside = "outbound\\|\\d+\\|([^|]*)\\|([^;]+);(.+)";
  const inside = "outbound\\|\\d+\\|[^|]*\\|([^.]+)\\.([^.]+)\\.svc\\..+";
  const copy = (sourceLabels: string[], regex: string, targetLabel: string, replacement: string): Relabeling => ({
    ...{ sourceLabels, regex, targetLabel, replacement },
  });
  return [
    copy(["cluster_name", "namespace"], outside, "bulkhead", "$1"),
    copy(["cluster_name", "namespace"], outside, "destination_service_name", "$2"),
    copy(["cluster_name", "namespace"], outside, "destination_service_namespace", "$3"),
    copy(["cluster_name"], inside, "destination_service_name", "$1"),
    copy(["cluster_name"], inside, "destination_service_namespace", "$2"),
  ];
}

const endpoint = (port: string, job: string): Endpoint => ({ port, interval, relabelings: [named(job)] });

export function controlPlaneMonitorSpec(meshRootNamespace: pulumi.Input<string>): ServiceMonitorArgs["spec"] {
  return {
    selector: { matchLabels: { app: "istiod" } },
    namespaceSelector: { matchNames: [meshRootNamespace] },
    sampleLimit: 20_000,
    endpoints: [endpoint("http-monitoring", jobs.controlPlane)],
  };
}

/** Port on which a collector serves its own metrics. */
export const collectorMetricsPort = { name: "http-metrics", port: 8888 };

export const collectorMonitorSpec: ServiceMonitorArgs["spec"] = {
  selector: { matchLabels: { "app.kubernetes.io/name": jobs.collector } },
  sampleLimit: 2_000,
  endpoints: [endpoint(collectorMetricsPort.name, jobs.collector)],
};

export const logAgentMonitorSpec: PodMonitorArgs["spec"] = {
  selector: { matchLabels: { "app.kubernetes.io/name": jobs.logAgent } },
  sampleLimit: 2_000,
  podMetricsEndpoints: [endpoint(collectorMetricsPort.name, jobs.logAgent)],
};
