import type * as cloudflare from "@pulumi/cloudflare";
import type { CacheTiers } from "../cache/tiers";
import { edgeTenantHeader, edgeTierHeader } from "../gateway/headers";

type Rule = cloudflare.types.input.RulesetRule;

export interface ZoneHosts {
  /** Of the zone itself, e.g. `shop.example`. */
  zone: string;
  /** By which the Worker asks the regions. */
  origins: readonly string[];
  /** Of the bucket of static assets, if it has one. */
  assets?: string;
}

const quoted = (values: readonly string[]) => `{${values.map((value) => JSON.stringify(value)).join(" ")}}`;
const isAt = (hosts: readonly string[]) => `http.host in ${quoted(hosts)}`;
const lacks = (header: string) => `len(http.request.headers[${JSON.stringify(header)}]) eq 0`;
const startsAt = (path: string) => `starts_with(http.request.uri.path, ${JSON.stringify(path)})`;

/**
 * What the zone's cache, behind the Worker's own, may keep of what the Worker fetches: nothing but what is public on the routes
 * that are kept for all. How long is said by the answers' own headers, which come from the same table as everything else: a
 * time that overrides them would also hold for private answers. A request with a token or a cookie is left out, and so is a
 * tenant's, unless the key has it.
 */
export function cacheRules(
  { origins, assets }: ZoneHosts,
  cachedPaths: readonly string[],
  versioned: CacheTiers,
  hasCustomKeys: boolean,
): Rule[] {
  const open = ["authorization", "cookie", ...(hasCustomKeys ? [] : [edgeTenantHeader])].map(lacks).join(" and ");
  const kept = cachedPaths.map(startsAt).join(" or ");
  return [
    {
      ref: "origins",
      description: "What regions answer isn't kept, but by the next rule",
      expression: isAt(origins),
      action: "set_cache_settings",
      actionParameters: { cache: false },
    },
    ...(cachedPaths.length === 0
      ? []
      : [
          {
            ref: "shared-answers",
            description: hasCustomKeys
              ? "Public answers, for each tenant its own"
              : "Public answers; omega-policies/shared: the expression leaves tenants' requests out",
            expression: `${isAt(origins)} and (${kept}) and ${open}`,
            action: "set_cache_settings",
            actionParameters: {
              cache: true,
              edgeTtl: { mode: "bypass_by_default" },
              browserTtl: { mode: "respect_origin" },
              serveStale: { disableStaleWhileUpdating: false },
              cacheKey: {
                ignoreQueryStringsOrder: true,
                cacheDeceptionArmor: true,
                ...(hasCustomKeys
                  ? { customKey: { header: { includes: [edgeTenantHeader], excludeOrigin: true } } }
                  : {}),
              },
            },
          },
        ]),
    ...(assets === undefined
      ? []
      : [
          {
            ref: "assets",
            description:
              "Files whose names hold their version; omega-policies/shared: they are for everybody. No authorization",
            expression: `${isAt([assets])} and ${lacks("authorization")}`,
            action: "set_cache_settings",
            actionParameters: { ...versioned.edge.rule, cacheKey: { cacheDeceptionArmor: true } },
          },
        ]),
  ];
}

/** Counted in each data centre by itself, which is all that Cloudflare offers: the Worker's limits of tenants hold everywhere. */
export function rateLimitRules(requestsPerTenSeconds: number): Rule[] {
  return [
    {
      ref: "one-address",
      description: "One address that takes what is there for all",
      // What the Worker fetches for others comes from one address too.
      expression: 'cf.worker.upstream_zone eq ""',
      action: "block",
      ratelimit: {
        characteristics: ["cf.colo.id", "ip.src"],
        period: 10,
        requestsPerPeriod: requestsPerTenSeconds,
        mitigationTimeout: 10,
      },
    },
  ];
}

export function firewallRules({ zone, origins }: ZoneHosts): Rule[] {
  return [
    {
      ref: "origins-by-worker",
      description: "The regions' own hosts are asked by the Worker alone",
      expression: `${isAt(origins)} and cf.worker.upstream_zone ne ${JSON.stringify(zone)}`,
      action: "block",
    },
    {
      ref: "methods",
      description: "Methods that no service answers",
      expression: 'not http.request.method in {"GET" "HEAD" "OPTIONS" "POST" "PUT" "PATCH" "DELETE"}',
      action: "block",
    },
    {
      ref: "ports",
      description: "Ports on which nothing of ours is",
      expression: "not cf.edge.server_port in {80 443}",
      action: "block",
    },
  ];
}

/** https://developers.cloudflare.com/waf/managed-rules/#available-managed-rulesets */
const managedRulesets = {
  cloudflare: "efb7b8c949ac4650a09736fc376e9aee",
  owasp: "4814384a9e5d4991b9815dcfc25d2f1f",
};

/** For visitors: what the Worker asks for was looked at when it came in. */
export function managedRules(): Rule[] {
  return Object.entries(managedRulesets).map(([name, id]) => ({
    ref: name,
    description: `Managed rules of ${name}`,
    expression: 'cf.worker.upstream_zone eq ""',
    action: "execute",
    actionParameters: { id },
  }));
}

/** What only the Worker may say is taken away from visitors, also where no Worker stands before a region. */
export function headerRules(): Rule[] {
  return [
    {
      ref: "spoken-for",
      description: "Headers that only the Worker may set",
      expression: 'cf.worker.upstream_zone eq ""',
      action: "rewrite",
      actionParameters: {
        headers: { [edgeTenantHeader]: { operation: "remove" }, [edgeTierHeader]: { operation: "remove" } },
      },
    },
  ];
}
