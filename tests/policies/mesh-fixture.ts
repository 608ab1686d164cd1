import type { ResourceUnderTest } from "../../policies/rules";
import { annotated, probes, resource } from "./workload-fixture";

const security = "security.istio.io/v1";
const networking = "networking.istio.io/v1";
const gateways = "gateway.networking.k8s.io/v1";

function namespace(name: string, labels: object): ResourceUnderTest {
  return { ...resource("core/v1:Namespace", name, {}), props: { metadata: { name, labels } } };
}

function release(name: string, chart: string, values: object): ResourceUnderTest {
  return { ...resource("helm.sh/v3:Release", name, {}), props: { name, chart, namespace: "istio-system", values } };
}

/** A mesh whose root namespace says nothing, so that each namespace has to. */
const identities: readonly ResourceUnderTest[] = [
  namespace("shop", { "istio-injection": "enabled" }),
  namespace("edge", { "istio.io/rev": "stable" }),
  namespace("data", {}),
  namespace("plain", { "istio.io/rev": "stable", "istio-injection": "disabled" }),
  resource(`${security}:PeerAuthentication`, "default", { mtls: { mode: "STRICT" } }),
  resource(`${security}:PeerAuthentication`, "edge", { mtls: { mode: "STRICT" } }, "edge"),
  resource(`${security}:PeerAuthentication`, "catalog", {
    selector: { matchLabels: { app: "catalog" } },
    mtls: { mode: "UNSET" },
    portLevelMtls: { 9090: { mode: "STRICT" } },
  }),
  resource(`${security}:AuthorizationPolicy`, "default-deny", {}),
  resource(`${security}:AuthorizationPolicy`, "catalog-from-orders", {
    selector: { matchLabels: { app: "catalog" } },
    action: "ALLOW",
    rules: [
      {
        from: [{ source: { principals: ["cluster.local/ns/shop/sa/orders"] } }],
        to: [{ operation: { ports: ["8080"] } }],
      },
    ],
  }),
  // Whoever is in the mesh, but only for one path; and whoever has a token.
  resource(`${security}:AuthorizationPolicy`, "metrics", {
    rules: [
      { from: [{ source: { principals: ["*"] } }], to: [{ operation: { paths: ["/metrics"] } }] },
      { from: [{ source: { principals: ["*"], requestPrincipals: ["*"] } }] },
      { when: [{ key: "request.auth.claims[group]", values: ["staff"] }] },
    ],
  }),
  resource(
    `${security}:RequestAuthentication`,
    "edge",
    {
      selector: { matchLabels: { app: "gateway", tier: "edge" } },
      jwtRules: [{ issuer: "https://login.example.com" }],
    },
    "edge",
  ),
  resource(
    `${security}:AuthorizationPolicy`,
    "require-token",
    {
      selector: { matchLabels: { app: "gateway" } },
      action: "DENY",
      rules: [{ from: [{ source: { notRequestPrincipals: ["*"] } }], to: [{ operation: { notPaths: ["/health"] } }] }],
    },
    "edge",
  ),
  resource(
    `${security}:AuthorizationPolicy`,
    "shop-hosts",
    {
      rules: [{ to: [{ operation: { hosts: ["shop.example.com"] } }] }],
    },
    "edge",
  ),
  // Takes no token, so none is asked for.
  resource(`${security}:RequestAuthentication`, "none", { jwtRules: [] }, "data"),
];

const backend = { destination: { host: "catalog" } };

const traffic: readonly ResourceUnderTest[] = [
  resource(`${networking}:VirtualService`, "catalog", {
    hosts: ["catalog"],
    http: [
      {
        match: [{ headers: { "x-chaos": { exact: "latency" } } }],
        fault: { delay: { percentage: { value: 1 }, fixedDelay: "0.5s" } },
        route: [backend],
      },
      { match: [{ uri: { prefix: "/old" } }], redirect: { uri: "/" } },
      { route: [backend], timeout: "2s", retries: { attempts: 2, perTryTimeout: "600ms" } },
    ],
  }),
  resource(`${gateways}:HTTPRoute`, "shop", {
    parentRefs: [{ name: "shop", namespace: "edge", sectionName: "https" }],
    rules: [{ backendRefs: [{ name: "catalog", port: 80 }], timeouts: { request: "10s", backendRequest: "5s" } }],
  }),
  resource(`${gateways}:HTTPRoute`, "to-https", {
    parentRefs: [{ name: "shop", namespace: "edge", port: 80 }],
    rules: [{ filters: [{ type: "RequestRedirect", requestRedirect: { scheme: "https" } }] }],
  }),
  resource(
    `${gateways}:Gateway`,
    "shop",
    {
      gatewayClassName: "istio",
      listeners: [
        { name: "http", port: 80, protocol: "HTTP" },
        { name: "https", port: 443, protocol: "HTTPS", tls: { certificateRefs: [{ name: "shop" }] } },
        { name: "through", port: 8443, protocol: "TLS", tls: { mode: "Passthrough" } },
      ],
    },
    "edge",
  ),
  // Waypoints speak HBONE; a gateway with an address inside the cluster is called with the mesh's own TLS.
  resource(`${gateways}:Gateway`, "waypoint", { listeners: [{ name: "mesh", port: 15008, protocol: "HBONE" }] }),
  annotated(
    resource(`${gateways}:Gateway`, "tunnelled", { listeners: [{ name: "http", port: 80, protocol: "HTTP" }] }, "edge"),
    { "networking.istio.io/service-type": "ClusterIP" },
  ),
  resource(
    `${networking}:Gateway`,
    "classic",
    {
      selector: { istio: "ingressgateway" },
      servers: [
        { port: { number: 80, protocol: "HTTP" }, tls: { httpsRedirect: true } },
        { port: { number: 443, protocol: "HTTPS" }, tls: { mode: "SIMPLE", credentialName: "shop" } },
      ],
    },
    "edge",
  ),
  resource(
    `${networking}:Gateway`,
    "way-out",
    {
      selector: { istio: "egressgateway" },
      servers: [{ port: { number: 80, protocol: "HTTP" } }],
    },
    "edge",
  ),
  annotated(
    resource("core/v1:Service", "internal", { type: "LoadBalancer", ports: [{ port: 53, protocol: "UDP" }] }, "data"),
    {
      "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
    },
  ),
];

const egress: readonly ResourceUnderTest[] = [
  release("istiod", "istiod", { meshConfig: { outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } } }),
  release("cni", "cni", {}),
  resource(`${networking}:Sidecar`, "catalog", {
    workloadSelector: { labels: { app: "catalog" } },
    egress: [{ hosts: ["./*"] }],
    outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
  }),
  resource(`${networking}:ServiceEntry`, "payments", { hosts: ["pay.example.com"], resolution: "DNS" }),
  resource(`${networking}:ServiceEntry`, "mailers", { hosts: ["*.mail.example.com"], resolution: "DYNAMIC_DNS" }),
  resource(`${networking}:ServiceEntry`, "ledger", { hosts: ["ledger.example.com"], addresses: ["192.0.2.0/24"] }),
  {
    ...resource("core/v1:ConfigMap", "istio", {}),
    props: {
      metadata: { name: "istio", namespace: "istio-system" },
      data: { mesh: "outboundTrafficPolicy:\n  mode: REGISTRY_ONLY\n" },
    },
  },
  // Its proxy is Istio's: what isn't set here is filled in.
  {
    ...resource("core/v1:Pod", "gateway", {}),
    props: {
      metadata: {
        name: "gateway",
        namespace: "edge",
        annotations: { "inject.istio.io/templates": "gateway" },
        labels: { app: "gateway" },
      },
      spec: {
        containers: [{ name: "istio-proxy", image: "auto", ...probes }],
        securityContext: { seccompProfile: { type: "RuntimeDefault" } },
      },
    },
  },
  resource(
    "core/v1:Service",
    "gateway",
    { selector: { app: "gateway" }, ports: [{ name: "http2", port: 80 }] },
    "edge",
  ),
];

const selector = { namespaces: ["shop"], labelSelectors: { app: "catalog" } };
const watch = {
  name: "watch",
  templateType: "StatusCheck",
  abortWithStatusCheck: true,
  statusCheck: { mode: "Continuous" },
};

const workflow = {
  entry: "all",
  templates: [
    { name: "all", templateType: "Serial", deadline: "30m", children: ["pause", "guarded"] },
    { name: "pause", templateType: "Suspend", deadline: "10s" },
    { name: "guarded", templateType: "Parallel", deadline: "5m", children: ["watch", "injection"] },
    watch,
    { name: "injection", templateType: "Serial", children: ["stress", "ask"] },
    { name: "stress", templateType: "StressChaos", deadline: "1m", stressChaos: { mode: "one", selector } },
    { name: "ask", templateType: "Task", conditionalBranches: [{ target: "deny", expression: "exitCode == 0" }] },
    {
      name: "deny",
      templateType: "HTTPChaos",
      httpChaos: { mode: "one", selector: { pods: { shop: ["catalog-0"] } } },
    },
  ],
};

const chaos: readonly ResourceUnderTest[] = [
  resource("chaos-mesh.org/v1alpha1:Workflow", "once", workflow, "chaos"),
  resource(
    "chaos-mesh.org/v1alpha1:Schedule",
    "weekly",
    { type: "Workflow", concurrencyPolicy: "Forbid", workflow },
    "chaos",
  ),
  resource("chaos-mesh.org/v1alpha1:StatusCheck", "steady", { mode: "Continuous" }, "chaos"),
];

/** What surrounds the workloads in a mesh, with each kind of thing that the policies must leave alone. */
export const meshObjects: readonly ResourceUnderTest[] = [...identities, ...traffic, ...egress, ...chaos];
