import { z } from "zod";
import { dnsLabel } from "./common";

export const schemaRegistrySchema = z
  .strictObject({
    database: z
      .strictObject({
        host: z.string().min(1).describe("Name in DNS"),
        port: z.int().min(1).max(65535).default(5432),
        database: z.string().min(1).default("schema_registry"),
        username: z.string().min(1),
        password: z
          .strictObject({ secretName: dnsLabel, key: z.string().min(1) })
          .describe("Secret in the services' namespace"),
      })
      .exactOptional()
      .describe("PostgreSQL that it keeps the schemas in; default: the event bus, which on msk it can't use"),
    replicas: z
      .strictObject({
        min: z.int().min(2).max(100).default(2).describe("Replicas at least"),
        max: z.int().min(2).max(100).default(4).describe("Replicas at most"),
      })
      .prefault({}),
  })
  .describe("Apicurio Registry with the schemas of all events, for services that depend on schema-registry");
