import { type Alert, alertGroup } from "../observability/alerts";
import { type RuleGroup, Severity } from "../observability/prometheus-operator";
import { commonTypes } from "./event-types";
import { defaultDeadlineSeconds, eventsOf, type SagaDefinition } from "./saga-definition";
import { subscriptionOf } from "./subscriptions";
import type { TopicDeclaration } from "./topics";

/**
 * What a coordinator itself reports: a gauge with the label `saga`, the age in seconds of the oldest one that has begun and not
 * ended, 0 where there is none. All its replicas report the same.
 */
const oldestOpenMetric = "omega_saga_oldest_open_seconds";

/** Where a message of the saga ends up that one of its services can't handle. */
export function sagaDeadLetterTopics(
  saga: SagaDefinition,
  topics: readonly Pick<TopicDeclaration, "name" | "events">[],
): string[] {
  const readings = [
    ...eventsOf(saga).map((event) => ({ event, service: saga.service })),
    ...saga.steps.flatMap(({ on, command, compensation, service }) => {
      if (service === saga.service) return [];
      return [command?.type ?? on, compensation?.type].flatMap((event) =>
        event === undefined ? [] : [{ event, service }],
      );
    }),
  ];
  const deadLetters = readings.flatMap(({ event, service }) =>
    topics
      .filter(({ events }) => commonTypes([event], events).length > 0)
      .map(({ name }) => subscriptionOf(service, name, [event]).deadLetterTopic),
  );
  return [...new Set(deadLetters)].sort();
}

export function sagaAlertGroup(
  saga: SagaDefinition,
  topics: readonly Pick<TopicDeclaration, "name" | "events">[],
  runbooksUrl: string,
): RuleGroup {
  const { name, deadlineSeconds = defaultDeadlineSeconds } = saga;
  const series = `${oldestOpenMetric}{saga="${name}"}`;
  const deadLetters = sagaDeadLetterTopics(saga, topics)
    .map((topic) => topic.replaceAll(".", "[.]"))
    .join("|");
  const alerts: Alert[] = [
    {
      alert: "SagaStuck",
      expr: `max by (saga) (${series}) > ${deadlineSeconds}`,
      for: "1m",
      labels: { severity: Severity.Page },
      summary: `A saga ${name} has not ended in time`,
      description: `The oldest open saga ${name} began {{ $value | humanizeDuration }} ago; it was to end within ${deadlineSeconds} seconds.`,
    },
    {
      alert: "SagaUnwatched",
      expr: `absent(${series})`,
      for: "15m",
      labels: { severity: Severity.Ticket },
      summary: `Nobody says how old the oldest open saga ${name} is`,
      description: `No replica of ${saga.service} reports ${oldestOpenMetric} of ${name}: one that is stuck would not be seen.`,
    },
    {
      alert: "SagaDeadLetters",
      expr:
        `sum by (topic) (kafka_topic_partition_current_offset{topic=~"${deadLetters}"} ` +
        "- kafka_topic_partition_oldest_offset) > 0",
      for: "1m",
      labels: { severity: Severity.Page, saga: name },
      summary: `A saga ${name} lost a step: {{ $labels.topic }} is not empty`,
      description: `{{ $value | humanize }} messages in {{ $labels.topic }} failed three times: sagas ${name} wait for what they should have caused.`,
    },
  ];
  return alertGroup(`omega-saga-${name}`, alerts, runbooksUrl);
}
