import { ofKind } from "./kubernetes";
import type { Resource } from "./policy";
import { at, equal, every, list, not, some, unknown, type Answer, type Value } from "./values";

const token = <M extends string, T extends string>(module: M, type: T): `cloudflare:index/${M}:${T}` =>
  `cloudflare:index/${module}:${type}`;

/** Kinds of what stands at the edge. */
export const edge = {
  bucket: token("r2Bucket", "R2Bucket"),
  bucketAccess: token("r2BucketCors", "R2BucketCors"),
  bucketDomain: token("r2CustomDomain", "R2CustomDomain"),
  bucketPublic: token("r2ManagedDomain", "R2ManagedDomain"),
  database: token("d1Database", "D1Database"),
  keyValues: token("workersKvNamespace", "WorkersKvNamespace"),
  keyValue: token("workersKv", "WorkersKv"),
  queue: token("queue", "Queue"),
  consumer: token("queueConsumer", "QueueConsumer"),
  balancer: token("loadBalancer", "LoadBalancer"),
  pool: token("loadBalancerPool", "LoadBalancerPool"),
  monitor: token("loadBalancerMonitor", "LoadBalancerMonitor"),
  record: token("dnsRecord", "DnsRecord"),
  setting: token("zoneSetting", "ZoneSetting"),
  hostSetting: token("hostnameTlsSetting", "HostnameTlsSetting"),
  customHost: token("customHostname", "CustomHostname"),
  originPulls: token("authenticatedOriginPulls", "AuthenticatedOriginPulls"),
  originPullsOfZone: token("authenticatedOriginPullsSettings", "AuthenticatedOriginPullsSettings"),
  ruleset: token("ruleset", "Ruleset"),
  worker: token("worker", "Worker"),
  version: token("workerVersion", "WorkerVersion"),
  deployment: token("workersDeployment", "WorkersDeployment"),
  route: token("workersRoute", "WorkersRoute"),
  domain: token("workersCustomDomain", "WorkersCustomDomain"),
  script: token("workersScript", "WorkersScript"),
  scriptSubdomain: token("workersScriptSubdomain", "WorkersScriptSubdomain"),
  logs: token("logpushJob", "LogpushJob"),
} as const;

/** A zone that visitors are served from, and the first of a stack's resources that says so. */
export interface Served {
  zone: Value;
  by: Resource;
}

/** Zones with a Worker or a load balancer in them: those of which a stack is the edge. */
export function servedZones(resources: readonly Resource[]): Served[] {
  return zonesOf(ofKind(resources, edge.route, edge.domain, edge.balancer));
}

/** Zones in which a Worker stands before whatever is fetched. */
export function workerZones(resources: readonly Resource[]): Served[] {
  return zonesOf(ofKind(resources, edge.route, edge.domain));
}

function zonesOf(servers: readonly Resource[]): Served[] {
  // A custom domain may name its zone in place of its identifier.
  const served = servers.map((by): Served => ({ zone: at(by.props, "zoneId") ?? unknown, by }));
  return served.filter(({ zone }, index) => served.findIndex((each) => each.zone === zone) === index);
}

export function isInZone({ props }: Resource, zone: Value): Answer {
  return equal(at(props, "zoneId"), zone);
}

/** Rulesets of a phase that hold for a zone: its own, and its account's. */
export function hasRuleset(resources: readonly Resource[], phase: string, zone: Value): Answer {
  return some(
    ofKind(resources, edge.ruleset).map((ruleset) => {
      const kind = at(ruleset.props, "kind");
      const isItsOwn = every([equal(kind, "zone"), isInZone(ruleset, zone)]);
      return every([equal(at(ruleset.props, "phase"), phase), some([equal(kind, "root"), isItsOwn])]);
    }),
  );
}

/** A rule of a ruleset, and where it is. */
export interface Rule {
  rule: Value;
  path: string;
}

/** The rules of a phase; none where the phase isn't known. */
export function rulesOf({ props }: Resource, phase: string): Rule[] {
  return list(at(props, "phase") === phase ? at(props, "rules") : []).map((rule, index) => ({
    rule,
    path: `rules[${index}]`,
  }));
}

/** Whether what is on by default hasn't been switched off. */
export function isOn(enabled: Value): Answer {
  return not(equal(enabled, false));
}

/**
 * Whether a text gives a reason for what is so by nature, for kinds that have neither annotations nor tags:
 * `omega-policies/<what>: <reason>`.
 */
export function mentionsWhy(text: Value, what: string): Answer {
  if (text === unknown) return unknown;
  return typeof text === "string" && new RegExp(`omega-policies/${what}: *\\S`).test(text);
}
