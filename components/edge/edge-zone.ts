import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { refuse, wholeNumberProblems } from "../arguments";
import { CacheProfile, cacheTiers } from "../cache/tiers";
import type { PlatformZone } from "../tenancy/tenant-directory";
import { CloudflarePlan, planLimits } from "./plan";
import {
  answerRules,
  cacheRules,
  firewallRules,
  headerRules,
  managedRules,
  rateLimitRules,
  type ZoneHosts,
} from "./zone-rules";

export interface EdgeZoneArgs {
  zone: PlatformZone;
  /** What the zone can do. Default pro. */
  plan?: CloudflarePlan;
  /** Hosts by which the Worker asks the regions. */
  originHosts: string[];
  /** Host of the static assets' bucket. Default: it has none. */
  assetsHost?: string;
  /** Hosts that machines ask, such as the flags': neither challenged nor counted by address. Default none. */
  machineHosts?: string[];
  /**
   * `<account>.workers.dev`, under which a Worker runs that no request woke: writes that were queued come from there. Default:
   * nothing is queued.
   */
  workersDomain?: string;
  /** Whether customers' own domains come too, for whose subdomains nothing can be promised. Default false. */
  takesCustomDomains?: boolean;
  /** Requests of one address in ten seconds, in each data centre. Default 500, from 1 to 1,000,000. */
  requestsPerTenSeconds?: number;
  /** What happens to what is surely a robot, shows no token and isn't known to be good. Default a challenge. */
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
    const { zone, plan = CloudflarePlan.Pro, originHosts: origins, assetsHost } = args;
    const { machineHosts: machines = [], workersDomain, takesCustomDomains = false } = args;
    const { requestsPerTenSeconds = 500, robots = RobotAction.Challenge } = args;
    refuse(`EdgeZone "${name}"`, wholeNumberProblems("requestsPerTenSeconds", requestsPerTenSeconds, 1, 1_000_000));
    const child = { parent: this };
    const zoneId = zone.id;
    for (const [settingId, value] of Object.entries(settings(!takesCustomDomains))) {
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
    const versioned = cacheTiers(CacheProfile.Versioned);
    const hosts: ZoneHosts = {
      ...{ zone: zone.name, origins, machines },
      ...(assetsHost === undefined ? {} : { assets: assetsHost }),
      ...(workersDomain === undefined ? {} : { workers: workersDomain }),
    };
    const rules = {
      http_request_cache_settings: cacheRules(hosts, versioned, hasCustomCacheKeys),
      http_ratelimit: rateLimitRules(hosts, requestsPerTenSeconds),
      http_request_firewall_custom: firewallRules(hosts),
      http_request_firewall_managed: managedRules(hosts),
      http_request_late_transform: headerRules(hosts),
      http_response_headers_transform: answerRules(hosts, versioned),
    };
    for (const [phase, of] of Object.entries(rules)) {
      if (of.length === 0) continue;
      // One a phase and zone: a zone that has one already refuses another, until that one is imported.
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
const settings = (withSubdomains: boolean): Readonly<Record<string, unknown>> => ({
  min_tls_version: "1.2",
  tls_1_3: "on",
  ssl: "strict",
  always_use_https: "on",
  http3: "on",
  // What somebody recorded could be sent again.
  "0rtt": "off",
  security_header: {
    strict_transport_security: {
      ...{ enabled: true, max_age: hstsSeconds, include_subdomains: withSubdomains, preload: false, nosniff: true },
    },
  },
});
