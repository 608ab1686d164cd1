import { metadata } from "./metadata";
import { containersOf, podOf } from "./pods";
import { definePolicy, type Finding } from "./policy";
import { at } from "./values";

/** Kubernetes' own, where a pod sets none. */
const defaultGraceSeconds = 30;

export const gracefulShutdown = definePolicy<object>({
  metadata: metadata.gracefulShutdown,
  settings: {},
  resource: (resource) => {
    const pod = podOf(resource);
    if (pod === undefined) return [];
    const grace = at(pod.spec, "terminationGracePeriodSeconds") ?? defaultGraceSeconds;
    if (typeof grace !== "number") return [];
    if (grace <= 0) {
      const reason = `is ${grace}, so its requests and writes are cut off`;
      return [{ resource, path: `${pod.path}.terminationGracePeriodSeconds`, reason }];
    }
    return containersOf(pod).flatMap(({ container, path }): Finding[] => {
      const sleep = at(container, "lifecycle", "preStop", "sleep", "seconds");
      const reason = `is ${String(sleep)}, and after ${grace} s it is killed without having been told to stop`;
      return typeof sleep === "number" && sleep >= grace
        ? [{ resource, path: `${path}.lifecycle.preStop.sleep.seconds`, reason }]
        : [];
    });
  },
});
