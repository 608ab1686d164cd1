import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { StoreConnection } from "../../data/connection";
import { Bulkhead, priorityClassName } from "../../mesh/bulkheads";
import { proxyAnnotations, restricted, restrictedPod } from "../../service/pod";
import { resourceRequirements } from "../../service/size";
import { storeAccess } from "../../service/stores";
import { operatorName } from "./rights";

export interface OperatorJob {
  image: pulumi.Input<string>;
  labels: Record<string, string>;
  /** Of its pods, beside those of each pod in the mesh. */
  annotations: Record<string, string>;
  store: StoreConnection;
  serviceAccountName: pulumi.Input<string>;
}

/**
 * Jobs that people make of the CronJob count as its own, of which Kubernetes keeps three that succeeded and one that failed, and
 * deletes the others at once with their logs. With these it is their time to live that ends them.
 */
export const keptJobs = { successfulJobsHistoryLimit: 50, failedJobsHistoryLimit: 50 } as const;

/** Seconds after which a job is ended; what it hasn't sent by then the next one sends. */
const deadlineSeconds = 3600;

/** Seconds for which its log can be read after it ended. */
const keptSeconds = 7 * 86_400;

/** It lists the dead letters unless it is told more, by variables that whoever makes a job adds. */
export function operatorJobSpec(job: OperatorJob): types.input.batch.v1.JobSpec {
  const { env, volumes, volumeMounts } = storeAccess([job.store]);
  return {
    // Whoever asked for it looks at what went wrong, and asks again.
    backoffLimit: 0,
    activeDeadlineSeconds: deadlineSeconds,
    ttlSecondsAfterFinished: keptSeconds,
    template: {
      metadata: {
        labels: job.labels,
        annotations: {
          ...proxyAnnotations,
          ...job.annotations,
          // One that is an ordinary container would keep the job's pod from ending.
          "sidecar.istio.io/nativeSidecar": "true",
        },
      },
      spec: {
        restartPolicy: "Never",
        serviceAccountName: job.serviceAccountName,
        automountServiceAccountToken: false,
        priorityClassName: priorityClassName(Bulkhead.Background),
        terminationGracePeriodSeconds: 30,
        securityContext: restrictedPod,
        containers: [
          {
            name: operatorName,
            image: job.image,
            env,
            resources: resourceRequirements({ cpu: "100m", memory: "256Mi" }),
            securityContext: restricted,
            volumeMounts: [{ name: "tmp", mountPath: "/tmp" }, ...volumeMounts],
          },
        ],
        volumes: [{ name: "tmp", emptyDir: { sizeLimit: "16Mi" } }, ...volumes],
      },
    },
  };
}
