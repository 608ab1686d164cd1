import type { MetricsOverride, TelemetryArgs } from "../mesh/istio";
import { collectorHost, otlpPort } from "./collector-configuration";

/** Which requests the proxies log. */
export enum AccessLogs {
  /** Each one: for development. */
  All = "all",
  /** What failed (5xx or no answer) and what took more than a second; the metrics count all the others. */
  ErrorsAndSlow = "errors-and-slow",
}

export interface MeshTelemetryArgs {
  /** Percent of the requests that are traced, decided where they enter the mesh. Default 1, from 0 to 100. */
  traceSamplingPercent?: number;
  /** Default errors and slow requests. */
  accessLogs?: AccessLogs;
}

/** Of the extension provider that `meshTelemetryConfig` defines. */
const tracingProvider = "omega-tracing";

/** Labels that say again what others do, or that multiply the series by versions and identities. */
const droppedLabels = ["source", "destination"]
  .flatMap((side) => ["principal", "app", "version", "cluster", "canonical_revision"].map((tag) => `${side}_${tag}`))
  .concat("connection_security_policy");

/** For the whole mesh, from its root namespace. */
export function meshTelemetrySpec(args: MeshTelemetryArgs): TelemetryArgs["spec"] {
  const { traceSamplingPercent = 1, accessLogs = AccessLogs.ErrorsAndSlow } = args;
  const overrides: MetricsOverride[] = [
    { match: { metric: "REQUEST_SIZE" }, disabled: true },
    { match: { metric: "RESPONSE_SIZE" }, disabled: true },
    {
      match: { metric: "ALL_METRICS" },
      tagOverrides: Object.fromEntries(droppedLabels.map((label) => [label, { operation: "REMOVE" }])),
    },
  ];
  const expression = 'response.code >= 500 || response.code == 0 || request.duration > duration("1s")';
  const metrics = [{ providers: [{ name: "prometheus" }], overrides }];
  return {
    metrics,
    tracing: [{ providers: [{ name: tracingProvider }], randomSamplingPercentage: traceSamplingPercent }],
    // To the standard output, where the log agent takes it, as all other logs.
    accessLogging: [
      {
        providers: [{ name: "envoy" }],
        ...(accessLogs === AccessLogs.All ? {} : { filter: { expression } }),
      },
    ],
  };
}

/**
 * What istiod's `meshConfig` must have for all of this: the provider that the Telemetry resource names, logs as JSON, and
 * the statistics of breakers and bulkheads, which proxies don't report by default.
 *
 * @param namespace where the collector is
 */
export function meshTelemetryConfig(namespace: string) {
  return {
    accessLogEncoding: "JSON",
    extensionProviders: [
      {
        name: tracingProvider,
        opentelemetry: { service: collectorHost(namespace), port: otlpPort },
      },
    ],
    defaultConfig: { proxyStatsMatcher: { inclusionRegexps: [clusterStatistics] } },
  };
}

/** One series for each callee, class and statistic, in each proxy: no more than the alerts and dashboards read. */
const clusterStatistics =
  "cluster\\.outbound\\|.*;\\.(outlier_detection\\.ejections_active|membership_(healthy|total)|" +
  "upstream_rq_(active|pending_active|pending_overflow|retry_overflow))";
