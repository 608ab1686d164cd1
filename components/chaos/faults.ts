import { type ArgumentProblem, refuse } from "../arguments";
import type { RequestFault } from "../mesh/routing";
import { Experiment } from "./experiment";

/** What is injected into the requests of an experiment; the defaults are the architecture's. */
export interface RequestFaultArgs {
  /** Share of the latency experiment's requests that are delayed. Default 0.01, from 0.000001 to 0.1. */
  latencyProbability?: number;
  /** Delay of such a request in milliseconds. Default 500, a whole number from 1 to 500. */
  latencyMilliseconds?: number;
  /** Share of the failure experiment's requests that are answered with 503. Default 0.001, from 0.000001 to 0.1. */
  failureProbability?: number;
}

/**
 * The faults of a service that has opted in: what an `AgenticService` takes as `faults`. Without them, experiments send
 * it requests and nothing happens to these.
 *
 * @throws InputPropertiesError naming every value that is out of bounds
 */
export function requestFaults(args: RequestFaultArgs = {}): RequestFault[] {
  refuse("Request faults", requestFaultProblems(args));
  const { latencyProbability = 0.01, latencyMilliseconds = 500, failureProbability = 0.001 } = args;
  return [
    {
      name: Experiment.Latency,
      fault: { delay: { percentage: percentage(latencyProbability), fixedDelay: `${latencyMilliseconds}ms` } },
    },
    {
      name: Experiment.Failure,
      fault: { abort: { percentage: percentage(failureProbability), httpStatus: 503 } },
    },
  ];
}

/** Envoy counts in millionths; what binary fractions add after them would only be noise in a diff. */
function percentage(probability: number): { value: number } {
  return { value: Number((probability * 100).toFixed(4)) };
}

function requestFaultProblems(args: RequestFaultArgs): ArgumentProblem[] {
  const problems: ArgumentProblem[] = [];
  const within = (path: keyof RequestFaultArgs, least: number, most: number) => {
    const value = args[path];
    if (value !== undefined && !(value >= least && value <= most)) {
      problems.push({ path, reason: `is ${value}, must be from ${least} to ${most}` });
    }
  };
  within("latencyProbability", 0.000001, 0.1);
  within("latencyMilliseconds", 1, 500);
  within("failureProbability", 0.000001, 0.1);
  if (args.latencyMilliseconds !== undefined && args.latencyMilliseconds % 1 > 0) {
    const reason = `is ${args.latencyMilliseconds}, must be a whole number`;
    problems.push({ path: "latencyMilliseconds", reason });
  }
  return problems;
}
