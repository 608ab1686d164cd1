import * as pulumi from "@pulumi/pulumi";
import { refuse } from "../arguments";
import { dataOptions, type ProtectionArgs } from "../data/protection";
import type { EventBus } from "./event-bus";
import { EventSubscription } from "./event-subscription";
import type { Subscription } from "./subscriptions";
import { type TopicDeclaration, topicProblems, topicSettings } from "./topics";

export interface EventTopicArgs extends ProtectionArgs {
  bus: EventBus;
  topic: TopicDeclaration;
  /** Of its consumers, as `eventPlan` finds them. Default none. */
  subscriptions?: Subscription[];
}

/** A topic of the event bus, and what each of its consumers has beside it. */
export class EventTopic extends pulumi.ComponentResource {
  /** As many as Kafka has of it; it can't take any away. */
  readonly partitions: number;

  constructor(name: string, args: EventTopicArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:EventTopic", name, {}, options);
    const { bus, topic, subscriptions = [] } = args;
    const problems = topicProblems(topic).map(({ path, reason }) => ({ path: `topic.${path}`, reason }));
    subscriptions.forEach((subscription, index) => {
      if (subscription.topic === topic.name) return;
      problems.push({
        path: `subscriptions[${index}].topic`,
        reason: `is "${subscription.topic}", not "${topic.name}"`,
      });
    });
    refuse(`EventTopic "${name}"`, problems);

    const settings = topicSettings(topic, bus.isTiered);
    bus.createTopic(`${name}-topic`, settings, { parent: this, ...dataOptions(args) });
    for (const subscription of subscriptions) {
      const { maxMessageBytes } = topic;
      new EventSubscription(
        `${name}-${subscription.consumer}`,
        { bus, subscription, ...(maxMessageBytes === undefined ? {} : { maxMessageBytes }) },
        { parent: this },
      );
    }
    this.partitions = settings.partitions;
    this.registerOutputs({ partitions: this.partitions });
  }
}
