import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Bulkhead, priorityClassName } from "../../mesh/bulkheads";
import { PodMonitor } from "../../observability/prometheus-operator";
import { disruptionBudgetSpec, rollingUpdate } from "../../service/availability";
import { toPodIdentityAgent } from "../../service/network-policy";
import { restricted, restrictedPod, zoneSpread } from "../../service/pod";
import { resourceRequirements } from "../../service/size";
import { exporterMonitorSpec } from "../monitoring";

/** Also of its ServiceAccount, to which its role belongs. */
export const exporterName = "kafka-exporter";

export interface KafkaExporterArgs {
  /** A `DataNamespace`. */
  namespace: string;
  bootstrapServers: pulumi.Input<string>;
  /** AWS region. */
  region: string;
  /** IPv4 block of the brokers' VPC. */
  cidrBlock: string;
}

const port = 9308;
const image = "docker.io/danielqsj/kafka-exporter:v1.9.0";

/** Offsets, lags and replicas of MSK's topics, under the names that Strimzi's own exporter gives them. */
export class KafkaExporter extends pulumi.ComponentResource {
  constructor(name: string, args: KafkaExporterArgs, options: pulumi.ComponentResourceOptions) {
    super("omega:index:KafkaExporter", name, {}, options);
    const { namespace, bootstrapServers, region, cidrBlock } = args;
    const child = { parent: this };
    const selector = { "app.kubernetes.io/name": exporterName };
    const metadata = { name: exporterName, namespace, labels: selector };
    const account = new kubernetes.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata, automountServiceAccountToken: false },
      child,
    );
    const servers = pulumi
      .output(bootstrapServers)
      .apply((list) => list.split(",").map((server) => `--kafka.server=${server}`));
    const answers = { httpGet: { path: "/healthz", port: "http-metrics" }, periodSeconds: 10, timeoutSeconds: 2 };
    new kubernetes.apps.v1.Deployment(
      `${name}-deployment`,
      {
        metadata: {
          ...metadata,
          annotations: { "omega-policies/single-replica": "two would report everything twice" },
        },
        spec: {
          replicas: 1,
          selector: { matchLabels: selector },
          strategy: rollingUpdate,
          template: {
            metadata: { labels: selector },
            spec: {
              serviceAccountName: account.metadata.name,
              automountServiceAccountToken: false,
              priorityClassName: priorityClassName(Bulkhead.Standard),
              securityContext: restrictedPod,
              topologySpreadConstraints: zoneSpread(selector),
              containers: [
                {
                  name: exporterName,
                  image,
                  args: servers.apply((list) => [
                    ...list,
                    "--kafka.version=3.8.0",
                    ...["--tls.enabled", "--sasl.enabled", "--sasl.mechanism=awsiam", `--sasl.aws-region=${region}`],
                  ]),
                  ports: [{ name: "http-metrics", containerPort: port }],
                  resources: resourceRequirements({ cpu: "50m", memory: "128Mi" }),
                  securityContext: restricted,
                  startupProbe: { ...answers, failureThreshold: 30 },
                  readinessProbe: { ...answers, failureThreshold: 3 },
                  livenessProbe: { ...answers, failureThreshold: 6 },
                },
              ],
            },
          },
        },
      },
      child,
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
        // Beside what the namespace allows: brokers of the VPC, and the node's agent that hands out its credentials.
        spec: {
          podSelector: { matchLabels: selector },
          policyTypes: ["Egress"],
          egress: [
            { to: [{ ipBlock: { cidr: cidrBlock } }], ports: [{ port: 9098, protocol: "TCP" }] },
            toPodIdentityAgent,
          ],
        },
      },
      child,
    );
    new PodMonitor(`${name}-monitor`, { metadata, spec: exporterMonitorSpec(selector) }, child);
    this.registerOutputs({});
  }
}
