import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, refuse, wholeNumberProblems } from "../arguments";
import { Telemetry } from "../mesh/istio";
import { type AlertReceiver, alertmanagerConfigSpec, alertReceiverProblems } from "./alert-receivers";
import { alertGroups, defaultRunbooksUrl } from "./alerts";
import { type TelemetryBackend, TelemetryCollector } from "./collector";
import { dashboards } from "./dashboards";
import { LogAgent } from "./log-agent";
import { type MeshTelemetryArgs, meshTelemetrySpec } from "./mesh-telemetry";
import { objectiveProblems, type ServiceObjective } from "./objectives";
import { AlertmanagerConfig, PodMonitor, PrometheusRule, ServiceMonitor } from "./prometheus-operator";
import { recordingGroups } from "./recording-rules";
import { collectorMonitorSpec, controlPlaneMonitorSpec, logAgentMonitorSpec, proxyMonitorSpec } from "./scraping";

export interface ObservabilityArgs extends MeshTelemetryArgs {
  /** Name of the namespace where Prometheus is; it must admit pods that read the host, for the log agent does. */
  namespace: string;
  /** Namespace of the mesh's control plane. Default `istio-system`. */
  meshRootNamespace?: pulumi.Input<string>;
  /** What the services promise; the others are measured, and no budget of theirs is watched. */
  objectives: ServiceObjective[];
  /** Where traces and logs go; metrics stay in Prometheus. */
  backend: TelemetryBackend;
  /** Image of the OpenTelemetry Collector, at 0.154 or later. Default: its distribution for Kubernetes. */
  collectorImage?: pulumi.Input<string>;
  /** Where docs/runbooks.md is served. Default: its path in the repository. */
  runbooksUrl?: string;
  /** Who is told of alerts. Default: nobody. */
  receivers?: AlertReceiver[];
}

/**
 * What a region knows of itself: the metrics of every proxy, service and of the control plane; objectives with alerts on
 * how fast their budgets are spent; alerts on breakers, bulkheads, degradation and the platform; dashboards; traces of a
 * share of the requests; and the logs of all containers.
 */
export class Observability extends pulumi.ComponentResource {
  /** `host:port` of the collector, which takes traces and logs by OTLP over gRPC. */
  readonly otlpEndpoint: pulumi.Output<string>;

  constructor(name: string, args: ObservabilityArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:Observability", name, {}, options);
    refuse(`Observability "${name}"`, observabilityProblems(args));
    const { namespace, meshRootNamespace = "istio-system", runbooksUrl = defaultRunbooksUrl } = args;
    const image = args.collectorImage === undefined ? {} : { image: args.collectorImage };
    const child = { parent: this };
    const metadata = (objectName: string) => ({ name: objectName, namespace });

    new PodMonitor(`${name}-proxies`, { metadata: metadata("mesh-proxies"), spec: proxyMonitorSpec }, child);
    new PodMonitor(`${name}-log-agents`, { metadata: metadata("log-agent"), spec: logAgentMonitorSpec }, child);
    new ServiceMonitor(
      `${name}-control-plane`,
      { metadata: metadata("istiod"), spec: controlPlaneMonitorSpec(meshRootNamespace) },
      child,
    );
    new ServiceMonitor(
      `${name}-collectors`,
      { metadata: metadata("telemetry-collector"), spec: collectorMonitorSpec },
      child,
    );

    new PrometheusRule(
      `${name}-recording-rules`,
      { metadata: metadata("omega-recording-rules"), spec: { groups: recordingGroups(args.objectives) } },
      child,
    );
    new PrometheusRule(
      `${name}-alerts`,
      { metadata: metadata("omega-alerts"), spec: { groups: alertGroups(runbooksUrl) } },
      child,
    );

    const { receivers = [] } = args;
    if (receivers.length > 0) {
      const spec = alertmanagerConfigSpec(receivers);
      new AlertmanagerConfig(`${name}-receivers`, { metadata: metadata("omega-receivers"), spec }, child);
    }

    for (const dashboard of dashboards) {
      new kubernetes.core.v1.ConfigMap(
        `${name}-${dashboard.uid}`,
        {
          metadata: { ...metadata(`dashboard-${dashboard.uid}`), labels: { grafana_dashboard: "1" } },
          data: { [`${dashboard.uid}.json`]: JSON.stringify(dashboard, undefined, 2) },
        },
        child,
      );
    }

    const collector = new TelemetryCollector(
      `${name}-collector`,
      { namespace, backend: args.backend, ...image },
      child,
    );
    new LogAgent(`${name}-log-agent`, { namespace, ...image }, { ...child, dependsOn: [collector] });
    new Telemetry(
      `${name}-mesh-telemetry`,
      { metadata: { name: "mesh-default", namespace: meshRootNamespace }, spec: meshTelemetrySpec(args) },
      { ...child, dependsOn: [collector] },
    );

    this.otlpEndpoint = collector.endpoint;
    this.registerOutputs({ otlpEndpoint: this.otlpEndpoint });
  }
}

/** Everything that is wrong with the arguments. */
export function observabilityProblems(args: ObservabilityArgs): ArgumentProblem[] {
  const { traceSamplingPercent = 1, backend, objectives } = args;
  const { port = 4317 } = backend;
  const problems = [...objectiveProblems(objectives), ...alertReceiverProblems(args.receivers ?? [])];
  if (!(traceSamplingPercent >= 0 && traceSamplingPercent <= 100)) {
    problems.push({ path: "traceSamplingPercent", reason: `is ${traceSamplingPercent}, must be from 0 to 100` });
  }
  return [...problems, ...wholeNumberProblems("backend.port", port, 1, 65535)];
}
