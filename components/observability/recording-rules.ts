import { type Bulkhead, bulkheadLimits, bulkheads } from "../mesh/bulkheads";
import { errorBudget, type ServiceObjective, withDefaults } from "./objectives";
import type { RecordingRule, RuleGroup } from "./prometheus-operator";
import { series } from "./series";

/** Seconds between two evaluations of the base series; counts over a window are their sum times this. */
export const evaluationSeconds = 30;

/** The windows that burn rates are read over. */
export const windows = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"] as const;
export type Window = (typeof windows)[number];

/** What can go wrong with a request, each with its budget. */
export enum Indicator {
  Availability = "availability",
  Latency = "latency",
}

interface IndicatorSeries {
  /** Requests a second that went wrong. */
  bad: string;
  /** Share of the requests that may go wrong, from 0 to 1. */
  budget: string;
  /** Share of the requests that went wrong in a window. */
  ratio: (window: Window) => string;
}

export const indicators: Record<Indicator, IndicatorSeries> = {
  [Indicator.Availability]: {
    bad: "omega:request_errors:rate1m",
    budget: "omega:availability_error_budget:ratio",
    ratio: (window) => `omega:request_error_ratio:rate${window}`,
  },
  [Indicator.Latency]: {
    bad: "omega:slow_requests:rate1m",
    budget: "omega:latency_error_budget:ratio",
    ratio: (window) => `omega:slow_request_ratio:rate${window}`,
  },
};

const requests = "omega:requests:rate1m";

/** Use of a class's pool to a callee: 1 is full. Also by `bulkhead`. */
export const bulkheadSeries = { inFlight: "omega:bulkhead_in_flight:ratio", queued: "omega:bulkhead_queued:ratio" };

/**
 * A sum by the callee, as `namespace` and `service`; a proxy's own labels of these names are the caller's. What callers
 * measured counts, not what the callee did: only they see refused connections, full pools, open breakers and timeouts.
 */
export function byCallee(aggregation: "sum" | "max", expression: string, ...further: string[]): string {
  const inner = ["destination_service_namespace", "destination_service_name", ...further].join(", ");
  const copied = Object.entries({ namespace: "destination_service_namespace", service: "destination_service_name" });
  const renamed = copied.reduce(
    (vector, [label, from]) => `label_replace(${vector}, "${label}", "$1", "${from}", "(.*)")`,
    `${aggregation} by (${inner}) (${expression})`,
  );
  return `${aggregation} by (${["namespace", "service", ...further].join(", ")}) (${renamed})`;
}

const measured = (metric: string, ...matchers: string[]) =>
  `rate(${metric}{${['reporter="source"', ...matchers].join(", ")}}[1m])`;

/** Also without an answer (0), and the gRPC statuses whose HTTP counterpart is 5xx. */
const failed = [
  measured("istio_requests_total", 'response_code=~"5..|0"'),
  measured("istio_requests_total", 'response_code!~"5..|0"', 'grpc_response_status=~"2|4|12|13|14|15"'),
].join(" or ");

const traffic: RecordingRule[] = [
  { record: requests, expr: byCallee("sum", measured("istio_requests_total")) },
  {
    record: indicators.availability.bad,
    // A service that never failed has no series of failures: none is 0.
    expr: `${byCallee("sum", failed)} or 0 * ${requests}`,
  },
  { record: series.errorRatio, expr: `${indicators.availability.bad} / (${requests} > 0)` },
  {
    record: series.latencyP99,
    expr:
      `histogram_quantile(0.99, ${byCallee("sum", measured("istio_request_duration_milliseconds_bucket"), "le")}) ` +
      `and (${requests} > 0)`,
  },
];

/** Use of a pool, as a share of its bounds, in the proxy that is nearest to them. */
function poolUse(bulkhead: Bulkhead, matchers: string, labels: Record<string, string>): RecordingRule[] {
  const { inFlight, queued } = bulkheadLimits(bulkhead);
  const share = (metric: string, limit: number) => `${byCallee("max", `${metric}{${matchers}}`)} / ${limit}`;
  return [
    { record: bulkheadSeries.inFlight, expr: share("envoy_cluster_upstream_rq_active", inFlight), labels },
    { record: bulkheadSeries.queued, expr: share("envoy_cluster_upstream_rq_pending_active", queued), labels },
  ];
}

/** Of each class, for callers with a contract. */
const bulkheadUse: RecordingRule[] = bulkheads.flatMap((bulkhead) =>
  poolUse(bulkhead, `bulkhead="${bulkhead}"`, { bulkhead }),
);

/** Of the pool that the gateway shares with whoever else has no contract: the proxy's name of it has no class. */
function undeclaredUse(objective: ServiceObjective): RecordingRule[] {
  const { service, namespace, bulkhead } = withDefaults(objective);
  const callee = `destination_service_namespace="${namespace}", destination_service_name="${service}"`;
  return poolUse(bulkhead, `bulkhead="", ${callee}`, { bulkhead: "undeclared" });
}

function objectiveRules(objective: ServiceObjective): RecordingRule[] {
  const { service, namespace, ...promised } = withDefaults(objective);
  const labels = { namespace, service };
  const callee = [`destination_service_namespace="${namespace}"`, `destination_service_name="${service}"`];
  // Prometheus 3 writes the bounds of text-format histograms as 1000.0, older ones as they come.
  const bound = `le=~"${promised.latencyMilliseconds}(\\\\.0)?"`;
  const all = byCallee("sum", measured("istio_request_duration_milliseconds_count", ...callee));
  const fast = byCallee("sum", measured("istio_request_duration_milliseconds_bucket", ...callee, bound));
  const budget = (promise: number) => `vector(${errorBudget(promise)})`;
  return [
    { record: indicators.availability.budget, expr: budget(promised.availabilityPercent), labels },
    { record: indicators.latency.budget, expr: budget(promised.latencyPercent), labels },
    { record: indicators.latency.bad, expr: `clamp_min(${all} - ${fast}, 0)` },
  ];
}

/** From the recorded rates, not from the proxies' counters: their number has no part in what three days cost. */
const windowRules: RecordingRule[] = Object.values(indicators).flatMap(({ bad, ratio }) =>
  windows.map((window) => ({
    record: ratio(window),
    expr: `sum_over_time(${bad}[${window}]) / (sum_over_time(${requests}[${window}]) > 0)`,
  })),
);

export function recordingGroups(objectives: readonly ServiceObjective[]): RuleGroup[] {
  const interval = `${evaluationSeconds}s`;
  return [
    { name: "omega-traffic", interval, rules: traffic },
    { name: "omega-bulkheads", interval, rules: [...bulkheadUse, ...objectives.flatMap(undeclaredUse)] },
    { name: "omega-objectives", interval, rules: objectives.flatMap(objectiveRules) },
    { name: "omega-windows", interval: "60s", rules: windowRules },
  ];
}
