import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { FlagStore, type Tenant, TenantDirectory, TenantTier } from "omega-platform/edge";

const config = new pulumi.Config();
const accountId = config.require("accountId");
const zone = { id: config.require("zoneId"), name: config.require("zone") };
const tenants = config.requireObject<Tenant[]>("tenants");
const options = { providers: [new cloudflare.Provider("cloudflare")] };

// Every mistake is reported at once: an id that is taken, a region that isn't there, a domain of the platform's own.
const directory = new TenantDirectory(
  "tenants",
  {
    accountId,
    zone,
    tenants,
    // Of the platform that is there.
    regions: ["us-east", "eu-west"],
    hosts: [`api.${zone.name}`],
    domain: zone.name,
    customDomainTarget: `customers.${zone.name}`,
    requestsPerMinute: { [TenantTier.Pro]: 1200 },
  },
  options,
);

const flags = new FlagStore(
  "flags",
  {
    accountId,
    tenants: tenants.map(({ id }) => id),
    flags: {
      // Everybody who pays for it, and five of a hundred others.
      "new-reports": { tiers: { enterprise: "on" }, rollout: [{ variant: "on", percent: 5 }] },
      // One customer waits for a migration.
      "new-billing": { default: "on", tenants: { acme: "off" } },
    },
  },
  options,
);

/** Key-value stores for the bindings TENANTS and FLAGS of the platform's Worker. */
export const tenantsNamespaceId = directory.namespaceId;
export const flagsNamespaceId = flags.namespaceId;
