import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { fromMonitoring, toPlatform } from "../service/network-policy";
import { gatewayPodLabels, statusPort, tlsPort } from "./proxy";

export interface GatewayNetworkPolicyArgs {
  name: string;
  /** CIDRs of the edge. */
  sources: string[];
  /** CIDRs of what asks whether pods are ready. */
  healthCheckSources: string[];
  routesNamespace: pulumi.Input<string>;
  /** Names of the services that its routes lead to. */
  services: string[];
}

/** Who may reach the gateway's pods, and what they may reach: the edge and the routes' services, the mesh, monitoring. */
export function gatewayNetworkPolicySpec(args: GatewayNetworkPolicyArgs): types.input.networking.v1.NetworkPolicySpec {
  const { name, sources, healthCheckSources, routesNamespace, services } = args;
  const from = (cidrs: string[], port: number) => ({
    from: cidrs.map((cidr) => ({ ipBlock: { cidr } })),
    ports: [{ port, protocol: "TCP" }],
  });
  return {
    podSelector: { matchLabels: gatewayPodLabels(name) },
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      from(sources, tlsPort),
      // An empty list would be everybody.
      ...(healthCheckSources.length > 0 ? [from(healthCheckSources, statusPort)] : []),
      fromMonitoring,
    ],
    egress: [
      ...toPlatform,
      // And here everything.
      ...(services.length > 0
        ? [
            {
              to: [
                {
                  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": routesNamespace } },
                  podSelector: {
                    matchExpressions: [{ key: "app.kubernetes.io/name", operator: "In", values: services }],
                  },
                },
              ],
            },
          ]
        : []),
    ],
  };
}
