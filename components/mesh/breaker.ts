import type { OutlierDetection } from "./istio";

/** When a caller's proxy stops sending to an endpoint. */
export interface BreakerArgs {
  /** Failures in a row (5xx, refused connections, resets, timeouts) that eject an endpoint. Default 5, at least 1. */
  consecutiveFailures?: number;
  /** Seconds that an endpoint stays ejected, times the ejections so far. Default 30, at least 1. */
  ejectionSeconds?: number;
}

/**
 * Istio ejects at most 10 % of the endpoints by default, which is none of two: so all may be ejected. A
 * `minHealthPercent` would switch the breaker off again and stays unset.
 */
export function outlierDetection({ consecutiveFailures = 5, ejectionSeconds = 30 }: BreakerArgs): OutlierDetection {
  return {
    consecutive5xxErrors: consecutiveFailures,
    interval: "10s",
    baseEjectionTime: `${ejectionSeconds}s`,
    maxEjectionPercent: 100,
  };
}
