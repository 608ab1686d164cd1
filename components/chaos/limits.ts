import type { ArgumentProblem } from "../arguments";
import { series } from "../observability/series";

/** Where experiments stop. Both are required: an experiment without one can't be made. */
export interface ChaosLimits {
  /** Requests that fail, in percent, at which everything stops. The architecture's is 5; above 0 and at most 10. */
  errorRatePercent: number;
  /** 99th percentile of the latency, in milliseconds, at which everything stops. The architecture's is 1000; from 1 to 5000. */
  p99Milliseconds: number;
}

const bounds = {
  errorRatePercent: { least: 0.1, most: 10 },
  p99Milliseconds: { least: 1, most: 5_000 },
};

/** Also refuses what the types do, for callers that have none. */
export function limitsProblems(limits: Partial<ChaosLimits> | undefined): ArgumentProblem[] {
  return (["errorRatePercent", "p99Milliseconds"] as const).flatMap((key) => {
    const { least, most } = bounds[key];
    const value = limits?.[key];
    if (value !== undefined && value >= least && value <= most) return [];
    const is = value === undefined ? "is required" : `is ${value}`;
    return [{ path: `limits.${key}`, reason: `${is}, must be from ${least} to ${most}` }];
  });
}

export interface SteadyStateArgs {
  namespace: string;
  /** Service under experiment. */
  service: string;
  limits: ChaosLimits;
}

/**
 * PromQL that has one sample while an experiment may run, and none otherwise: the service's error rate and latency are
 * known and within the limits, those of no other service in the namespace are at them, and no alert that pages fires
 * anywhere. What isn't known isn't good: a missing series or NaN gives no sample.
 */
export function steadyState({ namespace, service, limits }: SteadyStateArgs): string {
  const errorRatio = limits.errorRatePercent / 100;
  const everyone = `{namespace="${namespace}"}`;
  const target = `{namespace="${namespace}",service="${service}"}`;
  const good =
    `${series.errorRatio}${target} < ${errorRatio} ` +
    `and on (namespace, service) ${series.latencyP99}${target} < ${limits.p99Milliseconds}`;
  const bad = [
    `${series.errorRatio}${everyone} >= ${errorRatio}`,
    `${series.latencyP99}${everyone} >= ${limits.p99Milliseconds}`,
    `ALERTS{alertstate="firing",severity=~"page|critical"}`,
  ];
  return `(${good}) unless on () (${bad.join(" or ")})`;
}

/**
 * Path of Prometheus' query API that answers 200 while an expression has a sample and 422 while it has none. A status
 * check reads the status code alone, and the API answers 200 to whatever can be evaluated, an empty result too: so an
 * empty one becomes a second sample on the right of a one-to-one match, which can't be evaluated.
 */
export function assertionPath(expression: string): string {
  const held = 'label_replace(vector(1), "assertion", "held", "", "")';
  const query = `vector(1) == on () (${held} or absent(${expression}))`;
  return `/api/v1/query?query=${encodeURIComponent(query)}`;
}
