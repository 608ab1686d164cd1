import { type ArgumentProblem, wholeNumberProblems } from "../arguments";

/** What is promised of a store that is lost. */
export interface RecoveryObjectives {
  /** Recovery point: the newest writes that may be lost, in seconds, from 0 to 86,400. */
  pointSeconds: number;
  /** Recovery time: until it can be used again, in seconds, from 1 to 86,400. */
  timeSeconds: number;
}

const annotations = { point: "omega-platform/recovery-point-seconds", time: "omega-platform/recovery-time-seconds" };

/** As annotations of Kubernetes objects or tags in a cloud, where policies read them. */
export function recoveryAnnotations({ pointSeconds, timeSeconds }: RecoveryObjectives): Record<string, string> {
  return { [annotations.point]: String(pointSeconds), [annotations.time]: String(timeSeconds) };
}

export function recoveryProblems(path: string, { pointSeconds, timeSeconds }: RecoveryObjectives): ArgumentProblem[] {
  return [
    ...wholeNumberProblems(`${path}.pointSeconds`, pointSeconds, 0, 86_400),
    ...wholeNumberProblems(`${path}.timeSeconds`, timeSeconds, 1, 86_400),
  ];
}
