import type { ArgumentProblem } from "../arguments";
import { append } from "../grouping";
import type { ServiceContract } from "../service/contract";
import { BySubject, common, commonTypes } from "./event-types";
import { type Subscription, subscriptionOf } from "./subscriptions";
import { type TopicDeclaration, topicProblems } from "./topics";

/** What a contract says of events. */
export type EventContract = Pick<ServiceContract, "name" | "publishes" | "consumes">;

export enum TopicRight {
  Publish = "publish",
  Consume = "consume",
  /** To remove its records; Kafka asks for no less than the right to delete the topic itself. */
  Delete = "delete",
}

/** What a client may do with a topic; it may do nothing else. */
export interface TopicGrant {
  topic: string;
  rights: TopicRight[];
}

/** A service that publishes or consumes, and all that it may do. */
export interface EventClientPlan {
  /** Name of the service, and of its user in Kafka. */
  service: string;
  /** Each topic once. */
  topics: TopicGrant[];
  /** Consumer groups that it may join. */
  groups: string[];
  /** Groups of others that it may look at and, while nobody is in them, delete, after which they begin anew. Default none. */
  managedGroups?: string[];
  /** Topic of each event type that it publishes. */
  publishes: Record<string, string>;
  subscriptions: Subscription[];
}

export interface EventPlan {
  topics: (TopicDeclaration & { subscriptions: Subscription[] })[];
  /** Services with events alone, in their order. */
  clients: EventClientPlan[];
}

/** Which subscriptions there are and who may do what: all of it from the services' contracts. */
export function eventPlan(topics: readonly TopicDeclaration[], services: readonly EventContract[]): EventPlan {
  const bySubject = new BySubject([...topics.entries()], ([, { events }]) => events);
  const clients = services
    .map((service) => clientPlan(bySubject, service))
    .filter(({ topics: granted }) => granted.length > 0);
  const subscriptions = new Map<string, Subscription[]>();
  for (const subscription of clients.flatMap((client) => client.subscriptions)) {
    append(subscriptions, subscription.topic, subscription);
  }
  return {
    topics: topics.map((topic) => ({ ...topic, subscriptions: subscriptions.get(topic.name) ?? [] })),
    clients,
  };
}

type Numbered = [index: number, topic: TopicDeclaration];

/** Topics with one of these subjects, in their own order. */
function topicsNear(bySubject: BySubject<Numbered>, types: readonly string[]): TopicDeclaration[] {
  const near = new Map(types.flatMap((type) => bySubject.near(type)));
  return [...near].sort(([one], [other]) => one - other).map(([, topic]) => topic);
}

function clientPlan(bySubject: BySubject<Numbered>, service: EventContract): EventClientPlan {
  const published = topicsNear(bySubject, service.publishes).flatMap(({ name, events }) =>
    commonTypes(service.publishes, events).map((type) => [type, name] as const),
  );
  const subscriptions = topicsNear(bySubject, service.consumes).flatMap(({ name, events }) => {
    const types = commonTypes(service.consumes, events);
    return types.length === 0 ? [] : [subscriptionOf(service.name, name, types)];
  });
  return {
    service: service.name,
    topics: grants(
      published.map(([, topic]) => topic),
      subscriptions,
    ),
    groups: subscriptions.map(({ group }) => group),
    publishes: Object.fromEntries(published),
    subscriptions,
  };
}

function grants(published: string[], subscriptions: Subscription[]): TopicGrant[] {
  const rights = new Map<string, Set<TopicRight>>();
  const grant = (topic: string, ...given: TopicRight[]) => {
    rights.set(topic, new Set([...(rights.get(topic) ?? []), ...given]));
  };
  for (const topic of published) grant(topic, TopicRight.Publish);
  for (const { topic, retryTopics, deadLetterTopic } of subscriptions) {
    grant(topic, TopicRight.Consume);
    for (const retry of retryTopics) grant(retry.topic, TopicRight.Publish, TopicRight.Consume);
    grant(deadLetterTopic, TopicRight.Publish);
  }
  return [...rights].map(([topic, given]) => ({ topic, rights: [...given] }));
}

/** `OMEGA_EVENTS`: what a service's runtime must know to publish and consume. */
export function eventsVariable({ publishes, subscriptions }: EventClientPlan): string {
  return JSON.stringify({
    publishes,
    subscriptions: subscriptions.map(({ topic, types, group, retryTopics, deadLetterTopic }) => ({
      ...{ topic, types, group, retryTopics, deadLetterTopic },
    })),
  });
}

/** What is wrong with topics and contracts, each for itself and between them; paths begin `topics[0]` or `services[0]`. */
export function eventProblems(
  topics: readonly TopicDeclaration[],
  services: readonly EventContract[],
): ArgumentProblem[] {
  const problems = topics.flatMap((topic, index) =>
    topicProblems(topic).map(({ path, reason }) => ({ path: `topics[${index}].${path}`, reason })),
  );
  const report = (path: string, reason: string) => problems.push({ path, reason });
  const firstOf = new Map<string, number>();
  const before = new BySubject<{ topic: TopicDeclaration; event: string }>();
  topics.forEach((topic, index) => {
    const { name, events } = topic;
    const first = firstOf.get(name);
    if (first === undefined) firstOf.set(name, index);
    else report(`topics[${index}].name`, `"${name}" is taken by topics[${first}]`);
    events.forEach((type, position) => {
      const path = `topics[${index}].events[${position}]`;
      const other = before.near(type).find(({ event }) => common(event, type) !== undefined);
      if (other !== undefined) {
        report(path, `"${type}" is carried by "${other.topic.name}" too, as "${other.event}": no type has two topics`);
      } else if (events.slice(0, position).some((event) => common(event, type) !== undefined)) {
        report(path, `"${type}" is there already`);
      }
    });
    for (const event of events) before.add({ topic, event }, [event]);
  });
  const alone = (patterns: string[]) => new BySubject(patterns, (pattern) => [pattern]);
  const carried = alone(topics.flatMap(({ events }) => events));
  const published = alone(services.flatMap(({ publishes }) => publishes));
  services.forEach(({ publishes, consumes }, index) => {
    const check = (key: string, types: string[], isKnown: (type: string) => boolean, reason: string) => {
      types.forEach((type, position) => {
        if (!isKnown(type)) report(`services[${index}].${key}[${position}]`, `"${type}" ${reason}`);
      });
    };
    const isCarried = (type: string) => commonTypes([type], carried.near(type)).length > 0;
    const isPublished = (type: string) => commonTypes([type], published.near(type)).length > 0;
    check("publishes", publishes, isCarried, "is carried by no topic");
    check("consumes", consumes, isCarried, "is carried by no topic");
    check("consumes", consumes, (type) => !isCarried(type) || isPublished(type), "is published by no service");
  });
  return problems;
}
