import type { EventContract } from "../../../components/events/event-plan";
import { eventSchemas } from "../../../components/events/event-schemas";
import { Finality, type SagaDefinition } from "../../../components/events/saga-definition";

/** The architecture's. */
export const orderSaga: SagaDefinition = {
  name: "order",
  service: "order",
  key: "orderId",
  steps: [
    {
      name: "create-order",
      service: "order",
      emits: "order.created",
      compensation: {
        on: ["payment.failed"],
        type: "order.cancelled",
        fields: { orderId: "orderId" },
        values: { reason: "payment_failed" },
      },
    },
    {
      name: "reserve-inventory",
      on: "order.created",
      command: { type: "inventory.reserve", fields: { orderId: "id", items: "items" } },
      service: "inventory",
      emits: "inventory.reserved",
      compensation: { on: ["payment.failed"], type: "inventory.release", fields: { orderId: "orderId" } },
    },
    {
      name: "take-payment",
      on: "inventory.reserved",
      service: "payment",
      emits: "payment.completed",
      fails: ["payment.failed"],
      finality: Finality.Pivot,
      finalityReason: "a payment that fails takes nothing, and one that is made ends the saga",
    },
  ],
};

export const orderServices: EventContract[] = [
  {
    name: "order",
    publishes: ["order.*", "inventory.reserve", "inventory.release"],
    consumes: ["order.created", "inventory.reserved", "payment.completed", "payment.failed"],
  },
  {
    name: "inventory",
    publishes: ["inventory.reserved", "inventory.released", "inventory.updated"],
    consumes: ["inventory.reserve", "inventory.release"],
  },
  { name: "payment", publishes: ["payment.*"], consumes: ["inventory.reserved"] },
];

export const orderNeighbours = {
  topics: [
    { name: "orders", events: ["order.*"] },
    { name: "payments", events: ["payment.*"] },
    { name: "inventory", events: ["inventory.*"] },
  ],
  services: orderServices,
  schemas: eventSchemas().schemas,
};
