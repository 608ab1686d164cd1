import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, refuse } from "../arguments";
import { type BreakerArgs, outlierDetection } from "../mesh/breaker";
import { Bulkhead, bulkheadLimits, connectionPool, Protocol } from "../mesh/bulkheads";
import { DestinationRule } from "../mesh/istio";
import { contractAnnotations, contractProblems, metricsPath, type ServiceContract } from "./contract";
import { networkPolicySpec } from "./network-policy";
import { type ContainerResources, podSpec } from "./pod";

export interface Replicas {
  /** Default 2, at least 2: one replica is a single point of failure. */
  min: number;
  /** Default 100. */
  max: number;
}

export interface Autoscaling {
  /** Average use of the requested CPU that adds replicas, in percent. Default 70. */
  cpuPercent: number;
  /** Average use of the requested memory that adds replicas, in percent. Default 80. */
  memoryPercent: number;
}

export interface AgenticServiceArgs {
  /** Name of a namespace that has joined the mesh. */
  namespace: pulumi.Input<string>;
  contract: ServiceContract;
  /** Container image, by digest where it must not change behind its tag. */
  image: pulumi.Input<string>;
  /** TCP port that the service listens on. Default 8080. */
  port?: number;
  /** What the port speaks. Default HTTP/1.1. */
  protocol?: Protocol;
  replicas?: Replicas;
  autoscaling?: Autoscaling;
  /** Default 250m CPU and 256Mi memory. */
  resources?: ContainerResources;
  /** Class of the requests that it serves. Default standard: 10 in flight and 50 queued for each calling proxy. */
  bulkhead?: Bulkhead;
  breaker?: BreakerArgs;
  /** Seconds after which a rollout that isn't complete has failed. Default 600, from 1 to 3600. */
  rolloutSeconds?: number;
  /** Services in the same namespace that may call it. Default none. */
  callers?: string[];
  /** Secret with the credentials of a private image registry. */
  imagePullSecretName?: pulumi.Input<string>;
}

/**
 * A service that looks after itself: it publishes its contract, heals by probes, scales between bounds, survives drains
 * and the loss of a zone, and is called through a circuit breaker and a bulkhead.
 */
export class AgenticService extends pulumi.ComponentResource {
  /** Fully qualified name in the cluster's DNS. */
  readonly host: pulumi.Output<string>;

  constructor(name: string, args: AgenticServiceArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:AgenticService", name, {}, options);
    refuse(`AgenticService "${name}"`, argumentProblems(args));

    const { contract, port = 8080, protocol = Protocol.Http1, rolloutSeconds = 600 } = args;
    const replicas = args.replicas ?? { min: 2, max: 100 };
    const autoscaling = args.autoscaling ?? { cpuPercent: 70, memoryPercent: 80 };
    const selector = { "app.kubernetes.io/name": contract.name };
    const metadata = {
      name: contract.name,
      namespace: args.namespace,
      labels: { ...selector, "app.kubernetes.io/version": contract.version },
    };
    const child = { parent: this };

    const serviceAccount = new kubernetes.core.v1.ServiceAccount(
      `${name}-account`,
      {
        metadata,
        automountServiceAccountToken: false,
        imagePullSecrets: args.imagePullSecretName === undefined ? [] : [{ name: args.imagePullSecretName }],
      },
      child,
    );

    const deployment = new kubernetes.apps.v1.Deployment(
      `${name}-deployment`,
      {
        metadata: { ...metadata, annotations: contractAnnotations(contract) },
        // The autoscaler owns the number of replicas: one written here would fight it at every update.
        spec: {
          selector: { matchLabels: selector },
          progressDeadlineSeconds: rolloutSeconds,
          strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: "25%" } },
          template: {
            metadata: {
              labels: metadata.labels,
              annotations: {
                "prometheus.io/scrape": "true",
                "prometheus.io/port": String(port),
                "prometheus.io/path": metricsPath(contract),
              },
            },
            spec: podSpec({
              contract,
              image: args.image,
              port,
              portName: protocol,
              resources: args.resources ?? { cpu: "250m", memory: "256Mi" },
              serviceAccountName: serviceAccount.metadata.name,
              labels: selector,
            }),
          },
        },
      },
      { ...child, customTimeouts: { create: `${rolloutSeconds}s`, update: `${rolloutSeconds}s` } },
    );

    new kubernetes.core.v1.Service(
      `${name}-service`,
      {
        metadata: { ...metadata, annotations: contractAnnotations(contract) },
        spec: {
          selector,
          ports: [{ name: protocol, port, targetPort: protocol, appProtocol: appProtocol(protocol) }],
        },
      },
      { ...child, dependsOn: [deployment] },
    );

    const averageUse = (resource: string, averageUtilization: number) => ({
      type: "Resource",
      resource: { name: resource, target: { type: "Utilization", averageUtilization } },
    });
    new kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
      `${name}-autoscaler`,
      {
        metadata,
        spec: {
          scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment.metadata.name },
          minReplicas: replicas.min,
          maxReplicas: replicas.max,
          metrics: [averageUse("cpu", autoscaling.cpuPercent), averageUse("memory", autoscaling.memoryPercent)],
        },
      },
      child,
    );

    new kubernetes.policy.v1.PodDisruptionBudget(
      `${name}-disruption-budget`,
      {
        metadata,
        spec: {
          // A share, rounded up: one of two, 25 of a hundred, so that drains of large services end.
          maxUnavailable: "25%",
          unhealthyPodEvictionPolicy: "AlwaysAllow",
          selector: { matchLabels: selector },
        },
      },
      child,
    );

    new kubernetes.networking.v1.NetworkPolicy(
      `${name}-network-policy`,
      {
        metadata,
        spec: networkPolicySpec({
          matchLabels: selector,
          port,
          callers: args.callers ?? [],
          dependencies: contract.dependencies.map(({ service }) => service),
        }),
      },
      child,
    );

    this.host = pulumi.interpolate`${contract.name}.${args.namespace}.svc.cluster.local`;
    new DestinationRule(
      `${name}-destination-rule`,
      {
        metadata,
        spec: {
          host: this.host,
          trafficPolicy: {
            connectionPool: connectionPool(protocol, bulkheadLimits(args.bulkhead ?? Bulkhead.Standard)),
            outlierDetection: outlierDetection(args.breaker ?? {}),
          },
        },
      },
      child,
    );

    this.registerOutputs({ host: this.host });
  }
}

/** How Istio and other Gateway API implementations learn a port's protocol. */
function appProtocol(protocol: Protocol): string {
  return { [Protocol.Http1]: "http", [Protocol.Http2]: "kubernetes.io/h2c", [Protocol.Grpc]: "grpc" }[protocol];
}

/** Everything that is wrong with the arguments, in their order. */
export function argumentProblems(args: AgenticServiceArgs): ArgumentProblem[] {
  const problems = contractProblems(args.contract);
  const within = (path: string, value: number | undefined, least: number, most: number) => {
    if (value !== undefined && !(Number.isInteger(value) && value >= least && value <= most)) {
      problems.push({ path, reason: `is ${value}, must be a whole number from ${least} to ${most}` });
    }
  };
  within("port", args.port, 1, 65535);
  within("rolloutSeconds", args.rolloutSeconds, 1, 3600);
  within("replicas.min", args.replicas?.min, 2, args.replicas?.max ?? 100);
  within("replicas.max", args.replicas?.max, 2, 10_000);
  within("autoscaling.cpuPercent", args.autoscaling?.cpuPercent, 1, 100);
  within("autoscaling.memoryPercent", args.autoscaling?.memoryPercent, 1, 100);
  within("breaker.consecutiveFailures", args.breaker?.consecutiveFailures, 1, 1000);
  within("breaker.ejectionSeconds", args.breaker?.ejectionSeconds, 1, 3600);
  return problems;
}
