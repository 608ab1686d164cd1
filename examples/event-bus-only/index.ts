import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  BrokerSize,
  DataNamespace,
  EventBus,
  EventBusEngine,
  EventClient,
  eventPlan,
  EventTopic,
  InternalAuthority,
  TopicKind,
} from "omega-platform/events";

const config = new pulumi.Config();
const clientsNamespace = config.require("clientsNamespace");

// kubectl's current context: a cluster with Strimzi and cert-manager.
const inCluster = { providers: [new kubernetes.Provider("cluster")] };

// Who publishes and consumes what. From it come rights, retries, dead letters, and nothing that nobody asked for.
const plan = eventPlan(
  [
    { name: "orders", events: ["order.*"], kind: TopicKind.EventStore, peak: { messagesPerSecond: 200 } },
    { name: "shipments", events: ["shipment.*"] },
  ],
  [
    { name: "order", publishes: ["order.*"], consumes: ["shipment.dispatched"] },
    { name: "shipping", publishes: ["shipment.*"], consumes: ["order.created"] },
  ],
);

const namespace = new DataNamespace("events", { name: "events" }, inCluster);
const authority = new InternalAuthority("stores", {}, inCluster);
// In it the services find what the brokers' certificates are checked against.
authority.trustIn("clients", clientsNamespace);
const after = { ...inCluster, dependsOn: [namespace, authority] };

const bus = new EventBus(
  "events",
  {
    engine: EventBusEngine.Strimzi,
    namespace: "events",
    clientsNamespace,
    clients: plan.clients.map(({ service }) => service),
    brokers: { size: BrokerSize.Small, gibibytes: 20 },
    issuer: authority.reference,
  },
  after,
);

for (const { subscriptions, ...topic } of plan.topics) {
  new EventTopic(topic.name, { bus, topic, subscriptions }, after);
}
for (const client of plan.clients) {
  new EventClient(client.service, { bus, client }, after);
}

/** What each service gets: environment variables and Secrets, as `stores` of an AgenticService takes them. */
export const connections = Object.fromEntries(plan.clients.map((client) => [client.service, bus.connectionOf(client)]));
