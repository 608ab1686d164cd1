import type { PodMonitorArgs, Selector } from "../observability/prometheus-operator";

/** The `job` of brokers, of what exports offsets and lags, and of mirrors; the alerts name it. */
export const kafkaJob = "kafka";

const monitorSpec = (port: string, selector: Selector): PodMonitorArgs["spec"] => ({
  selector,
  // A few for each partition.
  sampleLimit: 100_000,
  podMetricsEndpoints: [
    { port, path: "/metrics", interval: "15s", relabelings: [{ targetLabel: "job", replacement: kafkaJob }] },
  ],
});

/** Whatever of Strimzi's has metrics in the monitor's own namespace. */
export const strimziMonitorSpec = monitorSpec("tcp-prometheus", {
  matchExpressions: [{ key: "strimzi.io/kind", operator: "In", values: ["Kafka", "KafkaMirrorMaker2"] }],
});

export const exporterMonitorSpec = (matchLabels: Record<string, string>) =>
  monitorSpec("http-metrics", { matchLabels });
