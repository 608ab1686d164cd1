import type { types } from "@pulumi/kubernetes";

export interface NetworkPolicyArgs {
  matchLabels: Record<string, string>;
  port: number;
  /** Names of the services, in the same namespace, that may call this one. */
  callers: string[];
  /** Names of the services, in the same namespace, that this one calls. */
  dependencies: string[];
}

const inNamespace = (name: string) => ({ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } });

/** Who may reach the pods and what they may reach: callers and dependencies of the contract, DNS and the mesh. */
export function networkPolicySpec(args: NetworkPolicyArgs): types.input.networking.v1.NetworkPolicySpec {
  const ingress = { from: [podsOf(args.callers)], ports: [{ port: args.port, protocol: "TCP" }] };
  return {
    podSelector: { matchLabels: args.matchLabels },
    policyTypes: ["Ingress", "Egress"],
    // An empty `from` would allow everyone, so no rule at all where nobody calls.
    ingress: args.callers.length > 0 ? [ingress] : [],
    egress: [
      {
        to: [inNamespace("kube-system")],
        ports: [
          { port: 53, protocol: "UDP" },
          { port: 53, protocol: "TCP" },
        ],
      },
      { to: [inNamespace("istio-system")], ports: [{ port: 15012, protocol: "TCP" }] },
      ...(args.dependencies.length > 0 ? [{ to: [podsOf(args.dependencies)] }] : []),
    ],
  };
}

function podsOf(services: string[]): types.input.networking.v1.NetworkPolicyPeer {
  return {
    podSelector: { matchExpressions: [{ key: "app.kubernetes.io/name", operator: "In", values: services }] },
  };
}
