import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { configurationDigest } from "../service/configuration-digest";
import { toDns } from "../service/network-policy";
import { logAgentConfiguration, logPositions, otlpPort, podLogs } from "./collector-configuration";
import { collectorPodSpec, configurationFile, defaultCollectorImage } from "./collector-pod";
import { collectorMetricsPort, jobs } from "./scraping";

export interface LogAgentArgs {
  /** Name of the collector's namespace; it must admit pods that read the host (Pod Security Standard "privileged"). */
  namespace: string;
  /** Image of the OpenTelemetry Collector, at 0.154 or later. Default: its distribution for Kubernetes. */
  image?: pulumi.Input<string>;
}

/**
 * Reads what all containers of a node write to their standard output, proxies' access logs among it, and sends it to the
 * collector. It runs as root, without capabilities and with a read-only root, for the files belong to root.
 */
export class LogAgent extends pulumi.ComponentResource {
  constructor(name: string, args: LogAgentArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:LogAgent", name, {}, options);
    const { namespace } = args;
    const child = { parent: this };
    const selector = { "app.kubernetes.io/name": jobs.logAgent };
    const metadata = { name: jobs.logAgent, namespace, labels: selector };
    const configuration = logAgentConfiguration(namespace);

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

    new kubernetes.apps.v1.DaemonSet(
      `${name}-daemon-set`,
      {
        metadata,
        spec: {
          selector: { matchLabels: selector },
          updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "10%" } },
          template: {
            metadata: {
              labels: selector,
              annotations: {
                "omega-platform/configuration": configurationDigest(configuration),
                "omega-policies/runs-as-root": "the node's log files belong to root",
              },
            },
            spec: {
              ...collectorPodSpec({
                name: jobs.logAgent,
                image: args.image ?? defaultCollectorImage,
                serviceAccountName: account.metadata.name,
                configMapName: configMap.metadata.name,
                cpu: "50m",
                memoryMebibytes: 256,
                userId: 0,
                readyPort: collectorMetricsPort.name,
                volumes: [
                  hostFolder("pod-logs", podLogs, "Directory", true),
                  hostFolder("positions", logPositions, "DirectoryOrCreate", false),
                ],
              }),
              // Nodes that other pods avoid have logs too.
              tolerations: [{ operator: "Exists" }],
            },
          },
        },
      },
      child,
    );

    new kubernetes.networking.v1.NetworkPolicy(
      `${name}-network-policy`,
      {
        metadata,
        spec: {
          podSelector: { matchLabels: selector },
          policyTypes: ["Ingress", "Egress"],
          ingress: [{ from: [{ podSelector: {} }], ports: [{ port: collectorMetricsPort.port, protocol: "TCP" }] }],
          egress: [
            toDns,
            {
              to: [{ podSelector: { matchLabels: { "app.kubernetes.io/name": jobs.collector } } }],
              ports: [{ port: otlpPort, protocol: "TCP" }],
            },
          ],
        },
      },
      child,
    );

    this.registerOutputs({});
  }
}

const hostFolder = (name: string, path: string, type: string, readOnly: boolean) => ({
  ...{ name, path, readOnly },
  source: { hostPath: { path, type } },
});
