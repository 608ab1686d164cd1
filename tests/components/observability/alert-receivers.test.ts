import * as fc from "fast-check";
import {
  type AlertReceiver,
  AlertReceiverKind,
  alertmanagerConfigSpec,
  alertReceiverProblems,
} from "../../../components/observability/alert-receivers";
import { Severity } from "../../../components/observability/prometheus-operator";

const secret = { secretName: "alerts", key: "page" };
const pager: AlertReceiver = {
  ...{ name: "pager", kind: AlertReceiverKind.PagerDuty, severities: [Severity.Page], ...secret },
};
const tickets: AlertReceiver = {
  ...{ name: "tickets", kind: AlertReceiverKind.Slack, severities: [Severity.Ticket], ...secret },
  channel: "#platform-tickets",
};
const heartbeat: AlertReceiver = { name: "heartbeat", kind: AlertReceiverKind.Heartbeat, ...secret };

/** Whom Alertmanager tells of an alert: every route that matches, up to the first that doesn't go on. */
function told(receivers: AlertReceiver[], labels: Record<string, string>): string[] {
  const { routes } = alertmanagerConfigSpec(receivers).route;
  const names: string[] = [];
  for (const { receiver, matchers, continue: goesOn } of routes) {
    if (!matchers.every(({ name, value }) => labels[name] === value)) continue;
    names.push(receiver);
    if (!goesOn) break;
  }
  return names;
}

test("each is told of its severities alone, whoever stands before it", () => {
  const all = [pager, tickets, { ...tickets, name: "all", severities: [Severity.Page, Severity.Ticket] }, heartbeat];
  expect(told(all, { alertname: "BreakerOpen", severity: "page" })).toEqual(["pager", "all"]);
  expect(told(all, { alertname: "CertificateNotRenewed", severity: "ticket" })).toEqual(["tickets", "all"]);
  expect(told(all, { alertname: "Watchdog", severity: "none" })).toEqual(["heartbeat"]);
  expect(told(all, { alertname: "InfoInhibitor", severity: "none" })).toEqual([]);
});

test("a secret is named, not told", () => {
  const { receivers } = alertmanagerConfigSpec([pager, tickets, heartbeat]);
  expect(receivers).toMatchObject([
    { name: "nobody" },
    { name: "pager", pagerdutyConfigs: [{ routingKey: { name: "alerts", key: "page" } }] },
    { name: "tickets", slackConfigs: [{ apiURL: { name: "alerts", key: "page" }, channel: "#platform-tickets" }] },
    { name: "heartbeat", webhookConfigs: [{ urlSecret: { name: "alerts", key: "page" }, sendResolved: false }] },
  ]);
});

test("what doesn't go together is refused, all of it", () => {
  const wrong: AlertReceiver[] = [
    pager,
    { ...pager, severities: [] },
    { ...heartbeat, severities: [Severity.Page], channel: "#x" },
    { name: "slack", kind: AlertReceiverKind.Slack, severities: [Severity.Page], ...secret },
  ];
  expect(alertReceiverProblems(wrong).map(({ path }) => path)).toEqual([
    "receivers[1].name",
    "receivers[1].severities",
    "receivers[2].severities",
    "receivers[2].channel",
    "receivers[3].channel",
  ]);
});

test("every route leads to a receiver that is there, and every receiver but nobody has a way to tell", () => {
  const receiver = fc.record({
    name: fc.stringMatching(/^[a-z]{1,8}$/),
    kind: fc.constantFrom(...Object.values(AlertReceiverKind)),
    severities: fc.subarray(Object.values(Severity)),
    secretName: fc.constant("alerts"),
    key: fc.constant("key"),
    channel: fc.constant("#channel"),
  });
  fc.assert(
    fc.property(fc.uniqueArray(receiver, { selector: ({ name }) => name, maxLength: 8 }), (receivers) => {
      const spec = alertmanagerConfigSpec(receivers);
      const names = spec.receivers.map(({ name }) => name);
      expect(new Set(names).size).toBe(receivers.length + 1);
      for (const route of spec.route.routes) expect(names).toContain(route.receiver);
      for (const { name, ...ways } of spec.receivers.slice(1))
        expect([name, Object.keys(ways).length]).toEqual([name, 1]);
    }),
  );
});
