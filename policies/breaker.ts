import {
  destinationRules,
  fitOf,
  meshSettings,
  near,
  ruleHost,
  secondsOf,
  settingsOf,
  type MeshConfig,
  type Setting,
} from "./istio";
import { namespaceOf, objectName, ofKind } from "./kubernetes";
import { metadata } from "./metadata";
import { leadsToGateway } from "./pods";
import { definePolicy, type Finding, type Resource } from "./policy";
import { at, equal, isMissing, list, unknown, type Value } from "./values";

interface BreakerConfig extends MeshConfig {
  maxConsecutiveErrors: number;
  minEjectionPercent: number;
  minEjectionSeconds: number;
  serviceTypes: string[];
}

export const circuitBreaker = definePolicy<BreakerConfig>({
  metadata: metadata.circuitBreaker,
  settings: {
    ...meshSettings,
    maxConsecutiveErrors: {
      type: "integer",
      minimum: 1,
      default: 5,
      description: "The most failures in a row before an endpoint is ejected.",
    },
    minEjectionPercent: {
      type: "integer",
      minimum: 1,
      maximum: 100,
      default: 50,
      description: "The least maxEjectionPercent: 50 can eject one of two endpoints.",
    },
    minEjectionSeconds: { type: "integer", minimum: 1, default: 30, description: "The least baseEjectionTime." },
    serviceTypes: {
      type: "array",
      minItems: 1,
      items: { type: "string", enum: ["ClusterIP", "NodePort", "LoadBalancer"] },
      default: ["ClusterIP", "NodePort", "LoadBalancer"],
      description: "The types of Service that need a breaker.",
    },
  },
  stack: (resources, config) =>
    ofKind(resources, "core:Service")
      .filter((service) => needsBreaker(service, config.serviceTypes) && leadsToGateway(service, resources) === false)
      .flatMap((service) => checkService(service, destinationRules(resources), config)),
});

/**
 * Istio has nothing to eject for an ExternalName or for UDP; callers of a headless Service pick the pod, so no other can
 * take its place. Headlessness is always declared: an unknown address is one that will be given. What is exported to `~` is
 * seen by no proxy.
 */
function needsBreaker(service: Resource, types: readonly string[]): boolean {
  const spec = at(service.props, "spec");
  const seenBy = at(service.props, "metadata", "annotations", "networking.istio.io/exportTo");
  const type = at(spec, "type") ?? "ClusterIP";
  const ports = list(at(spec, "ports"));
  const isDatagram = ports.length > 0 && ports.every((port) => equal(at(port, "protocol") ?? "TCP", "UDP") !== false);
  const isCalled = seenBy !== "~" && seenBy !== unknown && at(spec, "clusterIP") !== "None" && !isDatagram;
  return typeof type === "string" && types.includes(type) && isCalled;
}

function checkService(service: Resource, rules: readonly Resource[], config: BreakerConfig): Finding[] {
  const fits = near(rules, ruleHost, service, config.clusterDomain)
    .map((rule) => fitOf(rule, service, config))
    .filter(({ answer }) => answer !== false);
  const sure = fits.filter(({ answer }) => answer === true);
  const first = sure.reduce((least, { rank }) => Math.min(least, rank), Infinity);
  const chosen = sure.filter(({ rank }) => rank === first);
  // A rule that can't be told yet may turn out to be the one for this Service, unless one names it already.
  if (fits.length > sure.length && chosen.every(({ isWildcard }) => isWildcard)) {
    return [];
  }
  if (chosen.length === 0) {
    const [name, namespace] = [objectName(service), namespaceOf(service)];
    const isNamed = typeof name === "string" && typeof namespace === "string";
    const host = isNamed ? `, host ${name}.${namespace}.svc.${config.clusterDomain}` : "";
    const reason = `no DestinationRule of its namespace or of ${config.rootNamespace} has it as its host`;
    return [{ resource: service, path: "metadata.name", reason, fix: metadata.circuitBreaker.fix + host }];
  }
  const findings = chosen.map(({ rule }) => checkRule(rule, config));
  return findings.some((found) => found.length === 0) ? [] : findings.flat();
}

function checkRule(rule: Resource, config: BreakerConfig): Finding[] {
  return settingsOf(rule, "outlierDetection").flatMap((setting) => checkDetection(rule, setting, config));
}

function checkDetection(resource: Resource, { path, value }: Setting, config: BreakerConfig): Finding[] {
  if (isMissing(value)) {
    return [{ resource, path, reason: "is not set, so no endpoint is ever ejected" }];
  }
  const problems: [field: string, problem: string | undefined][] = [
    ["consecutive5xxErrors", problemOfErrors(value, config.maxConsecutiveErrors)],
    ["splitExternalLocalOriginErrors", problemOfSplit(value)],
    ["maxEjectionPercent", problemOfShare(value, config.minEjectionPercent)],
    ["baseEjectionTime", problemOfTime(value, config.minEjectionSeconds)],
    ["minHealthPercent", problemOfHealth(value)],
  ];
  return problems.flatMap(([field, problem]) =>
    problem ? [{ resource, path: `${path}.${field}`, reason: problem }] : [],
  );
}

/** Either count may trip it; Istio's own defaults are 5 for the one and none for the other. */
function problemOfErrors(detection: Value, most: number): string | undefined {
  const counts = [at(detection, "consecutive5xxErrors") ?? 5, at(detection, "consecutiveGatewayErrors") ?? 0];
  const trips = counts.some((count) => count === unknown || (typeof count === "number" && count > 0 && count <= most));
  return trips
    ? undefined
    : `is ${String(counts[0])} (consecutiveGatewayErrors ${String(counts[1])}), one of them must be from 1 to ${most}`;
}

function problemOfSplit(detection: Value): string | undefined {
  return at(detection, "splitExternalLocalOriginErrors") === true
    ? "is true, and timeouts then eject nothing"
    : undefined;
}

function problemOfShare(detection: Value, least: number): string | undefined {
  const percent = at(detection, "maxEjectionPercent");
  if (isMissing(percent)) {
    return `is not set, and the default of 10 ejects nothing below ten hosts, must be at least ${least}`;
  }
  return typeof percent === "number" && percent < least ? `is ${percent}, must be at least ${least}` : undefined;
}

function problemOfTime(detection: Value, least: number): string | undefined {
  const time = at(detection, "baseEjectionTime") ?? "30s";
  if (time === unknown) {
    return undefined;
  }
  const seconds = typeof time === "string" ? secondsOf(time) : undefined;
  return seconds !== undefined && seconds >= least ? undefined : `is ${String(time)}, must be at least ${least}s`;
}

/** Below this share of healthy hosts Istio ejects none, so it must leave room for every ejection that is allowed. */
function problemOfHealth(detection: Value): string | undefined {
  const health = at(detection, "minHealthPercent");
  const ejected = at(detection, "maxEjectionPercent");
  return typeof health === "number" && typeof ejected === "number" && health > 100 - ejected
    ? `is ${health}, and with maxEjectionPercent ${ejected} it calls ejections off, must be at most ${100 - ejected}`
    : undefined;
}
