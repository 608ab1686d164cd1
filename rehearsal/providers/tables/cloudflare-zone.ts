import { creationTime } from "./aws-facts";
import { between, oneOf } from "./checks";
import { bool, identifier, onOrOff } from "./cloudflare-facts";
import { type Check, replaces, type ResourceType, updates } from "./table";
import type { Properties } from "../stand-in";
import { isObject } from "../wire";

/** https://developers.cloudflare.com/api/resources/zones/subresources/settings/: what each setting may be. */
const settings: Record<string, Check> = {
  ...Object.fromEntries(
    (
      "0rtt always_online always_use_https automatic_https_rewrites brotli early_hints email_obfuscation " +
      "hotlink_protection http2 http3 ip_geolocation ipv6 opportunistic_encryption opportunistic_onion " +
      "origin_error_page_pass_thru privacy_pass response_buffering rocket_loader server_side_exclude " +
      "sort_query_string_for_cache tls_client_auth true_client_ip_header waf websockets development_mode"
    )
      .split(" ")
      .map((name) => [name, onOrOff]),
  ),
  // Browsers' cache in seconds; 0 respects the origin's headers.
  browser_cache_ttl: between(0, 31_536_000),
  cache_level: oneOf("aggressive", "basic", "simplified"),
  challenge_ttl: oneOf(
    300,
    900,
    1800,
    2700,
    3600,
    7200,
    10_800,
    14_400,
    28_800,
    57_600,
    86_400,
    604_800,
    2_592_000,
    31_536_000,
  ),
  min_tls_version: oneOf("1.0", "1.1", "1.2", "1.3"),
  origin_max_http_version: oneOf("1", "2"),
  polish: oneOf("off", "lossless", "lossy"),
  pseudo_ipv4: oneOf("off", "add_header", "overwrite_header"),
  security_level: oneOf("off", "essentially_off", "low", "medium", "high", "under_attack"),
  ssl: oneOf("off", "flexible", "full", "strict", "origin_pull"),
  tls_1_3: oneOf("on", "off", "zrt"),
  ciphers: (value) => (Array.isArray(value) ? undefined : "must be a list of ciphers"),
  // A dynamic value: its keys go to the API as they are.
  security_header: securityHeader,
};

/** HTTP Strict Transport Security: https://developers.cloudflare.com/ssl/edge-certificates/additional-options/http-strict-transport-security/ */
function securityHeader(value: unknown): string | undefined {
  const header = isObject(value) ? value.strict_transport_security : undefined;
  if (!isObject(header)) return "must have strict_transport_security";
  const age = between(0, 31_536_000)(header.max_age ?? 0);
  return age === undefined ? undefined : `strict_transport_security.max_age ${age}`;
}

function settingProblem({ settingId, value }: Properties): string | undefined {
  const check = Object.hasOwn(settings, String(settingId)) ? settings[String(settingId)] : undefined;
  return value === undefined ? undefined : check?.(value);
}

/** In a real zone the second one to manage a setting would silently win. */
const managedTwice = (id: string): string => `the rehearsal has a resource for the setting of ${id} already`;

const switchOf = (required: readonly string[]): ResourceType => ({
  inputs: { ...replaces("zoneId"), ...updates("value") },
  required,
  checks: { zoneId: identifier, value: onOrOff },
  id: ({ inputs }) => String(inputs.zoneId),
  taken: managedTwice,
  outputs: { editable: () => true, modifiedOn: () => creationTime },
});

const sbfm = oneOf("allow", "block", "managed_challenge");
const superBots = ["sbfmDefinitelyAutomated", "sbfmLikelyAutomated", "sbfmVerifiedBots"];

export const cloudflareZoneTypes: Record<string, ResourceType> = {
  "cloudflare:index/zoneSetting:ZoneSetting": {
    inputs: { ...replaces("settingId zoneId"), ...updates("enabled value") },
    required: ["settingId", "value", "zoneId"],
    checks: {
      zoneId: identifier,
      settingId: oneOf(...Object.keys(settings)),
      enabled: bool,
    },
    combinations: [{ reads: ["value", "settingId"], problem: settingProblem }],
    id: ({ inputs }) => String(inputs.settingId),
    taken: managedTwice,
    outputs: { editable: () => true, modifiedOn: () => creationTime },
  },
  // https://developers.cloudflare.com/api/resources/cache/subresources/smart_tiered_cache/
  "cloudflare:index/tieredCache:TieredCache": switchOf(["value", "zoneId"]),
  "cloudflare:index/argoTieredCaching:ArgoTieredCaching": switchOf(["value", "zoneId"]),
  "cloudflare:index/regionalTieredCache:RegionalTieredCache": {
    ...switchOf(["zoneId"]),
    defaults: () => ({ value: "off" }),
  },
  // https://developers.cloudflare.com/api/resources/bot_management/methods/update/
  "cloudflare:index/botManagement:BotManagement": {
    inputs: {
      ...replaces("zoneId"),
      ...updates("aiBotsMigrationOptOut aiBotsProtection aiTraining aiUser aisearch autoUpdateModel bmCookieEnabled"),
      ...updates("botPreferenceSyncEnabled cfRobotsVariant contentBotsProtection crawlerProtection enableJs fightMode"),
      ...updates("isRobotsTxtManaged jsdApiResultsEnabled optimizeWordpress sbfmDefinitelyAutomated"),
      ...updates("sbfmLikelyAutomated sbfmStaticResourceProtection sbfmVerifiedBots suppressSessionScore"),
    },
    required: ["zoneId"],
    defaults: () => ({ isRobotsTxtManaged: false }),
    checks: {
      zoneId: identifier,
      aiBotsProtection: oneOf("block", "disabled", "only_on_ad_pages"),
      cfRobotsVariant: oneOf("off", "policy_only"),
      contentBotsProtection: oneOf("block", "disabled"),
      crawlerProtection: oneOf("enabled", "disabled"),
      enableJs: bool,
      fightMode: bool,
      sbfmDefinitelyAutomated: sbfm,
      sbfmLikelyAutomated: sbfm,
      sbfmVerifiedBots: oneOf("allow", "block"),
      suppressSessionScore: bool,
    },
    combinations: [
      {
        reads: ["fightMode", "sbfmDefinitelyAutomated", "sbfmLikelyAutomated", "sbfmVerifiedBots"],
        // Bot Fight Mode is of the free plan, Super Bot Fight Mode of Pro and above.
        problem: (inputs) =>
          inputs.fightMode === true && superBots.some((name) => inputs[name] !== undefined)
            ? "can't be on together with Super Bot Fight Mode (sbfm…)"
            : undefined,
      },
    ],
    id: ({ inputs }) => String(inputs.zoneId),
    taken: managedTwice,
    outputs: { usingLatestModel: () => true },
  },
};
