import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Bulkhead, priorityClassName } from "../mesh/bulkheads";
import { AuthorizationPolicy } from "../mesh/istio";
import { TcpBoundary } from "../mesh/tcp-boundary";
import { fromMonitoring, toPlatform } from "../service/network-policy";
import {
  drainFirst,
  gracePeriodSeconds,
  proxyAnnotations,
  restricted,
  restrictedPod,
  zoneSpread,
} from "../service/pod";
import { resourceRequirements } from "../service/size";
import { limiterName, type RedisAddress, redisConnections } from "./rate-limiter-pod";

export interface CounterStoreArgs {
  /** Name of the rate limiter's namespace. */
  namespace: pulumi.Input<string>;
  /** Image of Valkey, at 8 or later. */
  image?: pulumi.Input<string>;
}

const storeName = "counter-store";
const port = 6379;
/** Of what the counters may take; the rest of the pod's memory is for connections and fragments. */
const maxMemoryMebibytes = 192;
const memoryMebibytes = 256;

/**
 * Where the rate limiter counts, in memory alone: a counter lives a minute. It is one replica by nature, for two that know
 * nothing of each other would count everything half. While it is away the limiter can't answer, and the gateway goes on
 * within its own buckets; after that all counters begin at zero. A region with a replicated store has no need of it.
 */
export class CounterStore extends pulumi.ComponentResource {
  /** What `RateLimiter` takes; it then starts after the store, without which it can't. */
  readonly redis: RedisAddress;

  constructor(name: string, args: CounterStoreArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:CounterStore", name, {}, options);
    const { namespace } = args;
    const child = { parent: this };
    const selector = { "app.kubernetes.io/name": storeName };
    const metadata = { name: storeName, namespace, labels: selector };

    const account = new kubernetes.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata, automountServiceAccountToken: false },
      child,
    );

    const deployment = new kubernetes.apps.v1.Deployment(
      `${name}-deployment`,
      {
        metadata: { ...metadata, annotations: { "omega-policies/single-replica": "two would each count a part" } },
        spec: {
          replicas: 1,
          selector: { matchLabels: selector },
          // The next one is there before this one goes.
          strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
          template: {
            metadata: { labels: selector, annotations: proxyAnnotations },
            spec: podSpec(args.image ?? "docker.io/valkey/valkey:9.0.1-alpine3.23", account.metadata.name, selector),
          },
        },
      },
      child,
    );

    const service = new kubernetes.core.v1.Service(
      `${name}-service`,
      {
        metadata,
        spec: { selector, ports: [{ name: "tcp-redis", port, targetPort: "tcp-redis", appProtocol: "tcp" }] },
      },
      { ...child, dependsOn: [deployment] },
    );

    new kubernetes.policy.v1.PodDisruptionBudget(
      `${name}-disruption-budget`,
      {
        metadata,
        spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow", selector: { matchLabels: selector } },
      },
      child,
    );

    new kubernetes.networking.v1.NetworkPolicy(
      `${name}-network-policy`,
      {
        metadata,
        spec: {
          podSelector: { matchLabels: selector },
          policyTypes: ["Ingress", "Egress"],
          ingress: [
            {
              from: [{ podSelector: { matchLabels: { "app.kubernetes.io/name": limiterName } } }],
              ports: [{ port, protocol: "TCP" }],
            },
            fromMonitoring,
          ],
          egress: toPlatform,
        },
      },
      child,
    );

    new AuthorizationPolicy(
      `${name}-from-limiter`,
      {
        metadata: { ...metadata, name: `${storeName}-from-${limiterName}` },
        spec: {
          selector: { matchLabels: selector },
          action: "ALLOW",
          rules: [
            {
              from: [{ source: { principals: [pulumi.interpolate`cluster.local/ns/${namespace}/sa/${limiterName}`] } }],
              to: [{ operation: { ports: [String(port)] } }],
            },
          ],
        },
      },
      child,
    );

    const host = pulumi.interpolate`${service.metadata.name}.${namespace}.svc.cluster.local`;
    // Twice the limiter's, for the time in which it renews them.
    new TcpBoundary(storeName, { namespace, host, connectionsPerProxy: 2 * redisConnections }, child);

    this.redis = { host, port, podLabels: selector };
    this.registerOutputs({ redis: this.redis });
  }
}

function podSpec(
  image: pulumi.Input<string>,
  serviceAccountName: pulumi.Input<string>,
  labels: Record<string, string>,
): kubernetes.types.input.core.v1.PodSpec {
  const answers = { exec: { command: ["valkey-cli", "-p", String(port), "ping"] } };
  const timing = (failureThreshold: number) => ({ periodSeconds: 5, timeoutSeconds: 2, failureThreshold });
  return {
    serviceAccountName,
    automountServiceAccountToken: false,
    priorityClassName: priorityClassName(Bulkhead.Critical),
    terminationGracePeriodSeconds: gracePeriodSeconds,
    securityContext: restrictedPod,
    topologySpreadConstraints: zoneSpread(labels),
    containers: [
      {
        name: storeName,
        image,
        command: ["valkey-server"],
        args: storeSettings,
        ports: [{ name: "tcp-redis", containerPort: port }],
        resources: resourceRequirements({ cpu: "100m", memory: `${memoryMebibytes}Mi` }),
        securityContext: restricted,
        lifecycle: drainFirst,
        startupProbe: { ...answers, ...timing(30) },
        readinessProbe: { ...answers, ...timing(3) },
        livenessProbe: { tcpSocket: { port: "tcp-redis" }, ...timing(6) },
      },
    ],
  };
}

/** Who may connect is up to the mesh. When memory is full, the counters that end next go first. */
const storeSettings = Object.entries({
  port: String(port),
  "protected-mode": "no",
  save: "",
  appendonly: "no",
  maxmemory: `${maxMemoryMebibytes}mb`,
  "maxmemory-policy": "volatile-ttl",
}).flatMap(([setting, value]) => [`--${setting}`, value]);
