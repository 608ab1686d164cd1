import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { refuse } from "../arguments";
import { type Chart, charts } from "./operators/charts";
import { metricsProblems, type MetricsStorage, prometheusUrl, prometheusValues } from "./operators/monitoring";
import {
  certManagerValues,
  chaosMeshValues,
  dragonflyValues,
  gatewayApiValues,
  kedaValues,
  metricsServerValues,
  strimziValues,
} from "./operators/values";

export interface OperatorsArgs {
  /** Two replicas or more of each controller, spread and kept through drains. Default true. */
  highlyAvailable?: boolean;
  /** CRDs of the Gateway API. Default true; false, here and below: the cluster has its own, or does without. */
  gatewayApi?: boolean;
  /** Prometheus with its operator, Alertmanager and Grafana. Default true. */
  prometheus?: boolean;
  /** Default true. */
  certManager?: boolean;
  /** Use of CPU and memory, which autoscalers read. Default true. */
  metricsServer?: boolean;
  /** Autoscaling by events. Default true. */
  keda?: boolean;
  /** Default false: only where experiments run. */
  chaosMesh?: boolean;
  /** Kafka's operator. Default false: only where there is an event bus on it. */
  strimzi?: boolean;
  /** Default false: only where there is a cache on it. */
  dragonfly?: boolean;
  metrics?: MetricsStorage;
}

/**
 * The Helm releases that the rest of a cluster's platform needs. What has custom resources of one of them depends on
 * the output named like it, which is empty where that isn't installed here.
 */
export class Operators extends pulumi.ComponentResource {
  readonly gatewayApi: pulumi.Resource[];
  readonly prometheus: pulumi.Resource[];
  readonly certManager: pulumi.Resource[];
  readonly metricsServer: pulumi.Resource[];
  readonly keda: pulumi.Resource[];
  readonly chaosMesh: pulumi.Resource[];
  readonly strimzi: pulumi.Resource[];
  readonly dragonfly: pulumi.Resource[];
  /** Where Prometheus answers Chaos Mesh's and KEDA's queries; nobody else outside its namespace reaches it. */
  readonly prometheusUrl: string = prometheusUrl;

  constructor(name: string, args: OperatorsArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:Operators", name, {}, options);
    const { highlyAvailable = true, gatewayApi = true, prometheus = true, certManager = true, metrics = {} } = args;
    const { metricsServer = true, keda = true, chaosMesh = false } = args;
    const { strimzi = false, dragonfly = false } = args;
    refuse(`Operators "${name}"`, metricsProblems(metrics));
    const valuesArgs = { highlyAvailable, isMonitored: prometheus };

    const release = (isWanted: boolean, chart: Chart, values: pulumi.Inputs, dependsOn: pulumi.Resource[] = []) =>
      isWanted ? [this.release(name, chart, values, dependsOn)] : [];
    this.gatewayApi = release(gatewayApi, charts.gatewayApi, gatewayApiValues());
    this.prometheus = release(prometheus, charts.prometheus, prometheusValues(valuesArgs, metrics));
    this.certManager = release(certManager, charts.certManager, certManagerValues(valuesArgs, gatewayApi), [
      ...this.gatewayApi,
      ...this.prometheus,
    ]);
    this.metricsServer = release(metricsServer, charts.metricsServer, metricsServerValues(valuesArgs, certManager), [
      ...this.prometheus,
      ...this.certManager,
    ]);
    this.keda = release(keda, charts.keda, kedaValues(valuesArgs), this.prometheus);
    this.chaosMesh = release(chaosMesh, charts.chaosMesh, chaosMeshValues(valuesArgs));
    this.strimzi = release(strimzi, charts.strimzi, strimziValues(valuesArgs));
    this.dragonfly = release(dragonfly, charts.dragonfly, dragonflyValues(valuesArgs), this.prometheus);

    this.registerOutputs({ prometheusUrl: this.prometheusUrl });
  }

  /** Rolled back as a whole when it isn't ready in time. */
  private release(
    name: string,
    { chart, version, repository, namespace, podSecurity }: Chart,
    values: pulumi.Inputs,
    dependsOn: pulumi.Resource[],
  ): kubernetes.helm.v3.Release {
    const short = chart.split("/").at(-1) ?? chart;
    const ownNamespace =
      podSecurity === undefined
        ? undefined
        : new kubernetes.core.v1.Namespace(
            `${name}-${short}-namespace`,
            { metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": podSecurity } } },
            { parent: this },
          );
    return new kubernetes.helm.v3.Release(
      `${name}-${short}`,
      {
        name: short,
        chart,
        version,
        namespace: ownNamespace?.metadata.name ?? namespace,
        ...(repository === undefined ? {} : { repositoryOpts: { repo: repository } }),
        atomic: true,
        // The first one pulls every image.
        timeout: 600,
        values,
      },
      { parent: this, dependsOn },
    );
  }
}
