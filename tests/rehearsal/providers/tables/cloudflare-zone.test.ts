import { account, idOf, type Inputs, outputs, problems, refusal, replacing, zone } from "./cloudflare";

const host = { zoneId: zone, hostname: "shop.customer.com", ssl: { method: "txt", type: "dv" } };
const pack = {
  ...{ zoneId: zone, certificateAuthority: "google", type: "advanced", validationMethod: "txt", validityDays: 90 },
  hosts: ["shop.com", "*.shop.com"],
};
const rule = { action: "set_cache_settings", actionParameters: { cache: true }, expression: "true" };
const cacheRules = { zoneId: zone, kind: "zone", name: "cache", phase: "http_request_cache_settings", rules: [rule] };
const limit = { characteristics: ["cf.colo.id", "ip.src"], period: 60, requestsPerPeriod: 100, mitigationTimeout: 60 };
const limits = (ratelimit: Inputs, rest: Inputs = {}) => ({
  ...{ zoneId: zone, kind: "zone", name: "limits", phase: "http_ratelimit" },
  rules: [{ action: "block", expression: "true", ratelimit: { ...limit, ...ratelimit }, ...rest }],
});
const firewall = (action: string, rest: Inputs = {}, phase = "http_request_firewall_custom") => ({
  ...{ zoneId: zone, kind: "zone", name: "firewall", phase },
  rules: [{ action, expression: "true", ...rest }],
});
const record = { zoneId: zone, name: "www.shop.com", type: "A", content: "192.0.2.1", ttl: 1, proxied: true };
const setting = (settingId: string, value: unknown) => ({ zoneId: zone, settingId, value });
const hsts = { strict_transport_security: { enabled: true, max_age: 31_536_000, include_subdomains: true } };

const valid: [string, Inputs][] = [
  ["DnsRecord", record],
  ["DnsRecord", { ...record, type: "AAAA", content: "2001:db8::1" }],
  ["DnsRecord", { ...record, type: "CNAME", content: "origin.shop.com" }],
  ["DnsRecord", { ...record, type: "TXT", content: '"v=spf1 -all"', proxied: false, ttl: 300 }],
  ["DnsRecord", { ...record, type: "CAA", content: undefined, data: { flags: 0 }, proxied: false }],
  ["CustomHostname", host],
  ["CustomHostnameFallbackOrigin", { zoneId: zone, origin: "proxy.shop.com" }],
  ["CertificatePack", pack],
  ["CertificatePack", { ...pack, certificateAuthority: "ssl_com", validityDays: 365 }],
  ["ZoneSetting", setting("min_tls_version", "1.2")],
  ["ZoneSetting", setting("security_header", hsts)],
  ["ZoneSetting", setting("browser_cache_ttl", 0)],
  ["TieredCache", { zoneId: zone, value: "on" }],
  ["RegionalTieredCache", { zoneId: zone }],
  ["ArgoTieredCaching", { zoneId: zone, value: "off" }],
  ["Ruleset", cacheRules],
  ["Ruleset", limits({})],
  ["Ruleset", limits({ mitigationTimeout: 0 }, { action: "managed_challenge" })],
  ["Ruleset", firewall("skip", { actionParameters: { ruleset: "current" } })],
  ["Ruleset", firewall("execute", { actionParameters: { id: "efb7b8c949ac4650a09736fc376e9aee" } })],
  ["Ruleset", firewall("rewrite", { actionParameters: { headers: {} } }, "http_response_headers_transform")],
  ["BotManagement", { zoneId: zone, sbfmDefinitelyAutomated: "block", sbfmVerifiedBots: "allow" }],
];

const invalid: [string, Inputs, string][] = [
  ["DnsRecord", { ...record, content: "192.0.2.256" }, "content: 9005"],
  ["DnsRecord", { ...record, type: "AAAA" }, "content: 9006"],
  ["DnsRecord", { ...record, type: "CNAME", content: "a b" }, "content: 9007"],
  ["DnsRecord", { ...record, type: "TXT", content: "x".repeat(4097), proxied: false }, "content: Content for TXT"],
  ["DnsRecord", { ...record, type: "CAA", content: undefined, proxied: false }, "content: A record must have"],
  ["DnsRecord", { ...record, type: "TXT" }, "content: 9004"],
  ["DnsRecord", { ...record, ttl: 300 }, "content: The TTL of a proxied record"],
  ["DnsRecord", { ...record, ttl: 10, proxied: false }, "ttl: must be from 30 to 86400, not 10"],
  ["DnsRecord", { ...record, type: "WKS" }, "type: must be one of"],
  ["DnsRecord", { ...record, priority: 65_536 }, "priority: must be from 0 to 65535"],
  ["CustomHostname", { ...host, hostname: "shop.customer.example" }, "hostname: 1409"],
  ["CustomHostname", { ...host, hostname: "localhost" }, "hostname: 1409"],
  ["CustomHostname", { ...host, hostname: "shop.example.org" }, "hostname: 1411"],
  ["CustomHostname", { ...host, hostname: "192.0.2.1" }, "hostname: 1407"],
  ["CustomHostname", { ...host, ssl: { method: "dns" } }, "ssl.method: must be one of http, txt, email"],
  ["CustomHostname", { ...host, ssl: { settings: { minTlsVersion: "1.4" } } }, "ssl.settings.minTlsVersion: must"],
  ["CustomHostnameFallbackOrigin", { zoneId: zone, origin: "http://a.com" }, "origin: must be a host name"],
  ["CustomHostnameFallbackOrigin", { zoneId: zone }, "origin: a required input is missing"],
  ["CertificatePack", { ...pack, hosts: [] }, "hosts: must have a host"],
  ["CertificatePack", { ...pack, hosts: Array(51).fill("a.com") }, "hosts: must be at most 50 hosts, not 51"],
  ["CertificatePack", { ...pack, validationMethod: "http" }, "hosts: can't have a wildcard"],
  ["CertificatePack", { ...pack, validityDays: 365 }, "validityDays: must be one of 14, 30, 90 with google"],
  ["CertificatePack", { ...pack, validityDays: 60 }, "validityDays: must be one of 14, 30, 90, 365"],
  ["ZoneSetting", setting("min_tls_version", "1.4"), "value: must be one of 1.0, 1.1, 1.2, 1.3"],
  ["ZoneSetting", setting("min_tls", "1.2"), "settingId: must be one of"],
  ["ZoneSetting", setting("security_header", { max_age: 1 }), "value: must have strict_transport_security"],
  ["ZoneSetting", setting("security_header", { strict_transport_security: { max_age: -1 } }), "max_age must be from 0"],
  ["TieredCache", { zoneId: zone, value: "smart" }, "value: must be one of on, off"],
  ["TieredCache", { zoneId: zone }, "value: a required input is missing"],
  ["RegionalTieredCache", { zoneId: zone, value: true }, "value: must be one of on, off"],
  ["ArgoTieredCaching", { zoneId: "not a zone", value: "on" }, "zoneId: must be an identifier"],
  ["Ruleset", { ...cacheRules, rules: [{ ...rule, expression: "" }] }, "rules: [0] must have an expression"],
  ["Ruleset", { ...cacheRules, rules: [{ ...rule, expression: "x".repeat(4097) }] }, "at most 4096 characters"],
  ["Ruleset", { ...cacheRules, rules: [{ ...rule, action: "block" }] }, "has no action block"],
  ["Ruleset", { ...cacheRules, rules: [{ ...rule, actionParameters: {} }] }, "actionParameters are missing"],
  [
    "Ruleset",
    {
      ...cacheRules,
      rules: [
        { ...rule, ref: "a" },
        { ...rule, ref: "a" },
      ],
    },
    "a ref of its own",
  ],
  ["Ruleset", { ...cacheRules, phase: "http_request" }, "phase: must be one of"],
  ["Ruleset", { ...cacheRules, kind: "account" }, "kind: must be one of custom, managed, root, zone"],
  ["Ruleset", { ...cacheRules, accountId: account }, "zoneId: either accountId or zoneId"],
  ["Ruleset", { ...cacheRules, zoneId: undefined, accountId: account }, "for a ruleset of the kind zone"],
  ["Ruleset", { ...cacheRules, rules: [{ ...rule, ratelimit: limit }] }, "for the phase http_ratelimit alone"],
  ["Ruleset", limits({ period: 30 }), "ratelimit.period must be one of 10, 60, 120, 300, 600, 3600, not 30"],
  ["Ruleset", limits({ characteristics: ["ip.src"] }), "ratelimit.characteristics must include cf.colo.id"],
  ["Ruleset", limits({ characteristics: ["cf.colo.id", "ip"] }), "ratelimit.characteristics must be a character"],
  ["Ruleset", limits({ requestsPerPeriod: undefined }), "either requestsPerPeriod or scorePerPeriod"],
  ["Ruleset", limits({ requestsPerPeriod: 0 }), "ratelimit.requestsPerPeriod must be at least 1"],
  ["Ruleset", limits({ mitigationTimeout: 45 }), "ratelimit.mitigationTimeout must be one of"],
  ["Ruleset", limits({}, { action: "js_challenge" }), "must be 0 with a challenge"],
  ["Ruleset", limits({}, { ratelimit: undefined }), "must have a ratelimit"],
  ["Ruleset", firewall("execute"), "actionParameters are missing for the action execute"],
  ["Ruleset", firewall("block", { actionParameters: { response: { statusCode: 302 } } }), "from 400 to 499, not 302"],
  ["Ruleset", firewall("log", { actionParameters: { response: { statusCode: 403 } } }), "the action block alone"],
  ["BotManagement", { zoneId: zone, fightMode: true, sbfmLikelyAutomated: "block" }, "fightMode: can't be on together"],
  ["BotManagement", { zoneId: zone, sbfmVerifiedBots: "managed_challenge" }, "sbfmVerifiedBots: must be one of allow"],
];

describe("a zone in the simulated Cloudflare", () => {
  it.each(valid)("takes a valid %s %j", (type, inputs) => {
    expect(problems(type, inputs)).toEqual([]);
    expect(refusal(type, inputs)).toBeUndefined();
  });

  it.each(invalid)("refuses a %s %j", (type, inputs, reason) => {
    expect(problems(type, inputs)).toEqual([expect.stringContaining(reason)]);
  });

  it.each([
    ["DnsRecord", record, { DnsRecord: [{ ...record, id: "r" }] }, "81058"],
    ["DnsRecord", record, { DnsRecord: [{ ...record, id: "r", type: "CNAME", content: "a.com" }] }, "81053"],
    ["CustomHostname", host, { CustomHostname: [{ ...host, id: "h" }] }, "1406: Duplicate custom hostname found."],
    ["Ruleset", cacheRules, { Ruleset: [{ ...cacheRules, id: "s", name: "other" }] }, "20217"],
  ])("has no second %s", (type, inputs, existing, reason) => {
    expect(refusal(type, inputs, existing)).toContain(reason);
  });

  it("has a ruleset for each phase", () => {
    expect(refusal("Ruleset", limits({}), { Ruleset: [{ ...cacheRules, id: "s" }] })).toBeUndefined();
  });

  it.each([
    ["DnsRecord", record, { content: "192.0.2.2", ttl: 60, proxied: false }, []],
    ["DnsRecord", record, { type: "AAAA" }, ["type"]],
    ["CustomHostname", host, { ssl: { method: "http", type: "dv" }, customOriginServer: "a.shop.com" }, []],
    ["CustomHostname", host, { hostname: "new.customer.com" }, ["hostname"]],
    ["CustomHostnameFallbackOrigin", { zoneId: zone, origin: "a.com" }, { origin: "b.com" }, []],
    ["CertificatePack", pack, { validityDays: 30 }, ["validityDays"]],
    ["ZoneSetting", setting("ssl", "full"), { value: "strict" }, []],
    ["ZoneSetting", setting("http2", "on"), { settingId: "http3" }, ["settingId"]],
    ["TieredCache", { zoneId: zone, value: "on" }, { value: "off" }, []],
    ["TieredCache", { zoneId: zone, value: "on" }, { zoneId: account }, ["zoneId"]],
    ["Ruleset", cacheRules, { rules: [], description: "none" }, []],
    ["Ruleset", cacheRules, { name: "other", phase: "http_ratelimit" }, ["name", "phase"]],
    ["BotManagement", { zoneId: zone }, { enableJs: true }, []],
  ])("changes a %s in place or not", (type, olds, changes, replaced) => {
    expect(replacing(type, olds, changes)).toEqual(replaced);
  });

  it("names what it makes as Cloudflare does", () => {
    expect(idOf("ZoneSetting", setting("ssl", "full"))).toBe("ssl");
    expect(idOf("TieredCache", { zoneId: zone, value: "on" })).toBe(zone);
    expect(idOf("CertificatePack", pack)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(outputs("CustomHostname", host).ownershipVerification).toMatchObject({
      ...{ name: "_cf-custom-hostname.shop.customer.com", type: "txt" },
    });
    expect(outputs("DnsRecord", record)).toMatchObject({ proxiable: true, meta: "{}" });
    expect(outputs("RegionalTieredCache", { zoneId: zone }).value).toBe("off");
  });
});
