import { actionOf } from "./istio";
import { namespaceOf, objectName, ofKind, replicated } from "./kubernetes";
import { metadata } from "./metadata";
import { definePolicy, type Finding, type Resource } from "./policy";
import { at, equal, isMissing, isRecord, list, type Value } from "./values";

interface IsolationConfig {
  isolationLabel: string;
  ownsAnnotation: string;
}

const settings = {
  isolationLabel: {
    type: "string",
    description: "The label of pods, with the value dedicated, that share nothing with others.",
    default: "omega-platform/isolation",
  },
} as const;

const nameLabel = "app.kubernetes.io/name";
const template = ["spec", "template"];
const labelsOf = (resource: Resource) => at(resource.props, "metadata", "labels");

/** What PCI DSS calls segmentation: whatever reaches such pods, or runs beside them, is in the same scope. */
export const dedicatedIsolation = definePolicy<Pick<IsolationConfig, "isolationLabel">>({
  metadata: metadata.dedicatedIsolation,
  settings,
  stack: (resources, { isolationLabel }) => {
    const isDedicated = (resource: Resource): boolean =>
      at(resource.props, ...template, "metadata", "labels", isolationLabel) === "dedicated";
    return replicated(resources)
      .filter(isDedicated)
      .flatMap((workload) => [
        ...checkNamespace(workload, resources, isolationLabel),
        ...checkNodes(workload, resources),
        ...checkRoutes(workload, resources),
        ...checkGateways(workload, resources),
      ]);
  },
});

function checkNamespace(workload: Resource, resources: readonly Resource[], label: string): Finding[] {
  const namespace = namespaceOf(workload);
  const known = ofKind(resources, "core:Namespace").filter((each) => equal(objectName(each), namespace) === true);
  const unmarked = known
    .filter((each) => isMissing(at(labelsOf(each), label)))
    .map((resource) => ({
      resource,
      path: "metadata.labels",
      reason: `has pods of ${text(objectName(workload))}, whose isolation is dedicated, and is not marked as theirs`,
    }));
  const own = at(workload.props, ...template, "metadata", "labels", nameLabel);
  const strangers = replicated(resources).filter(
    (other) =>
      equal(namespaceOf(other), namespace) === true &&
      equal(at(other.props, ...template, "metadata", "labels", nameLabel), own) === false,
  );
  return [
    ...unmarked,
    ...strangers.map((resource) => ({
      resource,
      path: "metadata.namespace",
      reason: `is ${text(namespace)}, which is ${text(own)}'s alone`,
    })),
  ];
}

/** Where the stack has pools of nodes, one must be the workload's: selected by it, and tainted against all others. */
function checkNodes(workload: Resource, resources: readonly Resource[]): Finding[] {
  const pools = ofKind(resources, "karpenter.sh:NodePool");
  if (pools.length === 0) return [];
  const path = "spec.template.spec.nodeSelector";
  const selector = at(workload.props, ...path.split("."));
  const wanted = isRecord(selector) ? Object.entries(selector) : [];
  const chosen = pools.filter((pool) => {
    const labels = at(pool.props, ...template, "metadata", "labels");
    return wanted.length > 0 && wanted.every(([key, value]) => equal(at(labels, key), value) !== false);
  });
  if (chosen.length === 0) {
    return [{ resource: workload, path, reason: "selects no pool of nodes, so its pods run beside others'" }];
  }
  return chosen
    .filter((pool) => Array.isArray(at(pool.props, ...template, "spec", "taints")) === false)
    .map((resource) => ({
      resource,
      path: "spec.template.spec.taints",
      reason: `is missing, so others' pods run on the nodes of ${text(objectName(workload))}`,
    }));
}

function checkRoutes(workload: Resource, resources: readonly Resource[]): Finding[] {
  return ofKind(resources, "gateway.networking.k8s.io:HTTPRoute", "gateway.networking.k8s.io:GRPCRoute").flatMap(
    (resource) =>
      list(at(resource.props, "spec", "rules")).flatMap((rule, index) =>
        list(at(rule, "backendRefs")).flatMap((backend, position): Finding[] => {
          const namespace = at(backend, "namespace") ?? namespaceOf(resource);
          const isIt =
            equal(at(backend, "name"), objectName(workload)) === true &&
            equal(namespace, namespaceOf(workload)) === true;
          const path = `spec.rules[${index}].backendRefs[${position}]`;
          return isIt ? [{ resource, path, reason: `leads to ${text(objectName(workload))} from outside` }] : [];
        }),
      ),
  );
}

/** Who may call: no identity and no pod of a namespace with a gateway. */
function checkGateways(workload: Resource, resources: readonly Resource[]): Finding[] {
  const gateways = ofKind(resources, "gateway.networking.k8s.io:Gateway", "networking.istio.io:Gateway")
    .map(namespaceOf)
    .filter((namespace) => typeof namespace === "string");
  const isOfWorkload = (each: Resource) => equal(namespaceOf(each), namespaceOf(workload)) === true;
  const allowed = ofKind(resources, "security.istio.io:AuthorizationPolicy")
    .filter((policy) => isOfWorkload(policy) && actionOf(policy) === "ALLOW")
    .flatMap((resource) =>
      list(at(resource.props, "spec", "rules")).flatMap((rule, index) =>
        list(at(rule, "from")).flatMap((from, position) =>
          list(at(from, "source", "principals")).flatMap((principal, place): Finding[] => {
            const isGateway = gateways.some((namespace) => String(principal).includes(`/ns/${namespace}/`));
            const path = `spec.rules[${index}].from[${position}].source.principals[${place}]`;
            return isGateway ? [{ resource, path, reason: "is a gateway, which lets in what comes from outside" }] : [];
          }),
        ),
      ),
    );
  const reached = ofKind(resources, "networking.k8s.io:NetworkPolicy")
    .filter(isOfWorkload)
    .flatMap((resource) =>
      list(at(resource.props, "spec", "ingress")).flatMap((rule, index): Finding[] => {
        const from = at(rule, "from");
        const path = `spec.ingress[${index}].from`;
        if (isMissing(from) || (Array.isArray(from) && from.length === 0)) {
          return [{ resource, path, reason: "names nobody, which lets everybody in" }];
        }
        const isGateway = list(from).some((peer) =>
          gateways.some(
            (gateway) => gateway === at(peer, "namespaceSelector", "matchLabels", "kubernetes.io/metadata.name"),
          ),
        );
        return isGateway ? [{ resource, path, reason: "names a gateway's namespace" }] : [];
      }),
    );
  return [...allowed, ...reached];
}

/** Each datum that contracts name is written by one service; whoever else needs it asks that one, or follows its events. */
export const oneOwnerPerDatum = definePolicy<Pick<IsolationConfig, "ownsAnnotation">>({
  metadata: metadata.oneOwnerPerDatum,
  settings: {
    ownsAnnotation: {
      type: "string",
      description: "The annotation of a Deployment that lists, with commas, the data that it alone writes.",
      default: "omega-platform/owns",
    },
  },
  stack: (resources, { ownsAnnotation }) => {
    const owners = new Map<string, Resource>();
    return replicated(resources).flatMap((resource) => {
      const owned = at(resource.props, "metadata", "annotations", ownsAnnotation);
      const data = typeof owned === "string" ? owned.split(",").map((each) => each.trim()) : [];
      return data.flatMap((datum): Finding[] => {
        const owner = owners.get(datum);
        if (owner === undefined) owners.set(datum, resource);
        if (owner === undefined) return [];
        const path = `metadata.annotations["${ownsAnnotation}"]`;
        return [{ resource, path, reason: `has ${datum}, which ${text(objectName(owner))} owns` }];
      });
    });
  },
});

const text = (value: Value): string => (typeof value === "string" ? value : "another workload");
