import { burnRateAlerts } from "./burn-rate";
import { type AlertingRule, type RuleGroup, Severity } from "./prometheus-operator";
import { bulkheadSeries, byCallee, indicators } from "./recording-rules";
import { jobs } from "./scraping";
import { degradedMetric } from "./series";

export type Alert = Omit<AlertingRule, "annotations"> & { summary: string; description: string };

const ticket = { severity: Severity.Ticket };
const page = { severity: Severity.Page };

const resilience: Alert[] = [
  {
    alert: "BreakerOpen",
    expr: `${byCallee("max", "max_over_time(envoy_cluster_outlier_detection_ejections_active[1m])")} > 0`,
    for: "2m",
    labels: ticket,
    summary: "{{ $labels.service }}: a circuit breaker is open",
    description:
      "A caller's proxy leaves out {{ $value }} of the endpoints of {{ $labels.service }}: they failed in a row.",
  },
  {
    alert: "BulkheadSaturated",
    expr: `avg_over_time(${bulkheadSeries.inFlight}[5m]) > 0.9`,
    for: "5m",
    labels: ticket,
    summary: "{{ $labels.service }}: the {{ $labels.bulkhead }} pool of a caller is nearly full",
    description:
      "A caller's proxy uses {{ $value | humanizePercentage }} of its {{ $labels.bulkhead }} calls in flight to " +
      "{{ $labels.service }}; further calls wait.",
  },
  {
    alert: "BulkheadOverflow",
    expr: `${byCallee("sum", "rate(envoy_cluster_upstream_rq_pending_overflow[5m])", "bulkhead")} > 0`,
    for: "5m",
    labels: ticket,
    summary: "{{ $labels.service }}: {{ $labels.bulkhead }} calls are refused",
    description:
      "{{ $value | humanize }} {{ $labels.bulkhead }} calls a second to {{ $labels.service }} are refused by their " +
      "callers' proxies: pool and queue are full.",
  },
  {
    alert: "RetryBudgetExhausted",
    expr: `${byCallee("sum", "rate(envoy_cluster_upstream_rq_retry_overflow[5m])")} > 0`,
    for: "5m",
    labels: ticket,
    summary: "{{ $labels.service }}: retries are given up",
    description:
      "{{ $value | humanize }} retries a second to {{ $labels.service }} are not made: more calls fail than may be retried.",
  },
  {
    alert: "ServiceDegraded",
    expr: `max by (namespace, service, dependency) (${degradedMetric}) == 1`,
    for: "5m",
    labels: ticket,
    summary: "{{ $labels.service }} works without {{ $labels.dependency }}",
    description: "{{ $labels.service }} in {{ $labels.namespace }} reports that {{ $labels.dependency }} is down.",
  },
  {
    alert: "AutoscalerAtMaximum",
    expr:
      "kube_horizontalpodautoscaler_status_current_replicas >= kube_horizontalpodautoscaler_spec_max_replicas " +
      "and kube_horizontalpodautoscaler_spec_max_replicas > kube_horizontalpodautoscaler_spec_min_replicas",
    for: "15m",
    labels: ticket,
    summary: "{{ $labels.horizontalpodautoscaler }} can't scale out any further",
    description:
      "{{ $labels.horizontalpodautoscaler }} in {{ $labels.namespace }} has its most replicas: {{ $value }}.",
  },
];

const overdue = "time() - certmanager_certificate_renewal_timestamp_seconds > 3600";

const platform: Alert[] = [
  {
    alert: "ControlPlaneDown",
    expr: `absent(up{job="${jobs.controlPlane}"} == 1)`,
    for: "5m",
    labels: page,
    summary: "The mesh's control plane is down",
    description: "No replica of istiod answers: proxies keep what they have, new pods and changes don't come up.",
  },
  {
    alert: "ProxyConfigurationRejected",
    // The first rejection of a type makes its series, at 1, which is no increase.
    expr:
      "sum by (type) ((pilot_total_xds_rejects unless pilot_total_xds_rejects offset 10m) " +
      "or increase(pilot_total_xds_rejects[10m])) > 0",
    labels: ticket,
    summary: "Proxies reject {{ $labels.type }} configuration",
    description:
      "{{ $value | humanize }} rejections of {{ $labels.type }} in 10 minutes: those proxies keep what they had.",
  },
  {
    alert: "CertificateNotRenewed",
    expr: overdue,
    for: "10m",
    labels: ticket,
    summary: "Certificate {{ $labels.name }} is not renewed",
    description:
      "The renewal of {{ $labels.name }} in {{ $labels.namespace }} is {{ $value | humanizeDuration }} late; " +
      "it is still valid.",
  },
  {
    alert: "CertificateExpiring",
    // Only where the renewal is late too: a short-lived certificate is always about to expire.
    expr: `certmanager_certificate_expiration_timestamp_seconds - time() < 86400 and (${overdue})`,
    for: "10m",
    labels: page,
    summary: "Certificate {{ $labels.name }} expires within a day",
    description: "{{ $labels.name }} in {{ $labels.namespace }} is valid for another {{ $value | humanizeDuration }}.",
  },
  {
    alert: "ServiceNotScraped",
    expr: `${indicators.availability.budget} unless on (namespace, service) (up{job="${jobs.proxies}"} == 1)`,
    for: "10m",
    labels: ticket,
    summary: "{{ $labels.service }} has no metrics",
    description:
      "No pod of {{ $labels.service }} in {{ $labels.namespace }} is scraped: it has an objective, unwatched.",
  },
  {
    alert: "AlertInputMissing",
    expr: [
      "envoy_cluster_outlier_detection_ejections_active",
      "kube_horizontalpodautoscaler_spec_max_replicas",
      "certmanager_certificate_renewal_timestamp_seconds",
    ]
      .map((metric) => `label_replace(absent(${metric}), "metric", "${metric}", "", "")`)
      .join(" or "),
    for: "15m",
    labels: ticket,
    summary: "{{ $labels.metric }} is missing",
    description: "Nothing reports {{ $labels.metric }}: the alerts that read it can't fire.",
  },
  {
    alert: "TelemetryExportFailing",
    expr:
      `sum by (job) (rate({__name__=~"otelcol_exporter_send_failed_(spans|log_records)(_total)?", ` +
      `job=~"${jobs.collector}|${jobs.logAgent}"}[5m])) > 0`,
    for: "15m",
    labels: ticket,
    summary: "{{ $labels.job }} loses traces or logs",
    description: "{{ $value | humanize }} spans or log records a second can't be handed over by {{ $labels.job }}.",
  },
];

export const defaultRunbooksUrl = "docs/runbooks.md";

/** Alerts, each with the address of its section in the runbooks. */
export function alertGroup(name: string, alerts: Alert[], runbooksUrl: string): RuleGroup {
  return {
    name,
    interval: "30s",
    rules: alerts.map(({ summary, description, ...alert }) => ({
      ...alert,
      annotations: { summary, description, runbook_url: `${runbooksUrl}#${alert.alert.toLowerCase()}` },
    })),
  };
}

/** The alerts on services and on the platform that they run on. */
export function alertGroups(runbooksUrl: string): RuleGroup[] {
  return [
    alertGroup("omega-burn-rate", burnRateAlerts(), runbooksUrl),
    alertGroup("omega-resilience", resilience, runbooksUrl),
    alertGroup("omega-platform", platform, runbooksUrl),
  ];
}
