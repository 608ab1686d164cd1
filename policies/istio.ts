import { namespaceOf, objectName, ofKind } from "./kubernetes";
import type { Resource } from "./policy";
import {
  append,
  at,
  equal,
  every,
  isMissing,
  list,
  not,
  present,
  some,
  unknown,
  type Answer,
  type Value,
} from "./values";

/** Where the mesh looks for rules besides the Service's namespace, and how it completes short names. */
export interface MeshConfig {
  clusterDomain: string;
  rootNamespace: string;
}

export const meshSettings = {
  clusterDomain: { type: "string", minLength: 1, default: "cluster.local", description: "The cluster's DNS domain." },
  rootNamespace: {
    type: "string",
    minLength: 1,
    default: "istio-system",
    description: "The mesh's root namespace, whose rules hold for every other.",
  },
} as const;

export function destinationRules(resources: readonly Resource[]): readonly Resource[] {
  return ofKind(resources, "networking.istio.io:DestinationRule");
}

/** One place of a rule where a field takes effect. */
export interface Setting {
  path: string;
  value: Value;
  subset: Value;
  /** Undefined where every port is meant. */
  port: Value;
}

/**
 * Every place where a rule sets, or fails to set, a field of its traffic policy. A subset inherits the rule's field unless
 * it has its own, which then replaces it whole; a port inherits nothing, so each port must set the field again.
 */
export function settingsOf(rule: Resource, field: string): Setting[] {
  const base = settingsIn(at(rule.props, "spec", "trafficPolicy"), "spec.trafficPolicy", field, undefined);
  const subsets = list(at(rule.props, "spec", "subsets")).flatMap((subset, index) => {
    const path = `spec.subsets[${index}].trafficPolicy`;
    const own = settingsIn(at(subset, "trafficPolicy"), path, field, at(subset, "name"));
    return own.filter(({ port, value }) => port !== undefined || !isMissing(value));
  });
  return [...base, ...subsets];
}

function settingsIn(policy: Value, path: string, field: string, subset: Value): Setting[] {
  const ports = list(at(policy, "portLevelSettings")).map((settings, index): Setting => ({
    path: `${path}.portLevelSettings[${index}].${field}`,
    value: at(settings, field),
    subset,
    port: at(settings, "port", "number") ?? unknown,
  }));
  return [{ path: `${path}.${field}`, value: at(policy, field), subset, port: undefined }, ...ports];
}

/** How closely a rule fits a Service. */
export interface Fit {
  rule: Resource;
  answer: Answer;
  isWildcard: boolean;
  /** Istio takes the rule with the lowest. */
  rank: number;
}

/** By list of rules or routes: who has which host; under `*` those that may have any. */
const byHost = new WeakMap<readonly Resource[], Map<string, number[]>>();

function indexed(list: readonly Resource[], hostsOf: (one: Resource) => Value): Map<string, number[]> {
  const index = new Map<string, number[]>();
  list.forEach((each, position) => {
    const hosts = hostsOf(each);
    for (const host of new Set(Array.isArray(hosts) ? hosts : [hosts])) {
      const key = typeof host === "string" && !host.startsWith("*") ? host : "*";
      append(index, key, position);
    }
  });
  return index;
}

/** Those of a list that may have a Service as their host, so that not all have to be compared with all. */
export function near(
  list: readonly Resource[],
  hostsOf: (one: Resource) => Value,
  service: Resource,
  clusterDomain: string,
): readonly Resource[] {
  const [name, namespace] = [objectName(service), namespaceOf(service)];
  if (typeof name !== "string" || typeof namespace !== "string") return list;
  const index = byHost.get(list) ?? indexed(list, hostsOf);
  byHost.set(list, index);
  const positions = ["*", name, `${name}.${namespace}.svc.${clusterDomain}`].flatMap((host) => index.get(host) ?? []);
  return [...new Set(positions)].sort((one, other) => one - other).flatMap((position) => list[position] ?? []);
}

export const ruleHost = (rule: Resource): Value => at(rule.props, "spec", "host");

/** The rule's place among those for this Service: its own namespace first, then the more specific host. */
export function fitOf(rule: Resource, service: Resource, mesh: MeshConfig): Fit {
  const host = at(rule.props, "spec", "host");
  const isWildcard = typeof host === "string" && host.startsWith("*");
  const isLocal = equal(namespaceOf(rule), namespaceOf(service)) === true;
  const specificity = typeof host !== "string" ? 0 : isWildcard ? host.length : 1000;
  return { rule, answer: applies(rule, service, mesh), isWildcard, rank: (isLocal ? 0 : 10_000) - specificity };
}

/** A rule of another namespace counts only for callers there; one with a workloadSelector for some callers only. */
function applies(rule: Resource, service: Resource, { clusterDomain, rootNamespace }: MeshConfig): Answer {
  const namespace = namespaceOf(rule);
  const selector = at(rule.props, "spec", "workloadSelector");
  return every([
    selector === unknown ? unknown : isMissing(selector),
    some([equal(namespace, namespaceOf(service)), equal(namespace, rootNamespace)]),
    matchesHost(at(rule.props, "spec", "host"), namespace, objectName(service), namespaceOf(service), clusterDomain),
  ]);
}

/**
 * Istio completes a host without a dot by the rule's namespace, and takes any other as a complete name: `catalog.shop`
 * and `catalog.shop.svc` are nobody's.
 */
export function matchesHost(host: Value, ruleNamespace: Value, name: Value, namespace: Value, domain: string): Answer {
  if (host === unknown) {
    return unknown;
  }
  if (typeof host !== "string") {
    return false;
  }
  if (host === "*") {
    return true;
  }
  if (!host.includes(".")) {
    return every([equal(host, name), equal(ruleNamespace, namespace)]);
  }
  if (typeof name !== "string" || typeof namespace !== "string") {
    return unknown;
  }
  const target = `${name}.${namespace}.svc.${domain}`;
  return host.startsWith("*") ? target.endsWith(host.slice(1)) : target === host;
}

/** Numbers of the ports on which a Service speaks HTTP/2, as Istio tells it: by appProtocol, else by the port's name. */
export function http2Ports(service: Resource): Value[] {
  return list(at(service.props, "spec", "ports"))
    .filter((port) => {
      const declared = at(port, "appProtocol") ?? at(port, "name");
      return typeof declared === "string" && /^(kubernetes\.io\/h2c|(grpc|http2)(-.*)?)$/.test(declared);
    })
    .map((port) => at(port, "port"));
}

/** Numbers of the ports that may carry HTTP: Istio looks into what isn't declared to be something else. */
export function httpPorts(service: Resource): Value[] {
  return list(at(service.props, "spec", "ports"))
    .filter((port) => {
      const declared = at(port, "appProtocol") ?? at(port, "name") ?? "";
      return typeof declared === "string" && !/^(https|mongo|mysql|redis|tcp|tls|udp)(-|$)/.test(declared);
    })
    .map((port) => at(port, "port"));
}

/** Seconds of a duration such as `30s`, `1m30s` or `500ms`; undefined if it is none. */
export function secondsOf(duration: string): number | undefined {
  const units: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 0.001 };
  if (!/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(duration)) {
    return undefined;
  }
  const parts = [...duration.matchAll(/([\d.]+)(h|ms|m|s)/g)];
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? ""] ?? 0), 0);
}

/** Whether pods of a namespace get a proxy; what a label says for one pod alone isn't seen. */
export function isInMesh(namespace: Resource): Answer {
  const labels = at(namespace.props, "metadata", "labels");
  const injection = at(labels, "istio-injection");
  return every([
    // It has the last word over a revision.
    not(equal(injection, "disabled")),
    some([
      equal(injection, "enabled"),
      equal(at(labels, "istio.io/dataplane-mode"), "ambient"),
      present(at(labels, "istio.io/rev")),
    ]),
  ]);
}

/** What an AuthorizationPolicy does with the requests that it matches. */
export function actionOf(policy: Resource): Value {
  return at(policy.props, "spec", "action") ?? "ALLOW";
}
