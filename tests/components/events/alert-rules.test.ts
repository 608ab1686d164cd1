import { type EventAlertRulesArgs, eventAlertGroups } from "../../../components/events/alert-rules";
import type { AlertingRule } from "../../../components/observability/prometheus-operator";
import { alertsOf } from "../observability/emitted";

const args: EventAlertRulesArgs = {
  ...{ namespace: "kafka", minInSyncReplicas: 2, hasOwnBrokers: true },
  runbooksUrl: "https://runbooks.example.com",
};
const alerts = (changes: Partial<EventAlertRulesArgs> = {}): AlertingRule[] =>
  alertsOf(eventAlertGroups({ ...args, ...changes }));
const names = (rules: AlertingRule[]) => rules.map(({ alert }) => alert);

test("each alert pages or files a ticket, once, and leads to its runbook", () => {
  expect(new Set(names(alerts())).size).toBe(alerts().length);
  for (const { alert, labels, annotations } of alerts()) {
    expect(["page", "ticket"]).toContain(labels.severity);
    expect(annotations.runbook_url).toBe(`https://runbooks.example.com#${alert.toLowerCase()}`);
  }
});

test("on MSK there is none on what AWS looks after, and all on consumers", () => {
  const managed = names(alerts({ hasOwnBrokers: false }));
  expect(names(alerts())).toEqual(expect.arrayContaining(managed));
  expect(managed).toEqual(expect.arrayContaining(["ConsumerLagGrowing", "ConsumerStalled", "DeadLettersWaiting"]));
  expect(managed.filter((name) => /Volume|Controller|Mirror|Offline/.test(name))).toEqual([]);
});

test("what can't be written to depends on the copies that must have a message", () => {
  const rule = alerts({ minInSyncReplicas: 3 }).find(({ alert }) => alert === "KafkaPartitionsNotWritable");
  expect(rule?.expr).toContain("< 3");
});
