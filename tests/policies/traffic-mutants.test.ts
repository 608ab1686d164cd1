import { evaluate } from "../../policies/rules";
import { compliant, mutant, resource, without } from "./fixture";
import { reports, type Severed, testSevered, testTolerated, testWeakened } from "./reports";

const route = "spec.http[2]";
const faulty = "spec.http[0]";
const timeouts = "spec.rules[0].timeouts";
const templates = "spec.templates";
const stress = `${templates}[5]`;
const deny = `${templates}[7]`;
const served = ["Service/catalog", "metadata.name"] as const;

testWeakened([
  ["request-timeouts", "VirtualService/catalog", `${route}.timeout`, undefined, "0s", "601s", "soon"],
  ["request-timeouts", "VirtualService/catalog", `${route}.retries.attempts`, 6],
  ["request-timeouts", "VirtualService/catalog", `${route}.retries.perTryTimeout`, "700ms", "3s"],
  ["request-timeouts", "HTTPRoute/shop", `${timeouts}.request`, undefined, "0s", "11m"],
  ["request-timeouts", "HTTPRoute/shop", `${timeouts}.backendRequest`, "11s"],
  ["contained-chaos", "VirtualService/catalog", `${faulty}.match`, undefined, [], [{ uri: { prefix: "/" } }]],
  ["contained-chaos", "VirtualService/catalog", `${faulty}.fault.delay.percentage`, undefined],
  ["contained-chaos", "Workflow/once", `${stress}.stressChaos.selector.namespaces`, undefined, []],
  ["contained-chaos", "Schedule/weekly", "spec.workflow.templates[5].stressChaos.selector.namespaces", undefined],
  ["contained-chaos", "Schedule/weekly", "spec.concurrencyPolicy", "Allow"],
  ["contained-chaos", "Schedule/weekly", "spec.type", "StressChaos", undefined],
]);

const injections = [stress, deny].map((place) => ["Workflow/once", `${place}.templateType`] as const);

testSevered([
  ...(
    [
      ["spec.templates[3].abortWithStatusCheck", undefined],
      ["spec.templates[3].statusCheck.mode", "Synchronous"],
      ["spec.templates[3].templateType", "Suspend"],
      ["spec.templates[2].templateType", "Serial"],
      ["spec.templates[2].children", ["injection"]],
    ] as const
  ).map(([path, value]): Severed => [
    `a watch with ${path} ${JSON.stringify(value)}`,
    "contained-chaos",
    [["Workflow/once", path, value]],
    ...injections,
  ]),
  [
    "an injection that runs unwatched too",
    "contained-chaos",
    [["Workflow/once", "spec.templates[0].children", ["pause", "guarded", "stress"]]],
    ["Workflow/once", `${stress}.templateType`],
  ],
  [
    "an injection without an end",
    "contained-chaos",
    [
      ["Workflow/once", "spec.templates[0].deadline", undefined],
      ["Workflow/once", "spec.templates[2].deadline", undefined],
    ],
    ["Workflow/once", `${deny}.deadline`],
  ],
  [
    "pods that aren't named",
    "contained-chaos",
    [["Workflow/once", `${deny}.httpChaos.selector.pods`, undefined]],
    ["Workflow/once", `${deny}.httpChaos.selector.namespaces`],
  ],
  ...(
    [
      ["spec.hosts", ["other"]],
      ["metadata.namespace", "data"],
    ] as const
  ).map(([path, value]): Severed => [
    `a VirtualService with another ${path}`,
    "request-timeouts",
    [["VirtualService/catalog", path, value]],
    served,
  ]),
  [
    "a gateway that is none",
    "request-timeouts",
    [
      ["Service/gateway", "spec.selector", { app: "other" }],
      ["Service/gateway", "metadata.namespace", "shop"],
    ],
    ["Service/gateway", "metadata.name"],
  ],
]);

testTolerated([
  ["VirtualService/catalog", `${route}.retries`, { attempts: 0 }],
  ["VirtualService/catalog", "spec.hosts", ["*.shop.svc.cluster.local"]],
  ["VirtualService/catalog", `${faulty}.fault`, {}],
  ["Service/catalog", "spec.type", "ExternalName"],
  ["Service/catalog", "spec.ports[0].name", "tcp"],
  ["Workflow/once", `${stress}.deadline`, undefined],
]);

test("a bare experiment is reported, whatever its kind", () => {
  const experiment = resource("chaos-mesh.org/v1alpha1:NetworkChaos", "delay", { duration: "30s" });
  expect(reports([...compliant, experiment], "contained-chaos")).toEqual(["NetworkChaos/delay spec"]);
});

test("a Service may have its timeout from a route of the Gateway API, or from the filter that calls it", () => {
  const bare = without("VirtualService/catalog");
  const parentRefs = [{ kind: "Service", group: "", name: "catalog" }];
  const rules = [{ timeouts: { request: "1s" } }];
  const filter = { configPatches: [{ patch: { value: { cluster: "outbound|80||catalog.shop.svc.cluster.local" } } }] };
  expect(reports(bare, "request-timeouts")).toEqual([served.join(" ")]);
  expect(
    evaluate([...bare, resource("gateway.networking.k8s.io/v1:HTTPRoute", "mesh", { parentRefs, rules })]),
  ).toEqual([]);
  expect(evaluate([...bare, resource("networking.istio.io/v1alpha3:EnvoyFilter", "limits", filter)])).toEqual([]);
});

test("a workflow that runs in a circle is watched by none", () => {
  const circle = mutant("Workflow/once", "spec.templates[0].children", ["all"]);
  const unwatched = mutant("Workflow/once", "spec.templates[2].children", ["all"], circle);
  expect(reports(unwatched, "contained-chaos")).toContain(`Workflow/once ${stress}.templateType`);
});
