import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, refuse, wholeNumberProblems } from "../arguments";
import type { BreakerArgs } from "../mesh/breaker";
import { Bulkhead, connectionPool, inboundLimits, Protocol } from "../mesh/bulkheads";
import { DestinationRule, EnvoyFilter, Sidecar } from "../mesh/istio";
import { trafficPolicy } from "../mesh/routing";
import { configurationDigest } from "../service/configuration-digest";
import { defaultAutoscaling, horizontalPodAutoscalerSpec, type Replicas } from "../service/autoscaling";
import { disruptionBudgetSpec, rollingUpdate } from "../service/availability";
import { proxyAnnotations } from "../service/pod";
import { rateLimitPatches } from "./rate-limit-filters";
import { type GatewayWorkload, limiterAccess } from "./rate-limiter-access";
import {
  defaultLimiterImage,
  limiterConfigurationFile,
  limiterName,
  limiterPodSpec,
  limiterPorts,
  type RedisAddress,
} from "./rate-limiter-pod";
import { defaultBackstop, limiterConfiguration, rateLimitProblems, tierLimits } from "./rate-limits";

export interface RateLimiterArgs {
  /** Name of the gateway's namespace, which has joined the mesh; it has one limiter. */
  namespace: pulumi.Input<string>;
  gateway: GatewayWorkload;
  /** Where the counters are, for a minute each. */
  redis: RedisAddress;
  /**
   * Requests a minute of each tenant, by the tenant's tier: instead of the defaults free 60, pro 600 and enterprise 6000,
   * or beside them. From 1 to 10 million.
   */
  requestsPerMinute?: Record<string, number>;
  /**
   * Requests a second that one gateway instance lets through in all. Default: ten tenants of the highest tier at their full
   * rate, 1000 with the default tiers. From 1 to 10 million.
   */
  backstopRequestsPerSecond?: number;
  /** Image of envoyproxy/ratelimit. */
  image?: pulumi.Input<string>;
  /** Default from 2 to 10. */
  replicas?: Replicas;
  breaker?: BreakerArgs;
}

/**
 * Limits of the tenants by tier, at a region's gateway: its instances share each tenant's count, and answer 429 past it. A
 * tenant whose tier is unknown or missing gets the lowest limit. The edge is the authority over all regions; this holds for
 * one region, also for what came past the edge.
 *
 * Each instance has buckets of its own behind that. Without the limiter or its store no request fails: a tenant then gets up
 * to two minutes' requests at once and its rate after that, from each instance. Requests without a tenant, as those of public
 * routes, are bounded by the instance's bucket alone; so are then those of a tenant whose tier is unknown.
 */
export class RateLimiter extends pulumi.ComponentResource {
  /** Fully qualified name in the cluster's DNS. */
  readonly host: pulumi.Output<string>;

  constructor(name: string, args: RateLimiterArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:RateLimiter", name, {}, options);
    refuse(`RateLimiter "${name}"`, argumentProblems(args));

    const { namespace, gateway, redis } = args;
    const limits = tierLimits(args.requestsPerMinute);
    const replicas = args.replicas ?? { min: 2, max: 10 };
    const child = { parent: this };
    const selector = { "app.kubernetes.io/name": limiterName };
    const metadata = { name: limiterName, namespace, labels: selector };
    const host = pulumi.interpolate`${limiterName}.${namespace}.svc.cluster.local`;

    const account = new kubernetes.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata, automountServiceAccountToken: false },
      child,
    );
    const configuration = limiterConfiguration(limits);
    const configMap = new kubernetes.core.v1.ConfigMap(
      `${name}-configuration`,
      { metadata, data: { [limiterConfigurationFile]: configuration } },
      child,
    );

    const deployment = new kubernetes.apps.v1.Deployment(
      `${name}-deployment`,
      {
        metadata,
        spec: {
          selector: { matchLabels: selector },
          strategy: rollingUpdate,
          template: {
            metadata: {
              labels: selector,
              annotations: {
                "prometheus.io/scrape": "true",
                "prometheus.io/port": String(limiterPorts.metrics),
                "prometheus.io/path": "/metrics",
                ...proxyAnnotations,
                "omega-platform/configuration": configurationDigest(configuration),
              },
            },
            spec: limiterPodSpec({
              image: args.image ?? defaultLimiterImage,
              redis,
              configMapName: configMap.metadata.name,
              serviceAccountName: account.metadata.name,
              labels: selector,
            }),
          },
        },
      },
      child,
    );

    new kubernetes.core.v1.Service(
      `${name}-service`,
      {
        metadata,
        spec: {
          selector,
          ports: [{ name: "grpc", port: limiterPorts.grpc, targetPort: "grpc", appProtocol: "grpc" }],
        },
      },
      { ...child, dependsOn: [deployment] },
    );

    new kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
      `${name}-autoscaler`,
      {
        metadata,
        spec: horizontalPodAutoscalerSpec({
          name: limiterName,
          replicas,
          autoscaling: defaultAutoscaling,
        }),
      },
      { ...child, dependsOn: [deployment] },
    );

    new kubernetes.policy.v1.PodDisruptionBudget(
      `${name}-disruption-budget`,
      { metadata, spec: disruptionBudgetSpec(selector) },
      child,
    );

    limiterAccess(name, { metadata, labels: selector, gateway, redis }, child);

    // A replica without its store answers with errors, so the breaker leaves it out, and requests pass without waiting.
    new DestinationRule(
      `${name}-destination-rule`,
      {
        metadata,
        spec: { host, trafficPolicy: trafficPolicy(Protocol.Grpc, Bulkhead.Critical, args.breaker ?? {}) },
      },
      child,
    );

    new Sidecar(
      `${name}-sidecar`,
      {
        metadata,
        spec: {
          workloadSelector: { labels: selector },
          egress: [{ hosts: [pulumi.interpolate`*/${redis.host}`, "istio-system/*", "monitoring/*"] }],
          outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
          inboundConnectionPool: connectionPool(Protocol.Grpc, inboundLimits([Bulkhead.Critical])),
        },
      },
      child,
    );

    new EnvoyFilter(
      `${name}-limits`,
      {
        metadata: { ...metadata, name: `${limiterName}-limits` },
        spec: {
          // After those of the gateway's requests and before those that hold bodies.
          priority: 50,
          workloadSelector: { labels: gateway.labels },
          configPatches: rateLimitPatches({
            limits,
            backstopRequestsPerSecond: args.backstopRequestsPerSecond ?? defaultBackstop(limits),
            host,
            cluster: pulumi.interpolate`outbound|${limiterPorts.grpc}||${host}`,
          }),
        },
      },
      child,
    );

    this.host = host;
    this.registerOutputs({ host });
  }
}

/** Everything that is wrong with the arguments, in their order. */
function argumentProblems(args: RateLimiterArgs): ArgumentProblem[] {
  const problems = rateLimitProblems(args.requestsPerMinute, args.backstopRequestsPerSecond);
  const within = (path: string, value: number | undefined, least: number, most: number) => {
    problems.push(...wholeNumberProblems(path, value, least, most));
  };
  // A filter for no labels at all would be one for every proxy of the namespace.
  if (Object.keys(args.gateway.labels).length === 0) {
    problems.push({ path: "gateway.labels", reason: "must name one label at least" });
  }
  within("redis.port", args.redis.port, 1, 65_535);
  within("replicas.min", args.replicas?.min, 2, args.replicas?.max ?? 10);
  within("replicas.max", args.replicas?.max, 2, 100);
  within("breaker.consecutiveFailures", args.breaker?.consecutiveFailures, 1, 1000);
  within("breaker.ejectionSeconds", args.breaker?.ejectionSeconds, 1, 3600);
  return problems;
}
