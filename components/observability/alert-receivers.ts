import type { ArgumentProblem } from "../arguments";
import { Severity, type AlertmanagerConfigSpec, type AlertReceiverSpec, type AlertRoute } from "./prometheus-operator";

/** Who is told of alerts. */
export enum AlertReceiverKind {
  /** By the Events API v2; the Secret has an integration's routing key. */
  PagerDuty = "pagerduty",
  /** The Secret has the URL of an incoming webhook. */
  Slack = "slack",
  /** Anything that takes Alertmanager's own JSON; the Secret has its URL. */
  Webhook = "webhook",
  /**
   * A dead man's switch: a webhook that gets the alert `Watchdog`, which always fires, every minute, and tells somebody when it
   * stops coming, for then Prometheus or Alertmanager is down. The Secret has its URL.
   */
  Heartbeat = "heartbeat",
}

export interface AlertReceiver {
  /** Unique among the receivers; letters, digits and dashes. */
  name: string;
  kind: AlertReceiverKind;
  /** Of which alerts it is told; none for a heartbeat. */
  severities?: Severity[];
  /** Secret in Prometheus' namespace with the routing key or URL. */
  secretName: string;
  /** Key in that Secret. */
  key: string;
  /** Channel, for Slack alone, e.g. `#platform-tickets`. */
  channel?: string;
}

export function alertReceiverProblems(receivers: readonly AlertReceiver[]): ArgumentProblem[] {
  return receivers.flatMap(({ name, kind, severities = [], channel }, index) => {
    const problems: [string, string][] = [];
    if (receivers.findIndex((other) => other.name === name) !== index) {
      problems.push(["name", `"${name}" is another receiver's already`]);
    }
    if (kind === AlertReceiverKind.Heartbeat && severities.length > 0) {
      problems.push(["severities", "must be left out: a heartbeat gets the alert Watchdog alone"]);
    }
    if (kind !== AlertReceiverKind.Heartbeat && severities.length === 0) {
      problems.push(["severities", `must name one at least: ${Object.values(Severity).join(", ")}`]);
    }
    if (kind === AlertReceiverKind.Slack && channel === undefined) {
      problems.push(["channel", "is missing, e.g. #platform-tickets"]);
    }
    if (kind !== AlertReceiverKind.Slack && channel !== undefined) {
      problems.push(["channel", `must be left out: ${kind} has none`]);
    }
    return problems.map(([key, reason]) => ({ path: `receivers[${index}].${key}`, reason }));
  });
}

/** How often somebody is told again of what still fires. */
const repeatIntervals: Record<Severity, string> = { [Severity.Page]: "1h", [Severity.Ticket]: "1d" };

/**
 * One message for each alert of a service; a service that pages files no ticket for the same alert. Every receiver that an alert
 * concerns is told, not only the first.
 */
export function alertmanagerConfigSpec(receivers: readonly AlertReceiver[]): AlertmanagerConfigSpec {
  return {
    // Alerts that concern nobody below end here: an AlertmanagerConfig's own route must name a receiver.
    route: { receiver: nobody, groupBy: ["alertname", "namespace", "service"], routes: receivers.flatMap(routesOf) },
    receivers: [{ name: nobody }, ...receivers.map(receiverOf)],
    inhibitRules: [
      {
        sourceMatch: [{ name: "severity", value: Severity.Page, matchType: "=" }],
        targetMatch: [{ name: "severity", value: Severity.Ticket, matchType: "=" }],
        equal: ["alertname", "namespace", "service"],
      },
    ],
  };
}

const nobody = "nobody";

function routesOf({ name, kind, severities = [] }: AlertReceiver): AlertRoute[] {
  if (kind === AlertReceiverKind.Heartbeat) {
    const matchers: AlertRoute["matchers"] = [{ name: "alertname", value: "Watchdog", matchType: "=" }];
    const everyMinute = { groupWait: "0s", groupInterval: "1m", repeatInterval: "1m" };
    return [{ receiver: name, matchers, continue: true, ...everyMinute }];
  }
  return severities.map((severity) => ({
    receiver: name,
    matchers: [{ name: "severity", value: severity, matchType: "=" }],
    continue: true,
    groupWait: "30s",
    groupInterval: "5m",
    repeatInterval: repeatIntervals[severity],
  }));
}

function receiverOf({ name, kind, secretName, key, channel = "" }: AlertReceiver): AlertReceiverSpec {
  const secret = { name: secretName, key };
  switch (kind) {
    case AlertReceiverKind.PagerDuty:
      return { name, pagerdutyConfigs: [{ routingKey: secret, sendResolved: true }] };
    case AlertReceiverKind.Slack: {
      const text =
        "{{ range .Alerts }}{{ .Annotations.description }} <{{ .Annotations.runbook_url }}|Runbook>\n{{ end }}";
      const title = "{{ .Status }}: {{ .CommonAnnotations.summary }}";
      return { name, slackConfigs: [{ apiURL: secret, channel, title, text, sendResolved: true }] };
    }
    case AlertReceiverKind.Webhook:
      return { name, webhookConfigs: [{ urlSecret: secret, sendResolved: true }] };
    case AlertReceiverKind.Heartbeat:
      return { name, webhookConfigs: [{ urlSecret: secret, sendResolved: false }] };
  }
}
