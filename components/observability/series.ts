/**
 * Names of the recorded series that other components read: both by `namespace` and `service` (the callee), as its callers'
 * proxies measured them over the last minute. There is none while nobody calls.
 */
export const series = {
  /** Share of requests that failed with 5xx or without an answer, from 0 to 1. */
  errorRatio: "omega:request_error_ratio:rate1m",
  /** 99th percentile of the duration, in milliseconds. */
  latencyP99: "omega:request_latency_p99_milliseconds:rate1m",
};

/**
 * What a service itself reports: a gauge with the label `dependency`, 1 while that one is down and the service works
 * without it, 0 otherwise.
 */
export const degradedMetric = "omega_service_degraded";
