import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

export interface Replicas {
  /** Default 2, at least 2: one replica is a single point of failure. */
  min: number;
  /** Default 100. */
  max: number;
}

/** The architecture's. */
export const defaultAutoscaling: Autoscaling = { cpuPercent: 70, memoryPercent: 80 };

export interface Autoscaling {
  /** Average use of the requested CPU that adds replicas, in percent. Default 70. */
  cpuPercent: number;
  /** Average use of the requested memory that adds replicas, in percent. Default 80. */
  memoryPercent: number;
}

/** Kafka topics that a service consumes, as the measure of its work. */
export interface ConsumerLag {
  /** `host:port` of the brokers, separated by commas. */
  bootstrapServers: pulumi.Input<string>;
  /** One at least. */
  subscriptions: ConsumedTopic[];
  /** Messages behind, for each replica, that add replicas. Default 100. More replicas than partitions are never made. */
  messagesPerReplica?: number;
  /** TriggerAuthentication of the namespace with the credentials and the CA. Default: no TLS and no credentials. */
  authentication?: string;
  /** AWS region of brokers that know their clients by IAM. Default: they know them by other means. */
  awsRegion?: string;
}

export interface ConsumedTopic {
  topic: string;
  /** Consumer group that reads it. */
  group: string;
}

export interface AutoscalingArgs {
  name: string;
  replicas: Replicas;
  autoscaling: Autoscaling;
  consumerLag?: ConsumerLag;
}

/** Adds quickly, for waiting is what users see, and takes away slowly, so that a dip doesn't cost the next minute. */
const behavior = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: "Max",
    policies: [
      { type: "Percent", value: 100, periodSeconds: 15 },
      { type: "Pods", value: 4, periodSeconds: 15 },
    ],
  },
  scaleDown: {
    stabilizationWindowSeconds: 300,
    selectPolicy: "Max",
    policies: [{ type: "Percent", value: 10, periodSeconds: 60 }],
  },
};

export function horizontalPodAutoscalerSpec({
  name,
  replicas,
  autoscaling,
}: AutoscalingArgs): kubernetes.types.input.autoscaling.v2.HorizontalPodAutoscalerSpec {
  const averageUse = (resource: string, averageUtilization: number) => ({
    type: "Resource",
    resource: { name: resource, target: { type: "Utilization", averageUtilization } },
  });
  return {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
    minReplicas: replicas.min,
    maxReplicas: replicas.max,
    metrics: [averageUse("cpu", autoscaling.cpuPercent), averageUse("memory", autoscaling.memoryPercent)],
    behavior,
  };
}

export interface ScaledObjectSpec {
  scaleTargetRef: { name: string };
  minReplicaCount: number;
  maxReplicaCount: number;
  fallback: { failureThreshold: number; replicas: number; behavior: "currentReplicasIfHigher" };
  advanced: { horizontalPodAutoscalerConfig: { name: string; behavior: typeof behavior } };
  triggers: {
    type: "cpu" | "memory" | "kafka";
    metricType?: "Utilization" | "AverageValue";
    metadata: Record<string, pulumi.Input<string>>;
    authenticationRef?: { name: string };
  }[];
}

/** KEDA makes the HorizontalPodAutoscaler from it: use of CPU and memory, and the lag of each topic; the highest wins. */
export function scaledObjectSpec(args: AutoscalingArgs, lag: ConsumerLag): ScaledObjectSpec {
  const { name, replicas, autoscaling } = args;
  const use = (type: "cpu" | "memory", percent: number) => ({
    type,
    metricType: "Utilization" as const,
    metadata: { value: String(percent) },
  });
  return {
    scaleTargetRef: { name },
    minReplicaCount: replicas.min,
    maxReplicaCount: replicas.max,
    // When the brokers can't be asked, what is running stays: scaling in on no data would add to the outage.
    fallback: { failureThreshold: 3, replicas: replicas.min, behavior: "currentReplicasIfHigher" },
    advanced: { horizontalPodAutoscalerConfig: { name, behavior } },
    triggers: [
      use("cpu", autoscaling.cpuPercent),
      use("memory", autoscaling.memoryPercent),
      ...lag.subscriptions.map(({ topic, group }) => ({
        type: "kafka" as const,
        metricType: "AverageValue" as const,
        metadata: {
          bootstrapServers: lag.bootstrapServers,
          consumerGroup: group,
          topic,
          lagThreshold: String(lag.messagesPerReplica ?? 100),
          // A group that has never committed must not look idle.
          offsetResetPolicy: "earliest",
          ...(lag.authentication === undefined ? {} : { tls: "enable" }),
          ...(lag.awsRegion === undefined ? {} : { awsRegion: lag.awsRegion }),
        },
        ...(lag.authentication === undefined ? {} : { authenticationRef: { name: lag.authentication } }),
      })),
    ],
  };
}

export interface ScaledObjectArgs {
  metadata: pulumi.Input<kubernetes.types.input.meta.v1.ObjectMeta>;
  spec: ScaledObjectSpec;
}

export class ScaledObject extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: ScaledObjectArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", ...args }, options);
  }
}
