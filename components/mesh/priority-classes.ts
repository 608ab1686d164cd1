import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Bulkhead, bulkheads, podPriority, priorityClassName } from "./bulkheads";

export interface PriorityClassesArgs {
  /** Further labels, e.g. environment and owner. Default none. */
  labels?: Record<string, pulumi.Input<string>>;
}

/** The bulkheads' classes as the scheduler knows them: when nodes are lost, critical services are placed first. */
export class PriorityClasses extends pulumi.ComponentResource {
  constructor(name: string, args: PriorityClassesArgs = {}, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:PriorityClasses", name, {}, options);
    for (const bulkhead of bulkheads) {
      new kubernetes.scheduling.v1.PriorityClass(
        `${name}-${bulkhead}`,
        {
          metadata: {
            name: priorityClassName(bulkhead),
            ...(args.labels === undefined ? {} : { labels: args.labels }),
          },
          description: `Pods of services that serve ${bulkhead} requests`,
          value: podPriority(bulkhead),
          // Background work waits for room; it drives nobody out.
          preemptionPolicy: bulkhead === Bulkhead.Background ? "Never" : "PreemptLowerPriority",
        },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }
}
