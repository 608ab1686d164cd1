import { kindOf, namespaceOf, objectName, ofKind } from "./kubernetes";
import { metadata } from "./metadata";
import { definePolicy, type Finding, type Resource } from "./policy";
import { stores } from "./stores";
import {
  at,
  empty,
  equal,
  every,
  isMissing,
  isRecord,
  list,
  not,
  present,
  some,
  unknown,
  type Answer,
  type Value,
} from "./values";

export const encryptedListeners = definePolicy<object>({
  metadata: metadata.encryptedListeners,
  settings: {},
  resource: (resource) => [
    ...publicGateways([resource]).flatMap((gateway) =>
      list(at(gateway.props, "spec", "listeners")).flatMap((listener, index) =>
        checkListener(gateway, listener, `spec.listeners[${index}]`),
      ),
    ),
    ...ofKind([resource], "networking.istio.io:Gateway")
      .filter((gateway) => !isEgress(gateway))
      .flatMap((gateway) =>
        list(at(gateway.props, "spec", "servers")).flatMap((server, index) =>
          checkServer(gateway, server, `spec.servers[${index}]`),
        ),
      ),
  ],
  stack: (resources) =>
    publicGateways(resources).flatMap((gateway) =>
      list(at(gateway.props, "spec", "listeners")).flatMap((listener, index): Finding[] => {
        const isPlain = at(listener, "protocol") === "HTTP" && onlyRedirects(gateway, listener, resources) === false;
        const reason = "is HTTP, and not all of its routes send callers on to HTTPS";
        return isPlain ? [{ resource: gateway, path: `spec.listeners[${index}].protocol`, reason }] : [];
      }),
    ),
});

/** Those that Istio gives an address inside the cluster alone have whoever calls them in the mesh, with its TLS. */
function publicGateways(resources: readonly Resource[]): Resource[] {
  return ofKind(resources, "gateway.networking.k8s.io:Gateway").filter((gateway) => {
    const types = [["metadata"], ["spec", "infrastructure"]].map((path) =>
      at(gateway.props, ...path, "annotations", "networking.istio.io/service-type"),
    );
    return !types.includes("ClusterIP") && !types.includes(unknown);
  });
}

/** HTTP is a matter of the routes; what isn't TLS, TCP or HTTP has an encryption of its own (HBONE) or none to choose. */
function checkListener(resource: Resource, listener: Value, path: string): Finding[] {
  const protocol = at(listener, "protocol");
  if (protocol === "TCP") return [{ resource, path: `${path}.protocol`, reason: "is TCP, which encrypts nothing" }];
  const terminates = protocol === "HTTPS" || protocol === "TLS";
  const mode = at(listener, "tls", "mode") ?? "Terminate";
  const certificates = at(listener, "tls", "certificateRefs");
  const options = at(listener, "tls", "options");
  const isBare = mode === "Terminate" && empty(certificates) === true && empty(options) === true;
  return terminates && isBare
    ? [{ resource, path: `${path}.tls.certificateRefs`, reason: "names no certificate to terminate TLS with" }]
    : [];
}

/** Whether some route is attached to a listener, and each that is does nothing else than redirect to HTTPS. */
function onlyRedirects(gateway: Resource, listener: Value, resources: readonly Resource[]): Answer {
  const routes = ofKind(resources, "gateway.networking.k8s.io:HTTPRoute", "gateway.networking.k8s.io:GRPCRoute");
  const attached = routes.map((route) => ({ route, answer: isAttached(route, gateway, listener) }));
  const certain = attached.filter(({ answer }) => answer === true).map(({ route }) => redirectsAll(route));
  if (certain.includes(false)) return false;
  return attached.some(({ answer }) => answer === unknown) ? unknown : certain.length > 0 && every(certain);
}

function isAttached(route: Resource, gateway: Resource, listener: Value): Answer {
  const parents = at(route.props, "spec", "parentRefs");
  const optional = (given: Value, wanted: Value): Answer => isMissing(given) || equal(given, wanted);
  return parents === unknown
    ? unknown
    : some(
        list(parents).map((parent) =>
          every([
            equal(at(parent, "kind") ?? "Gateway", "Gateway"),
            equal(at(parent, "name"), objectName(gateway)),
            equal(at(parent, "namespace") ?? namespaceOf(route), namespaceOf(gateway)),
            optional(at(parent, "sectionName"), at(listener, "name")),
            optional(at(parent, "port"), at(listener, "port")),
          ]),
        ),
      );
}

function redirectsAll(route: Resource): Answer {
  const rules = at(route.props, "spec", "rules");
  const answers = list(rules).map((rule) => {
    const filters = at(rule, "filters");
    const redirecting = list(filters).map((filter) => equal(at(filter, "requestRedirect", "scheme"), "https"));
    return filters === unknown ? unknown : some(redirecting);
  });
  return rules === unknown ? unknown : every([answers.length > 0, ...answers]);
}

/** Istio's own kind: what leaves the mesh has the encryption of its sidecars or of the host that it goes to. */
function isEgress(gateway: Resource): boolean {
  const selector = at(gateway.props, "spec", "selector");
  const labels = isRecord(selector) ? Object.values(selector) : [];
  return selector === unknown || labels.some((label) => label === unknown || /egress/.test(String(label)));
}

function checkServer(resource: Resource, server: Value, path: string): Finding[] {
  const protocol = at(server, "port", "protocol");
  if (typeof protocol !== "string") return [];
  const tls = at(server, "tls");
  const isPlain = ["HTTP", "HTTP2", "GRPC"].includes(protocol.toUpperCase());
  if (isPlain) {
    const redirects = at(tls, "httpsRedirect");
    const reason = `is ${String(redirects ?? "not set")}, so it serves plain ${protocol}`;
    return redirects === true || redirects === unknown ? [] : [{ resource, path: `${path}.tls.httpsRedirect`, reason }];
  }
  const mode = at(tls, "mode") ?? "PASSTHROUGH";
  const sources = ["credentialName", "credentialNames", "serverCertificate", "tlsCertificates"];
  const isBare = sources.every((field) => empty(at(tls, field)) === true);
  return typeof mode === "string" && ["SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL"].includes(mode) && isBare
    ? [{ resource, path: `${path}.tls.credentialName`, reason: "names no certificate to terminate TLS with" }]
    : [];
}

/** What asks a cloud for a load balancer. */
interface LoadBalancer {
  annotations: Value;
  className: Value;
  ranges: Value;
  /** Of the ranges. */
  path: string;
}

export const closedLoadBalancers = definePolicy<object>({
  metadata: metadata.closedLoadBalancers,
  settings: {},
  resource: (resource) =>
    loadBalancersOf(resource)
      .filter((balancer) => isInternal(balancer) === false)
      .flatMap(({ annotations, ranges, path }): Finding[] => {
        if (empty(ranges) === true) {
          const reason = "is not set, so everybody reaches it, past whatever stands before it";
          return isMissing(at(annotations, rangesAnnotation)) ? [{ resource, path, reason }] : [];
        }
        return list(ranges).flatMap((range, index) =>
          typeof range === "string" && range.endsWith("/0")
            ? [{ resource, path: `${path}[${index}]`, reason: `is ${range}, which is everybody` }]
            : [],
        );
      }),
});

function loadBalancersOf(resource: Resource): LoadBalancer[] {
  const spec = at(resource.props, "spec");
  const balancer = (settings: Value, annotations: Value, classField: string, path: string): LoadBalancer => ({
    annotations,
    className: at(settings, classField),
    ranges: at(settings, "loadBalancerSourceRanges"),
    path: `${path}.loadBalancerSourceRanges`,
  });
  switch (kindOf(resource)) {
    case "core:Service":
      return at(spec, "type") === "LoadBalancer"
        ? [balancer(spec, at(resource.props, "metadata", "annotations"), "loadBalancerClass", "spec")]
        : [];
    case stores.kafka:
      return list(at(spec, "kafka", "listeners")).flatMap((listener, index) => {
        const settings = at(listener, "configuration");
        const path = `spec.kafka.listeners[${index}].configuration`;
        return at(listener, "type") === "loadbalancer"
          ? [balancer(settings, at(settings, "bootstrap", "annotations"), "class", path)]
          : [];
      });
    default:
      return [];
  }
}

const rangesAnnotation = "service.beta.kubernetes.io/load-balancer-source-ranges";

/** How the clouds' controllers are told to give an address inside the network alone. */
const internalAnnotations: Record<string, string> = {
  "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
  "service.beta.kubernetes.io/aws-load-balancer-internal": "true",
  "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
  "service.beta.kubernetes.io/openstack-internal-load-balancer": "true",
  "service.beta.kubernetes.io/oci-load-balancer-internal": "true",
  "networking.gke.io/load-balancer-type": "Internal",
  "cloud.google.com/load-balancer-type": "Internal",
};

/** Of these controllers it is what they do where nothing is said. */
const internalClasses = ["eks.amazonaws.com/nlb", "service.k8s.aws/nlb"];

function isInternal({ annotations, className }: LoadBalancer): Answer {
  return some([
    ...Object.entries(internalAnnotations).map(([key, value]) => equal(at(annotations, key), value)),
    every([
      some(internalClasses.map((each) => equal(className, each))),
      not(present(at(annotations, "service.beta.kubernetes.io/aws-load-balancer-scheme"))),
    ]),
  ]);
}
