import { join } from "node:path";
import { type EventEnvelope, readEventSchemas, type Subscription } from "../../../runtime/events";

export const schemas = readEventSchemas(join(__dirname, "../../../components/events/schemas"));

export const subscription: Subscription = {
  topic: "orders",
  types: ["order.created"],
  group: "payment-service.orders",
  retryTopics: [
    { topic: "orders.payment-service.retry-1", delayMilliseconds: 2_000 },
    { topic: "orders.payment-service.retry-2", delayMilliseconds: 4_000 },
  ],
  deadLetterTopic: "orders.payment-service.dead-letter",
};

const price = { amountMinor: 4_200, currency: "EUR" };

export const data = {
  id: "order-1",
  customerId: "customer-1",
  items: [{ productId: "product-1", quantity: 1, unitPrice: price }],
  total: price,
};

/** With every field that an envelope can have. */
export const event: Required<EventEnvelope> = {
  id: "6f1c2f2e-6a55-4a39-8d1e-0d6a5c2f9b11",
  type: "order.created",
  version: 1,
  timestamp: "2026-11-25T12:00:00.000Z",
  source: "order-service",
  correlationId: "request-1",
  causationId: "0b0f8f4e-5a0e-4f5b-9a55-6a1f4f1f7c22",
  data,
  metadata: { tenantId: "tenant-1" },
};
