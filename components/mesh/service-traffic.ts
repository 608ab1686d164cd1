import * as pulumi from "@pulumi/pulumi";
import { type AdaptiveArgs, adaptivePatches } from "./adaptive";
import type { StoreConnection } from "../data/connection";
import { storeHost } from "../service/stores";
import type { BreakerArgs } from "./breaker";
import { type Bulkhead, connectionPool, inboundLimits, type Protocol } from "./bulkheads";
import { AuthorizationPolicy, DestinationRule, EnvoyFilter, Sidecar, VirtualService } from "./istio";
import {
  bulkheadSubsets,
  type Caller,
  httpRoutes,
  reachingBulkheads,
  type RequestFault,
  trafficPolicy,
} from "./routing";
import { TcpBoundary } from "./tcp-boundary";

export interface ServiceTrafficArgs {
  /** Name of a namespace that has joined the mesh. */
  namespace: pulumi.Input<string>;
  /** Name of the Service, its pods' `app.kubernetes.io/name` and their ServiceAccount. */
  service: string;
  /** TCP port of the Service. */
  port: number;
  protocol: Protocol;
  /** Class of the requests that it serves. */
  bulkhead: Bulkhead;
  /** Who may call it; nobody else can. */
  callers: Caller[];
  /** Names of the services that it calls: its proxies know no others. */
  dependencies: string[];
  /** Namespaces of those that are not in its own, by name. Default none. */
  dependencyNamespaces?: Readonly<Record<string, string>>;
  /** Hosts outside the mesh that it calls, each an `ExternalHost` of its namespace. */
  externalHosts: string[];
  /** Databases, caches and brokers that it connects to. Default none. */
  stores?: StoreConnection[];
  breaker?: BreakerArgs;
  adaptive?: AdaptiveArgs;
  /** Faults for requests that ask for one by header. Default none. */
  faults?: RequestFault[];
}

/**
 * What surrounds one service in the mesh: who may call it and how much (each caller's pool by class, its timeout and its
 * retries), when an endpoint is left out, what it may call itself, and how much one of its replicas accepts.
 */
export class ServiceTraffic extends pulumi.ComponentResource {
  /** Fully qualified name in the cluster's DNS. */
  readonly host: pulumi.Output<string>;

  constructor(name: string, args: ServiceTrafficArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:ServiceTraffic", name, {}, options);
    const { service, namespace, protocol, bulkhead, callers } = args;
    const child = { parent: this };
    const selector = { "app.kubernetes.io/name": service };
    const metadata = (suffix?: string) => ({
      name: suffix === undefined ? service : `${service}-${suffix}`,
      namespace,
      labels: selector,
    });
    const host = pulumi.interpolate`${service}.${namespace}.svc.cluster.local`;
    const reaching = reachingBulkheads(callers, bulkhead);
    const called = (dependency: string) => {
      const other = args.dependencyNamespaces?.[dependency];
      return pulumi.interpolate`${other ?? "."}/${dependency}.${other ?? namespace}.svc.cluster.local`;
    };
    const endpoints = (args.stores ?? []).flatMap((store) => store.endpoints);

    for (const caller of callers) {
      new AuthorizationPolicy(
        `${name}-from-${caller.service}`,
        {
          metadata: metadata(`from-${caller.service}`),
          spec: {
            selector: { matchLabels: selector },
            action: "ALLOW",
            rules: [
              {
                from: [{ source: { principals: [principal(caller, namespace)] } }],
                to: [{ operation: { ports: [String(args.port)] } }],
              },
            ],
          },
        },
        child,
      );
    }

    new DestinationRule(
      `${name}-destination-rule`,
      {
        metadata: metadata(),
        spec: {
          host,
          trafficPolicy: trafficPolicy(protocol, bulkhead, args.breaker ?? {}),
          subsets: bulkheadSubsets(protocol, reaching),
        },
      },
      // It was a child of the service's own component once: an update must not take the breaker away.
      { parent: this, aliases: options?.parent === undefined ? [] : [{ parent: options.parent }] },
    );

    new VirtualService(
      `${name}-virtual-service`,
      {
        metadata: metadata(),
        spec: {
          hosts: [host],
          gateways: ["mesh"],
          http: httpRoutes({ host, callers, bulkhead, faults: args.faults ?? [] }),
        },
      },
      child,
    );

    new Sidecar(
      `${name}-sidecar`,
      {
        metadata: metadata(),
        spec: {
          workloadSelector: { labels: selector },
          egress: [
            {
              hosts: [
                ...args.dependencies.map(called),
                ...args.externalHosts.map((external) => `./${external}`),
                ...endpoints.map(storeHost),
                // Where proxies report to.
                ...platformNamespaces.map((platform) => `${platform}/*`),
              ],
            },
          ],
          outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
          inboundConnectionPool: connectionPool(protocol, inboundLimits(reaching)),
        },
      },
      child,
    );

    for (const store of args.stores ?? []) {
      store.endpoints.forEach(({ host: storeHostName }, index) => {
        new TcpBoundary(
          `${service}-${store.name}-${index}`,
          {
            ...{ namespace, host: storeHostName, clients: selector },
            connectionsPerProxy: store.connectionsPerReplica,
            ...(args.breaker === undefined ? {} : { breaker: args.breaker }),
          },
          child,
        );
      });
    }

    const patches = adaptivePatches(args.adaptive ?? {});
    if (patches.length > 0) {
      new EnvoyFilter(
        `${name}-adaptive`,
        {
          metadata: metadata("adaptive"),
          spec: { workloadSelector: { labels: selector }, configPatches: patches, priority: 10 },
        },
        child,
      );
    }

    this.host = host;
    this.registerOutputs({ host });
  }
}

const platformNamespaces = ["istio-system", "monitoring"];

/** Identity of a workload: what its certificate says, whatever address it calls from. */
function principal({ service, namespace: own }: Caller, namespace: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.interpolate`cluster.local/ns/${own ?? namespace}/sa/${service}`;
}
