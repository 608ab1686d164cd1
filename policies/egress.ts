import { type MeshConfig, meshSettings } from "./istio";
import { namespaceOf, objectName, ofKind } from "./kubernetes";
import { metadata } from "./metadata";
import { definePolicy, type Finding, type Resource } from "./policy";
import { at, equal, every, isMissing, list, not, present, some, unknown, type Value } from "./values";

type EgressConfig = Pick<MeshConfig, "rootNamespace">;

export const declaredEgress = definePolicy<EgressConfig>({
  metadata: metadata.declaredEgress,
  settings: { rootNamespace: meshSettings.rootNamespace },
  resource: (resource, config) => [
    ...ofKind([resource], "networking.istio.io:Sidecar").flatMap((each) => allowsAny(each, "spec")),
    ...ofKind([resource], "install.istio.io:IstioOperator").flatMap((each) => allowsAny(each, "spec.meshConfig")),
    ...ofKind([resource], "sailoperator.io:Istio").flatMap((each) => allowsAny(each, "spec.values.meshConfig")),
    ...ofKind([resource], "helm.sh:Release").flatMap((each) => allowsAny(each, "values.meshConfig")),
    ...ofKind([resource], "core:ConfigMap").flatMap((each) => checkMeshConfig(each, config)),
    ...ofKind([resource], "networking.istio.io:ServiceEntry").flatMap(checkEntry),
  ],
  // A Sidecar of the root namespace holds for all that have none of their own, whatever the mesh's default is.
  stack: (resources, { rootNamespace }) => {
    const sidecars = ofKind(resources, "networking.istio.io:Sidecar").map((sidecar) =>
      every([
        equal(namespaceOf(sidecar), rootNamespace),
        not(present(at(sidecar.props, "spec", "workloadSelector"))),
        equal(at(sidecar.props, "spec", ...modeField), "REGISTRY_ONLY"),
      ]),
    );
    return some(sidecars) === false ? controlPlanes(resources).flatMap(checkDefault) : [];
  },
});

const modeField = ["outboundTrafficPolicy", "mode"];

function allowsAny(resource: Resource, prefix: string): Finding[] {
  const isAny = at(resource.props, ...prefix.split("."), ...modeField) === "ALLOW_ANY";
  const reason = "is ALLOW_ANY: its pods may call every host there is";
  return isAny ? [{ resource, path: [prefix, ...modeField].join("."), reason }] : [];
}

/** What istiod's own chart writes, e.g. where a Helm `Chart` registers its objects. */
function checkMeshConfig(resource: Resource, { rootNamespace }: EgressConfig): Finding[] {
  const name = objectName(resource);
  const text = at(resource.props, "data", "mesh");
  const isOfMesh = namespaceOf(resource) === rootNamespace && typeof name === "string" && /^istio(-|$)/.test(name);
  if (!isOfMesh || typeof text !== "string" || !/\bmode"?:\s*"?ALLOW_ANY\b/.test(text)) return [];
  return [{ resource, path: "data.mesh", reason: "has ALLOW_ANY: pods may call every host there is" }];
}

/** Releases of istiod whose values are all here: a file or a secret may say more. */
function controlPlanes(resources: readonly Resource[]): Resource[] {
  return ofKind(resources, "helm.sh:Release").filter(({ props }) => {
    const chart = at(props, "chart");
    const files = at(props, "valueYamlFiles");
    return typeof chart === "string" && /(^|\/)istiod$/.test(chart) && files !== unknown && list(files).length === 0;
  });
}

function checkDefault(resource: Resource): Finding[] {
  const path = ["values", "meshConfig", ...modeField].join(".");
  const reason = "is not set, and Istio's default is ALLOW_ANY: pods may call every host there is";
  return isMissing(at(resource.props, ...path.split("."))) ? [{ resource, path, reason }] : [];
}

function checkEntry(resource: Resource): Finding[] {
  const spec = at(resource.props, "spec");
  const resolution = at(spec, "resolution") ?? "NONE";
  const wild = (host: Value): host is string => typeof host === "string" && host.startsWith("*");
  const everything = (field: string, values: string[], reason: string): Finding[] =>
    list(at(spec, field)).flatMap((value, index) =>
      typeof value === "string" && values.includes(value)
        ? [{ resource, path: `spec.${field}[${index}]`, reason }]
        : [],
    );
  const hosts = list(at(spec, "hosts")).filter(wild);
  const named = hosts.filter((host) => host !== "*");
  const reason = `is NONE, so whatever calls itself ${named.join(" or ")} is let through to the address that its caller chose`;
  return [
    ...everything("hosts", ["*"], "declares every host there is"),
    ...everything("addresses", ["0.0.0.0/0", "::/0"], "declares every address there is"),
    ...(resolution === "NONE" && named.length > 0 ? [{ resource, path: "spec.resolution", reason }] : []),
  ];
}
