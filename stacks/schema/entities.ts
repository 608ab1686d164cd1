import { z } from "zod";
import { DataType, EntityHook } from "../../components";
import { dnsLabel } from "./common";

const entitySchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z-]{0,28}[a-z]$/, "must be 2 to 30 lower-case letters and dashes, e.g. user")
    .describe("Kind of thing, e.g. user: its events are user.created and user.updated"),
  owner: dnsLabel.describe("Service that alone writes its table and publishes its events"),
  keyspace: z.string().min(1).describe("Keyspace of the database that holds its table"),
  topic: dnsLabel
    .exactOptional()
    .describe("Topic of its events; default: the one that carries them already, or a new one, e.g. users"),
  schemas: z
    // What is wrong inside a schema is said by the rules between sections, which know all of its keywords.
    .array(z.looseObject({ type: z.enum(DataType) }))
    .min(1)
    .describe("JSON Schema of its data, one for each version, the oldest first: a change is one more"),
  hooks: z
    .array(
      z.strictObject({
        kind: z.enum(EntityHook).describe("What happens after it was created or updated"),
        service: dnsLabel.exactOptional().describe("Consumer that does it; default: named like the hook"),
      }),
    )
    .default([]),
});

export const entitiesSchema = z
  .array(entitySchema)
  .default([])
  .describe("Kinds of things: each gets a table, events with schemas, and a subscription for each hook");
