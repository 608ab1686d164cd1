import { evaluate, type ResourceUnderTest } from "../../policies/rules";
import { compliant, mutant, resource, without } from "./fixture";
import { reports, type Severed, testSevered, testTolerated, testWeakened } from "./reports";

const rules = "spec.rules";
const source = `${rules}[0].from[0].source`;
const listener = "spec.listeners[1]";
const server = "spec.servers[1].tls";
const mode = "outboundTrafficPolicy.mode";
const security = "security.istio.io/v1";
const shop = ["Namespace/shop", "metadata.name"] as const;
const edge = ["Namespace/edge", "metadata.name"] as const;
const tokens = ["RequestAuthentication/edge", "spec.jwtRules"] as const;

testWeakened([
  ["mutual-tls", "PeerAuthentication/default", "spec.mtls.mode", "PERMISSIVE", "DISABLE"],
  ["mutual-tls", "PeerAuthentication/catalog", "spec.portLevelMtls.9090.mode", "PERMISSIVE", "DISABLE"],
  ["default-deny", "AuthorizationPolicy/catalog-from-orders", `${rules}[0]`, {}, { to: [] }],
  ["default-deny", "AuthorizationPolicy/catalog-from-orders", `${source}.principals`, ["*"], ["orders", "*"]],
  ["default-deny", "AuthorizationPolicy/shop-hosts", `${rules}[0]`, { to: [{ operation: { hosts: ["*"] } }] }],
  ["required-token", "RequestAuthentication/none", "spec.jwtRules", [{ issuer: "https://login.example.com" }]],
  ["declared-egress", "Sidecar/catalog", `spec.${mode}`, "ALLOW_ANY"],
  ["declared-egress", "Release/istiod", `values.meshConfig.${mode}`, undefined, "ALLOW_ANY"],
  [
    "declared-egress",
    "ConfigMap/istio",
    "data.mesh",
    "outboundTrafficPolicy:\n  mode: ALLOW_ANY",
    '{"mode":"ALLOW_ANY"}',
  ],
  ["declared-egress", "ServiceEntry/mailers", "spec.hosts[0]", "*"],
  ["declared-egress", "ServiceEntry/mailers", "spec.resolution", undefined, "NONE"],
  ["declared-egress", "ServiceEntry/ledger", "spec.addresses[0]", "0.0.0.0/0", "::/0"],
  ["encrypted-listeners", "Gateway/shop", `${listener}.protocol`, "TCP"],
  ["encrypted-listeners", "Gateway/shop", `${listener}.tls.certificateRefs`, undefined, []],
  ["encrypted-listeners", "Gateway/classic", "spec.servers[0].tls.httpsRedirect", undefined, false],
  ["encrypted-listeners", "Gateway/classic", `${server}.credentialName`, undefined],
  ["closed-load-balancers", "Service/orders", "spec.loadBalancerSourceRanges", undefined, []],
  ["closed-load-balancers", "Service/orders", "spec.loadBalancerSourceRanges[0]", "0.0.0.0/0", "::/0"],
]);

testSevered([
  ...(["metadata.namespace", "spec.selector", "spec.mtls", "spec.mtls.mode"] as const).map((path): Severed => {
    const values = { "metadata.namespace": "other", "spec.selector": { matchLabels: { app: "a" } } };
    const value = path in values ? Object(values)[path] : path === "spec.mtls.mode" ? "UNSET" : undefined;
    return [`mutual TLS with another ${path}`, "mutual-tls", [["PeerAuthentication/default", path, value]], shop];
  }),
  ...(["action", "selector", "targetRefs"] as const).map((field): Severed => {
    const value = { action: "AUDIT", selector: { matchLabels: { app: "a" } }, targetRefs: [{ name: "a" }] }[field];
    const change = ["AuthorizationPolicy/default-deny", `spec.${field}`, value] as const;
    const others = ["AuthorizationPolicy/metrics", "spec.selector", { matchLabels: { app: "catalog" } }] as const;
    return [`denial with another ${field}`, "default-deny", [change, others], shop];
  }),
  [
    "an empty rule in place of none",
    "default-deny",
    [["AuthorizationPolicy/default-deny", rules, [{}]]],
    ["AuthorizationPolicy/default-deny", `${rules}[0]`],
  ],
  [
    "a namespace that joins",
    "mutual-tls",
    [
      ["Namespace/plain", "metadata.labels", { "istio.io/dataplane-mode": "ambient" }],
      ["AuthorizationPolicy/default-deny", "metadata.namespace", "plain"],
    ],
    ["Namespace/plain", "metadata.name"],
  ],
  [
    "methods and ports alone",
    "default-deny",
    [["AuthorizationPolicy/shop-hosts", `${rules}[0].to[0].operation`, { methods: ["GET"], ports: ["443"] }]],
    ["AuthorizationPolicy/shop-hosts", `${rules}[0]`],
  ],
  [
    "everybody of any namespace",
    "default-deny",
    [["AuthorizationPolicy/catalog-from-orders", `${rules}[0].from`, [{ source: { namespaces: ["*"] } }]]],
    ["AuthorizationPolicy/catalog-from-orders", `${source}.namespaces`],
  ],
  ...(
    [
      ["metadata.namespace", "shop"],
      ["spec.selector.matchLabels.app", "other"],
      ["spec.selector.matchLabels.version", "2"],
      ["spec.action", "AUDIT"],
      ["spec.action", "ALLOW"],
      [`${source}.notRequestPrincipals`, undefined],
      ["spec.targetRefs", [{ kind: "Gateway", name: "shop" }]],
    ] as const
  ).map(([path, value]): Severed => [
    `a token that is asked for with ${path} ${JSON.stringify(value)}`,
    "required-token",
    [
      ["AuthorizationPolicy/require-token", path, value],
      ["AuthorizationPolicy/require-token", `${rules}[0].to[0].operation.paths`, ["/"]],
    ],
    tokens,
  ]),
  [
    "a plain route beside the redirect",
    "encrypted-listeners",
    [["HTTPRoute/shop", "spec.parentRefs[0].sectionName", undefined]],
    ["Gateway/shop", "spec.listeners[0].protocol"],
  ],
  ...(
    [
      ["spec.parentRefs[0].port", 81],
      ["spec.parentRefs[0].name", "other"],
      ["spec.parentRefs[0].namespace", undefined],
      ["spec.rules[0].filters[0].requestRedirect.scheme", "http"],
    ] as const
  ).map(([path, value]): Severed => [
    `a redirect with another ${path}`,
    "encrypted-listeners",
    [["HTTPRoute/to-https", path, value]],
    ["Gateway/shop", "spec.listeners[0].protocol"],
  ]),
  [
    "a gateway that gets a public address",
    "encrypted-listeners",
    [["Gateway/tunnelled", "metadata.annotations", {}]],
    ["Gateway/tunnelled", "spec.listeners[0].protocol"],
  ],
  [
    "a way in through what was the way out",
    "encrypted-listeners",
    [["Gateway/way-out", "spec.selector.istio", "ingressgateway"]],
    ["Gateway/way-out", "spec.servers[0].tls.httpsRedirect"],
  ],
  [
    "a load balancer that was internal",
    "closed-load-balancers",
    [["Service/internal", "metadata.annotations", {}]],
    ["Service/internal", "spec.loadBalancerSourceRanges"],
  ],
]);

testTolerated([
  ["PeerAuthentication/default", "metadata.namespace", "istio-system"],
  ["AuthorizationPolicy/default-deny", "metadata.namespace", "istio-system"],
  // What one allows to all pods, it denies to everybody else.
  ["AuthorizationPolicy/default-deny", "spec.rules", [{ from: [{ source: { namespaces: ["shop"] } }] }]],
  ["AuthorizationPolicy/require-token", "spec.selector", undefined],
  ["AuthorizationPolicy/require-token", "spec.action", "CUSTOM"],
  ["RequestAuthentication/edge", "metadata.namespace", "edge"],
  ["ServiceEntry/mailers", "spec.resolution", "DNS"],
  ["Release/istiod", "valueYamlFiles", [{ path: "values.yaml" }]],
  ["Gateway/shop", `${listener}.tls`, { options: { "networking.gke.io/pre-shared-certs": "shop" } }],
  ["Gateway/classic", server, { mode: "PASSTHROUGH" }],
  ["Service/internal", "metadata.annotations", { "networking.gke.io/load-balancer-type": "Internal" }],
  ["Service/orders", "spec.loadBalancerSourceRanges", ["173.245.48.0/20", "2400:cb00::/32"]],
]);

/** A Sidecar of the root namespace declares what the mesh's own configuration leaves open. */
test("a default for every proxy stands for the mesh's", () => {
  const open = mutant("Release/istiod", "values", {});
  const sidecar = (spec: object): ResourceUnderTest =>
    resource("networking.istio.io/v1:Sidecar", "default", spec, "istio-system");
  const closed = { outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } };
  expect(evaluate([...open, sidecar(closed)])).toEqual([]);
  for (const spec of [{}, { ...closed, workloadSelector: { labels: { app: "catalog" } } }]) {
    expect(reports([...open, sidecar(spec)], "declared-egress")).toEqual([`Release/istiod values.meshConfig.${mode}`]);
  }
});

test.each([
  ["PeerAuthentication/edge", "mutual-tls"],
  ["AuthorizationPolicy/require-token", "required-token"],
])("without %s", (target, policy) => {
  expect(reports(without(target), policy)).toEqual([(policy === "mutual-tls" ? edge : tokens).join(" ")]);
});

test("a condition on the token's claims asks for one", () => {
  const when = [{ key: "request.auth.claims[group]", values: ["staff"] }];
  const spec = { selector: { matchLabels: { app: "gateway" } }, rules: [{ when }] };
  const asking = resource(`${security}:AuthorizationPolicy`, "staff", spec, "edge");
  const bare = without("AuthorizationPolicy/require-token");
  const open = "AuthorizationPolicy/shop-hosts";
  // Now that nothing is denied for want of a token, a whole host is let in without one.
  expect(reports([...bare, asking], "required-token")).toEqual([`${open} ${rules}[0]`]);
  const narrow = mutant(open, `${rules}[0].to[0].operation.paths`, ["/health"], [...bare, asking]);
  expect(evaluate(narrow)).toEqual([]);
});

test("meshes of other installers are judged by their own kinds", () => {
  const meshConfig = { outboundTrafficPolicy: { mode: "ALLOW_ANY" } };
  const operators = [
    resource("install.istio.io/v1alpha1:IstioOperator", "mesh", { meshConfig }),
    resource("sailoperator.io/v1:Istio", "mesh", { values: { meshConfig } }),
  ];
  expect(reports([...compliant, ...operators], "declared-egress")).toEqual([
    `IstioOperator/mesh spec.meshConfig.${mode}`,
    `Istio/mesh spec.values.meshConfig.${mode}`,
  ]);
});
