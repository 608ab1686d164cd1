import * as pulumi from "@pulumi/pulumi";
import type { EventBus } from "./event-bus";
import type { EventClientPlan } from "./event-plan";

export interface EventClientArgs {
  bus: EventBus;
  client: EventClientPlan;
  /** Whether KEDA asks how far behind it is; KEDA must be there. Default false. */
  isMeasured?: boolean;
  /**
   * Whether it is no `AgenticService` of the platform, but pods of somebody else's under the ServiceAccount of its name. On MSK
   * they get a role of their own. Default false.
   */
  isElsewhere?: boolean;
}

/** A service's name on the bus, with what it may do there. */
export class EventClient extends pulumi.ComponentResource {
  constructor(name: string, args: EventClientArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:EventClient", name, {}, options);
    const { bus, client, isMeasured = false, isElsewhere = false } = args;
    bus.createClient(name, { client, isMeasured, isElsewhere }, { parent: this });
    this.registerOutputs({});
  }
}
