import { z } from "zod";
import { TenantIsolation } from "../../components";
import { TenantTier } from "../../components/tenancy/tenant";
import { dnsLabel } from "./common";

const hostName = z.string().regex(/^[a-z0-9.-]+\.[a-z0-9-]+$/, "must be a host name such as shop.example");

const bucketSchema = z.strictObject({
  bucket: z.string().min(3).max(63).describe("Bucket that is there already, outside the cluster"),
  region: z.string().min(1).describe("Of the bucket; auto for R2"),
  endpoint: z.url().exactOptional().describe("Of an object store that speaks S3, e.g. R2; default: AWS"),
  credentials: z
    .strictObject({ name: dnsLabel, key: z.string().min(1) })
    .describe("Secret in the database's namespace with an AWS credentials file"),
});

const offboardingSchema = z.strictObject({
  exportTo: bucketSchema.exactOptional().describe("Where a Job puts its rows, as CSV; of the engine external alone"),
  keptAt: z
    .string()
    .min(1)
    .exactOptional()
    .describe("Where somebody has put its data by hand, or why nobody wants it; in exportTo's place"),
  deleteData: z
    .union([z.boolean(), z.literal("by-hand")])
    .default(false)
    .describe("In a later update than the export: whether its data goes; by-hand: it has gone, where no Job can do it"),
});

const allowance = z
  .strictObject({
    computeUnits: z.int().min(1).max(1_000_000).exactOptional().describe("Of its tier's pools; 0.1 vCPU and 256 MiB"),
    gibibytes: z.int().min(1).max(1_000_000).exactOptional().describe("Of data, in all services together"),
  })
  .prefault({});

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
  offboarding: offboardingSchema
    .exactOptional()
    .describe("That it leaves: answered 403, its data kept for it, and deleted in a later update; docs/tenants.md"),
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
    tiers: z
      .strictObject({ free: allowance, pro: allowance, enterprise: allowance })
      .prefault({})
      .describe("For each tenant; default: free 10 units and 1 GiB, pro 100 and 50, enterprise 1000 and 500"),
  })
  .prefault({})
  .describe("Hosts of the tenants, and what a tenant of a tier may have");

export type TenantsSection = z.output<typeof tenantsSchema>;
export type TenancySection = z.output<typeof tenancySchema>;
