import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Metadata } from "../mesh/istio";

/** The Prometheus operator's custom resources, as far as this platform uses them. */

const apiVersion = "monitoring.coreos.com/v1";

export interface Selector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: "In" | "Exists"; values?: string[] }[];
}

export interface Relabeling {
  action?: "replace" | "keep" | "drop" | "labeldrop";
  sourceLabels?: string[];
  regex?: string;
  targetLabel?: string;
  replacement?: string;
}

export interface Endpoint {
  /** Name of the port. */
  port: string;
  path?: string;
  interval: string;
  relabelings?: Relabeling[];
  metricRelabelings?: Relabeling[];
}

export interface MonitorSpec {
  selector: Selector;
  /** Default: the monitor's own namespace. */
  namespaceSelector?: { any: boolean } | { matchNames: pulumi.Input<string>[] };
  /** Samples that a scrape may return; one with more fails, so that no target can flood Prometheus. */
  sampleLimit: number;
}

export interface PodMonitorArgs {
  metadata: Metadata;
  spec: MonitorSpec & { podMetricsEndpoints: Endpoint[] };
}

export class PodMonitor extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: PodMonitorArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion, kind: "PodMonitor", ...args }, options);
  }
}

export interface ServiceMonitorArgs {
  metadata: Metadata;
  spec: MonitorSpec & { endpoints: Endpoint[] };
}

export class ServiceMonitor extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: ServiceMonitorArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion, kind: "ServiceMonitor", ...args }, options);
  }
}

export interface RecordingRule {
  record: string;
  expr: string;
  labels?: Record<string, string>;
}

export interface AlertingRule {
  alert: string;
  expr: string;
  for?: string;
  labels: Record<string, string> & { severity: Severity };
  annotations: { summary: string; description: string; runbook_url: string };
}

export enum Severity {
  /** Somebody must act now. */
  Page = "page",
  /** Somebody must act in the next days. */
  Ticket = "ticket",
}

export interface RuleGroup {
  name: string;
  interval: string;
  rules: (RecordingRule | AlertingRule)[];
}

export interface PrometheusRuleArgs {
  metadata: Metadata;
  spec: { groups: RuleGroup[] };
}

export class PrometheusRule extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: PrometheusRuleArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion, kind: "PrometheusRule", ...args }, options);
  }
}

interface Matcher {
  name: string;
  value: string;
  matchType: "=";
}

interface SecretKey {
  name: string;
  key: string;
}

export interface AlertRoute {
  receiver: string;
  matchers: Matcher[];
  continue: boolean;
  groupWait: string;
  groupInterval: string;
  repeatInterval: string;
}

export interface AlertReceiverSpec {
  name: string;
  pagerdutyConfigs?: { routingKey: SecretKey; sendResolved: boolean }[];
  slackConfigs?: { apiURL: SecretKey; channel: string; title: string; text: string; sendResolved: boolean }[];
  webhookConfigs?: { urlSecret: SecretKey; sendResolved: boolean }[];
}

export interface AlertmanagerConfigSpec {
  route: { receiver: string; groupBy: string[]; routes: AlertRoute[] };
  receivers: AlertReceiverSpec[];
  inhibitRules: { sourceMatch: Matcher[]; targetMatch: Matcher[]; equal: string[] }[];
}

export interface AlertmanagerConfigArgs {
  metadata: Metadata;
  spec: AlertmanagerConfigSpec;
}

export class AlertmanagerConfig extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: AlertmanagerConfigArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion: "monitoring.coreos.com/v1alpha1", kind: "AlertmanagerConfig", ...args }, options);
  }
}
