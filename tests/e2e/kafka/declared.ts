import {
  EventBus,
  EventBusEngine,
  EventClient,
  EventTopic,
  IssuerKind,
  type TopicDeclaration,
} from "../../../components";
import { eventPlan, eventsVariable } from "../../../components/events/event-plan";
import { planProgram } from "../../../rehearsal/engine/plan";
import type { EventRoutes } from "../../../runtime/events";
import type { DeclaredObject } from "./operators";

const topics: TopicDeclaration[] = [
  { name: "orders", events: ["order.*"] },
  { name: "payments", events: ["payment.*"] },
];

const services = [
  { name: "order-service", publishes: ["order.*"], consumes: [] },
  { name: "payment-service", publishes: ["payment.*"], consumes: ["order.created"] },
  { name: "shipping-service", publishes: [], consumes: ["order.created"] },
];

export interface Declared {
  /** As Kubernetes would get them. */
  objects: DeclaredObject[];
  /** What each service is told. */
  routes: ReadonlyMap<string, EventRoutes>;
}

/** What the components declare for a part of the shop. */
export async function declare(): Promise<Declared> {
  const plan = eventPlan(topics, services);
  const program = async () => {
    const bus = new EventBus("events", {
      ...{ engine: EventBusEngine.Strimzi, namespace: "kafka", clientsNamespace: "shop" },
      clients: services.map(({ name }) => name),
      issuer: { kind: IssuerKind.Issuer, name: "internal" },
    });
    for (const { subscriptions, ...topic } of plan.topics) new EventTopic(topic.name, { bus, topic, subscriptions });
    for (const client of plan.clients) new EventClient(client.service, { bus, client });
  };
  const { resources } = await planProgram(program, "test", { config: {}, secrets: [] });
  const strimzi = resources.filter(({ type }) => type.startsWith("kubernetes:kafka.strimzi.io/"));
  return {
    objects: strimzi.map(({ props }) => props as unknown as DeclaredObject),
    routes: new Map(plan.clients.map((client) => [client.service, JSON.parse(eventsVariable(client)) as EventRoutes])),
  };
}
