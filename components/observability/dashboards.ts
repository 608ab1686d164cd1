import { bulkheadSeries, byCallee, Indicator, indicators } from "./recording-rules";
import { degradedMetric, series } from "./series";

/** A dashboard as Grafana reads it. */
export interface Dashboard {
  uid: string;
  title: string;
  /** Version of this format. */
  schemaVersion: number;
  timezone: string;
  refresh: string;
  time: { from: string; to: string };
  templating: { list: Variable[] };
  panels: Panel[];
}

interface Variable {
  name: string;
  type: "datasource" | "query";
  query: string;
  datasource?: DataSource;
  multi?: boolean;
  includeAll?: boolean;
  /** 2: at each change of the time range. */
  refresh?: number;
}

interface DataSource {
  type: "prometheus";
  uid: string;
}

interface Panel {
  id: number;
  title: string;
  description: string;
  type: "timeseries";
  datasource: DataSource;
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig: { defaults: { unit: Unit; min: number }; overrides: [] };
  targets: { refId: string; expr: string; legendFormat: string }[];
}

type Unit = "reqps" | "percentunit" | "ms" | "short";

interface Graph {
  title: string;
  description: string;
  unit: Unit;
  queries: { expr: string; legend: string }[];
}

const datasource: DataSource = { type: "prometheus", uid: "${datasource}" };

/** 24 columns wide, two graphs a row. */
function panel({ title, description, unit, queries }: Graph, index: number): Panel {
  const [w, h] = [12, 8];
  return {
    id: index + 1,
    title,
    description,
    type: "timeseries",
    datasource,
    gridPos: { x: (index % 2) * w, y: Math.floor(index / 2) * h, w, h },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: queries.map(({ expr, legend }, position) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + position),
      expr,
      legendFormat: legend,
    })),
  };
}

function dashboard(uid: string, title: string, graphs: Graph[]): Dashboard {
  const query = (name: string, expression: string): Variable => ({
    ...{ name, type: "query", query: expression, datasource, multi: true, includeAll: true, refresh: 2 },
  });
  return {
    uid,
    title,
    schemaVersion: 39,
    timezone: "utc",
    refresh: "30s",
    time: { from: "now-3h", to: "now" },
    templating: {
      list: [
        { name: "datasource", type: "datasource", query: "prometheus" },
        query("namespace", "label_values(omega:requests:rate1m, namespace)"),
        query("service", 'label_values(omega:requests:rate1m{namespace=~"$namespace"}, service)'),
      ],
    },
    panels: graphs.map(panel),
  };
}

const chosen = '{namespace=~"$namespace", service=~"$service"}';
/** By callee, for what is not recorded. */
const chosenCallee = 'destination_service_namespace=~"$namespace", destination_service_name=~"$service"';

const goldenSignals = dashboard("omega-golden-signals", "Omega: golden signals", [
  {
    title: "Traffic",
    description: "Requests a second, as callers measured them.",
    unit: "reqps",
    queries: [{ expr: `omega:requests:rate1m${chosen}`, legend: "{{service}}" }],
  },
  {
    title: "Errors",
    description: "Share of requests with 5xx or no answer, as callers saw it.",
    unit: "percentunit",
    queries: [{ expr: series.errorRatio + chosen, legend: "{{service}}" }],
  },
  {
    title: "Latency, 99th percentile",
    description: "Queues and retries included.",
    unit: "ms",
    queries: [{ expr: series.latencyP99 + chosen, legend: "{{service}}" }],
  },
  {
    title: "Saturation",
    description: "Calls in flight as a share of what the caller's pool allows, in the fullest proxy.",
    unit: "percentunit",
    queries: [{ expr: bulkheadSeries.inFlight + chosen, legend: "{{service}} {{bulkhead}}" }],
  },
  {
    title: "Burn rate over an hour",
    description: "How many times faster than its objective allows a service spends its error budget; 14.4 pages.",
    unit: "short",
    queries: Object.values(Indicator).map((indicator) => ({
      expr: `${indicators[indicator].ratio("1h")}${chosen} / ${indicators[indicator].budget}`,
      legend: `{{service}} ${indicator}`,
    })),
  },
  {
    title: "Degraded",
    description: "Dependencies that a service works without at the moment.",
    unit: "short",
    queries: [
      {
        expr: `max by (namespace, service, dependency) (${degradedMetric}${chosen})`,
        legend: "{{service}} without {{dependency}}",
      },
    ],
  },
]);

const bulkheadSaturation = dashboard("omega-bulkheads", "Omega: bulkhead saturation", [
  {
    title: "In flight",
    description: "Share of the places of the class, in the fullest proxy.",
    unit: "percentunit",
    queries: [{ expr: bulkheadSeries.inFlight + chosen, legend: "{{service}} {{bulkhead}}" }],
  },
  {
    title: "Queued",
    description: "Share of the queue of the class, in the fullest proxy.",
    unit: "percentunit",
    queries: [{ expr: bulkheadSeries.queued + chosen, legend: "{{service}} {{bulkhead}}" }],
  },
  {
    title: "Refused",
    description: "Calls a second that found pool and queue full.",
    unit: "reqps",
    queries: [
      {
        expr: byCallee("sum", `rate(envoy_cluster_upstream_rq_pending_overflow{${chosenCallee}}[5m])`, "bulkhead"),
        legend: "{{service}} {{bulkhead}}",
      },
    ],
  },
  {
    title: "In flight by caller",
    description: "Calls at the moment, summed over the caller's replicas.",
    unit: "short",
    queries: [
      {
        expr: `sum by (service, destination_service_name, bulkhead) (envoy_cluster_upstream_rq_active{${chosenCallee}})`,
        legend: "{{service}} → {{destination_service_name}} {{bulkhead}}",
      },
    ],
  },
]);

const breakerState = dashboard("omega-breakers", "Omega: breaker state", [
  {
    title: "Open",
    description: "Endpoints that a caller leaves out, in the proxy that leaves out most.",
    unit: "short",
    queries: [
      {
        expr: byCallee("max", `envoy_cluster_outlier_detection_ejections_active{${chosenCallee}}`),
        legend: "{{service}}",
      },
    ],
  },
  {
    title: "Healthy endpoints",
    description: "Share that a caller may use, in the proxy that has fewest.",
    unit: "percentunit",
    queries: [
      {
        expr: `1 - ${byCallee(
          "max",
          `1 - envoy_cluster_membership_healthy{${chosenCallee}} / (envoy_cluster_membership_total > 0)`,
        )}`,
        legend: "{{service}}",
      },
    ],
  },
  {
    title: "Retries given up",
    description: "A second: the retry budget was spent.",
    unit: "reqps",
    queries: [
      {
        expr: byCallee("sum", `rate(envoy_cluster_upstream_rq_retry_overflow{${chosenCallee}}[5m])`),
        legend: "{{service}}",
      },
    ],
  },
]);

/** All dashboards; each is called by its `uid`. */
export const dashboards: readonly Dashboard[] = [goldenSignals, bulkheadSaturation, breakerState];
