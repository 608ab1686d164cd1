import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { restricted, restrictedPod } from "../service/pod";
import { type ContainerResources, resourceRequirements } from "../service/size";

type Container = types.input.core.v1.Container;
type Volume = types.input.core.v1.Volume;

/** A shell script that does one thing to a database and ends. */
export interface DatabaseJob {
  /** Also the container's. */
  name: string;
  image: pulumi.Input<string>;
  /** POSIX shell. Configuration comes by environment variables, and secrets never as arguments. */
  script: string;
  env: types.input.core.v1.EnvVar[];
  /** Mounted read-only; `CONTENT` says where. */
  configMapName?: pulumi.Input<string>;
  serviceAccountName?: pulumi.Input<string>;
  /** Of the image's own account, where it has one with a number of its own. */
  userId?: number;
  resources?: ContainerResources;
  /** Seconds that one pod may take, its tries apart. Default: as long as its Job may. */
  podDeadlineSeconds?: number;
  /** Containers that run beside it until it ends. */
  sidecars?: Container[];
  volumes?: Volume[];
  volumeMounts?: types.input.core.v1.VolumeMount[];
}

const contentFolder = "/content";

/** By it the jobs' NetworkPolicy knows them. */
export const jobLabels = (name: string) => ({ "app.kubernetes.io/name": name, "app.kubernetes.io/component": "job" });

export function jobPod(job: DatabaseJob): types.input.core.v1.PodTemplateSpec {
  const { userId } = job;
  return {
    metadata: { labels: jobLabels(job.name) },
    spec: {
      restartPolicy: "Never",
      ...(job.podDeadlineSeconds === undefined ? {} : { activeDeadlineSeconds: job.podDeadlineSeconds }),
      ...(job.serviceAccountName === undefined ? {} : { serviceAccountName: job.serviceAccountName }),
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 30,
      securityContext:
        userId === undefined
          ? restrictedPod
          : { ...restrictedPod, runAsUser: userId, runAsGroup: userId, fsGroup: userId },
      initContainers: job.sidecars ?? [],
      containers: [
        {
          name: job.name,
          image: job.image,
          command: ["/bin/sh", "-ceu", job.script],
          env: [{ name: "HOME", value: "/tmp" }, { name: "CONTENT", value: contentFolder }, ...job.env],
          resources: resourceRequirements(job.resources ?? { cpu: "100m", memory: "256Mi" }),
          securityContext: restricted,
          volumeMounts: [
            { name: "tmp", mountPath: "/tmp" },
            ...(job.configMapName === undefined ? [] : [{ name: "content", mountPath: contentFolder, readOnly: true }]),
            ...(job.volumeMounts ?? []),
          ],
        },
      ],
      volumes: [
        { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
        ...(job.configMapName === undefined ? [] : [{ name: "content", configMap: { name: job.configMapName } }]),
        ...(job.volumes ?? []),
      ],
    },
  };
}
