import * as pulumi from "@pulumi/pulumi";
import { EventAlerts } from "../../../components/events/event-alerts";
import { EventBus, type EventBusArgs, EventBusEngine } from "../../../components/events/event-bus";
import { EventClient } from "../../../components/events/event-client";
import { EventMirror, type RegionalBus } from "../../../components/events/event-mirror";
import { type EventContract, eventPlan } from "../../../components/events/event-plan";
import { EventTopic } from "../../../components/events/event-topic";
import { type TopicDeclaration, TopicKind } from "../../../components/events/topics";
import { IssuerKind } from "../../../components/certificates/certificates";
import type { ConsumerLag } from "../../../components/service/autoscaling";
import type { StoreConnection } from "../../../components/data/connection";
import { type PlannedResource, planProgram } from "../../../rehearsal/engine/plan";

export const topics: TopicDeclaration[] = [
  { name: "orders", events: ["order.*"], peak: { messagesPerSecond: 1200 }, maxMessageBytes: 65_536 },
  { name: "products", events: ["product.*"], kind: TopicKind.State },
];
export const services: EventContract[] = [
  { name: "catalog", publishes: ["product.*"], consumes: [] },
  { name: "order", publishes: ["order.*"], consumes: ["order.created"] },
  { name: "shipping", publishes: [], consumes: ["order.placed", "product.updated"] },
  { name: "cart", publishes: [], consumes: [] },
];
export const plan = eventPlan(topics, services);

const shared = {
  namespace: "kafka",
  clientsNamespace: "shop",
  clients: plan.clients.map(({ service }) => service),
};
export const strimzi: EventBusArgs = {
  ...shared,
  engine: EventBusEngine.Strimzi,
  issuer: { kind: IssuerKind.ClusterIssuer, name: "stores" },
};
export const msk: EventBusArgs = {
  ...shared,
  engine: EventBusEngine.Msk,
  placement: {
    ...{ region: "eu-west-1", cidrBlock: "10.1.0.0/16", vpcId: "vpc-1", clusterName: "eu-west" },
    subnetIds: ["subnet-1", "subnet-2", "subnet-3"],
  },
};

interface Built {
  resources: PlannedResource[];
  connections: ReturnType<typeof withoutHosts>[];
  lags: ConsumerLag[];
}

/** Mocks make no ids, so that what AWS answers about a cluster stays unknown. */
function withoutHosts({ endpoints, ...connection }: StoreConnection) {
  return {
    ...connection,
    endpoints: endpoints.map(({ port, pods, startsWithTls }) => ({ port, pods, startsWithTls })),
  };
}

/** A bus with its topics, clients and alerts, as a stack makes them. */
export async function build(args: EventBusArgs, sources: RegionalBus[] = [], isPreview = false): Promise<Built> {
  const program = () => {
    const bus = new EventBus("events", args);
    for (const { subscriptions, ...topic } of plan.topics) {
      const { protectData } = args;
      new EventTopic(topic.name, { bus, topic, subscriptions, ...(protectData === undefined ? {} : { protectData }) });
    }
    for (const client of plan.clients) {
      new EventClient(client.service, { bus, client, isMeasured: client.service === "shipping" });
    }
    new EventAlerts("events", { bus });
    if (sources.length > 0) new EventMirror("mirror", { bus, region: "eu-west", sources, plan });
    return Promise.resolve({
      connections: pulumi.output(plan.clients.map((client) => withoutHosts(bus.connectionOf(client)))),
      lags: pulumi.output(plan.clients.flatMap((client) => bus.lagOf(client, 50) ?? [])),
    });
  };
  const { resources, outputs } = await planProgram(program, "test", { config: {}, secrets: [] }, isPreview);
  return { resources, ...(outputs as unknown as Omit<Built, "resources">) };
}

/** By what tells resources apart, in a stable order. Secrets are other ones at each run. */
export function graphOf({ resources }: Pick<Built, "resources">) {
  const shown = (props: Record<string, unknown>) =>
    "stringData" in props ? { ...props, stringData: "<secret>" } : props;
  return resources
    .map(({ urn, props }) => [urn.split("::").slice(2).join("::"), shown(props)] as const)
    .sort(([left], [right]) => (left < right ? -1 : 1));
}
