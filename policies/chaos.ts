import { kindOf, ofKind } from "./kubernetes";
import { metadata } from "./metadata";
import { definePolicy, type Finding, type Resource } from "./policy";
import {
  at,
  empty,
  equal,
  every,
  isMissing,
  isRecord,
  list,
  present,
  some,
  unknown,
  type Answer,
  type Value,
} from "./values";

/** Kinds of Chaos Mesh that inject nothing by themselves: what runs others, and its own bookkeeping. */
const harmlessKinds = [
  ...["StatusCheck", "WorkflowNode", "RemoteCluster", "PhysicalMachine"],
  ...["PodHttpChaos", "PodIOChaos", "PodNetworkChaos"],
];
/** Templates of a workflow that inject nothing by themselves. */
const harmlessTemplates = ["Serial", "Parallel", "Suspend", "StatusCheck", "Task"];
/** Templates whose targets are no pods, or are named by the experiment that they repeat. */
const podlessTemplates = ["AWSChaos", "AzureChaos", "GCPChaos", "PhysicalMachineChaos", "Schedule"];

export const containedChaos = definePolicy<object>({
  metadata: metadata.containedChaos,
  settings: {},
  resource: (resource) => [
    ...ofKind([resource], "networking.istio.io:VirtualService").flatMap((service) =>
      list(at(service.props, "spec", "http")).flatMap((route, index) =>
        checkFault(service, route, `spec.http[${index}]`),
      ),
    ),
    ...checkExperiment(resource),
  ],
});

function checkFault(resource: Resource, route: Value, path: string): Finding[] {
  const kinds = ["delay", "abort"].filter((kind) => present(at(route, "fault", kind)) === true);
  if (kinds.length === 0) return [];
  const matches = at(route, "match");
  const headers: Value[] = matches === unknown ? [unknown] : list(matches).map((match) => at(match, "headers"));
  const isOpen = headers.length === 0 || headers.some((each) => empty(each) === true);
  const reason = "lets the fault hit requests that carry no header which asks for it";
  const idle = kinds.filter((kind) =>
    ["percentage", "percent"].every((field) => isMissing(at(route, "fault", kind, field))),
  );
  return [
    ...(isOpen ? [{ resource, path: `${path}.match`, reason }] : []),
    ...idle.map((kind) => ({
      resource,
      path: `${path}.fault.${kind}.percentage`,
      reason: "is not set, so the fault injects nothing and its experiment proves nothing",
    })),
  ];
}

function checkExperiment(resource: Resource): Finding[] {
  const [group, kind = ""] = kindOf(resource).split(":");
  if (group !== "chaos-mesh.org" || harmlessKinds.includes(kind)) return [];
  if (kind === "Workflow") return checkWorkflow(resource, "spec");
  const aimless = "can't end itself when the service fails";
  if (kind !== "Schedule") return [{ resource, path: "spec", reason: `a bare ${kind} ${aimless}` }];
  const type = at(resource.props, "spec", "type");
  const repeats = at(resource.props, "spec", "concurrencyPolicy") === "Allow";
  return [
    ...(type === "Workflow" || type === unknown
      ? checkWorkflow(resource, "spec.workflow")
      : [{ resource, path: "spec.type", reason: `is ${String(type)}, which ${aimless}` }]),
    ...(repeats
      ? [{ resource, path: "spec.concurrencyPolicy", reason: "is Allow: a second run starts beside one that lasts" }]
      : []),
  ];
}

/** Whatever injects must run beside a check that ends the workflow, must end by itself, and must say where it injects. */
function checkWorkflow(resource: Resource, path: string): Finding[] {
  const templates = list(at(resource.props, ...path.split("."), "templates"));
  return templates.flatMap((template, index) => {
    const type = at(template, "templateType");
    if (typeof type !== "string" || harmlessTemplates.includes(type)) return [];
    const place = `${path}.templates[${index}]`;
    const ends = (each: Value): Answer => present(at(each, "deadline"));
    const problems: [field: string, isProblem: boolean, reason: string][] = [
      [
        "templateType",
        within(template, templates, (around) => watches(around, templates)) === false,
        "runs beside no Continuous StatusCheck with abortWithStatusCheck: true",
      ],
      [
        "deadline",
        some([ends(template), within(template, templates, ends)]) === false,
        "is not set, here or around it, so it never ends by itself",
      ],
      ...(podlessTemplates.includes(type) ? [] : [problemOfSelector(template, type)]),
    ];
    return problems.flatMap(([field, isProblem, reason]) =>
      isProblem ? [{ resource, path: `${place}.${field}`, reason }] : [],
    );
  });
}

/** The experiment's field is named like its type, in another case. */
function problemOfSelector(template: Value, type: string): [field: string, isProblem: boolean, reason: string] {
  const fields = isRecord(template) ? Object.keys(template) : [];
  const field = fields.find((key) => key.toLowerCase() === type.toLowerCase()) ?? type;
  const named = some(
    ["namespaces", "pods"].map((key) => {
      const isEmpty = empty(at(template, field, "selector", key));
      return isEmpty === unknown ? unknown : !isEmpty;
    }),
  );
  return [`${field}.selector.namespaces`, named === false, "names none, so it may hit every pod of the cluster"];
}

/**
 * Whether a template is part of one for which it holds, directly or further out. One that several others have as a part must
 * be so in each of them.
 */
function within(
  template: Value,
  templates: readonly Value[],
  test: (around: Value) => Answer,
  seen: readonly Value[] = [],
): Answer {
  const name = at(template, "name");
  const children = templates.map(childrenOf);
  if (name === unknown || children.some((each) => each.includes(unknown))) return unknown;
  const parents = templates.filter((_, index) => children[index]?.includes(name));
  if (parents.length === 0 || seen.includes(name)) return false;
  return every(parents.map((parent) => some([test(parent), within(parent, templates, test, [...seen, name])])));
}

/** Names of what a template runs; an unknown list is one unknown name. */
function childrenOf(template: Value): Value[] {
  const children = at(template, "children");
  const branches = at(template, "conditionalBranches");
  const own: Value[] = children === unknown ? [unknown] : list(children);
  const targets: Value[] = branches === unknown ? [unknown] : list(branches).map((branch) => at(branch, "target"));
  return [...own, ...targets];
}

/** Whether one of its branches is a check that ends the whole workflow for as long as the others run. */
function watches(template: Value, templates: readonly Value[]): Answer {
  const aborting = childrenOf(template).map((child) =>
    some(
      templates.map((each) =>
        every([
          equal(at(each, "name"), child),
          equal(at(each, "templateType"), "StatusCheck"),
          equal(at(each, "abortWithStatusCheck"), true),
          equal(at(each, "statusCheck", "mode"), "Continuous"),
        ]),
      ),
    ),
  );
  return every([equal(at(template, "templateType"), "Parallel"), some(aborting)]);
}
