import type { types } from "@pulumi/kubernetes";

/** No replica goes before a new one is ready. */
export const rollingUpdate: types.input.apps.v1.DeploymentStrategy = {
  type: "RollingUpdate",
  rollingUpdate: { maxUnavailable: 0, maxSurge: "25%" },
};

/** A share, rounded up: one of two, 25 of a hundred, so that drains of large services end. */
export function disruptionBudgetSpec(
  matchLabels: Record<string, string>,
): types.input.policy.v1.PodDisruptionBudgetSpec {
  return { maxUnavailable: "25%", unhealthyPodEvictionPolicy: "AlwaysAllow", selector: { matchLabels } };
}
