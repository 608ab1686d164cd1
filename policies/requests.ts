import { isInMesh, matchesHost, type MeshConfig, meshSettings, near, secondsOf } from "./istio";
import { namespaceOf, objectName, ofKind } from "./kubernetes";
import { metadata } from "./metadata";
import { leadsToGateway } from "./pods";
import { definePolicy, type Finding, type Resource } from "./policy";
import { at, equal, every, isMissing, isRecord, list, not, some, unknown, type Answer, type Value } from "./values";

interface TimeoutConfig extends Pick<MeshConfig, "clusterDomain"> {
  maxRetries: number;
  maxTimeoutSeconds: number;
}

export const requestTimeouts = definePolicy<TimeoutConfig>({
  metadata: metadata.requestTimeouts,
  settings: {
    clusterDomain: meshSettings.clusterDomain,
    maxRetries: { type: "integer", minimum: 0, default: 5, description: "The most further tries of one request." },
    maxTimeoutSeconds: { type: "integer", minimum: 1, default: 600, description: "The longest timeout of a route." },
  },
  resource: (resource, config) => [
    ...ofKind([resource], "networking.istio.io:VirtualService").flatMap((service) =>
      list(at(service.props, "spec", "http")).flatMap((route, index) =>
        answersItself(route) ? [] : checkRoute(service, route, `spec.http[${index}]`, config),
      ),
    ),
    ...ofKind([resource], "gateway.networking.k8s.io:HTTPRoute").flatMap((route) =>
      list(at(route.props, "spec", "rules")).flatMap((rule, index) =>
        redirects(rule) ? [] : checkRule(route, rule, `spec.rules[${index}].timeouts`, config),
      ),
    ),
  ],
  stack: (resources, config) =>
    ofKind(resources, "core:Service")
      .filter((service) => isCalledInMesh(service, resources) && hasRoute(service, resources, config) === false)
      .map((resource) => ({
        resource,
        path: "metadata.name",
        reason: "no VirtualService or HTTPRoute has it as its host, so a call may take for ever",
      })),
});

/** Routes that call nobody; and on one with a fault Istio applies neither timeout nor retries. */
function answersItself(route: Value): boolean {
  return ["redirect", "directResponse", "delegate", "fault"].some((field) => !isMissing(at(route, field)));
}

function redirects(rule: Value): boolean {
  const filters = at(rule, "filters");
  return filters === unknown || list(filters).some((filter) => equal(at(filter, "type"), "RequestRedirect") !== false);
}

function checkRoute(resource: Resource, route: Value, path: string, config: TimeoutConfig): Finding[] {
  const timeout = at(route, "timeout");
  const problem = problemOfTimeout(timeout, config);
  const attempts = at(route, "retries", "attempts");
  const isTooOften = typeof attempts === "number" && attempts > config.maxRetries;
  const tooOften = `is ${String(attempts)}, must be at most ${config.maxRetries}`;
  const findings: Finding[] = [
    ...(problem ? [{ resource, path: `${path}.timeout`, reason: problem }] : []),
    ...(isTooOften ? [{ resource, path: `${path}.retries.attempts`, reason: tooOften }] : []),
  ];
  const [whole, each] = [secondsIn(timeout), secondsIn(at(route, "retries", "perTryTimeout"))];
  if (findings.length > 0 || whole === undefined || each === undefined || typeof attempts !== "number") return findings;
  // Istio counts the tries after the first one.
  const reason = `${attempts + 1} tries of ${each} s don't fit in the route's timeout of ${whole} s`;
  return (attempts + 1) * each > whole + rounding ? [{ resource, path: `${path}.retries.perTryTimeout`, reason }] : [];
}

function checkRule(resource: Resource, rule: Value, path: string, config: TimeoutConfig): Finding[] {
  const request = at(rule, "timeouts", "request");
  const problem = problemOfTimeout(request, config);
  if (problem) return [{ resource, path: `${path}.request`, reason: problem }];
  const [whole, each] = [secondsIn(request), secondsIn(at(rule, "timeouts", "backendRequest"))];
  const reason = `is ${each} s, longer than the request's ${whole} s`;
  return whole !== undefined && each !== undefined && each > whole + rounding
    ? [{ resource, path: `${path}.backendRequest`, reason }]
    : [];
}

/** Seconds are sums of fractions. */
const rounding = 1e-9;

function problemOfTimeout(timeout: Value, { maxTimeoutSeconds }: TimeoutConfig): string | undefined {
  if (timeout === unknown) return undefined;
  if (isMissing(timeout)) return "is not set, so a call may take for ever";
  const seconds = secondsIn(timeout);
  if (seconds === undefined) return `is ${String(timeout)}, which is no duration`;
  if (seconds === 0) return "is 0, which means for ever";
  return seconds > maxTimeoutSeconds ? `is ${seconds} s, must be at most ${maxTimeoutSeconds} s` : undefined;
}

function secondsIn(value: Value): number | undefined {
  return typeof value === "string" ? secondsOf(value) : undefined;
}

/** Whether it is surely for callers in the mesh, by HTTP that it declares. */
function isCalledInMesh(service: Resource, resources: readonly Resource[]): boolean {
  const spec = at(service.props, "spec");
  const inMesh = ofKind(resources, "core:Namespace").map((namespace) =>
    every([equal(objectName(namespace), namespaceOf(service)), isInMesh(namespace)]),
  );
  return (
    every([
      (at(spec, "type") ?? "ClusterIP") === "ClusterIP",
      some(list(at(spec, "ports")).map(speaksHttp)),
      some(inMesh),
      not(leadsToGateway(service, resources)),
    ]) === true
  );
}

function speaksHttp(port: Value): boolean {
  const declared = at(port, "appProtocol") ?? at(port, "name");
  return typeof declared === "string" && /^(kubernetes\.io\/(h2c|ws)|(http|http2|grpc|grpc-web)(-.*)?)$/.test(declared);
}

const hostsOf = (service: Resource): Value => at(service.props, "spec", "hosts");

function hasRoute(service: Resource, resources: readonly Resource[], { clusterDomain }: TimeoutConfig): Answer {
  const name = objectName(service);
  const namespace = namespaceOf(service);
  const services = ofKind(resources, "networking.istio.io:VirtualService");
  const virtual = near(services, hostsOf, service, clusterDomain).map((each) => {
    const hosts = hostsOf(each);
    const matching = list(hosts).map((host) => matchesHost(host, namespaceOf(each), name, namespace, clusterDomain));
    return hosts === unknown ? unknown : some(matching);
  });
  const routes = ofKind(resources, "gateway.networking.k8s.io:HTTPRoute", "gateway.networking.k8s.io:GRPCRoute");
  const attached = routes.map((route) => {
    const parents = at(route.props, "spec", "parentRefs");
    const matching = list(parents).map((parent) =>
      every([
        equal(at(parent, "kind"), "Service"),
        equal(at(parent, "name"), name),
        equal(at(parent, "namespace") ?? namespaceOf(route), namespace),
      ]),
    );
    return parents === unknown ? unknown : some(matching);
  });
  // A filter that calls it does so with a timeout of its own.
  const host =
    typeof name === "string" && typeof namespace === "string" ? `${name}.${namespace}.svc.${clusterDomain}` : unknown;
  const called = ofKind(resources, "networking.istio.io:EnvoyFilter").map((each) => mentions(each.props, host));
  return some([...virtual, ...attached, ...called]);
}

function mentions(value: Value, text: Value): Answer {
  if (value === unknown || text === unknown) return unknown;
  if (typeof value === "string") return typeof text === "string" && value.includes(text);
  const parts = Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : [];
  return some(parts.map((part) => mentions(part, text)));
}
