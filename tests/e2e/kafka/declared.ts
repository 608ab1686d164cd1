import {
  EventBus,
  EventBusEngine,
  EventClient,
  EventOperator,
  EventTopic,
  IssuerKind,
  type TopicDeclaration,
} from "../../../components";
import { eventPlan, eventsVariable } from "../../../components/events/event-plan";
import { operatorName, operatorPlan } from "../../../components/events/operator/rights";
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
  /** What each service, and the operator, is told. */
  routes: ReadonlyMap<string, EventRoutes>;
}

/** What the components declare for a part of the shop. */
export async function declare(): Promise<Declared> {
  const plan = eventPlan(topics, services);
  const subscriptions = plan.clients.flatMap((client) => client.subscriptions);
  const program = async () => {
    const bus = new EventBus("events", {
      ...{ engine: EventBusEngine.Strimzi, namespace: "kafka", clientsNamespace: "shop" },
      clients: services.map(({ name }) => name),
      issuer: { kind: IssuerKind.Issuer, name: "internal" },
    });
    for (const { subscriptions: own, ...topic } of plan.topics) {
      new EventTopic(topic.name, { bus, topic, subscriptions: own });
    }
    for (const client of plan.clients) new EventClient(client.service, { bus, client });
    new EventOperator(operatorName, { bus, namespace: "shop", subscriptions });
  };
  const { resources } = await planProgram(program, "test", { config: {}, secrets: [] });
  const strimzi = resources.filter(({ type }) => type.startsWith("kubernetes:kafka.strimzi.io/"));
  return {
    objects: strimzi.map(({ props }) => props as unknown as DeclaredObject),
    routes: new Map(
      [...plan.clients, operatorPlan(subscriptions)].map((client) => [
        client.service,
        JSON.parse(eventsVariable(client)) as EventRoutes,
      ]),
    ),
  };
}
