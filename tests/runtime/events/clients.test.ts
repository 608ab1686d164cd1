import { EventConsumer, EventPublisher, InvalidEventError } from "../../../runtime/events";
import { data, schemas, subscription } from "./fixture";

/** Nothing is there: what needs a broker would fail otherwise. */
const connection = { brokers: ["127.0.0.1:1"], authentication: { username: "order-service", password: "secret" } };
const created = { type: "order.created", version: 1, aggregateId: "order-1", data };

test("a service publishes what its contract says, of the form that its schema says", async () => {
  const routes = { publishes: { "order.created": "orders" }, subscriptions: [] };
  const publisher = new EventPublisher({ service: "order-service", connection, routes, schemas });
  await expect(publisher.publish({ ...created, type: "payment.completed" })).rejects.toThrow(
    "order-service may not publish payment.completed",
  );
  await expect(publisher.publish({ ...created, data: {} })).rejects.toThrow(InvalidEventError);
  await expect(publisher.publish({ ...created, version: 0 })).rejects.toThrow("/version must be >= 1");
});

test.each([
  [["order.created"], ["order.created"], ""],
  [["order.created"], ["order.*"], ""],
  [["order.*"], ["order.created"], ""],
  [["order.created", "order.cancelled"], ["order.created"], "subscribes to order.cancelled and has no handler"],
  [["payment.*"], ["order.*"], "subscribes to payment.* and has no handler"],
])("subscriptions to %p with handlers of %p", (types, handled, problem) => {
  const routes = { publishes: {}, subscriptions: [{ ...subscription, types }] };
  const handlers = Object.fromEntries(handled.map((type) => [type, async () => undefined]));
  const make = () => {
    new EventConsumer({
      service: "payment-service",
      connection,
      routes,
      schemas,
      handlers,
      onFailure: () => undefined,
    });
    return "";
  };
  if (problem === "") expect(make()).toBe("");
  else expect(make).toThrow(problem);
});
