import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { defaultAutoscaling, horizontalPodAutoscalerSpec } from "../service/autoscaling";
import { disruptionBudgetSpec, rollingUpdate } from "../service/availability";
import { Size } from "../service/size";
import type { GatewayArgs } from "./gateway";
import { gatewayNetworkPolicySpec } from "./network-policy";
import { gatewayPodLabels, gatewayPodSpec, proxyConfiguration, tlsPort } from "./proxy";

/**
 * The gateway's pods and what keeps them: an account, an autoscaler, a disruption budget, a network policy, and the Service
 * that is the load balancer. Ours instead of Istio's, so that its address is an output.
 *
 * @returns the Service
 */
export function makeWorkload(
  name: string,
  args: GatewayArgs & { gatewayName: string },
  child: { parent: pulumi.Resource },
): kubernetes.core.v1.Service {
  const { gatewayName, namespace, routes, limits = {}, trustedProxies = 1 } = args;
  const labels = gatewayPodLabels(gatewayName);
  const metadata = { name: gatewayName, namespace, labels: { "app.kubernetes.io/name": gatewayName } };

  const account = new kubernetes.core.v1.ServiceAccount(
    `${name}-account`,
    { metadata, automountServiceAccountToken: false },
    child,
  );

  const deployment = new kubernetes.apps.v1.Deployment(
    `${name}-deployment`,
    {
      metadata,
      // The autoscaler owns the number of replicas: one written here would fight it at every update.
      spec: {
        selector: { matchLabels: labels },
        strategy: rollingUpdate,
        template: {
          metadata: {
            labels: { ...labels, "sidecar.istio.io/inject": "true" },
            annotations: {
              "inject.istio.io/templates": "gateway",
              "proxy.istio.io/config": JSON.stringify(proxyConfiguration({ routes, limits, trustedProxies })),
            },
          },
          spec: gatewayPodSpec({
            name: gatewayName,
            serviceAccountName: account.metadata.name,
            size: args.size ?? Size.Medium,
          }),
        },
      },
    },
    child,
  );

  new kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
    `${name}-autoscaler`,
    {
      metadata,
      spec: horizontalPodAutoscalerSpec({
        name: gatewayName,
        replicas: args.replicas ?? { min: 2, max: 20 },
        autoscaling: args.autoscaling ?? defaultAutoscaling,
      }),
    },
    { ...child, dependsOn: [deployment] },
  );

  new kubernetes.policy.v1.PodDisruptionBudget(
    `${name}-disruption-budget`,
    { metadata, spec: disruptionBudgetSpec(labels) },
    child,
  );

  new kubernetes.networking.v1.NetworkPolicy(
    `${name}-network-policy`,
    {
      metadata,
      spec: gatewayNetworkPolicySpec({
        name: gatewayName,
        sources: args.sources,
        healthCheckSources: args.loadBalancer?.healthCheckSources ?? [],
        routesNamespace: args.routesNamespace,
        services: [...new Set(routes.flatMap(({ backends }) => backends.map(({ service }) => service)))],
      }),
    },
    child,
  );

  const { annotations, className } = args.loadBalancer ?? {};
  return new kubernetes.core.v1.Service(
    `${name}-service`,
    {
      metadata: { ...metadata, ...(annotations === undefined ? {} : { annotations }) },
      spec: {
        type: "LoadBalancer",
        selector: labels,
        ports: [{ name: "https", port: 443, targetPort: tlsPort, appProtocol: "https" }],
        loadBalancerSourceRanges: args.sources,
        ...(className === undefined ? {} : { loadBalancerClass: className }),
        // Sent on by another node, a request would come from that node's address, which the network policy refuses.
        externalTrafficPolicy: "Local",
      },
    },
    { ...child, dependsOn: [deployment] },
  );
}
