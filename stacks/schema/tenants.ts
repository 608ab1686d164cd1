import { z } from "zod";
import { TenantIsolation } from "../../components";
import { TenantTier } from "../../components/tenancy/tenant";
import { dnsLabel } from "./common";

const hostName = z.string().regex(/^[a-z0-9.-]+\.[a-z0-9-]+$/, "must be a host name such as shop.example");

const tenantSchema = z.strictObject({
  id: dnsLabel.describe("Never used again for another one; with tenancy.domain it is <id>.<domain>"),
  tier: z.enum(TenantTier).describe("What it may use, and how much: gateway.rateLimits"),
  isolation: z
    .enum(TenantIsolation)
    .default(TenantIsolation.SharedDatabase)
    .describe("How far its data is from the other tenants'"),
  dataRegion: dnsLabel.describe("Region that has its data"),
  staysInRegion: z
    .boolean()
    .default(false)
    .describe("Whether its requests go to no other region, not even while that one is down"),
  customDomains: z
    .array(z.string())
    .default([])
    .describe("Host names of its own, e.g. shop.acme-tenant.net, as CNAMEs of tenancy.customDomainTarget"),
  suspended: z.boolean().default(false).describe("Whether it is answered 403 everywhere; its data stays"),
  features: z.array(z.string()).default([]).describe("Beyond its tier's"),
});

export const tenantsSchema = z
  .array(tenantSchema)
  .default([])
  .describe("Customers whose users and data are kept apart");

export const tenancySchema = z
  .strictObject({
    domain: hostName
      .exactOptional()
      .describe(
        "The edge's zone or a domain in it, of which <id>.<domain> is a host of each tenant; default: they have custom domains alone",
      ),
    customDomainTarget: hostName
      .exactOptional()
      .describe("Host in the edge's zone that is made for tenants' custom domains to be CNAMEs of"),
  })
  .prefault({})
  .describe("Hosts of the tenants");

export type TenantsSection = z.output<typeof tenantsSchema>;
export type TenancySection = z.output<typeof tenancySchema>;
