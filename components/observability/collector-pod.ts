import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { restricted } from "../service/pod";
import { resourceRequirements } from "../service/size";
import { healthPort } from "./collector-configuration";
import { collectorMetricsPort } from "./scraping";

/** The distribution for Kubernetes: it has the receivers and exporters used here, and few others. */
export const defaultCollectorImage =
  "ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-k8s:0.154.0";

interface CollectorPodArgs {
  name: string;
  image: pulumi.Input<string>;
  serviceAccountName: pulumi.Input<string>;
  /** ConfigMap with the collector's configuration. */
  configMapName: pulumi.Input<string>;
  cpu: string;
  /** Mebibytes that it may use. */
  memoryMebibytes: number;
  /** 0 where it must read the node's log files, which belong to root; 10001, the image's own, otherwise. */
  userId: number;
  ports?: types.input.core.v1.ContainerPort[];
  /** Name of the port that accepts connections once it does its work. */
  readyPort: string;
  environment?: types.input.core.v1.EnvVar[];
  volumes?: { name: string; path: string; readOnly: boolean; source: Omit<types.input.core.v1.Volume, "name"> }[];
}

const configurationFolder = "/etc/otelcol";
export const configurationFile = "configuration.yaml";

/** What the collector and the log agent have in common. */
export function collectorPodSpec(args: CollectorPodArgs): types.input.core.v1.PodSpec {
  const { name, volumes = [], memoryMebibytes, userId } = args;
  const timing = (failureThreshold: number) => ({ periodSeconds: 5, timeoutSeconds: 2, failureThreshold });
  const health = { httpGet: { path: "/", port: "health" } };
  const mounted = [
    { name: "configuration", path: configurationFolder, readOnly: true, source: configMap(args.configMapName) },
    ...volumes,
  ];
  return {
    serviceAccountName: args.serviceAccountName,
    automountServiceAccountToken: false,
    // Longer than the batches and what is on its way take.
    terminationGracePeriodSeconds: 60,
    securityContext: { runAsNonRoot: userId !== 0, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name,
        image: args.image,
        args: [`--config=${configurationFolder}/${configurationFile}`],
        ports: [
          ...(args.ports ?? []),
          { name: collectorMetricsPort.name, containerPort: collectorMetricsPort.port },
          { name: "health", containerPort: healthPort },
        ],
        env: [
          // The garbage collector works harder before the limiter refuses and the kernel kills.
          { name: "GOMEMLIMIT", value: `${Math.floor(memoryMebibytes * 0.8)}MiB` },
          ...(args.environment ?? []),
        ],
        resources: resourceRequirements({ cpu: args.cpu, memory: `${memoryMebibytes}Mi` }),
        securityContext: { runAsUser: userId, runAsGroup: userId, ...restricted },
        startupProbe: { ...health, ...timing(30) },
        readinessProbe: { tcpSocket: { port: args.readyPort }, ...timing(3) },
        livenessProbe: { ...health, ...timing(6) },
        volumeMounts: mounted.map(({ name: volume, path, readOnly }) => ({ name: volume, mountPath: path, readOnly })),
      },
    ],
    volumes: mounted.map(({ name: volume, source }) => ({ name: volume, ...source })),
  };
}

const configMap = (name: pulumi.Input<string>) => ({ configMap: { name } });
