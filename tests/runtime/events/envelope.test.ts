import { type EventEnvelope, InvalidEventError } from "../../../runtime/events";
import { envelopeOf } from "../../../runtime/events/envelope";
import { EventValidator } from "../../../runtime/events/schemas";
import { data, event, schemas } from "./fixture";

const validator = new EventValidator(schemas);
const created = { type: "order.created", version: 1, aggregateId: "order-1", data };

test("the type and the schema of the envelope have the same fields, and the same are needed", () => {
  const minimal: EventEnvelope = { ...event };
  delete minimal.causationId;
  expect(Object.keys(event).sort()).toEqual(Object.keys(schemas.envelope.properties).sort());
  expect(Object.keys(minimal).sort()).toEqual([...schemas.envelope.required].sort());
});

test("an event that nothing caused begins a correlation of its own, or goes on with its request's", () => {
  const [one, other] = [envelopeOf(created, "order-service"), envelopeOf(created, "order-service")];
  for (const envelope of [one, other]) {
    expect(validator.parse(JSON.stringify(envelope))).toEqual(envelope);
    expect(envelope).toMatchObject({ source: "order-service", data, metadata: {} });
    expect(envelope).not.toHaveProperty("causationId");
  }
  expect(one.id).not.toBe(other.id);
  expect(one.correlationId).not.toBe(other.correlationId);
  expect(envelopeOf({ ...created, correlationId: "request-1" }, "order-service").correlationId).toBe("request-1");
});

test("an event that another caused keeps its correlation and names it", () => {
  const caused = envelopeOf({ ...created, cause: event, correlationId: "ignored" }, "payment-service");
  expect(caused).toMatchObject({ correlationId: event.correlationId, causationId: event.id });
});

test.each([
  ["no JSON", "{", "is no JSON"],
  ["another version of RFC 3339", { ...event, timestamp: "yesterday" }, '/timestamp must match format "date-time"'],
  ["no id", { ...event, id: undefined }, "/ must have required property 'id'"],
  ["no number as version", { ...event, version: "1" }, "/version must be integer"],
])("what has %s is no envelope", (_, value, reason) => {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  expect(() => validator.parse(text)).toThrow(InvalidEventError);
  expect(() => validator.parse(text)).toThrow(reason);
});

test("data must be what its type and version say, and that must be known", () => {
  expect(() => validator.assertData(event)).not.toThrow();
  expect(() => validator.assertData({ ...event, data: {} })).toThrow("must have required property 'total'");
  expect(() => validator.assertData({ ...event, version: 99 })).toThrow("no schema here: 99");
});

test("readers read what is newer than they are by the newest that they know, and nothing of another type", () => {
  expect(() => validator.assertReadable({ ...event, version: 99 })).not.toThrow();
  expect(() => validator.assertReadable({ ...event, version: 99, data: {} })).toThrow(
    "must have required property 'total'",
  );
  expect(() => validator.assertReadable({ ...event, type: "order.unheard-of" })).toThrow("no schema here: 1");
});
