import { type EventClientPlan, type TopicGrant, TopicRight } from "../event-plan";
import type { Subscription } from "../subscriptions";

/** Of its user in Kafka, its ServiceAccount and its jobs. */
export const operatorName = "event-operator";

/**
 * What somebody on call may do: read and remove dead letters, send them to the first retry topic of the consumer that failed at
 * them, and see and remove consumer groups. Neither events themselves nor a place where another consumer would get them.
 */
export function operatorPlan(subscriptions: readonly Subscription[]): EventClientPlan {
  return {
    service: operatorName,
    topics: subscriptions.flatMap(({ deadLetterTopic, retryTopics: [first] }): TopicGrant[] => [
      { topic: deadLetterTopic, rights: [TopicRight.Consume, TopicRight.Delete] },
      ...(first === undefined ? [] : [{ topic: first.topic, rights: [TopicRight.Publish] }]),
    ]),
    groups: subscriptions.map(operatorGroup),
    managedGroups: subscriptions.map(({ group }) => group),
    publishes: {},
    subscriptions: [...subscriptions],
  };
}

/** In which it reads a subscription's dead letters: one for each, so that jobs for several don't share each other's work. */
export const operatorGroup = ({ group }: Pick<Subscription, "group">): string => `${operatorName}.${group}`;

/**
 * The same rights by patterns. IAM takes 10,240 characters for all policies in a role, which the ARNs of some twenty
 * subscriptions would fill: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 * Only a subscription's own topics have such names, for those of event topics have no dot.
 */
export function operatorPatterns(plan: EventClientPlan): Pick<EventClientPlan, "topics" | "groups" | "managedGroups"> {
  const { topics, subscriptions } = plan;
  const byPattern = new Map(topics.map(({ topic, rights }) => [`*.${topic.split(".").at(-1) ?? ""}`, rights] as const));
  const read = [...new Set(subscriptions.map(({ topic }) => topic))];
  return {
    topics: [...byPattern].map(([topic, rights]) => ({ topic, rights })),
    groups: [`${operatorName}.*`],
    managedGroups: read.map((topic) => `*.${topic}`),
  };
}
