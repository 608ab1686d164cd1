import type * as cloudflare from "@pulumi/cloudflare";
import type { CacheTiers } from "../cache/tiers";
import { edgeHeaders, edgeKeyHeader, edgeTenantHeader } from "../gateway/headers";

type Rule = cloudflare.types.input.RulesetRule;

export interface ZoneHosts {
  /** Of the zone itself, e.g. `shop.example`. */
  zone: string;
  /** By which the Worker asks the regions. */
  origins: readonly string[];
  /** That machines ask, such as the flags'. */
  machines: readonly string[];
  /** Of the bucket of static assets, if it has one. */
  assets?: string;
  /** Under which the account's Workers run without a zone, `<account>.workers.dev`: queued writes are sent again from there. */
  workers?: string;
}

const quoted = (values: readonly string[]) => `{${values.map((value) => JSON.stringify(value)).join(" ")}}`;
const isAt = (hosts: readonly string[]) => `http.host in ${quoted(hosts)}`;
/** A comparison with a header that isn't there is false whatever it asks, so that names are looked through. */
const has = (header: string) => `any(http.request.headers.names[*] eq ${JSON.stringify(header)})`;
/** Of the zone whose Worker asks; empty where none does, and somebody else's where somebody else's does. */
const asker = "cf.worker.upstream_zone";

/**
 * What the zone's cache, behind the Worker's own, may keep of what the Worker fetches. A tenant and a purge are told apart by
 * headers alone, and no plan but Enterprise has them in its keys: elsewhere it keeps nothing of the regions'. How long is said
 * by the answers' own headers, which come from the same table as everything else: a time that overrides them would also hold
 * for private answers.
 */
export function cacheRules({ origins, assets }: ZoneHosts, versioned: CacheTiers, hasCustomKeys: boolean): Rule[] {
  return [
    {
      ref: "origins",
      description: "What regions answer isn't kept, but by the next rule",
      expression: isAt(origins),
      action: "set_cache_settings",
      actionParameters: { cache: false },
    },
    ...(hasCustomKeys
      ? [
          {
            ref: "shared-answers",
            description: "What the Worker says to be for all who have its key",
            expression: `${isAt(origins)} and ${has(edgeKeyHeader)} and not ${has("authorization")}`,
            action: "set_cache_settings",
            actionParameters: {
              cache: true,
              edgeTtl: { mode: "bypass_by_default" },
              browserTtl: { mode: "respect_origin" },
              serveStale: { disableStaleWhileUpdating: false },
              cacheKey: {
                ignoreQueryStringsOrder: true,
                cacheDeceptionArmor: true,
                customKey: { header: { includes: [edgeKeyHeader, edgeTenantHeader], excludeOrigin: true } },
              },
            },
          },
        ]
      : []),
    ...(assets === undefined
      ? []
      : [
          {
            ref: "assets",
            description: "Files whose names hold their version; omega-policies/shared: they are for everybody",
            expression: `${isAt([assets])} and not ${has("authorization")}`,
            action: "set_cache_settings",
            actionParameters: {
              ...versioned.edge.rule,
              // One that isn't there yet may be there in a moment.
              edgeTtl: {
                ...{ mode: "override_origin", default: versioned.edge.seconds },
                statusCodeTtls: [{ statusCodeRange: { from: 400, to: 599 }, value: -1 }],
              },
              browserTtl: { mode: "respect_origin" },
              cacheKey: { cacheDeceptionArmor: true },
            },
          },
        ]),
  ];
}

/** Browsers keep an asset for as long as the edge does, and nothing of what isn't one. */
export function answerRules({ assets }: ZoneHosts, versioned: CacheTiers): Rule[] {
  if (assets === undefined) return [];
  return [
    {
      ref: "assets",
      description: "How long browsers keep an asset",
      expression: `${isAt([assets])} and http.response.code eq 200`,
      action: "rewrite",
      actionParameters: {
        headers: { "cache-control": { operation: "set", value: versioned.browser.cacheControl } },
      },
    },
  ];
}

/** Counted in each data centre by itself, which is all that Cloudflare offers: the Worker's limits of tenants hold everywhere. */
export function rateLimitRules({ origins, machines }: ZoneHosts, requestsPerTenSeconds: number): Rule[] {
  return [
    {
      ref: "one-address",
      description: "One address that takes what is there for all",
      // What the Worker fetches for others, and a region's services, come from few addresses. No more than hosts can be told on
      // every plan: https://developers.cloudflare.com/waf/rate-limiting-rules/#availability
      expression: `not ${isAt([...origins, ...machines])}`,
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

export function firewallRules({ zone, origins, machines, workers }: ZoneHosts): Rule[] {
  const own = [zone, ...(workers === undefined ? [] : [workers])];
  return [
    {
      ref: "strange-workers",
      description: "Other people's Workers, which no rule for visitors would hold for",
      expression: `not ${asker} in ${quoted(["", ...own])}`,
      action: "block",
    },
    {
      ref: "origins-by-worker",
      description: "The regions' own hosts are asked by the Worker alone",
      expression: `${isAt(origins)} and not ${asker} in ${quoted(own)}`,
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
    {
      ref: "machines",
      description: "Who shows a token may be a machine: the token is checked",
      expression: `${isAt([...origins, ...machines])} or ${has("authorization")}`,
      action: "skip",
      actionParameters: { phases: ["http_request_sbfm"] },
    },
  ];
}

/** https://developers.cloudflare.com/waf/managed-rules/#available-managed-rulesets */
const managedRulesets = {
  cloudflare: "efb7b8c949ac4650a09736fc376e9aee",
  owasp: "4814384a9e5d4991b9815dcfc25d2f1f",
};

/** For visitors: what the Worker asks for was looked at when it came in. */
export function managedRules({ zone }: ZoneHosts): Rule[] {
  return Object.entries(managedRulesets).map(([name, id]) => ({
    ref: name,
    description: `Managed rules of ${name}`,
    expression: `${asker} ne ${JSON.stringify(zone)}`,
    action: "execute",
    actionParameters: { id },
  }));
}

/** What only the Worker may say is taken away from visitors, also where no Worker stands before a region. */
export function headerRules({ zone, workers }: ZoneHosts): Rule[] {
  const own = [zone, ...(workers === undefined ? [] : [workers])];
  return [
    {
      ref: "spoken-for",
      description: "Headers that only the Worker may set",
      expression: `not ${asker} in ${quoted(own)}`,
      action: "rewrite",
      actionParameters: {
        headers: Object.fromEntries(edgeHeaders.map((name) => [name, { operation: "remove" }])),
      },
    },
  ];
}
