import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { PodMonitorArgs } from "../../observability/prometheus-operator";
import { databasesOf } from "../tenancy";
import type { EngineArgs } from "../engines/engine";
import { safeName, shardsOf } from "./cluster-spec";
import { replicasPerShard } from "./topology";

/** The account of Vitess' images and of the operator's pods. */
export const vitessUserId = 999;

type Component = "vtgate" | "vtctld" | "etcd" | "vttablet" | "vtorc";

/** By which the operator labels the pods of a cluster. */
export const componentLabels = (cluster: string, component: Component): Record<string, string> => ({
  "planetscale.com/cluster": cluster,
  "planetscale.com/component": component,
});

const gatewayService = "database";
const controlService = "database-control";
const topologyService = "database-topology";

const host = (service: string, namespace: string) => `${service}.${namespace}.svc.cluster.local`;
export const gatewayHost = (namespace: string): string => host(gatewayService, namespace);
export const controlHost = (namespace: string): string => host(controlService, namespace);
export const topologyHost = (namespace: string): string => host(topologyService, namespace);

/** Names that last, which the operator's own don't. */
export function serviceSpecs(cluster: string): { service: string; spec: types.input.core.v1.ServiceSpec }[] {
  const toPort = (component: Component, name: string, port: number): types.input.core.v1.ServiceSpec => ({
    selector: componentLabels(cluster, component),
    ports: [{ name, port, targetPort: port, appProtocol: "tcp" }],
  });
  return [
    // The gateways of a client's own zone ask that zone's replicas first.
    { service: gatewayService, spec: { ...toPort("vtgate", "tcp-mysql", 3306), trafficDistribution: "PreferClose" } },
    // Jobs find any of these pods by its name.
    { service: controlService, spec: { ...toPort("vtctld", "tcp-grpc", 15_999), clusterIP: "None" } },
    { service: topologyService, spec: { ...toPort("etcd", "tcp-client", 2379), clusterIP: "None" } },
  ];
}

/** The operator has one for etcd alone. Its tablets are pods without a workload, for which only a number of them counts. */
export function disruptionBudgets(
  cluster: string,
  { keyspaces, tenants }: Pick<EngineArgs, "keyspaces" | "tenants">,
): { suffix: string; spec: types.input.policy.v1.PodDisruptionBudgetSpec }[] {
  const policy = { unhealthyPodEvictionPolicy: "AlwaysAllow" };
  const gateways = {
    suffix: "gateway-disruption-budget",
    spec: { ...policy, maxUnavailable: 1, selector: { matchLabels: componentLabels(cluster, "vtgate") } },
  };
  const shards = keyspaces.flatMap((keyspace) =>
    databasesOf(keyspace, tenants).flatMap((database) =>
      shardsOf(keyspace).map((shard) => ({
        suffix: `${database.replaceAll("_", "-")}-${safeName(shard)}`,
        spec: {
          ...policy,
          minAvailable: replicasPerShard - 1,
          selector: {
            matchLabels: {
              ...componentLabels(cluster, "vttablet"),
              "planetscale.com/keyspace": database,
              "planetscale.com/shard": safeName(shard),
              "planetscale.com/tablet-type": "replica",
            },
          },
        },
      })),
    ),
  );
  return [gateways, ...shards];
}

/** Services come in at the gateways and nowhere else. */
export function gatewayPolicySpec(
  cluster: string,
  clientsNamespace: pulumi.Input<string>,
  services: string[],
): types.input.networking.v1.NetworkPolicySpec {
  return {
    podSelector: { matchLabels: componentLabels(cluster, "vtgate") },
    policyTypes: ["Ingress"],
    // An empty `from` would be everybody.
    ingress:
      services.length === 0
        ? []
        : [
            {
              from: [
                {
                  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": clientsNamespace } },
                  podSelector: {
                    matchExpressions: [{ key: "app.kubernetes.io/name", operator: "In", values: services }],
                  },
                },
              ],
              ports: [{ port: 3306, protocol: "TCP" }],
            },
          ],
  };
}

/** The `job` of all series; the alerts name it. */
export const databaseJob = "database";

export const monitorSpec = (cluster: string): PodMonitorArgs["spec"] => ({
  selector: {
    matchLabels: { "planetscale.com/cluster": cluster },
    matchExpressions: [
      { key: "planetscale.com/component", operator: "In", values: ["vtgate", "vttablet", "vtorc", "vtctld"] },
    ],
  },
  sampleLimit: 50_000,
  podMetricsEndpoints: [
    {
      port: "web",
      path: "/metrics",
      interval: "15s",
      relabelings: [{ targetLabel: "job", replacement: databaseJob }],
    },
  ],
});
