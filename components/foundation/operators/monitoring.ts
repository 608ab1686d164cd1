import type * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, wholeNumberProblems } from "../../arguments";
import { charts, resources, type ValuesArgs } from "./charts";

/** How long metrics are kept, and where. */
export interface MetricsStorage {
  /** Days after which metrics are dropped. Default 15, from 1 to 365. */
  retentionDays?: number;
  /** Volume of each Prometheus replica, in GiB; the oldest metrics go when it is 85 % full. Default 50, from 2 to 16384. */
  gibibytes?: number;
  /** Default: the cluster's default StorageClass. */
  storageClassName?: pulumi.Input<string>;
}

export function metricsProblems({ retentionDays, gibibytes }: MetricsStorage): ArgumentProblem[] {
  return [
    ...wholeNumberProblems("metrics.retentionDays", retentionDays, 1, 365),
    ...wholeNumberProblems("metrics.gibibytes", gibibytes, 2, 16_384),
  ];
}

const release = charts.prometheus.chart;
/** Where Prometheus is, and what reports to it. */
export const monitoringNamespace = charts.prometheus.namespace;
const namespace = monitoringNamespace;

/** Where Prometheus answers queries, for namespaces that its NetworkPolicy admits. */
export const prometheusUrl = `http://${release}-prometheus.${namespace}.svc.cluster.local:9090`;

/** Namespaces whose pods ask Prometheus: Grafana, the limits of experiments, scalers. */
const clients = [namespace, charts.chaosMesh.namespace, charts.keda.namespace];

const named = (name: string) => ({ podSelector: { matchLabels: { "app.kubernetes.io/name": name } } });
const ports = (protocol: string, ...numbers: number[]) => numbers.map((port) => ({ protocol, port }));

export function prometheusValues({ highlyAvailable }: Pick<ValuesArgs, "highlyAvailable">, metrics: MetricsStorage) {
  const { retentionDays = 15, gibibytes = 50, storageClassName } = metrics;
  const replicated = {
    replicas: highlyAvailable ? 2 : 1,
    podAntiAffinity: "soft",
    podAntiAffinityTopologyKey: "topology.kubernetes.io/zone",
  };
  const podDisruptionBudget = { enabled: highlyAvailable, minAvailable: 1 };
  const volume = (size: number) => ({
    volumeClaimTemplate: {
      spec: {
        ...(storageClassName === undefined ? {} : { storageClassName }),
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: `${size}Gi` } },
      },
    },
  });
  return {
    // Helm never upgrades CRDs of its own accord.
    crds: { enabled: true, upgradeJob: { enabled: true, image: { busybox: { tag: "1.38.0" } } } },
    prometheus: {
      podDisruptionBudget,
      networkPolicy: {
        enabled: true,
        egress: [{}],
        ingress: [{ from: inNamespaces(clients), ports: ports("TCP", 9090, 8080) }],
      },
      prometheusSpec: {
        ...replicated,
        // Monitors and rules of every namespace, whatever their labels.
        podMonitorSelectorNilUsesHelmValues: false,
        probeSelectorNilUsesHelmValues: false,
        ruleSelectorNilUsesHelmValues: false,
        scrapeConfigSelectorNilUsesHelmValues: false,
        serviceMonitorSelectorNilUsesHelmValues: false,
        retention: `${retentionDays}d`,
        retentionSize: `${Math.floor(gibibytes * 0.85)}GB`,
        storageSpec: volume(gibibytes),
        resources: { requests: { cpu: "200m", memory: "1Gi" }, limits: { memory: "4Gi" } },
      },
    },
    alertmanager: {
      podDisruptionBudget,
      networkPolicy: {
        enabled: true,
        additionalIngress: [
          // Replicas tell each other what was sent already.
          { from: [named("alertmanager")], ports: [...ports("TCP", 9094), ...ports("UDP", 9094)] },
          { from: [named("grafana")], ports: ports("TCP", 9093) },
        ],
      },
      alertmanagerSpec: {
        ...replicated,
        // An AlertmanagerConfig receives the alerts of all namespaces, not of its own alone.
        alertmanagerConfigMatcherStrategy: { type: "None" },
        storage: volume(1),
        resources: resources("10m", "128Mi"),
      },
    },
    prometheusOperator: {
      networkPolicy: { enabled: true },
      resources: resources("50m", "256Mi"),
      prometheusConfigReloader: { resources: resources("10m", "64Mi") },
      admissionWebhooks: { patch: { resources: resources("10m", "64Mi") } },
    },
    // Its administrator's password is made by the chart and known to the cluster alone.
    grafana: {
      networkPolicy: {
        enabled: true,
        allowExternal: false,
        explicitNamespacesSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
      },
      sidecar: {
        dashboards: { label: "grafana_dashboard", labelValue: "1", searchNamespace: "ALL" },
        resources: resources("10m", "128Mi"),
      },
      resources: resources("50m", "256Mi"),
      testFramework: { enabled: false },
    },
    "kube-state-metrics": { networkPolicy: { enabled: true, egress: [{}] }, resources: resources("20m", "256Mi") },
    "prometheus-node-exporter": { resources: resources("20m", "64Mi") },
    // A managed control plane shows nobody these, and their alerts would always fire.
    kubeControllerManager: { enabled: false },
    kubeEtcd: { enabled: false },
    kubeProxy: { enabled: false },
    kubeScheduler: { enabled: false },
  };
}

function inNamespaces(values: string[]) {
  return [
    { namespaceSelector: { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values }] } },
  ];
}
