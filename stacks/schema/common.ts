import { z } from "zod";

export const dnsLabel = z
  .string()
  .regex(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/, "must be a DNS label: lower-case letters, digits and dashes")
  .describe("DNS label, e.g. catalog");
export const eventType = z
  .string()
  .regex(/^[a-z][a-z-]*\.([a-z][a-z-]*|\*)$/, 'must be an event type such as "product.created" or "product.*"');
export const path = z.string().regex(/^\//, 'must start with "/"');
export const percent = z.int().min(1).max(100);
