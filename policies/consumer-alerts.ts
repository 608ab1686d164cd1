import { dataMetadata } from "./data-metadata";
import { topicsOf, type Topic } from "./kafka";
import { ofKind } from "./kubernetes";
import { definePolicy, type Finding, type Resource } from "./policy";
import { at, every, list, not, present, some, unknown, type Answer, type Value } from "./values";

interface AlertsConfig {
  lagMetric: string;
}

export const consumerAlerts = definePolicy<AlertsConfig>({
  metadata: dataMetadata.consumerAlerts,
  settings: {
    lagMetric: {
      type: "string",
      minLength: 1,
      default: "kafka_consumergroup_lag",
      description: "The metric of how far a group is behind, whose label consumergroup names it.",
    },
  },
  stack: (resources, { lagMetric }) => {
    const rules = ofKind(resources, "monitoring.coreos.com:PrometheusRule");
    // A stack without any has its alerts elsewhere.
    if (rules.length === 0) return [];
    const alerts = rules.flatMap(alertsOf);
    return topicsOf(resources).flatMap((topic) => checkSubscription(topic, alerts, lagMetric));
  },
});

/** Expressions of a PrometheusRule's alerts; what isn't known is one that isn't. */
function alertsOf({ props }: Resource): Value[] {
  const unfold = (value: Value): Value[] => (value === unknown ? [unknown] : list(value));
  return unfold(at(props, "spec", "groups"))
    .flatMap((group) => unfold(at(group, "rules")))
    .filter((rule) => present(at(rule, "alert")) !== false)
    .map((rule) => at(rule, "expr"));
}

/** A subscription is told by its dead-letter topic, `<topic>.<consumer>.dead-letter`; its group is `<consumer>.<topic>`. */
function checkSubscription(deadLetters: Topic, alerts: readonly Value[], lagMetric: string): Finding[] {
  const { resource, namePath: path } = deadLetters;
  const name = String(deadLetters.name);
  const [, topic, consumer] = /^(.+)\.([^.]+)\.dead-letter$/.exec(name) ?? [];
  if (topic === undefined || consumer === undefined) return [];
  const group = `${consumer}.${topic}`;
  const watches = (isAbout: (selector: Selector) => Answer): Answer =>
    some(alerts.map((alert) => (alert === unknown ? unknown : some(selectorsOf(String(alert)).map(isAbout)))));
  const lag = watches(({ metric, matchers }) =>
    every([metric === lagMetric, ...matchers.map((each) => accepts(each, "consumergroup", group))]),
  );
  const letters = watches(({ matchers }) =>
    every([
      ...matchers.map((each) => accepts(each, "topic", name)),
      // One that is about all topics says nothing of dead letters.
      some(matchers.map((each) => not(accepts(each, "topic", topic)))),
    ]),
  );
  return [
    ...(lag === false ? [{ resource, path, reason: `no alert watches ${lagMetric} of the group ${group}` }] : []),
    ...(letters === false ? [{ resource, path, reason: "no alert watches it, so what fails stays there unseen" }] : []),
  ];
}

interface Matcher {
  label: string;
  operator: string;
  pattern: string;
}

/** What an expression of PromQL asks for. */
interface Selector {
  metric: string;
  matchers: Matcher[];
}

function selectorsOf(expression: string): Selector[] {
  return [...expression.matchAll(/([A-Za-z_:][\w:]*)\s*(\{(?:[^{}"]|"(?:[^"\\]|\\.)*")*\})?/g)].map(
    ([, metric = "", braces = ""]) => ({
      metric,
      matchers: [...braces.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"/g)].map(
        ([, label = "", operator = "", text = ""]) => ({ label, operator, pattern: text.replace(/\\(.)/g, "$1") }),
      ),
    }),
  );
}

/** Whether a matcher lets a label's value pass; one for another label does. */
function accepts({ label, operator, pattern }: Matcher, wanted: string, value: string): Answer {
  if (label !== wanted) return true;
  const isLike = operator.includes("~") ? isMatch(pattern, value) : pattern === value;
  return operator.startsWith("!") ? not(isLike) : isLike;
}

/** Prometheus' expressions are RE2's, of which some are none here. */
function isMatch(pattern: string, value: string): Answer {
  try {
    return new RegExp(`^(?:${pattern})$`).test(value);
  } catch {
    return unknown;
  }
}
