import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { refuse, wholeNumberProblems } from "../arguments";
import { CacheProfile, cacheTiers } from "../cache/tiers";
import type { PlatformZone } from "../tenancy/tenant-directory";
import { CloudflarePlan, planLimits } from "./plan";
import { cacheRules, firewallRules, headerRules, managedRules, rateLimitRules, type ZoneHosts } from "./zone-rules";

export interface EdgeZoneArgs {
  zone: PlatformZone;
  /** What the zone can do. Default pro. */
  plan?: CloudflarePlan;
  /** Hosts by which the Worker asks the regions. */
  originHosts: string[];
  /** Host of the static assets' bucket. Default: it has none. */
  assetsHost?: string;
  /** Paths of which public answers are kept for everybody. */
  cachedPaths: string[];
  /** Requests of one address in ten seconds, in each data centre. Default 500, from 1 to 1,000,000. */
  requestsPerTenSeconds?: number;
  /** What happens to what is surely a robot, and not one that Cloudflare knows to be good. Default block. */
  robots?: RobotAction;
}

export enum RobotAction {
  Allow = "allow",
  Challenge = "managed_challenge",
  Block = "block",
}

/** Whatever is asked of the zone's hosts: encryption, firewall, limits of one address, and the cache behind the Worker's. */
export class EdgeZone extends pulumi.ComponentResource {
  constructor(name: string, args: EdgeZoneArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:EdgeZone", name, {}, options);
    const { zone, plan = CloudflarePlan.Pro, originHosts: origins, assetsHost, cachedPaths } = args;
    const { requestsPerTenSeconds = 500, robots = RobotAction.Block } = args;
    refuse(`EdgeZone "${name}"`, wholeNumberProblems("requestsPerTenSeconds", requestsPerTenSeconds, 1, 1_000_000));
    const child = { parent: this };
    const zoneId = zone.id;
    for (const [settingId, value] of Object.entries(settings)) {
      new cloudflare.ZoneSetting(`${name}-${settingId.replaceAll("_", "-")}`, { zoneId, settingId, value }, child);
    }
    const { hasCustomCacheKeys } = planLimits[plan];
    const tiered = new cloudflare.ArgoTieredCaching(`${name}-tiered-caching`, { zoneId, value: "on" }, child);
    const topology = new cloudflare.TieredCache(
      `${name}-tiered-cache`,
      { zoneId, value: "on" },
      { ...child, dependsOn: [tiered] },
    );
    if (plan === CloudflarePlan.Enterprise) {
      new cloudflare.RegionalTieredCache(
        `${name}-regional-tiered-cache`,
        { zoneId, value: "on" },
        { ...child, dependsOn: [topology] },
      );
    }
    const hosts: ZoneHosts = { zone: zone.name, origins, ...(assetsHost === undefined ? {} : { assets: assetsHost }) };
    const rules = {
      http_request_cache_settings: cacheRules(
        hosts,
        cachedPaths,
        cacheTiers(CacheProfile.Versioned),
        hasCustomCacheKeys,
      ),
      http_ratelimit: rateLimitRules(requestsPerTenSeconds),
      http_request_firewall_custom: firewallRules(hosts),
      http_request_firewall_managed: managedRules(),
      http_request_late_transform: headerRules(),
    };
    for (const [phase, of] of Object.entries(rules)) {
      // One a phase and zone: whatever the zone had there before, this takes its place.
      const ruleset = { zoneId, kind: "zone", phase, name: `${name} ${phase}`, rules: of };
      new cloudflare.Ruleset(`${name}-${phase.replaceAll("_", "-")}`, ruleset, child);
    }
    new cloudflare.BotManagement(
      `${name}-robots`,
      {
        zoneId,
        enableJs: true,
        sbfmDefinitelyAutomated: robots,
        sbfmVerifiedBots: "allow",
        sbfmStaticResourceProtection: false,
        optimizeWordpress: false,
      },
      child,
    );
    this.registerOutputs({});
  }
}

/** A year, as browsers' own lists of such hosts ask for: https://hstspreload.org */
const hstsSeconds = 31_536_000;

/** Cloudflare's names of them: https://developers.cloudflare.com/api/resources/zones/subresources/settings/ */
const settings: Readonly<Record<string, unknown>> = {
  min_tls_version: "1.2",
  tls_1_3: "on",
  ssl: "strict",
  always_use_https: "on",
  http3: "on",
  // What somebody recorded could be sent again.
  "0rtt": "off",
  security_header: {
    strict_transport_security: {
      ...{ enabled: true, max_age: hstsSeconds, include_subdomains: true, preload: false, nosniff: true },
    },
  },
};
