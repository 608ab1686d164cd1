import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, refuse } from "../arguments";
import type { EventBus } from "./event-bus";
import type { EventPlan } from "./event-plan";

/** The bus of another region. */
export interface RegionalBus {
  /** Name of the region. On Strimzi copies of its topics are `<region>.<topic>` here; MSK has aliases of its own. */
  region: string;
  /** Strimzi: its `regions.domain`. */
  domain?: string;
  /** Strimzi: IPv4 block that its brokers are in. Default: anywhere. */
  cidrBlock?: string;
  /** MSK: of its cluster, which must be shared with other regions. */
  clusterArn?: pulumi.Input<string>;
  /** MSK: of its cluster. */
  subnetIds?: pulumi.Input<string>[];
  /** MSK: of its cluster. */
  securityGroupIds?: pulumi.Input<string>[];
}

export interface EventMirrorArgs {
  bus: EventBus;
  /** Name of the region that this bus is in. */
  region: string;
  /**
   * Buses whose topics are copied here, one at least. On Strimzi the Secret `mirror-<region>` of the bus's namespace holds
   * the `password` of that bus's user `mirror-reader`, and as `ca.crt` the authority of its brokers' certificates.
   */
  sources: RegionalBus[];
  /** Whose topics are copied; their retries and dead letters stay where they are. */
  plan: EventPlan;
}

export interface MirrorRequest {
  region: string;
  sources: RegionalBus[];
  topics: string[];
  groups: string[];
  /** How many services publish to these topics, in each region. */
  publishers: number;
}

/**
 * Copies of other regions' topics, for the day when one of them is lost. Each region pulls: one that is away delays no other,
 * and nothing that is copied is copied again.
 */
export class EventMirror extends pulumi.ComponentResource {
  constructor(name: string, args: EventMirrorArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:EventMirror", name, {}, options);
    refuse(`EventMirror "${name}"`, mirrorProblems(args));
    const { bus, region, sources, plan } = args;
    const topics = plan.topics.map((topic) => topic.name);
    const groups = plan.clients.flatMap((client) => client.groups);
    const publishers = plan.clients.filter((client) => Object.keys(client.publishes).length > 0).length;
    bus.createMirror(name, { region, sources, topics, groups, publishers }, { parent: this });
    this.registerOutputs({});
  }
}

function mirrorProblems({ region, sources, plan }: EventMirrorArgs): ArgumentProblem[] {
  const problems: ArgumentProblem[] = [];
  if (sources.length === 0) problems.push({ path: "sources", reason: "must name one bus at least" });
  if (plan.topics.length === 0) problems.push({ path: "plan.topics", reason: "must have one topic at least" });
  sources.forEach((source, index) => {
    const first = sources.findIndex((other) => other.region === source.region);
    if (source.region !== region && first === index) return;
    const reason = `"${source.region}" must be another region than this one and the other sources`;
    problems.push({ path: `sources[${index}].region`, reason });
  });
  return problems;
}
