import type { types } from "@pulumi/kubernetes";
import type { Caller } from "../mesh/routing";

export interface NetworkPolicyArgs {
  matchLabels: Record<string, string>;
  port: number;
  /** Services that may call this one. */
  callers: Caller[];
  /** Names of the services that this one calls. */
  dependencies: string[];
  /** Namespaces of those that are not in its own, by name. Default none. */
  dependencyNamespaces?: Readonly<Record<string, string>>;
  /** Whether it calls hosts outside the cluster; which ones, only the mesh can tell. */
  reachesOutside: boolean;
  /** What its databases, caches and brokers add. */
  toStores: types.input.networking.v1.NetworkPolicyEgressRule[];
}

type Peer = types.input.networking.v1.NetworkPolicyPeer;

export const inNamespace = (name: string) => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
});
const nameLabel = "app.kubernetes.io/name";
const tcp = (port: number) => ({ port, protocol: "TCP" });

/** Who may reach the pods and what they may reach: callers and dependencies of the contract, DNS, the mesh, monitoring. */
export function networkPolicySpec(args: NetworkPolicyArgs): types.input.networking.v1.NetworkPolicySpec {
  const callers = args.callers.map(podsOfCaller);
  return {
    podSelector: { matchLabels: args.matchLabels },
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      // An empty `from` would allow everyone, so no rule at all where nobody calls.
      ...(callers.length > 0 ? [{ from: callers, ports: [tcp(args.port)] }] : []),
      fromMonitoring,
    ],
    egress: [
      ...toPlatform,
      ...(args.dependencies.length > 0 ? [{ to: dependencyPeers(args) }] : []),
      ...args.toStores,
      ...(args.reachesOutside ? [{ to: [outside], ports: [tcp(443)] }] : []),
    ],
  };
}

/** Where a proxy serves its own metrics and the service's together, without mutual TLS. */
const mergedMetricsPort = 15020;
/** Where the collector takes traces and logs by OTLP. */
const telemetryPort = 4317;

/** What reads the metrics of a pod in the mesh. */
export const fromMonitoring = { from: [inNamespace("monitoring")], ports: [tcp(mergedMetricsPort)] };

/** To any address: a cluster's DNS may be no pod, but a service of the node, as on EKS Auto Mode. */
/** Of the node: it gives a pod its role's credentials. https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html */
export const podIdentityAgent = "169.254.170.23/32";

export const toPodIdentityAgent = { to: [{ ipBlock: { cidr: podIdentityAgent } }], ports: [tcp(80)] };

export const toDns = { ports: [{ port: 53, protocol: "UDP" }, tcp(53)] };

/** What a pod in the mesh always needs: names, its proxy's configuration and certificates, and where it reports to. */
export const toPlatform = [
  toDns,
  { to: [inNamespace("istio-system")], ports: [tcp(15012)] },
  { to: [inNamespace("monitoring")], ports: [tcp(telemetryPort)] },
];

/** Not the cluster itself, nor the machine's metadata: those are in the private and link-local ranges. */
const outside: Peer = {
  ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"] },
};

function podsOfCaller({ service, namespace }: Caller): Peer {
  const pods = { podSelector: { matchLabels: { [nameLabel]: service } } };
  return namespace === undefined ? pods : { ...inNamespace(namespace), ...pods };
}

/** One for each namespace. */
function dependencyPeers({ dependencies, dependencyNamespaces = {} }: NetworkPolicyArgs): Peer[] {
  const own = dependencies.filter((service) => dependencyNamespaces[service] === undefined);
  const others = [...new Set(dependencies.flatMap((service) => dependencyNamespaces[service] ?? []))];
  return [
    ...(own.length > 0 ? [podsOf(own)] : []),
    ...others.map((namespace) => ({
      ...inNamespace(namespace),
      ...podsOf(dependencies.filter((service) => dependencyNamespaces[service] === namespace)),
    })),
  ];
}

function podsOf(services: string[]): Peer {
  return { podSelector: { matchExpressions: [{ key: nameLabel, operator: "In", values: services }] } };
}
