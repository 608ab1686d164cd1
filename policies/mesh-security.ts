import { actionOf, isInMesh, meshSettings, type MeshConfig } from "./istio";
import { namespaceOf, objectName, ofKind } from "./kubernetes";
import { metadata } from "./metadata";
import { definePolicy, type Finding, type Resource } from "./policy";
import {
  at,
  empty,
  equal,
  every,
  isRecord,
  list,
  not,
  present,
  some,
  unknown,
  type Answer,
  type Value,
} from "./values";

type RootConfig = Pick<MeshConfig, "rootNamespace">;

const rootSettings = { rootNamespace: meshSettings.rootNamespace };

/** What a mode weakens is reported where it is set; a namespace only lacks one if none is set at all. */
export const mutualTls = definePolicy<RootConfig>({
  metadata: metadata.mutualTls,
  settings: rootSettings,
  resource: (resource) =>
    ofKind([resource], "security.istio.io:PeerAuthentication").flatMap((each) => {
      const ports = at(each.props, "spec", "portLevelMtls");
      const modes: [path: string, mode: Value][] = [
        ["spec.mtls.mode", modeOf(each)],
        ...Object.entries(isRecord(ports) ? ports : {}).map(([port, settings]): [string, Value] => [
          `spec.portLevelMtls.${port}.mode`,
          at(settings, "mode"),
        ]),
      ];
      return modes
        .filter(([, mode]) => typeof mode === "string" && !["STRICT", "UNSET"].includes(mode))
        .map(([path, mode]) => ({ resource, path, reason: `is ${String(mode)}, which lets plain text in` }));
    }),
  stack: (resources, config) =>
    uncovered(resources, "PeerAuthentication", config, (each) =>
      every([present(modeOf(each)), not(equal(modeOf(each), "UNSET"))]),
    ).map((resource) => ({
      resource,
      path: "metadata.name",
      reason: "has pods in the mesh, but no PeerAuthentication for all of them, and the default lets plain text in",
    })),
});

/** One that allows something to all pods of a namespace denies the rest; one that allows all is reported by itself. */
export const defaultDeny = definePolicy<RootConfig>({
  metadata: metadata.defaultDeny,
  settings: rootSettings,
  resource: (resource) =>
    ofKind([resource], "security.istio.io:AuthorizationPolicy")
      .filter((policy) => actionOf(policy) === "ALLOW")
      .flatMap((policy) =>
        list(at(policy.props, "spec", "rules")).flatMap((rule, index) =>
          checkRule(policy, rule, `spec.rules[${index}]`),
        ),
      ),
  stack: (resources, config) =>
    uncovered(resources, "AuthorizationPolicy", config, (policy) => equal(actionOf(policy), "ALLOW")).map(
      (resource) => ({
        resource,
        path: "metadata.name",
        reason:
          "has pods in the mesh, but no AuthorizationPolicy for all of them, and the default allows every request",
      }),
    ),
});

/** A rule may leave open who calls only where it says what for: paths, or hosts at a gateway. */
function checkRule(resource: Resource, rule: Value, path: string): Finding[] {
  const from = at(rule, "from");
  const to = at(rule, "to");
  const what = ["paths", "hosts"].flatMap((field) => list(to).map((each) => narrows(at(each, "operation", field))));
  const elsewhere = some([not(empty(at(rule, "when"))), to === unknown ? unknown : false, ...what]);
  if (elsewhere !== false) return [];
  if (empty(from) !== false) {
    return empty(from) === true
      ? [{ resource, path, reason: "says neither who may call nor which paths or hosts" }]
      : [];
  }
  return list(from).flatMap((each, index): Finding[] => {
    const source = at(each, "source");
    const fields = isRecord(source) ? Object.entries(source) : [];
    const isNarrow = some([
      source === unknown ? unknown : false,
      ...fields.map(([field, value]) => (everybody.includes(field) ? narrows(value) : not(empty(value)))),
    ]);
    const open = fields.filter(([field, value]) => everybody.includes(field) && list(value).includes("*"));
    return isNarrow === false
      ? open.map(([field]) => ({
          resource,
          path: `${path}.from[${index}].source.${field}`,
          reason: 'has "*": every workload of the mesh may call',
        }))
      : [];
  });
}

/** Where "*" means whoever is in the mesh. */
const everybody = ["principals", "namespaces", "serviceAccounts"];

function narrows(values: Value): Answer {
  if (values === unknown) return unknown;
  const known = list(values);
  return known.includes("*") ? false : known.length > 0;
}

/** The namespaces with pods in the mesh for all of whose pods there is surely no such object. */
function uncovered(
  resources: readonly Resource[],
  kind: string,
  { rootNamespace }: RootConfig,
  counts: (each: Resource) => Answer,
): Resource[] {
  const candidates = ofKind(resources, `security.istio.io:${kind}`);
  const covers = (each: Resource, namespace: Resource): Answer =>
    every([
      some([equal(namespaceOf(each), objectName(namespace)), equal(namespaceOf(each), rootNamespace)]),
      ...["selector", "targetRef", "targetRefs"].map((field) => empty(at(each.props, "spec", field))),
      counts(each),
    ]);
  return ofKind(resources, "core:Namespace").filter(
    (namespace) => isInMesh(namespace) === true && some(candidates.map((each) => covers(each, namespace))) === false,
  );
}

function modeOf(peerAuthentication: Resource): Value {
  return at(peerAuthentication.props, "spec", "mtls", "mode");
}
