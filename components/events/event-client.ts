import * as pulumi from "@pulumi/pulumi";
import type { EventBus } from "./event-bus";
import type { EventClientPlan } from "./event-plan";

export interface EventClientArgs {
  bus: EventBus;
  client: EventClientPlan;
  /** Whether KEDA asks how far behind it is; KEDA must be there. Default false. */
  isMeasured?: boolean;
}

/** A service's name on the bus, with what it may do there. */
export class EventClient extends pulumi.ComponentResource {
  constructor(name: string, args: EventClientArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:EventClient", name, {}, options);
    const { bus, client, isMeasured = false } = args;
    bus.createClient(name, { client, isMeasured }, { parent: this });
    this.registerOutputs({});
  }
}
