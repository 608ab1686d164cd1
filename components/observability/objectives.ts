import type { ArgumentProblem } from "../arguments";
import { Bulkhead } from "../mesh/bulkheads";

/** What a service promises its callers, over any 30 days. */
export interface ServiceObjective {
  /** Name of the service. */
  service: string;
  /** Namespace that it is in. */
  namespace: string;
  /** Class of the service, whose pool callers without a contract use, as the gateway does. Default standard. */
  bulkhead?: Bulkhead;
  /** Percent of the requests that must not fail. Default 99.9, from 95 to 99.999. */
  availabilityPercent?: number;
  /**
   * Milliseconds within which a request is fast enough. Default 1000; one of the bounds of the mesh's histogram: 1, 5, 10,
   * 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000 or 60000.
   */
  latencyMilliseconds?: number;
  /** Percent of the requests that must be fast enough. Default 99, from 95 to 99.999. */
  latencyPercent?: number;
}

/** Bounds of Envoy's default histogram buckets, in milliseconds; between two of them nothing can be told. */
export const latencyBounds = [1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000];

/** Below 95 % the fastest alert, at 14.4 times the budget, could ask for more than all requests to fail. */
const percent = { least: 95, most: 99.999 };

export function withDefaults(objective: ServiceObjective): Required<ServiceObjective> {
  return {
    bulkhead: Bulkhead.Standard,
    availabilityPercent: 99.9,
    latencyMilliseconds: 1000,
    latencyPercent: 99,
    ...objective,
  };
}

export function objectiveProblems(objectives: readonly ServiceObjective[]): ArgumentProblem[] {
  return objectives.flatMap((objective, index) => {
    const path = `objectives[${index}]`;
    const { service, namespace, latencyMilliseconds, ...rest } = withDefaults(objective);
    const problems = (["availabilityPercent", "latencyPercent"] as const)
      .filter((key) => !(rest[key] >= percent.least && rest[key] <= percent.most))
      .map((key) => ({
        path: `${path}.${key}`,
        reason: `is ${rest[key]}, must be from ${percent.least} to ${percent.most}`,
      }));
    if (!latencyBounds.includes(latencyMilliseconds)) {
      const reason = `is ${latencyMilliseconds}, must be one of ${latencyBounds.join(", ")}`;
      problems.push({ path: `${path}.latencyMilliseconds`, reason });
    }
    const first = objectives.findIndex((other) => other.service === service && other.namespace === namespace);
    if (first !== index) {
      problems.push({ path, reason: `"${service}" in "${namespace}" has an objective already: objectives[${first}]` });
    }
    return problems;
  });
}

/** Share of something that may go wrong, from 0 to 1, without the noise of binary fractions. */
export function errorBudget(percentThatMustNot: number): number {
  return Number((1 - percentThatMustNot / 100).toFixed(7));
}
