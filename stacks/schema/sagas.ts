import { z } from "zod";
import { Finality } from "../../components";
import { dnsLabel } from "./common";

const eventType = z.string().regex(/^[a-z][a-z-]*\.[a-z][a-z-]*$/, 'must be an event type such as "order.created"');

const sagaEvent = {
  type: eventType.describe("Event that is published, e.g. inventory.reserve"),
  fields: z
    .record(z.string(), z.string())
    .exactOptional()
    .describe("What its data take over: names of properties here, and of those of the event that it answers"),
  values: z.record(z.string(), z.string()).exactOptional().describe("What its data say by themselves"),
};

const stepSchema = z.strictObject({
  name: dnsLabel,
  on: eventType.exactOptional().describe("Event of another step that it answers; the first step has none"),
  command: z
    .strictObject(sagaEvent)
    .exactOptional()
    .describe("What the coordinator asks for; default: the service answers the event by itself"),
  service: dnsLabel.describe("Service that does it"),
  emits: eventType.describe("Event that says that it is done"),
  fails: z.array(eventType).exactOptional().describe("Events that say that it failed and left nothing behind"),
  compensation: z
    .strictObject({ ...sagaEvent, on: z.array(eventType).describe("Failures of later steps that it answers") })
    .exactOptional()
    .describe("What undoes it"),
  finality: z
    .enum(Finality)
    .exactOptional()
    .describe("In place of a compensation: pivot decides; retriable comes after it and is tried until it succeeds"),
  finalityReason: z.string().exactOptional().describe("Why it needs no compensation"),
});

export const sagasSchema = z
  .array(
    z.strictObject({
      name: dnsLabel,
      service: dnsLabel.describe("Its coordinator, which is told of it in OMEGA_SAGAS"),
      key: z
        .string()
        .regex(/^[A-Za-z]\w*$/, 'must be a property such as "orderId"')
        .describe("Property of all that it publishes by which that stays in order, e.g. orderId"),
      deadlineSeconds: z.int().min(1).max(2_592_000).default(900).describe("Within which it must have ended"),
      steps: z.array(stepSchema).min(2),
    }),
  )
  .default([])
  .describe("Business transactions over several services: chains of steps, each with what undoes it");
