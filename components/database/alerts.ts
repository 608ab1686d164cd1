import { type AlertingRule, type RuleGroup, Severity } from "../observability/prometheus-operator";

export type Alert = Omit<AlertingRule, "annotations"> & { summary: string; description: string };

export const ticket = { severity: Severity.Ticket };
export const page = { severity: Severity.Page };

/** All alerts of a database, each with the address of its section in the runbooks. */
export const alertGroup = (name: string, alerts: readonly Alert[], runbooksUrl: string): RuleGroup => ({
  name,
  interval: "30s",
  rules: alerts.map(({ summary, description, ...alert }) => ({
    ...alert,
    annotations: { summary, description, runbook_url: `${runbooksUrl}#${alert.alert.toLowerCase()}` },
  })),
});
