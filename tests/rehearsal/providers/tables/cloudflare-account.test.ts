import { account, type Existing, idOf, type Inputs, outputs, problems, refusal, replacing, zone } from "./cloudflare";

const own = { accountId: account };
const pem = (label: string) => `-----BEGIN ${label}-----\nMIIB\n-----END ${label}-----\n`;
const certificate = { zoneId: zone, certificate: pem("CERTIFICATE"), privateKey: pem("PRIVATE KEY") };
const id = "a".repeat(32);
const monitor = { ...own, type: "https", path: "/healthz", expectedCodes: "2xx" };
const pool = { ...own, name: "us-east", origins: [{ name: "a", address: "us.shop.com", weight: 1 }] };
const balancer = { zoneId: zone, name: "api.shop.com", defaultPools: [id], fallbackPool: id, proxied: true };
const worker = { ...own, name: "edge" };
const mainJs = { name: "main.js", contentType: "application/javascript+module", contentBase64: "" };
const version = { ...own, workerId: id, mainModule: "main.js", modules: [mainJs], compatibilityDate: "2026-01-31" };
const bound = (binding: Inputs) => ({ ...version, bindings: [{ name: "B", ...binding }] });
const share = (percentage: number, versionId = "v1") => ({ percentage, versionId });
const deployment = { ...own, scriptName: "edge", strategy: "percentage", versions: [share(90), share(10, "v2")] };
const route = { zoneId: zone, pattern: "*.shop.com/*", script: "edge" };
const domain = { ...own, hostname: "shop.com", service: "edge", zoneId: zone };
const queue = { ...own, queueName: "orders", settings: { messageRetentionPeriod: 86_400 } };
const consumer = { ...own, queueId: id, type: "worker", scriptName: "edge", settings: { batchSize: 10 } };
const job = { zoneId: zone, dataset: "http_requests", destinationConf: "r2://logs/{DATE}", maxUploadBytes: 5_000_000 };
const cors = {
  ...own,
  bucketName: "assets",
  rules: [{ allowed: { methods: ["GET"], origins: ["https://shop.com"] } }],
};
const age = { condition: { type: "Age", maxAge: 86_400 } };
const expiry = { id: "old", enabled: true, conditions: { prefix: "" }, deleteObjectsTransition: age };
const lifecycle = { ...own, bucketName: "assets", rules: [expiry] };
const assets = { ...own, bucketName: "assets", domain: "cdn.shop.com", zoneId: zone, enabled: true, minTls: "1.2" };
const origin = { scheme: "postgres", host: "db.shop.com", port: 5432, database: "d", user: "u", password: "p" };
const hyperdrive = { ...own, name: "db", origin };
const policy = { effect: "allow", permissionGroups: [{ id }], resources: '{"com.cloudflare.api.account.*":"*"}' };
const token = { name: "purge", policies: [policy], expiresOn: "2027-01-31T00:00:00Z" };
const value = { ...own, namespaceId: id, keyName: "config", value: "{}", metadata: '{"a":1}' };
const pulls = { zoneId: zone, configs: [{ hostname: "api.shop.com", certId: "c", enabled: true }] };

const everything: Existing = {
  LoadBalancerPool: [{ id }],
  Worker: [{ id, name: "edge" }],
  WorkerVersion: ["v1", "v2"].map((version) => ({ id: version, workerId: id })),
  Queue: [{ id, queueName: "other" }],
  R2Bucket: [{ id: "assets" }],
  WorkersKvNamespace: [{ id }],
  AuthenticatedOriginPullsHostnameCertificate: [{ id: "c" }],
};

const valid: [string, Inputs, Inputs, string[]][] = [
  ["LoadBalancerMonitor", monitor, { interval: 30, path: "/" }, []],
  ["LoadBalancerPool", pool, { accountId: zone }, ["accountId"]],
  ["LoadBalancer", balancer, { defaultPools: [], steeringPolicy: "geo" }, []],
  ["AuthenticatedOriginPullsCertificate", certificate, { certificate: "new" }, ["certificate"]],
  ["AuthenticatedOriginPullsHostnameCertificate", certificate, { privateKey: "new" }, ["privateKey"]],
  ["AuthenticatedOriginPulls", pulls, { configs: [] }, []],
  ["AuthenticatedOriginPullsSettings", { zoneId: zone, enabled: true }, { enabled: false }, []],
  ["Worker", worker, { name: "other" }, []],
  ["WorkerVersion", version, { compatibilityDate: "2026-02-01" }, ["compatibilityDate"]],
  ["WorkerVersion", bound({ type: "kv_namespace", namespaceId: id }), { bindings: [] }, ["bindings[0]"]],
  ["WorkersDeployment", deployment, { scriptName: "other" }, ["scriptName"]],
  ["WorkersRoute", route, { pattern: "shop.com/*", script: "other" }, []],
  ["WorkersCustomDomain", domain, { service: "other" }, ["service"]],
  ["Queue", queue, { queueName: "payments", settings: {} }, []],
  ["QueueConsumer", consumer, { settings: { batchSize: 5 } }, []],
  ["QueueConsumer", { ...consumer, type: "http_pull", scriptName: undefined }, { queueId: "q" }, ["queueId"]],
  ["LogpushJob", job, { dataset: "dns_logs", enabled: true }, ["dataset"]],
  ["R2BucketCors", cors, { rules: [] }, []],
  ["R2BucketLifecycle", lifecycle, { bucketName: "b" }, ["bucketName"]],
  ["R2CustomDomain", assets, { minTls: "1.3", domain: "a.com" }, ["domain"]],
  ["HyperdriveConfig", hyperdrive, { origin: { ...origin, password: "new" } }, []],
  ["ApiToken", token, { status: "disabled" }, []],
  ["WorkersKv", value, { value: "1" }, []],
  ["WorkersKv", value, { keyName: "other" }, ["keyName"]],
];

const invalid: [string, Inputs, string][] = [
  ["LoadBalancerMonitor", { ...monitor, type: "tcp" }, "type: must have a port with tcp"],
  ["LoadBalancerMonitor", { ...monitor, type: "icmp_ping" }, "type: must be http or https"],
  ["LoadBalancerMonitor", { ...monitor, expectedCodes: "600" }, "expectedCodes: must be HTTP codes"],
  ["LoadBalancerMonitor", { ...monitor, retries: 6 }, "retries: must be from 0 to 5"],
  ["LoadBalancerPool", { ...pool, origins: [] }, "origins: must have an origin"],
  ["LoadBalancerPool", { ...pool, origins: [{ name: "a", address: "a b" }] }, "origins: an origin's address"],
  ["LoadBalancerPool", { ...pool, origins: [...pool.origins, ...pool.origins] }, "a name of its own"],
  ["LoadBalancerPool", { ...pool, origins: [{ ...pool.origins[0], weight: 2 }] }, "weight must be from 0 to 1"],
  ["LoadBalancerPool", { ...pool, latitude: 10 }, "latitude and longitude go together"],
  ["LoadBalancerPool", { ...pool, minimumOrigins: 2 }, "minimumOrigins: must be at most the number"],
  ["LoadBalancerPool", { ...pool, checkRegions: ["EU"] }, "checkRegions: must be one of WNAM"],
  ["LoadBalancer", { ...balancer, ttl: 30 }, "ttl: is for a balancer that isn't proxied"],
  ["LoadBalancer", { ...balancer, regionPools: { EU: [id] } }, "regionPools: must be one of WNAM"],
  ["LoadBalancer", { ...balancer, sessionAffinity: "cookie", sessionAffinityTtl: 60 }, "must be from 1800 to 604800"],
  ["LoadBalancer", { ...balancer, sessionAffinity: "header" }, "must name headers"],
  ["LoadBalancer", { ...balancer, steeringPolicy: "nearest" }, "steeringPolicy: must be one of"],
  ["AuthenticatedOriginPullsHostnameCertificate", { ...certificate, certificate: "x" }, "a certificate in PEM"],
  ["AuthenticatedOriginPulls", { zoneId: zone, configs: [{}] }, "configs: must have a host name"],
  ["AuthenticatedOriginPullsSettings", { zoneId: zone, enabled: "on" }, "enabled: must be true or false"],
  ["Worker", { ...worker, name: "Edge" }, "name: must be at most 63 small letters"],
  ["WorkerVersion", { ...version, mainModule: "index.js" }, "mainModule: must be one of the modules"],
  ["WorkerVersion", { ...version, modules: [{ ...mainJs, contentFile: "a" }] }, "either contentBase64 or contentFile"],
  ["WorkerVersion", { ...version, modules: [{ ...mainJs, contentType: "text/html" }] }, "contentType of main.js must"],
  ["WorkerVersion", { ...version, compatibilityDate: "2026-13-01" }, "compatibilityDate: must be a date"],
  ["WorkerVersion", bound({ type: "kv" }), "bindings: the type of B must be one of"],
  ["WorkerVersion", bound({ type: "kv_namespace" }), "bindings: the kv_namespace B needs namespaceId"],
  ["WorkerVersion", bound({ type: "ratelimit", simple: { limit: 1, period: 30 } }), "period must be one of 10, 60"],
  [
    "WorkersDeployment",
    { ...deployment, versions: [share(90)] },
    "versions: the percentages must add up to 100, not 90",
  ],
  ["WorkersDeployment", { ...deployment, versions: [share(50), share(50)] }, "versions: must be of different versions"],
  [
    "WorkersDeployment",
    { ...deployment, versions: ["1", "2", "3"].map((v) => share(30, v)) },
    "1 or 2 versions, not 3",
  ],
  ["WorkersDeployment", { ...deployment, strategy: "canary" }, "strategy: must be one of percentage"],
  ["WorkersRoute", { ...route, pattern: "shop.*.com/*" }, "pattern: may have a * in the host only"],
  ["WorkersRoute", { ...route, pattern: "shop.com/*/a" }, "pattern: may have a * in the path only"],
  ["WorkersRoute", { ...route, pattern: "shop.com/?a" }, "pattern: must not have a query"],
  ["WorkersCustomDomain", { ...domain, hostname: "shop" }, "hostname: must be a host name"],
  ["Queue", { ...queue, queueName: "Orders" }, "queueName: must be at most 63"],
  ["Queue", { ...queue, settings: { messageRetentionPeriod: 10 } }, "messageRetentionPeriod: must be from 60"],
  ["QueueConsumer", { ...consumer, scriptName: undefined }, "scriptName: must be set with the type worker"],
  ["QueueConsumer", { ...consumer, type: "http_pull" }, "scriptName: is for the type worker alone"],
  ["QueueConsumer", { ...consumer, settings: { batchSize: 101 } }, "settings.batchSize: must be from 1 to 100"],
  ["QueueConsumer", { ...consumer, settings: { visibilityTimeoutMs: 1 } }, "settings: can't have visibilityTimeoutMs"],
  ["LogpushJob", { ...job, ...own }, "zoneId: either accountId or zoneId"],
  ["LogpushJob", { ...job, destinationConf: "s3cret" }, "destinationConf: must be a destination"],
  ["LogpushJob", { ...job, maxUploadIntervalSeconds: 10 }, "maxUploadIntervalSeconds: must be from 30 to 300"],
  ["LogpushJob", { ...job, dataset: "requests" }, "dataset: must be one of"],
  ["R2BucketCors", { ...cors, rules: [{ allowed: { methods: ["PATCH"], origins: ["*"] } }] }, "must be one of GET"],
  ["R2BucketCors", { ...cors, rules: [{ allowed: { methods: ["GET"], origins: ["https://a/b"] } }] }, "a scheme and a"],
  ["R2BucketLifecycle", { ...lifecycle, rules: [expiry, expiry] }, "rules: every rule must have an id of its own"],
  ["R2BucketLifecycle", { ...lifecycle, rules: [{ id: "a" }] }, "rules: rule a must have a transition"],
  ["R2CustomDomain", { ...assets, minTls: "1.4" }, "minTls: must be one of"],
  ["HyperdriveConfig", { ...hyperdrive, origin: { ...origin, host: undefined } }, "either host or serviceId"],
  ["HyperdriveConfig", { ...hyperdrive, originConnectionLimit: 4 }, "originConnectionLimit: must be from 5"],
  ["HyperdriveConfig", { ...hyperdrive, caching: { maxAge: 3601 } }, "caching.maxAge: must be from 1 to 3600"],
  ["ApiToken", { ...token, policies: [] }, "policies: must have a policy"],
  ["ApiToken", { ...token, policies: [{ ...policy, resources: "*" }] }, "resources must be a JSON object"],
  ["ApiToken", { ...token, notBefore: "2027-02-01T00:00:00Z" }, "expiresOn: must be after notBefore"],
  ["WorkersKv", { ...value, keyName: "k".repeat(513) }, "keyName: must be at most 512 bytes"],
  ["WorkersKv", { ...value, metadata: "{" }, "metadata: must be JSON"],
  ["WorkersKv", { ...value, expirationTtl: 30 }, "expirationTtl: must be at least 60"],
];

describe("an account in the simulated Cloudflare", () => {
  it.each(valid)("takes a valid %s and changes it in place or not", (type, inputs, changes, replaced) => {
    expect(problems(type, inputs)).toEqual([]);
    expect(refusal(type, inputs, { ...everything, [type]: [] })).toBeUndefined();
    expect(replacing(type, inputs, changes)).toEqual(replaced);
  });

  it.each(invalid)("refuses a %s %j", (type, inputs, reason) => {
    expect(problems(type, inputs)).toEqual([expect.stringContaining(reason)]);
  });

  it.each([
    ["LoadBalancer", balancer, {}, "no pool"],
    ["LoadBalancerPool", { ...pool, monitor: "m" }, {}, "no monitor m"],
    ["AuthenticatedOriginPulls", pulls, {}, "no host name certificate c"],
    ["WorkerVersion", version, {}, "10007"],
    ["WorkersDeployment", deployment, {}, "10007"],
    ["WorkersDeployment", deployment, { Worker: everything.Worker }, "edge has no version v1"],
    ["WorkersRoute", route, {}, "10007"],
    ["WorkersRoute", route, { WorkersRoute: [{ ...route, id: "r" }] }, "10020"],
    ["WorkersCustomDomain", domain, { DnsRecord: [{ id: "r", name: "shop.com", type: "A" }] }, "100117"],
    ["QueueConsumer", consumer, {}, "no queue"],
    ["QueueConsumer", consumer, { ...everything, QueueConsumer: [{ ...consumer, id: "c" }] }, "a consumer already"],
    ["Queue", queue, { Queue: [{ ...queue, id: "q" }] }, "11009"],
    ["R2CustomDomain", assets, {}, "10006"],
    ["WorkersKv", value, {}, "10013"],
  ] as [string, Inputs, Existing, string][])(
    "has no %s without, or twice with, what it names",
    (type, inputs, existing, reason) => {
      expect(refusal(type, inputs, existing)).toContain(reason);
    },
  );

  it("keeps secrets out of reasons and marks them in outputs", () => {
    expect(problems("LogpushJob", { ...job, destinationConf: "s3cret" }).join()).not.toContain("s3cret");
    const marked = expect.objectContaining({ value: expect.any(String) });
    expect(outputs("LogpushJob", job).destinationConf).toEqual(marked);
    expect(outputs("ApiToken", token).value).toEqual(marked);
    expect(outputs("AuthenticatedOriginPullsCertificate", certificate).privateKey).toEqual(marked);
    expect(idOf("LogpushJob", job)).toMatch(/^[1-9]\d*$/);
  });
});
