import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { SecretKey } from "../secret-key";
import { Bulkhead, Protocol } from "../mesh/bulkheads";
import { DestinationRule } from "../mesh/istio";
import { trafficPolicy } from "../mesh/routing";
import { configurationDigest } from "../service/configuration-digest";
import { disruptionBudgetSpec, rollingUpdate } from "../service/availability";
import { toDns } from "../service/network-policy";
import { authorizationVariable, collectorConfiguration, collectorHost, otlpPort } from "./collector-configuration";
import { collectorPodSpec, configurationFile, defaultCollectorImage } from "./collector-pod";
import { collectorMetricsPort, jobs } from "./scraping";

/** Where traces and logs are kept; it speaks OTLP over gRPC with TLS. */
export interface TelemetryBackend {
  /** Name in DNS. */
  host: pulumi.Input<string>;
  /** Default 4317. */
  port?: number;
  /** Secret with the value of the `authorization` header, in the collector's namespace. Default: none is sent. */
  authorization?: SecretKey;
}

export interface TelemetryCollectorArgs {
  /** Name of a namespace that is there, outside the mesh. */
  namespace: string;
  backend: TelemetryBackend;
  /** Image of the OpenTelemetry Collector, at 0.154 or later. Default: its distribution for Kubernetes. */
  image?: pulumi.Input<string>;
}

/**
 * The region's way out for traces and logs: proxies, services and log agents send here, and this alone knows the backend
 * and its credentials. Between two and ten replicas, each a quarter of a core. What is on its way inside the cluster is
 * not encrypted; NetworkPolicies say who may send.
 */
export class TelemetryCollector extends pulumi.ComponentResource {
  /** `host:port` that takes OTLP over gRPC. */
  readonly endpoint: pulumi.Output<string>;

  constructor(name: string, args: TelemetryCollectorArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:TelemetryCollector", name, {}, options);
    const { namespace, backend } = args;
    const { port = otlpPort, authorization } = backend;
    const child = { parent: this };
    const selector = { "app.kubernetes.io/name": jobs.collector };
    const metadata = { name: jobs.collector, namespace, labels: selector };

    const configuration = pulumi
      .output(backend.host)
      .apply((host) => collectorConfiguration({ host, port, authorizes: authorization !== undefined }));
    const configMap = new kubernetes.core.v1.ConfigMap(
      `${name}-configuration`,
      { metadata, data: { [configurationFile]: configuration } },
      child,
    );
    const account = new kubernetes.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata, automountServiceAccountToken: false },
      child,
    );

    const deployment = new kubernetes.apps.v1.Deployment(
      `${name}-deployment`,
      {
        metadata,
        spec: {
          selector: { matchLabels: selector },
          strategy: rollingUpdate,
          template: {
            metadata: {
              labels: selector,
              annotations: { "omega-platform/configuration": configurationDigest(configuration) },
            },
            spec: {
              ...collectorPodSpec({
                name: jobs.collector,
                image: args.image ?? defaultCollectorImage,
                serviceAccountName: account.metadata.name,
                configMapName: configMap.metadata.name,
                cpu: "250m",
                memoryMebibytes: 512,
                userId: 10_001,
                ports: [{ name: "grpc-otlp", containerPort: otlpPort }],
                readyPort: "grpc-otlp",
                environment:
                  authorization === undefined
                    ? []
                    : [
                        {
                          name: authorizationVariable,
                          valueFrom: { secretKeyRef: { name: authorization.secretName, key: authorization.key } },
                        },
                      ],
              }),
              topologySpreadConstraints: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map(
                (topologyKey) => ({
                  topologyKey,
                  whenUnsatisfiable: "ScheduleAnyway",
                  maxSkew: 1,
                  labelSelector: { matchLabels: selector },
                }),
              ),
            },
          },
        },
      },
      child,
    );

    new kubernetes.core.v1.Service(
      `${name}-service`,
      {
        metadata,
        spec: {
          selector,
          ports: [
            { name: "grpc-otlp", port: otlpPort, targetPort: "grpc-otlp", appProtocol: "grpc" },
            { ...collectorMetricsPort, targetPort: collectorMetricsPort.name },
          ],
        },
      },
      { ...child, dependsOn: [deployment] },
    );

    new kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
      `${name}-autoscaler`,
      {
        metadata,
        spec: {
          scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: jobs.collector },
          minReplicas: 2,
          maxReplicas: 10,
          metrics: [
            { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } },
          ],
        },
      },
      { ...child, dependsOn: [deployment] },
    );

    new kubernetes.policy.v1.PodDisruptionBudget(
      `${name}-disruption-budget`,
      { metadata, spec: disruptionBudgetSpec(selector) },
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
            // Any workload of the cluster has something to report; its own policy says whether it may.
            { from: [{ namespaceSelector: {} }], ports: [{ port: otlpPort, protocol: "TCP" }] },
            { from: [{ podSelector: {} }], ports: [{ port: collectorMetricsPort.port, protocol: "TCP" }] },
          ],
          egress: [
            toDns,
            // The backend's address isn't known; TLS says who it is.
            { to: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports: [{ port, protocol: "TCP" }] },
          ],
        },
      },
      child,
    );

    // What a proxy reports must not wait for, nor be lost to, a replica that fails; the collector has no proxy of its own.
    new DestinationRule(
      `${name}-destination-rule`,
      {
        metadata,
        spec: {
          host: collectorHost(namespace),
          trafficPolicy: { ...trafficPolicy(Protocol.Grpc, Bulkhead.Background, {}), tls: { mode: "DISABLE" } },
        },
      },
      child,
    );

    this.endpoint = pulumi.output(`${collectorHost(namespace)}:${otlpPort}`);
    this.registerOutputs({ endpoint: this.endpoint });
  }
}
