import { join } from "node:path";
import { eventSchemas } from "../../../components/events/event-schemas";
import { sagasVariable } from "../../../components/events/saga-definition";
import { envelopeOf, type EventEnvelope, type NewEvent } from "../../../runtime/events/envelope";
import { type OpenSagas, sagaHandlers, sagaMetrics, sagaSettings } from "../../../runtime/events/saga";
import { EventValidator, readEventSchemas } from "../../../runtime/events/schemas";
import { orderSaga } from "../../components/events/order-saga";

const validator = new EventValidator(readEventSchemas(join(__dirname, "../../../components/events/schemas")));
const OMEGA_SAGAS = sagasVariable("order", [orderSaga], eventSchemas().schemas) ?? "";

class Memory implements OpenSagas {
  readonly began = new Map<string, Date>();
  async begin(saga: string, correlationId: string, at: Date): Promise<void> {
    this.began.set(`${saga} ${correlationId}`, at);
  }
  async end(saga: string, correlationId: string): Promise<void> {
    this.began.delete(`${saga} ${correlationId}`);
  }
  async oldest(): Promise<Date | undefined> {
    return [...this.began.values()].sort((left, right) => left.getTime() - right.getTime())[0];
  }
}

/** The order service's part in the saga, with all that it publishes checked as its consumers do. */
function coordinator(beforeStored?: (event: NewEvent) => void) {
  const published: EventEnvelope[] = [];
  const open = new Memory();
  const publish = async (event: NewEvent) => {
    beforeStored?.(event);
    const envelope = envelopeOf(event, "order");
    validator.assertData(validator.parse(JSON.stringify(envelope)));
    published.push(envelope);
    return envelope;
  };
  return { handlers: sagaHandlers({ sagas: sagaSettings({ OMEGA_SAGAS }), publish, open }), published, open };
}

const money = { amountMinor: 1200, currency: "EUR" };
const item = { productId: "p-1", quantity: 2, unitPrice: money };
const events = {
  created: envelopeOf(
    {
      ...{ type: "order.created", version: 1, aggregateId: "o-1", correlationId: "checkout-7" },
      data: { id: "o-1", customerId: "c-1", items: [item], total: money },
      metadata: { tenantId: "acme" },
    },
    "order",
  ),
  failed: envelopeOf(
    {
      ...{ type: "payment.failed", version: 1, aggregateId: "o-1", correlationId: "checkout-7" },
      data: { orderId: "o-1", reason: "card_declined" },
      metadata: { tenantId: "acme" },
    },
    "payment",
  ),
};
const silent = (type: string) =>
  envelopeOf(
    { type, version: 1, aggregateId: "o-1", correlationId: "checkout-7", data: { orderId: "o-1" } },
    "payment",
  );

/** What is the same in all answers to an event. */
const answering = ({ id, correlationId }: EventEnvelope) => ({
  ...{ source: "order", version: 1, correlationId, causationId: id, metadata: { tenantId: "acme" } },
});

test("the coordinator listens to the architecture's four events", () => {
  expect(Object.keys(coordinator().handlers).sort()).toEqual([
    ...["inventory.reserved", "order.created", "payment.completed", "payment.failed"],
  ]);
});

test("an order that is created reserves its items", async () => {
  const { handlers, published, open } = coordinator();
  await handlers["order.created"]?.(events.created);
  expect(published).toEqual([
    expect.objectContaining({
      ...answering(events.created),
      type: "inventory.reserve",
      data: { orderId: "o-1", items: [item] },
    }),
  ]);
  expect([...open.began]).toEqual([["order checkout-7", new Date(events.created.timestamp)]]);
});

test("a payment that fails releases them and cancels the order, and says why", async () => {
  const { handlers, published, open } = coordinator();
  await handlers["order.created"]?.(events.created);
  await handlers["payment.failed"]?.(events.failed);
  expect(published.slice(1)).toEqual([
    expect.objectContaining({ ...answering(events.failed), type: "inventory.release", data: { orderId: "o-1" } }),
    expect.objectContaining({
      ...answering(events.failed),
      type: "order.cancelled",
      data: { orderId: "o-1", reason: "payment_failed" },
    }),
  ]);
  expect(open.began.size).toBe(0);
});

test("one that is made ends the saga, and neither it nor the reservation is answered", async () => {
  const { handlers, published, open } = coordinator();
  await handlers["order.created"]?.(events.created);
  await handlers["inventory.reserved"]?.(silent("inventory.reserved"));
  expect(open.began.size).toBe(1);
  await handlers["payment.completed"]?.(silent("payment.completed"));
  expect(published.map(({ type }) => type)).toEqual(["inventory.reserve"]);
  expect(open.began.size).toBe(0);
});

test("a saga is open until all that undoes it is published", async () => {
  const { handlers, open } = coordinator(({ type }) => {
    if (type === "order.cancelled") throw new Error("no brokers");
  });
  await handlers["order.created"]?.(events.created);
  await expect(handlers["payment.failed"]?.(events.failed)).rejects.toThrow("no brokers");
  expect(open.began.size).toBe(1);
});

test("an event without what keeps its answers in order is not answered", async () => {
  const { handlers, published } = coordinator();
  const event = { ...events.failed, data: { reason: "card_declined" } };
  await expect(handlers["payment.failed"]?.(event)).rejects.toThrow(
    'payment.failed has no "orderId", without which inventory.release can\'t be kept in order.',
  );
  expect(published).toEqual([]);
});

test("its metrics say how long the oldest one is open", async () => {
  const { handlers, open } = coordinator();
  const lines = async (now: Date) => (await sagaMetrics([{ name: "order" }], open, now)).split("\n");
  const began = new Date(events.created.timestamp);
  expect(await lines(began)).toContain('omega_saga_oldest_open_seconds{saga="order"} 0');
  await handlers["order.created"]?.(events.created);
  expect(await lines(new Date(began.getTime() + 90_000))).toContain('omega_saga_oldest_open_seconds{saga="order"} 90');
});

test("what the platform says is checked", () => {
  expect(sagaSettings({})).toEqual([]);
  expect(() => sagaSettings({ OMEGA_SAGAS: "[" })).toThrow("OMEGA_SAGAS has no valid sagas:");
  expect(() => sagaSettings({ OMEGA_SAGAS: '[{"name":"order"}]' })).toThrow("[0].begins");
});
