import { evaluate, type PackConfig, type ResourceUnderTest } from "../../policies/rules";
import { compliant, mutant, without } from "./fixture";
import { reports } from "./reports";

const placeholder = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const is = (target: string) => (each: ResourceUnderTest) => `${each.type.split(":").at(-1)}/${each.name}` === target;
const places = (stack: readonly ResourceUnderTest[], policy: string, config: PackConfig = {}): string[] =>
  evaluate(stack, config)
    .filter((each) => each.policy === policy)
    .map(({ type, resource, path }) => `${type.split(":").at(-1)}/${resource} ${path}`);

describe("a zone that visitors are served from", () => {
  const edgeOf = (...targets: string[]) => compliant.filter((each) => targets.some((target) => is(target)(each)));

  test.each(["WorkersRoute/shop", "WorkersCustomDomain/flags", "LoadBalancer/api"])("is told by %s", (target) => {
    const bare = edgeOf(target);
    expect(places(bare, "edge-encryption")).toEqual(Array.from({ length: 4 }, () => `${target} zoneId`));
    expect(places(bare, "edge-firewall")).toEqual([`${target} zoneId`, `${target} zoneId`]);
  });

  test("is reported once, whatever serves in it", () => {
    const bare = edgeOf("LoadBalancer/api", "WorkersRoute/shop", "WorkersCustomDomain/flags");
    expect(places(bare, "edge-firewall")).toEqual(["LoadBalancer/api zoneId", "LoadBalancer/api zoneId"]);
    const two = mutant("WorkersRoute/shop", "zoneId", "another", bare);
    expect(places(two, "edge-firewall")).toHaveLength(4);
  });

  test("is not told by a record or a bucket, whose zone may be somebody else's to protect", () => {
    expect(evaluate(edgeOf("DnsRecord/us-east", "R2CustomDomain/assets"))).toEqual([]);
  });

  test("may be known by its name alone, or not yet", () => {
    const bare = edgeOf("WorkersCustomDomain/flags");
    const named = mutant("WorkersCustomDomain/flags", "zoneId", undefined, bare);
    expect(places(named, "edge-firewall")).toHaveLength(2);
    const rules = edgeOf("Ruleset/managed", "Ruleset/limits");
    expect(places([...named, ...rules], "edge-firewall")).toEqual([]);
    const unknown = mutant("WorkersCustomDomain/flags", "zoneId", placeholder, bare);
    expect(places(unknown, "edge-firewall")).toHaveLength(2);
    expect(places([...unknown, ...rules], "edge-firewall")).toEqual([]);
  });

  test("needs no certificate for origins where it has none", () => {
    const own = without("AuthenticatedOriginPulls/regions");
    expect(reports(own, "hidden-origins")).toEqual(["LoadBalancer/api zoneId"]);
    const onlyWorkers = own.filter((each) => !is("LoadBalancer/api")(each) && !is("DnsRecord/us-east")(each));
    expect(evaluate(onlyWorkers)).toEqual([]);
    const withRecord = own.filter((each) => !is("LoadBalancer/api")(each));
    expect(reports(withRecord, "hidden-origins")).toEqual(["WorkersRoute/shop zoneId"]);
    expect(evaluate(mutant("DnsRecord/us-east", "zoneId", "another", withRecord))).toEqual([]);
    const withBalancer = own.filter((each) => !is("DnsRecord/us-east")(each));
    expect(reports(withBalancer, "hidden-origins")).toEqual(["LoadBalancer/api zoneId"]);
    for (const content of ["x.cfargotunnel.com", "100::", "192.0.2.1", placeholder]) {
      expect(evaluate(mutant("DnsRecord/us-east", "content", content, withRecord))).toEqual([]);
    }
  });

  test.each([
    ["AuthenticatedOriginPullsSettings", { zoneId: "zone", enabled: true }],
    ["ZoneSetting", { zoneId: "zone", settingId: "tls_client_auth", value: "on" }],
  ])("may show its certificate by %s", (kind, props) => {
    const own = without("AuthenticatedOriginPulls/regions");
    const type = `cloudflare:index/${kind.charAt(0).toLowerCase()}${kind.slice(1)}:${kind}`;
    const shown = { type, name: "pulls", urn: `urn:pulumi:prod::shop::${type}::pulls`, props };
    expect(evaluate([...own, shown])).toEqual([]);
    const off = { ...shown, props: { ...props, enabled: false, value: "off" } };
    expect(reports([...own, off], "hidden-origins")).toHaveLength(1);
    const another = { ...shown, props: { ...props, zoneId: "another" } };
    expect(reports([...own, another], "hidden-origins")).toHaveLength(1);
  });
});

describe("cache rules", () => {
  const open = mutant("Ruleset/cache", "rules[0].expression", "true");

  test("may keep tokens out by a later rule, or have them in the key", () => {
    expect(places(open, "safe-edge-caching")).toHaveLength(1);
    const asks = 'any(lower(http.request.headers.names[*])[*] == "authorization")';
    expect(evaluate(mutant("Ruleset/cache", "rules[2].expression", asks, open))).toEqual([]);
    const off = mutant(
      "Ruleset/cache",
      "rules[2].enabled",
      false,
      mutant("Ruleset/cache", "rules[2].expression", asks, open),
    );
    expect(places(off, "safe-edge-caching")).toHaveLength(1);
    const keyed = "rules[0].actionParameters.cacheKey.customKey.header.includes";
    expect(evaluate(mutant("Ruleset/cache", keyed, ["x-tenant", "Authorization"], open))).toEqual([]);
  });

  test("that are off, bypass or do something else keep nothing", () => {
    expect(evaluate(mutant("Ruleset/cache", "rules[0].enabled", false, open))).toEqual([]);
    expect(evaluate(mutant("Ruleset/cache", "rules[0].actionParameters.cache", false, open))).toEqual([]);
    expect(evaluate(mutant("Ruleset/cache", "phase", "http_request_transform", open))).toEqual([]);
  });

  test("need a tenant only in a zone with a Worker, and where there are tenants", () => {
    const header = "rules[0].actionParameters.cacheKey.customKey.header";
    const bare = mutant("Ruleset/cache", header, undefined);
    expect(places(bare, "safe-edge-caching")).toEqual([`Ruleset/cache ${header}.includes`]);
    expect(places(bare, "safe-edge-caching", { "safe-edge-caching": { tenantHeaders: [] } })).toEqual([]);
    const others = bare.filter(({ type }) => !/Workers(Route|CustomDomain)$/.test(type));
    expect(places(others, "safe-edge-caching")).toEqual([]);
  });

  test("other credentials can be named", () => {
    const config: PackConfig = { "safe-edge-caching": { credentials: ["authorization", "cookie"] } };
    expect(places(compliant, "safe-edge-caching", config)).toHaveLength(1);
    const both = 'not http.cookie contains "session" and not any(names[*] == "authorization")';
    expect(places(mutant("Ruleset/cache", "rules[0].expression", both), "safe-edge-caching", config)).toEqual([]);
  });
});

describe("load balancers", () => {
  const one = mutant("LoadBalancer/api", "regionPools", undefined);

  test("need two pools in production alone", () => {
    expect(reports(one, "edge-failover")).toEqual(["LoadBalancer/api defaultPools"]);
    const dev = one.map((each) =>
      is("LoadBalancer/api")(each) ? { ...each, urn: each.urn.replace(":prod-us:", ":dev:") } : each,
    );
    expect(evaluate(dev)).toEqual([]);
    expect(places(dev, "edge-failover", { "edge-failover": { stacks: ["dev"] } })).toHaveLength(1);
  });

  test("count pools that are yet to be made as different ones", () => {
    const two = mutant("LoadBalancer/api", "defaultPools", [placeholder, placeholder], one);
    expect(evaluate(two)).toEqual([]);
    expect(reports(mutant("LoadBalancer/api", "defaultPools", [placeholder], one), "edge-failover")).toHaveLength(1);
    expect(evaluate(mutant("LoadBalancer/api", "defaultPools", placeholder, one))).toEqual([]);
  });

  test("that don't steer by distance need no coordinates", () => {
    const nowhere = mutant("LoadBalancerPool/eu-west", "latitude", undefined);
    expect(places(nowhere, "edge-failover")).toHaveLength(1);
    expect(evaluate(mutant("LoadBalancer/api", "steeringPolicy", "geo", nowhere))).toEqual([]);
  });
});

describe("Workers", () => {
  test("may have their classes made by another version of theirs", () => {
    const bare = mutant("WorkerVersion/edge", "migrations", undefined);
    expect(reports(bare, "durable-classes")).toHaveLength(1);
    const first = compliant.find(is("WorkerVersion/edge"));
    if (first === undefined) throw new Error("no version");
    const earlier = { ...first, name: "first", urn: `${first.urn}-first` };
    expect(evaluate([...bare, earlier])).toEqual([]);
    const stranger = { ...earlier, props: { ...earlier.props, workerId: "stranger" } };
    expect(reports([...bare, stranger], "durable-classes")).toHaveLength(1);
  });

  test("need no log of a job that isn't there, is of something else, or is off", () => {
    const quiet = mutant("Worker/edge", "logpush", false);
    expect(places(quiet, "observed-edge")).toEqual(["Worker/edge logpush"]);
    expect(evaluate(quiet.filter((each) => !is("LogpushJob/workers")(each)))).toEqual([]);
    expect(evaluate(mutant("LogpushJob/workers", "dataset", "http_requests", quiet))).toEqual([]);
    expect(places(mutant("LogpushJob/workers", "enabled", false, quiet), "observed-edge")).toEqual([
      "LogpushJob/workers enabled",
    ]);
  });

  test.each([
    ["bounded-workers", { maxCpuMilliseconds: 49 }, "limits.cpuMs"],
    ["bounded-workers", { minCompatibilityDate: "2026-07-02" }, "compatibilityDate"],
    ["sealed-bindings", { secretNames: ["REGION"] }, "bindings[1].type"],
  ])("%s can be told %j", (policy, settings, path) => {
    expect(places(compliant, policy, { [policy]: settings })).toContain(`WorkerVersion/edge ${path}`);
  });
});

test.each([
  ["edge-encryption", { minHstsDays: 366 }, "ZoneSetting/security_header value.strict_transport_security.max_age"],
  ["edge-failover", { minPools: 3 }, "LoadBalancer/api defaultPools"],
  ["edge-health-checks", { maxDetectionSeconds: 130 }, "LoadBalancerMonitor/health interval"],
  ["edge-dead-letters", { maxRetries: 4 }, "QueueConsumer/retries settings.maxRetries"],
  [
    "safe-edge-caching",
    { maxErrorSeconds: 4 },
    "Ruleset/cache rules[0].actionParameters.edgeTtl.statusCodeTtls[1].value",
  ],
])("%s can be told %j", (policy, settings, place) => {
  expect(places(compliant, policy, { [policy]: settings })).toEqual([place]);
});

test("a dead-letter queue is kept as long as it is told", () => {
  const week = mutant("Queue/given-up", "settings.messageRetentionPeriod", 604_800);
  expect(evaluate(week)).toEqual([]);
  expect(places(week, "edge-dead-letters", { "edge-dead-letters": { minDeadLetterDays: 8 } })).toHaveLength(1);
});

test.each(["edge-firewall", "edge-dead-letters", "supported-types"])(
  "%s can be lifted from a resource until a day",
  (policy) => {
    const broken = [
      ...mutant("QueueConsumer/retries", "deadLetterQueue", undefined, mutant("Ruleset/limits", "rules", [])),
      ...deprecated("record:Record"),
    ];
    expect(places(broken, policy)).toHaveLength(1);
    const config: PackConfig = {
      [policy]: { exemptions: [{ resource: "*", reason: "moves in June", expires: "2030-06-30" }] },
    };
    const on = (day: string) => evaluate(broken, config, new Date(day)).filter((each) => each.policy === policy);
    expect(on("2030-06-30")).toEqual([]);
    expect(on("2030-07-01")[0]?.message).toContain('"moves in June"');
  },
);

function deprecated(type: string): ResourceUnderTest[] {
  const token = `cloudflare:index/${type}`;
  return [{ type: token, name: "old", urn: `urn:pulumi:dev::shop::${token}::old`, props: { zoneId: "zone" } }];
}

test.each([
  ["record:Record", "DnsRecord"],
  ["rateLimit:RateLimit", "Ruleset"],
  ["filter:Filter", "Ruleset"],
  ["firewallRule:FirewallRule", "Ruleset"],
  ["pageRule:PageRule", "Ruleset"],
  ["workerScript:WorkerScript", "WorkerVersion"],
  ["workerDomain:WorkerDomain", "WorkersCustomDomain"],
  ["workerCronTrigger:WorkerCronTrigger", "WorkersCronTrigger"],
  ["managedHeaders:ManagedHeaders", "ManagedTransforms"],
  ["tunnel:Tunnel", "ZeroTrustTunnelCloudflared"],
  ["tunnelConfig:TunnelConfig", "ZeroTrustTunnelCloudflaredConfig"],
  ["workersForPlatformsNamespace:WorkersForPlatformsNamespace", "WorkersForPlatformsDispatchNamespace"],
])("%s is to be %s", (type, next) => {
  const [violation, ...others] = evaluate(deprecated(type));
  expect(others).toEqual([]);
  expect(violation).toMatchObject({ policy: "supported-types", path: "type" });
  expect(violation?.message).toContain(next);
});

describe("data at the edge in production", () => {
  const unprotected = (target: string) =>
    compliant.map((each) => (is(target)(each) ? { ...each, isProtected: false } : each));

  test.each(["R2Bucket/assets", "WorkersKvNamespace/tenants", "D1Database/audit"])("%s must be protected", (target) => {
    expect(reports(unprotected(target), "kept-data")).toEqual([`${target} options.protect`]);
  });

  test.each(["Queue/retries", "Worker/edge", "Ruleset/cache", "R2CustomDomain/assets"])(
    "%s can be made again",
    (target) => {
      expect(evaluate(unprotected(target))).toEqual([]);
    },
  );

  test("a step of a migration deletes, too", () => {
    const steps = [{ newSqliteClasses: ["TenantLimiter"] }, { deletedClasses: ["Old"] }];
    expect(reports(mutant("WorkerVersion/edge", "migrations", { steps }), "kept-data")).toEqual([
      "WorkerVersion/edge migrations.steps[1].deletedClasses",
    ]);
  });
});
