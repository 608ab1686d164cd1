import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, refuse } from "../arguments";
import { type BreakerArgs, outlierDetection } from "./breaker";
import { tcpConnectionPool } from "./bulkheads";
import { DestinationRule, LoadBalancing } from "./istio";

export interface TcpBoundaryArgs {
  /** Name of the namespace of the database, cache or broker, or of the clients. */
  namespace: pulumi.Input<string>;
  /** Fully qualified host, e.g. `orders-vtgate.data.svc.cluster.local`. */
  host: pulumi.Input<string>;
  /**
   * Connections from one client proxy, at least 1. There is no queue: one more is refused at once, so it is the size of
   * the clients' own pool and some room for its renewal.
   */
  connectionsPerProxy: number;
  /** Labels of the client pods, in that namespace, that it is for. Default all clients, wherever they are. */
  clients?: Record<string, string>;
  breaker?: BreakerArgs;
}

/**
 * The boundary before a database, a cache or Kafka. The proxy sees connections, not queries: it bounds them, and leaves an
 * endpoint out that refuses or resets five in a row.
 */
export class TcpBoundary extends pulumi.ComponentResource {
  constructor(name: string, args: TcpBoundaryArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:TcpBoundary", name, {}, options);
    refuse(`TcpBoundary "${name}"`, boundaryProblems(args));
    new DestinationRule(
      `${name}-destination-rule`,
      {
        metadata: { name, namespace: args.namespace },
        spec: {
          host: args.host,
          ...(args.clients === undefined ? {} : { workloadSelector: { matchLabels: args.clients } }),
          trafficPolicy: {
            connectionPool: tcpConnectionPool(args.connectionsPerProxy),
            outlierDetection: outlierDetection(args.breaker ?? {}),
            loadBalancer: { simple: LoadBalancing.LeastRequest },
          },
        },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

function boundaryProblems({ connectionsPerProxy }: TcpBoundaryArgs): ArgumentProblem[] {
  if (Number.isInteger(connectionsPerProxy) && connectionsPerProxy >= 1) return [];
  return [{ path: "connectionsPerProxy", reason: `is ${connectionsPerProxy}, must be a whole number of at least 1` }];
}
