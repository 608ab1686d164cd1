import * as pulumi from "@pulumi/pulumi";
import type { EventBus } from "./event-bus";
import { type Subscription, subscriptionTopics } from "./subscriptions";

export interface EventSubscriptionArgs {
  bus: EventBus;
  subscription: Subscription;
  /** Of the topic that it reads. Default 1,048,576. */
  maxMessageBytes?: number;
}

/** The topics of one consumer of one topic: its retries and its dead letters. They go when it no longer consumes. */
export class EventSubscription extends pulumi.ComponentResource {
  constructor(name: string, args: EventSubscriptionArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:EventSubscription", name, {}, options);
    const { bus, subscription } = args;
    for (const topic of subscriptionTopics(subscription, args)) {
      bus.createTopic(`${name}-${topic.name.split(".").at(-1) ?? ""}`, topic, { parent: this });
    }
    this.registerOutputs({});
  }
}
