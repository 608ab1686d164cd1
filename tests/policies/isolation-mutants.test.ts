import { evaluate, type ResourceUnderTest } from "../../policies/rules";
import { mutant, resource } from "./fixture";

const security = "security.istio.io/v1";
const pods = (name: string, isolation?: string) => ({
  labels: {
    "app.kubernetes.io/name": name,
    ...(isolation === undefined ? {} : { "omega-platform/isolation": isolation }),
  },
});

function deployment(name: string, namespace: string, owns: string, template: object): ResourceUnderTest {
  const made = resource("apps/v1:Deployment", name, { template }, namespace);
  return {
    ...made,
    props: { ...made.props, metadata: { name, namespace, annotations: { "omega-platform/owns": owns } } },
  };
}

function namespace(name: string, labels: object): ResourceUnderTest {
  return { ...resource("core/v1:Namespace", name, {}), props: { metadata: { name, labels } } };
}

const selector = { "omega-platform/dedicated-to": "payment" };

/** A payment service as the components make it, an order service that calls it, and a gateway. */
const stack: readonly ResourceUnderTest[] = [
  namespace("shop", {}),
  namespace("shop-payment", { "omega-platform/isolation": "dedicated" }),
  deployment("payment", "shop-payment", "transactions,payment-methods", {
    metadata: pods("payment", "dedicated"),
    spec: { nodeSelector: selector },
  }),
  deployment("order", "shop", "orders", { metadata: pods("order") }),
  resource("karpenter.sh/v1:NodePool", "payment", {
    template: {
      metadata: { labels: selector },
      spec: { taints: [{ key: "omega-platform/dedicated-to", value: "payment", effect: "NoSchedule" }] },
    },
  }),
  resource("gateway.networking.k8s.io/v1:Gateway", "gateway", {}, "gateway"),
  resource(
    "gateway.networking.k8s.io/v1:HTTPRoute",
    "orders",
    { rules: [{ backendRefs: [{ name: "order" }] }] },
    "shop",
  ),
  resource(
    `${security}:AuthorizationPolicy`,
    "payment-from-order",
    { action: "ALLOW", rules: [{ from: [{ source: { principals: ["cluster.local/ns/shop/sa/order"] } }] }] },
    "shop-payment",
  ),
  resource(
    "networking.k8s.io/v1:NetworkPolicy",
    "payment",
    {
      ingress: [
        {
          from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "shop" } } }],
          ports: [{ port: 8080 }],
        },
      ],
    },
    "shop-payment",
  ),
];

const names = ["dedicated-isolation", "one-owner-per-datum"];

function judged(resources: readonly ResourceUnderTest[]): string[] {
  return evaluate(resources)
    .filter(({ policy }) => names.includes(policy))
    .map(({ policy, resource: name, path }) => `${policy} ${name} ${path}`);
}

test("payment apart passes", () => {
  expect(judged(stack)).toEqual([]);
});

const isolated = "dedicated-isolation";
const ingress = "spec.ingress[0].from";
const principal = "spec.rules[0].from[0].source.principals[0]";

test.each([
  ["its namespace unmarked", "Namespace/shop-payment", "metadata.labels", {}, "shop-payment metadata.labels"],
  [
    "another one's pods beside it",
    "Deployment/order",
    "metadata.namespace",
    "shop-payment",
    "order metadata.namespace",
  ],
  [
    "no nodes of its own",
    "Deployment/payment",
    "spec.template.spec.nodeSelector",
    undefined,
    "payment spec.template.spec.nodeSelector",
  ],
  [
    "nodes of a pool that isn't there",
    "Deployment/payment",
    "spec.template.spec.nodeSelector",
    { pool: "other" },
    "payment spec.template.spec.nodeSelector",
  ],
  [
    "nodes that take all pods",
    "NodePool/payment",
    "spec.template.spec.taints",
    undefined,
    "payment spec.template.spec.taints",
  ],
  [
    "a route to it",
    "HTTPRoute/orders",
    "spec.rules[0].backendRefs[0]",
    { name: "payment", namespace: "shop-payment" },
    "orders spec.rules[0].backendRefs[0]",
  ],
  [
    "a gateway that may call",
    "AuthorizationPolicy/payment-from-order",
    principal,
    "cluster.local/ns/gateway/sa/gateway",
    `payment-from-order ${principal}`,
  ],
  [
    "a gateway that reaches it",
    "NetworkPolicy/payment",
    `${ingress}[0].namespaceSelector.matchLabels`,
    { "kubernetes.io/metadata.name": "gateway" },
    `payment ${ingress}`,
  ],
  ["everybody who reaches it", "NetworkPolicy/payment", ingress, undefined, `payment ${ingress}`],
])("%s is reported", (_, target, path, next, reported) => {
  expect(judged(mutant(target, path, next, stack))).toEqual([`${isolated} ${reported}`]);
});

test("where no stack has pools of nodes, none is asked for", () => {
  const elsewhere = stack.filter(({ type }) => !type.endsWith("NodePool"));
  expect(judged(mutant("Deployment/payment", "spec.template.spec.nodeSelector", undefined, elsewhere))).toEqual([]);
});

test("a second owner of the same data is reported", () => {
  const owns = 'metadata.annotations["omega-platform/owns"]';
  expect(judged(mutant("Deployment/order", owns, "orders, transactions", stack))).toEqual([
    `one-owner-per-datum order ${owns}`,
  ]);
});
