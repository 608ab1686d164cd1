/**
 * Names of the recorded series that other components read: both by `namespace` and `service` (the callee), as its callers'
 * proxies measured them over the last minute.
 */
export const series = {
  /** Share of requests that failed with 5xx or without an answer, from 0 to 1. */
  errorRatio: "omega:request_error_ratio:rate1m",
  /** 99th percentile of the duration, in milliseconds. */
  latencyP99: "omega:request_latency_p99_milliseconds:rate1m",
};
