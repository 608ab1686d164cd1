import * as kubernetes from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { AuthorizationPolicy } from "../mesh/istio";
import { fromMonitoring, inNamespace, toPlatform } from "../service/network-policy";
import { limiterName, limiterPorts, type RedisAddress, redisPort } from "./rate-limiter-pod";

/** A gateway whose requests are limited. */
export interface GatewayWorkload {
  /** Labels of its pods, which no other pods of the namespace have. */
  labels: Record<string, string>;
  /** Name of their ServiceAccount: nobody else may ask the limiter. */
  serviceAccount: pulumi.Input<string>;
}

interface LimiterAccessArgs {
  metadata: { name: string; namespace: pulumi.Input<string>; labels: Record<string, string> };
  /** Labels of the limiter's pods. */
  labels: Record<string, string>;
  gateway: GatewayWorkload;
  redis: RedisAddress;
}

const tcp = (port: number) => [{ port, protocol: "TCP" }];
const pods = (matchLabels: Record<string, string>) => [{ podSelector: { matchLabels } }];

function toStore({ podLabels, podNamespace }: RedisAddress): types.input.networking.v1.NetworkPolicyEgressRule {
  if (podLabels === undefined) return {};
  const namespace = podNamespace === undefined ? {} : inNamespace(podNamespace);
  return { to: [{ ...namespace, podSelector: { matchLabels: podLabels } }] };
}

/** The gateway alone may ask the limiter, by network and by identity, and the limiter reaches its store alone. */
export function limiterAccess(
  name: string,
  { metadata, labels, gateway, redis }: LimiterAccessArgs,
  options: pulumi.CustomResourceOptions,
): void {
  const { namespace } = metadata;
  const fromGateway = { ...metadata, name: `${limiterName}-from-gateway` };

  new kubernetes.networking.v1.NetworkPolicy(
    `${name}-network-policy`,
    {
      metadata,
      spec: {
        podSelector: { matchLabels: labels },
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ from: pods(gateway.labels), ports: tcp(limiterPorts.grpc) }, fromMonitoring],
        egress: [
          ...toPlatform,
          // Without pods to name, the store's address isn't known: any, at its port.
          { ...toStore(redis), ports: tcp(redisPort(redis)) },
        ],
      },
    },
    options,
  );

  // Beside the gateway's own policy, which says nothing of the limiter.
  new kubernetes.networking.v1.NetworkPolicy(
    `${name}-gateway-network-policy`,
    {
      metadata: fromGateway,
      spec: {
        podSelector: { matchLabels: gateway.labels },
        policyTypes: ["Egress"],
        egress: [{ to: pods(labels), ports: tcp(limiterPorts.grpc) }],
      },
    },
    options,
  );

  new AuthorizationPolicy(
    `${name}-from-gateway`,
    {
      metadata: fromGateway,
      spec: {
        selector: { matchLabels: labels },
        action: "ALLOW",
        rules: [
          {
            from: [
              {
                source: {
                  principals: [pulumi.interpolate`cluster.local/ns/${namespace}/sa/${gateway.serviceAccount}`],
                },
              },
            ],
            to: [{ operation: { ports: [String(limiterPorts.grpc)] } }],
          },
        ],
      },
    },
    options,
  );
}
