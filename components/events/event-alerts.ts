import * as pulumi from "@pulumi/pulumi";
import { defaultRunbooksUrl } from "../observability/alerts";
import { PrometheusRule } from "../observability/prometheus-operator";
import { eventAlertGroups } from "./alert-rules";
import type { EventBus } from "./event-bus";

export interface EventAlertsArgs {
  bus: EventBus;
  /** Where docs/runbooks.md is served. Default: its path in the repository. */
  runbooksUrl?: string;
}

/** What a bus reports of itself and of its consumers, and the alerts on that. Prometheus and its operator must be there. */
export class EventAlerts extends pulumi.ComponentResource {
  constructor(name: string, args: EventAlertsArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:EventAlerts", name, {}, options);
    const { bus, runbooksUrl = defaultRunbooksUrl } = args;
    bus.createMonitor(name, { parent: this });
    new PrometheusRule(
      `${name}-rules`,
      {
        metadata: { name: "omega-events", namespace: bus.monitored.namespace },
        spec: { groups: eventAlertGroups({ ...bus.monitored, runbooksUrl }) },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
