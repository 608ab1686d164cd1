import type { ResourceUnderTest } from "../../policies/rules";
import { kept } from "./production";

function flare(type: string, name: string, props: Record<string, unknown>): ResourceUnderTest {
  const token = `cloudflare:index/${type.charAt(0).toLowerCase()}${type.slice(1)}:${type}`;
  return kept({ type: token, name, urn: `urn:pulumi:dev::shop::${token}::${name}`, props });
}

const accountId = "account";
const zoneId = "zone";
const hsts = { enabled: true, include_subdomains: true, max_age: 31_536_000, nosniff: true };

const settings = Object.entries({
  min_tls_version: "1.2",
  ssl: "strict",
  always_use_https: "on",
  security_header: { strict_transport_security: hsts },
  tls_1_3: "on",
  "0rtt": "off",
}).map(([settingId, value]) => flare("ZoneSetting", settingId, { zoneId, settingId, value }));

const zone: readonly ResourceUnderTest[] = [
  ...settings,
  flare("DnsRecord", "us-east", {
    zoneId,
    name: "us-east.origin",
    type: "CNAME",
    content: "lb.example.net",
    proxied: true,
    ttl: 1,
  }),
  flare("DnsRecord", "mail", {
    zoneId,
    name: "mail",
    type: "A",
    content: "198.51.100.7",
    proxied: false,
    comment: "omega-policies/unproxied: no mail goes through the edge",
  }),
  flare("DnsRecord", "proof", { zoneId, name: "_acme-challenge.shop", type: "CNAME", content: "x.example.net" }),
  flare("DnsRecord", "senders", { zoneId, name: "@", type: "TXT", content: "v=spf1 -all" }),
  flare("AuthenticatedOriginPulls", "regions", {
    zoneId,
    configs: [{ hostname: "us-east.origin.shop.example", certId: "certificate", enabled: true }],
  }),
  flare("HostnameTlsSetting", "assets", { zoneId, hostname: "assets", settingId: "min_tls_version", value: "1.3" }),
  flare("CustomHostname", "acme", {
    zoneId,
    hostname: "shop.acme.example",
    ssl: { settings: { minTlsVersion: "1.2" } },
  }),
];

const rulesets: readonly ResourceUnderTest[] = [
  flare("Ruleset", "managed", {
    zoneId,
    kind: "zone",
    phase: "http_request_firewall_managed",
    rules: [
      { action: "execute", expression: "true", actionParameters: { id: "efb7b8c949ac4650a09736fc376e9aee" } },
      // What is only looked at takes nothing from what acts.
      { action: "execute", expression: "true", actionParameters: { id: "owasp", overrides: { action: "log" } } },
    ],
  }),
  flare("Ruleset", "custom", {
    zoneId,
    kind: "zone",
    phase: "http_request_firewall_custom",
    rules: [
      { action: "skip", expression: '(http.request.uri.path eq "/health")' },
      { action: "block", expression: "(true)", enabled: true },
    ],
  }),
  flare("Ruleset", "limits", {
    zoneId,
    kind: "zone",
    phase: "http_ratelimit",
    rules: [
      {
        action: "block",
        expression: "true",
        ratelimit: { characteristics: ["cf.colo.id", "ip.src"], period: 60, requestsPerPeriod: 6000 },
      },
    ],
  }),
  flare("Ruleset", "cache", {
    zoneId,
    kind: "zone",
    phase: "http_request_cache_settings",
    rules: [
      {
        action: "set_cache_settings",
        description: "API",
        expression: 'not any(http.request.headers.names[*] == "authorization")',
        actionParameters: {
          cache: true,
          edgeTtl: {
            mode: "override_origin",
            default: 86_400,
            statusCodeTtls: [
              { statusCodeRange: { from: 200, to: 299 }, value: 86_400 },
              { statusCodeRange: { from: 500 }, value: 5 },
              { statusCode: 404, value: 300 },
            ],
          },
          browserTtl: { mode: "override_origin", default: 3600 },
          cacheKey: { customKey: { header: { includes: ["X-Tenant"] }, host: { resolved: false } } },
        },
      },
      {
        action: "set_cache_settings",
        description: "omega-policies/shared: the same files for all tenants",
        expression: 'starts_with(http.request.uri.path, "/assets/")',
        actionParameters: { cache: true, edgeTtl: { mode: "respect_origin" }, browserTtl: { mode: "respect_origin" } },
      },
      {
        action: "set_cache_settings",
        expression: 'http.request.uri.path eq "/cart"',
        actionParameters: { cache: false },
      },
    ],
  }),
];

const balancing: readonly ResourceUnderTest[] = [
  flare("LoadBalancer", "api", {
    zoneId,
    name: "api.shop.example",
    proxied: true,
    defaultPools: ["us-east"],
    regionPools: { WEU: ["eu-west", "us-east"] },
    fallbackPool: "us-east",
    steeringPolicy: "proximity",
    adaptiveRouting: { failoverAcrossPools: true },
  }),
  ...["us-east", "eu-west"].map((name, index) =>
    flare("LoadBalancerPool", name, {
      accountId,
      name,
      latitude: 39 + index,
      longitude: -77 * index,
      monitor: "health",
      loadShedding: { defaultPolicy: "random", defaultPercent: 0 },
      origins: [{ name, address: `${name}.example.net`, enabled: true }],
    }),
  ),
  flare("LoadBalancerMonitor", "health", {
    accountId,
    type: "https",
    path: "/health",
    expectedCodes: "2xx",
    interval: 60,
    timeout: 5,
    consecutiveDown: 2,
    allowInsecure: false,
  }),
];

const workers: readonly ResourceUnderTest[] = [
  flare("Worker", "edge", {
    accountId,
    name: "edge",
    observability: { enabled: true, headSamplingRate: 1, logs: { enabled: true, headSamplingRate: 0.1 } },
    subdomain: { enabled: false, previewsEnabled: false },
    logpush: true,
  }),
  flare("WorkerVersion", "edge", {
    accountId,
    workerId: "edge",
    compatibilityDate: "2026-07-01",
    limits: { cpuMs: 50 },
    bindings: [
      {
        type: "json",
        name: "SETTINGS",
        json: '{"version":"1","flagTokens":["9f86d0"],"jwks":{"keys":[{"kty":"EC"}]}}',
      },
      { type: "plain_text", name: "REGION", text: "https://us-east.origin.shop.example" },
      { type: "secret_text", name: "SIGNING_SECRET", text: "hush" },
      { type: "durable_object_namespace", name: "LIMITERS", className: "TenantLimiter" },
      { type: "durable_object_namespace", name: "OTHERS", className: "Theirs", scriptName: "another" },
    ],
    migrations: { newTag: "v1", newSqliteClasses: ["TenantLimiter"] },
  }),
  flare("WorkersDeployment", "edge", {
    accountId,
    scriptName: "edge",
    strategy: "percentage",
    versions: [
      { versionId: "new", percentage: 10 },
      { versionId: "old", percentage: 90 },
    ],
  }),
  flare("WorkersRoute", "shop", { zoneId, pattern: "shop.example/*", script: "edge" }),
  flare("WorkersCustomDomain", "flags", { accountId, zoneId, hostname: "flags.shop.example", service: "edge" }),
  flare("WorkersScript", "report", {
    accountId,
    scriptName: "report",
    compatibilityDate: "2025-04-02",
    limits: { cpuMs: 10 },
    observability: { enabled: true },
    logpush: true,
    bindings: [{ type: "durable_object_namespace", name: "TOTALS", className: "Totals", scriptName: "report" }],
    exports: { Totals: { type: "durable-object", storage: "sqlite" } },
  }),
  flare("WorkersScriptSubdomain", "report", { accountId, scriptName: "report", enabled: false }),
  flare("LogpushJob", "workers", {
    accountId,
    dataset: "workers_trace_events",
    destinationConf: "r2://logs",
    enabled: true,
  }),
];

const stores: readonly ResourceUnderTest[] = [
  flare("R2Bucket", "assets", { accountId, name: "assets" }),
  flare("R2CustomDomain", "assets", { accountId, bucketName: "assets", domain: "assets.shop.example", minTls: "1.2" }),
  flare("R2ManagedDomain", "assets", { accountId, bucketName: "assets", enabled: false }),
  flare("R2BucketCors", "assets", {
    accountId,
    bucketName: "assets",
    rules: [
      { allowed: { methods: ["GET", "HEAD"], origins: ["*"] } },
      { allowed: { methods: ["PUT"], origins: ["https://admin.shop.example"] } },
    ],
  }),
  flare("WorkersKvNamespace", "tenants", { accountId, title: "tenants" }),
  flare("D1Database", "audit", { accountId, name: "audit" }),
  flare("Queue", "retries", { accountId, queueName: "retries", queueId: "queue-1" }),
  flare("Queue", "given-up", {
    accountId,
    queueName: "given-up",
    queueId: "queue-2",
    settings: { messageRetentionPeriod: 1_209_600 },
  }),
  flare("QueueConsumer", "retries", {
    accountId,
    queueId: "queue-1",
    type: "worker",
    scriptName: "edge",
    deadLetterQueue: "given-up",
    settings: { maxRetries: 5 },
  }),
  flare("QueueConsumer", "news", { accountId, queueId: "queue-3", type: "notification" }),
];

/** One zone with its edge, and each kind of thing that the policies must leave alone. */
export const edgeObjects: readonly ResourceUnderTest[] = [...zone, ...rulesets, ...balancing, ...workers, ...stores];
