/** The architecture's experiments. */
export enum Experiment {
  /** Delays a share of the requests that carry the experiment's header. */
  Latency = "latency",
  /** Answers a share of the requests that carry the experiment's header with an error. */
  Failure = "failure",
  /** Takes CPU and memory from a share of a service's pods. */
  ResourcePressure = "resource-pressure",
}

export const experiments: readonly Experiment[] = Object.values(Experiment);

/** Experiments whose faults hit requests; the other one hits pods. */
export function hitsRequests(experiment: Experiment): boolean {
  return experiment !== Experiment.ResourcePressure;
}
