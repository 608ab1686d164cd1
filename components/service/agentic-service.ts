import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { refuse } from "../arguments";
import type { StoreConnection } from "../data/connection";
import type { AdaptiveArgs } from "../mesh/adaptive";
import type { BreakerArgs } from "../mesh/breaker";
import { Bulkhead, priorityClassName, Protocol } from "../mesh/bulkheads";
import type { Caller, RequestFault } from "../mesh/routing";
import { ServiceTraffic } from "../mesh/service-traffic";
import {
  defaultAutoscaling,
  type Autoscaling,
  type ConsumerLag,
  horizontalPodAutoscalerSpec,
  type Replicas,
  ScaledObject,
  scaledObjectSpec,
} from "./autoscaling";
import { argumentProblems } from "./argument-problems";
import { disruptionBudgetSpec, rollingUpdate } from "./availability";
import { configurationDigest } from "./configuration-digest";
import { contractAnnotations, metricsPath, type ServiceContract } from "./contract";
import { calledBy } from "./contract-graph";
import { type DedicatedPlacement, Isolation, isolationLabel } from "./isolation";
import { networkPolicySpec } from "./network-policy";
import { podSpec, proxyAnnotations } from "./pod";
import { containerResources, Size } from "./size";
import type { TenantTier } from "../tenancy/tenant";
import { tierPriorityClassName } from "../tenancy/tiers";
import { storeAccess, storeAnnotations, storeEgress } from "./stores";

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
  /** Topics whose lag adds replicas, beside CPU and memory; KEDA must be there. Default none. */
  consumerLag?: ConsumerLag;
  /** Default small: 0.25 vCPU and 256 MiB a replica. */
  size?: Size;
  /** Environment variables. A change rolls the replicas, so that all run with what is written here. Default none. */
  configuration?: Record<string, string>;
  /** Class of the requests that it serves, and of its pods. Default standard: 10 in flight and 50 queued a calling proxy. */
  bulkhead?: Bulkhead;
  /** Tier whose tenants alone it serves: its pods count for that one's quota, see `TenantTiers`. Default: all tenants. */
  tier?: TenantTier;
  breaker?: BreakerArgs;
  adaptive?: AdaptiveArgs;
  /** Seconds after which a rollout that isn't complete has failed. Default 600, from 1 to 3600. */
  rolloutSeconds?: number;
  /** Services that may call it; nobody else can. Default none. */
  callers?: Caller[];
  /** Namespaces of the services that it calls and that are not in its own, by name. Default none. */
  dependencyNamespaces?: Record<string, string>;
  /** Whether its namespace is its own alone, which policies check by the label of its pods. Default shared. */
  isolation?: Isolation;
  /** Nodes that its pods are bound to. Default any. */
  placement?: DedicatedPlacement;
  /** Databases, caches and brokers that it connects to: its pods reach those and get what they need for it. Default none. */
  stores?: StoreConnection[];
  /** Faults for requests that ask for one by header. Default none. */
  faults?: RequestFault[];
  /** Secret with the credentials of a private image registry. */
  imagePullSecretName?: pulumi.Input<string>;
}

/**
 * A service that looks after itself: it publishes its contract, heals by probes, scales between bounds, survives drains
 * and the loss of a zone, and is called through a circuit breaker and a bulkhead, by those alone that its callers' contracts
 * name.
 */
export class AgenticService extends pulumi.ComponentResource {
  /** Fully qualified name in the cluster's DNS. */
  readonly host: pulumi.Output<string>;

  constructor(name: string, args: AgenticServiceArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:AgenticService", name, {}, options);
    refuse(`AgenticService "${name}"`, argumentProblems(args));

    const { contract, port = 8080, protocol = Protocol.Http1, rolloutSeconds = 600 } = args;
    const replicas = args.replicas ?? { min: 2, max: 100 };
    const autoscaling = args.autoscaling ?? defaultAutoscaling;
    const { bulkhead = Bulkhead.Standard, callers = [], configuration, stores = [], dependencyNamespaces = {} } = args;
    const { tier } = args;
    const dependencies = calledBy(contract);
    const externalHosts = [...new Set((contract.externalHosts ?? []).map(({ host }) => host))];
    const selector = { "app.kubernetes.io/name": contract.name };
    const metadata = {
      name: contract.name,
      namespace: args.namespace,
      labels: {
        ...selector,
        "app.kubernetes.io/version": contract.version,
        ...isolationLabels(args),
        ...(tier === undefined ? {} : { "omega-platform/tier": tier }),
      },
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

    const configMap =
      configuration === undefined
        ? undefined
        : new kubernetes.core.v1.ConfigMap(`${name}-configuration`, { metadata, data: configuration }, child);

    const deployment = new kubernetes.apps.v1.Deployment(
      `${name}-deployment`,
      {
        metadata: { ...metadata, annotations: contractAnnotations(contract) },
        // The autoscaler owns the number of replicas: one written here would fight it at every update.
        spec: {
          selector: { matchLabels: selector },
          progressDeadlineSeconds: rolloutSeconds,
          strategy: rollingUpdate,
          template: {
            metadata: {
              labels: metadata.labels,
              annotations: {
                "prometheus.io/scrape": "true",
                "prometheus.io/port": String(contract.health?.port ?? port),
                "prometheus.io/path": metricsPath(contract),
                ...proxyAnnotations,
                ...storeAnnotations(stores),
                // Another configuration is another template, and so a rollout.
                ...(configuration === undefined
                  ? {}
                  : { "omega-platform/configuration": configurationDigest(sorted(configuration)) }),
              },
            },
            spec: podSpec({
              contract,
              image: args.image,
              port,
              portName: protocol,
              resources: containerResources(args.size ?? Size.Small),
              priorityClassName:
                tier === undefined ? priorityClassName(bulkhead) : tierPriorityClassName(bulkhead, tier),
              ...(configMap === undefined ? {} : { configMapName: configMap.metadata.name }),
              serviceAccountName: serviceAccount.metadata.name,
              labels: selector,
              stores: storeAccess(stores),
              ...(args.placement === undefined ? {} : { placement: args.placement }),
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

    const scaling = { name: contract.name, replicas, autoscaling };
    if (args.consumerLag === undefined) {
      new kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
        `${name}-autoscaler`,
        { metadata, spec: horizontalPodAutoscalerSpec(scaling) },
        { ...child, dependsOn: [deployment] },
      );
    } else {
      new ScaledObject(
        `${name}-scaled-object`,
        { metadata, spec: scaledObjectSpec(scaling, args.consumerLag) },
        { ...child, dependsOn: [deployment] },
      );
    }

    new kubernetes.policy.v1.PodDisruptionBudget(
      `${name}-disruption-budget`,
      { metadata, spec: disruptionBudgetSpec(selector) },
      child,
    );

    new kubernetes.networking.v1.NetworkPolicy(
      `${name}-network-policy`,
      {
        metadata,
        spec: networkPolicySpec({
          matchLabels: selector,
          port,
          callers,
          dependencies,
          dependencyNamespaces,
          reachesOutside: externalHosts.length > 0,
          toStores: storeEgress(stores),
        }),
      },
      child,
    );

    const traffic = new ServiceTraffic(
      name,
      {
        ...{ namespace: args.namespace, service: contract.name, port, protocol, bulkhead },
        ...{ callers, dependencies, dependencyNamespaces, externalHosts, stores },
        ...{ breaker: args.breaker ?? {}, adaptive: args.adaptive ?? {}, faults: args.faults ?? [] },
      },
      child,
    );

    this.host = traffic.host;
    this.registerOutputs({ host: this.host });
  }
}

const isolationLabels = ({ isolation }: AgenticServiceArgs): Record<string, string> =>
  isolation === Isolation.Dedicated ? { [isolationLabel]: isolation } : {};

const sorted = (configuration: Record<string, string>): string =>
  JSON.stringify(Object.entries(configuration).sort(([left], [right]) => (left < right ? -1 : 1)));

/** How Istio and other Gateway API implementations learn a port's protocol. */
function appProtocol(protocol: Protocol): string {
  return { [Protocol.Http1]: "http", [Protocol.Http2]: "kubernetes.io/h2c", [Protocol.Grpc]: "grpc" }[protocol];
}
