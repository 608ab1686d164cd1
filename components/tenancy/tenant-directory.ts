import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, refuse } from "../arguments";
import { dataOptions, type ProtectionArgs } from "../data/protection";
import { keyValueTitle } from "../edge/key-value-title";
import { originlessRecord } from "../edge/originless-record";
import { tierLimits } from "../gateway/rate-limits";
import { type Tenant, tenantEntries, type TierLimits } from "./tenant";
import { isHostName, isWithin, tenantProblems } from "./tenant-problems";

export interface TenantDirectoryArgs extends ProtectionArgs {
  /** Cloudflare account of the Worker that looks tenants up. */
  accountId: pulumi.Input<string>;
  /** Name of the key-value store, unique in the account. Default: `<project>-<stack>-<component's name>`. */
  title?: pulumi.Input<string>;
  /** The zone of the platform, in which the tenants' hosts are or which stands for them. */
  zone: PlatformZone;
  tenants: Tenant[];
  /** Names of the regions, one of which has a tenant's data. */
  regions: string[];
  /** The platform's own hosts, also such as `*.shop.example`, which no tenant can have. */
  hosts: string[];
  /**
   * The zone or a domain in it, of which `<id>.<domain>` is a host of each tenant. Below the zone's own first level it needs
   * Cloudflare's Advanced Certificate Manager. Default: tenants have their custom domains alone.
   */
  domain?: string;
  /**
   * Host in the zone that is made for customers: their custom domains are CNAMEs of it. Needed as soon as a tenant has one,
   * and one a zone.
   */
  customDomainTarget?: string;
  /** Requests a minute by tier. Default free 60, pro 600, enterprise 6000; those that are given take their places. */
  requestsPerMinute?: Record<string, number>;
}

export interface PlatformZone {
  id: pulumi.Input<string>;
  /** Such as `shop.example`. */
  name: string;
}

/**
 * Who the platform's tenants are, where the edge looks them up: by host and by id. Custom domains get certificates of their
 * own (Cloudflare for SaaS). That requests for all these hosts come to the Worker is the matter of its route.
 */
export class TenantDirectory extends pulumi.ComponentResource {
  /** For the Worker's binding. */
  readonly namespaceId: pulumi.Output<string>;

  constructor(name: string, args: TenantDirectoryArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:TenantDirectory", name, {}, options);
    const limits = Object.fromEntries(
      tierLimits(args.requestsPerMinute).map((each) => [each.tier, each.requestsPerMinute]),
    );
    refuse(`TenantDirectory "${name}"`, directoryProblems(args, limits));
    const { accountId, title = keyValueTitle(name), tenants, domain, customDomainTarget } = args;
    const child = { parent: this };
    const namespace = new cloudflare.WorkersKvNamespace(
      `${name}-namespace`,
      { accountId, title },
      { ...child, ...dataOptions(args) },
    );
    for (const { key, value } of tenantEntries(tenants, domain, limits)) {
      new cloudflare.WorkersKv(
        `${name}-${key.replace(":", "-")}`,
        { accountId, namespaceId: namespace.id, keyName: key, value: JSON.stringify(value) },
        child,
      );
    }
    if (domain !== undefined) this.makeHosts(name, domain, args.zone);
    const customDomains = tenants.flatMap((tenant) => tenant.customDomains ?? []);
    if (customDomainTarget !== undefined) this.makeCustomDomains(name, customDomains, customDomainTarget, args.zone);
    this.namespaceId = namespace.id;
    this.registerOutputs({ namespaceId: this.namespaceId });
  }

  private makeHosts(name: string, domain: string, zone: PlatformZone): void {
    const host = `*.${domain}`;
    originlessRecord(`${name}-hosts`, zone, host, "Hosts of the tenants, answered by the Worker", { parent: this });
    // What a zone has by itself covers its first level alone:
    // https://developers.cloudflare.com/ssl/edge-certificates/universal-ssl/limitations/
    if (domain === zone.name) return;
    new cloudflare.CertificatePack(
      `${name}-certificate`,
      {
        zoneId: zone.id,
        type: "advanced",
        hosts: [zone.name, domain, host],
        certificateAuthority: "google",
        validationMethod: "txt",
        validityDays: 90,
      },
      { parent: this },
    );
  }

  /** https://developers.cloudflare.com/cloudflare-for-platforms/cloudflare-for-saas/start/advanced-settings/worker-as-origin/ */
  private makeCustomDomains(name: string, customDomains: string[], target: string, zone: PlatformZone): void {
    const comment = "What customers' domains are CNAMEs of";
    const record = originlessRecord(`${name}-target`, zone, target, comment, { parent: this });
    const origin = new cloudflare.CustomHostnameFallbackOrigin(
      `${name}-origin`,
      { zoneId: zone.id, origin: record.name },
      { parent: this, dependsOn: [record] },
    );
    for (const hostname of customDomains) {
      new cloudflare.CustomHostname(
        `${name}-domain-${hostname}`,
        {
          zoneId: zone.id,
          hostname,
          // By http: Cloudflare asks itself, once the customer's CNAME is there, and again at each renewal.
          ssl: { method: "http", type: "dv", settings: { minTlsVersion: "1.2", tls13: "on", http2: "on" } },
        },
        { parent: this, dependsOn: [origin] },
      );
    }
  }
}

/** What is wrong with all of a directory. */
export function directoryProblems(
  args: Omit<TenantDirectoryArgs, "accountId" | "title" | "requestsPerMinute" | "zone" | "protectData"> & {
    zone: { name: string };
  },
  limits: TierLimits,
): ArgumentProblem[] {
  const { tenants, regions, hosts, zone, domain, customDomainTarget } = args;
  const inZone = Object.entries({ domain, customDomainTarget }).flatMap(([path, host]) => {
    if (host === undefined || (isHostName(host) && isWithin(host, zone.name))) return [];
    return [{ path, reason: `${host} must be a host name in the zone ${zone.name}` }];
  });
  const target: ArgumentProblem[] = [];
  if (customDomainTarget === undefined) {
    const index = tenants.findIndex(({ customDomains = [] }) => customDomains.length > 0);
    if (index !== -1) {
      const reason = `is missing: the custom domains of tenants[${index}] must be CNAMEs of something`;
      target.push({ path: "customDomainTarget", reason });
    }
  } else if (hosts.includes(customDomainTarget) || customDomainTarget === zone.name) {
    target.push({
      path: "customDomainTarget",
      reason: `${customDomainTarget} is there already: it needs a name of its own`,
    });
  }
  const taken = customDomainTarget === undefined ? hosts : [...hosts, customDomainTarget];
  return [
    ...inZone,
    ...target,
    ...tenantProblems(tenants, {
      ...{ regions, hosts: taken, limits, zone: zone.name },
      ...(domain === undefined ? {} : { domain }),
    }),
  ];
}
