import { isIP } from "node:net";
import { creationTime } from "./aws-facts";
import { between, everyOne, matches, oneOf } from "./checks";
import { absent, bool, created, hostname, identifier, isTaken } from "./cloudflare-facts";
import { type Check, type Facts, type Neighbours, replaces, type ResourceType, updates } from "./table";
import type { Properties } from "../stand-in";
import { isObject } from "../wire";

const monitor = "cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor";
const pool = "cloudflare:index/loadBalancerPool:LoadBalancerPool";
const balancer = "cloudflare:index/loadBalancer:LoadBalancer";

const steeringPolicies = ",off,geo,random,dynamic_latency,proximity,least_outstanding_requests,least_connections".split(
  ",",
);

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Regions that can check a pool: https://developers.cloudflare.com/load-balancing/reference/region-mapping-api/ */
const regions = "WNAM ENAM WEU EEU NSAM SSAM OC ME NAF SAF SAS SEAS NEAS".split(" ");
const region = oneOf(...regions);
const checkRegion = oneOf(...regions, "ALL_REGIONS");

const origin: Check = (value) => {
  if (!isObject(value)) return "an origin must be an object";
  const { address, name, port, weight } = value;
  if (typeof name !== "string" || name === "") return "an origin must have a name";
  if (isIP(String(address)) === 0 && hostname(address) !== undefined) {
    return `an origin's address must be an IP address or a host name, not ${JSON.stringify(address)}`;
  }
  const share = weight === undefined ? undefined : between(0, 1)(weight);
  if (share !== undefined) return `an origin's weight ${share}`;
  const number = port === undefined ? undefined : between(0, 65_535)(port);
  return number === undefined ? undefined : `an origin's port ${number}`;
};

const origins: Check = (value) => {
  const names = listOf(value).map((one) => (isObject(one) ? one.name : undefined));
  if (names.length === 0) return "must have an origin";
  const problem = everyOne(origin)(value);
  if (problem !== undefined) return problem;
  return new Set(names).size < names.length ? "every origin must have a name of its own" : undefined;
};

/** Seconds that a session may last, by affinity: https://developers.cloudflare.com/load-balancing/understand-basics/session-affinity/ */
function affinityProblem({ sessionAffinity, sessionAffinityTtl: ttl }: Properties): string | undefined {
  if (ttl === undefined || sessionAffinity === "none") return undefined;
  return sessionAffinity === "header" ? between(30, 3600)(ttl) : between(1800, 604_800)(ttl);
}

function headersProblem({ sessionAffinity, sessionAffinityAttributes: attributes }: Properties): string | undefined {
  const headers = isObject(attributes) ? listOf(attributes.headers) : [];
  if (sessionAffinity === "header" && headers.length === 0) return "must name headers with the session affinity header";
  if (!isObject(attributes)) return undefined;
  const { samesite, secure } = attributes;
  return samesite === "None" && secure === "Never" ? "can't have samesite None with secure Never" : undefined;
}

/** Every pool that a balancer names, also by region, country, data centre and in its rules. */
function poolsOf({ defaultPools, fallbackPool, regionPools, countryPools, popPools, rules }: Properties): unknown[] {
  const places = [regionPools, countryPools, popPools].flatMap((map) => (isObject(map) ? Object.values(map) : []));
  const overrides = listOf(rules).flatMap((rule) =>
    isObject(rule) && isObject(rule.overrides) ? [rule.overrides] : [],
  );
  const own = [fallbackPool, ...listOf(defaultPools), ...places.flatMap(listOf)];
  return [...own, ...overrides.flatMap(poolsOf)].filter((id) => id !== undefined);
}

function refuseBalancer(facts: Facts, neighbours: Neighbours): string | undefined {
  if (isTaken(facts, neighbours, balancer, "name")) return "a load balancer with this name exists in the zone";
  // Pools are the account's, balancers a zone's.
  const reasons = poolsOf(facts.inputs).map((id) => absent(neighbours, pool, id, `no pool ${String(id)}`, "anywhere"));
  return reasons.find((reason) => reason !== undefined);
}

function monitorProblem({ type, port, path, expectedCodes }: Properties): string | undefined {
  if (["tcp", "smtp"].includes(String(type)) && !(Number(port) > 0)) return `must have a port with ${String(type)}`;
  const asks = path !== undefined || (expectedCodes ?? "") !== "";
  return asks && type !== "http" && type !== "https" ? "must be http or https to have a path or codes" : undefined;
}

export const cloudflareLoadBalancingTypes: Record<string, ResourceType> = {
  [monitor]: {
    inputs: {
      ...replaces("accountId"),
      ...updates("allowInsecure consecutiveDown consecutiveUp description expectedBody expectedCodes followRedirects"),
      ...updates("header interval method path port probeZone retries timeout type"),
    },
    required: ["accountId"],
    defaults: () => ({
      allowInsecure: false,
      followRedirects: false,
      interval: 60,
      retries: 2,
      timeout: 5,
      type: "http",
    }),
    // https://developers.cloudflare.com/api/resources/load_balancers/subresources/monitors/methods/create/
    checks: {
      accountId: identifier,
      type: oneOf("http", "https", "tcp", "udp_icmp", "icmp_ping", "smtp"),
      // Seconds; the shortest interval is Enterprise's.
      interval: between(10, 3600),
      timeout: between(1, 10),
      retries: between(0, 5),
      port: between(0, 65_535),
      expectedCodes: matches(/^$|^([1-5](\d\d|xx))(,\s*[1-5](\d\d|xx))*$/, "HTTP codes such as 200 or 2xx"),
      method: matches(/^[A-Z_]+$/, "a method in capitals"),
      path: matches(/^\//, "a path from /"),
      allowInsecure: bool,
    },
    combinations: [{ reads: ["type", "port", "path", "expectedCodes"], problem: monitorProblem }],
    id: (_, hex) => hex(32),
    outputs: created,
  },
  [pool]: {
    inputs: {
      ...replaces("accountId"),
      ...updates("checkRegions description enabled healthSources latitude loadShedding longitude minimumOrigins"),
      ...updates("monitor monitorGroup name notificationEmail notificationFilter originSteering origins"),
    },
    required: ["accountId", "name", "origins"],
    defaults: () => ({ enabled: true, minimumOrigins: 1 }),
    // https://developers.cloudflare.com/api/resources/load_balancers/subresources/pools/methods/create/
    checks: {
      accountId: identifier,
      name: matches(/^[\w-]+$/, "letters, digits, - and _"),
      origins,
      checkRegions: everyOne(checkRegion),
      latitude: between(-90, 90),
      longitude: between(-180, 180),
      "loadShedding.defaultPercent": between(0, 100),
      "loadShedding.sessionPercent": between(0, 100),
      "loadShedding.defaultPolicy": oneOf("random", "hash"),
      "loadShedding.sessionPolicy": oneOf("hash"),
      "originSteering.policy": oneOf("random", "hash", "least_outstanding_requests", "least_connections"),
    },
    combinations: [
      {
        reads: ["latitude", "longitude"],
        problem: ({ latitude, longitude }) =>
          (latitude === undefined) === (longitude === undefined) ? undefined : "latitude and longitude go together",
      },
      {
        reads: ["minimumOrigins", "origins"],
        problem: ({ minimumOrigins, origins }) =>
          Number(minimumOrigins) > listOf(origins).length ? "must be at most the number of origins" : undefined,
      },
    ],
    id: (_, hex) => hex(32),
    refuses: (facts, neighbours) =>
      isTaken(facts, neighbours, pool, "name")
        ? "a pool with this name exists in the account"
        : absent(neighbours, monitor, facts.inputs.monitor, `no monitor ${String(facts.inputs.monitor)}`),
    outputs: {
      ...created,
      disabledAt: ({ inputs }) => (inputs.enabled === false ? creationTime : undefined),
      networks: () => ["cloudflare"],
    },
  },
  [balancer]: {
    inputs: {
      ...replaces("zoneId"),
      ...updates("adaptiveRouting countryPools defaultPools description enabled fallbackPool locationStrategy name"),
      ...updates(
        "networks popPools proxied randomSteering regionPools rules sessionAffinity sessionAffinityAttributes",
      ),
      ...updates("sessionAffinityTtl steeringPolicy ttl"),
    },
    required: ["defaultPools", "fallbackPool", "name", "zoneId"],
    defaults: () => ({ enabled: true, proxied: false, sessionAffinity: "none", steeringPolicy: "" }),
    // https://developers.cloudflare.com/api/resources/load_balancers/methods/create/
    checks: {
      zoneId: identifier,
      name: hostname,
      defaultPools: (value) => (listOf(value).length > 0 ? everyOne(identifier)(value) : "must have a pool"),
      fallbackPool: identifier,
      regionPools: (value) =>
        isObject(value) ? everyOne(region)(Object.keys(value)) : "must be lists of pools by region",
      sessionAffinity: oneOf("none", "cookie", "ip_cookie", "header"),
      "sessionAffinityAttributes.samesite": oneOf("Auto", "Lax", "None", "Strict"),
      "sessionAffinityAttributes.secure": oneOf("Auto", "Always", "Never"),
      "sessionAffinityAttributes.zeroDowntimeFailover": oneOf("none", "temporary", "sticky"),
      "randomSteering.defaultWeight": between(0, 1),
      "locationStrategy.mode": oneOf("pop", "resolver_ip"),
      "locationStrategy.preferEcs": oneOf("always", "never", "proximity", "geo"),
      steeringPolicy: oneOf(...steeringPolicies),
    },
    combinations: [
      { reads: ["sessionAffinityTtl", "sessionAffinity"], problem: affinityProblem },
      { reads: ["sessionAffinityAttributes", "sessionAffinity"], problem: headersProblem },
      {
        reads: ["ttl", "proxied"],
        problem: ({ ttl, proxied }) =>
          ttl !== undefined && proxied === true ? "is for a balancer that isn't proxied" : undefined,
      },
    ],
    id: (_, hex) => hex(32),
    refuses: refuseBalancer,
    outputs: created,
  },
};
