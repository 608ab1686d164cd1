import * as pulumi from "@pulumi/pulumi";
import { refuse } from "../../arguments";
import type { EventBus } from "../event-bus";
import type { ArchivedTopic } from "../msk/delivery";
import type { EventArchive } from "./event-archive";

export interface ArchiveDeliveryArgs {
  bus: EventBus;
  archive: EventArchive;
  /** One at least. */
  topics: ArchivedTopic[];
}

/**
 * How the events of a bus get into its archive. On MSK a Firehose stream for each topic writes their values, a line each; on
 * Strimzi brokers move segments there by themselves, and nothing is needed.
 */
export class ArchiveDelivery extends pulumi.ComponentResource {
  constructor(name: string, args: ArchiveDeliveryArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:ArchiveDelivery", name, {}, options);
    const { bus, archive, topics } = args;
    refuse(
      `ArchiveDelivery "${name}"`,
      topics.length === 0 ? [{ path: "topics", reason: "must name one topic at least" }] : [],
    );
    bus.createDelivery(name, { archive, topics }, { parent: this });
    this.registerOutputs({});
  }
}
