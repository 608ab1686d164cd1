import { BlockList } from "node:net";
import fc from "fast-check";
import { type NetworkPolicyArgs, networkPolicySpec } from "../../../components/service/network-policy";

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);
const anyArgs: fc.Arbitrary<NetworkPolicyArgs> = fc.record({
  matchLabels: name.map((service) => ({ "app.kubernetes.io/name": service })),
  port: fc.integer({ min: 1, max: 65535 }),
  callers: fc.array(fc.record({ service: name, namespace: name }, { requiredKeys: ["service"] }), { maxLength: 5 }),
  dependencies: fc.uniqueArray(name, { maxLength: 5 }),
  reachesOutside: fc.boolean(),
  toStores: fc.constant([]),
});

interface Peer {
  namespaceSelector?: { matchLabels: Record<string, string> };
  podSelector?: { matchLabels?: Record<string, string>; matchExpressions?: { values: string[] }[] };
  ipBlock?: { cidr: string; except: string[] };
}
interface Rule {
  from?: Peer[];
  to?: Peer[];
  ports?: { port: number }[];
}
interface Spec {
  ingress: Rule[];
  egress: Rule[];
  policyTypes: string[];
}
const specOf = (args: NetworkPolicyArgs) => networkPolicySpec(args) as Spec;
const peersOf = ({ from, to = from, ports }: Rule) => ({ peers: to, ports });

/** Namespace and name of the pods that a peer is; no namespace is the policy's own. */
const podsOf = ({ namespaceSelector, podSelector }: Peer): string[] => {
  const namespace = namespaceSelector?.matchLabels["kubernetes.io/metadata.name"] ?? "";
  const named = podSelector?.matchLabels?.["app.kubernetes.io/name"];
  const names = named === undefined ? podSelector?.matchExpressions?.flatMap(({ values }) => values) : [named];
  return (names ?? []).map((each) => `${namespace}/${each}`);
};

test("nothing but DNS is open to everybody: each rule names its peers, and each peer is more than an empty selector", () => {
  fc.assert(
    fc.property(anyArgs, (args) => {
      const { ingress, egress, policyTypes } = specOf(args);
      expect([...policyTypes].sort()).toEqual(["Egress", "Ingress"]);
      for (const { peers, ports } of [...ingress, ...egress].map(peersOf)) {
        // A cluster's DNS may be anywhere.
        if (peers === undefined) expect(new Set(ports?.map(({ port }) => port))).toEqual(new Set([53]));
        else expect(peers.length).toBeGreaterThan(0);
        for (const peer of peers ?? []) {
          const { namespaceSelector, ipBlock } = peer;
          const isNamed = podsOf(peer).length + Object.keys(namespaceSelector?.matchLabels ?? {}).length > 0;
          expect(isNamed || ipBlock !== undefined).toBe(true);
        }
      }
    }),
  );
});

test("every caller reaches the service's port, and nobody else does", () => {
  fc.assert(
    fc.property(anyArgs, (args) => {
      // The port of the proxy's metrics is monitoring's.
      fc.pre(args.port !== 15020);
      const rules = specOf(args).ingress.filter(({ ports }) => ports?.some(({ port }) => port === args.port) ?? true);
      const admitted = rules.flatMap(({ from = [] }) => from.flatMap(podsOf));
      const callers = args.callers.map(({ service, namespace = "" }) => `${namespace}/${service}`);
      expect(new Set(admitted)).toEqual(new Set(callers));
      expect(rules.every(({ from = [] }) => from.every((peer) => podsOf(peer).length > 0))).toBe(true);
    }),
  );
});

test("of its own namespace it reaches its dependencies, and no other pod", () => {
  fc.assert(
    fc.property(anyArgs, (args) => {
      const reached = specOf(args).egress.flatMap(({ to = [] }) => to.flatMap(podsOf));
      expect(new Set(reached)).toEqual(new Set(args.dependencies.map((dependency) => `/${dependency}`)));
    }),
  );
});

test("public addresses are reached by who has hosts outside, private ones and the machine's metadata by nobody", () => {
  const isPrivate = (address: string) => /^(10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address);
  const addresses = fc.oneof(
    fc.ipV4(),
    fc
      .tuple(fc.constantFrom("10.0", "172.15", "172.16", "172.31", "172.32", "192.168", "169.254"), fc.nat(255))
      .map(([start, end]) => `${start}.0.${end}`),
  );
  fc.assert(
    fc.property(anyArgs, addresses, (args, address) => {
      const blocks = specOf(args).egress.flatMap(({ to = [], ports }) =>
        to.flatMap(({ ipBlock }) => (ipBlock === undefined ? [] : [{ ...ipBlock, ports }])),
      );
      const isReached = blocks.some(
        ({ cidr, except }) => listOf([cidr]).check(address) && !listOf(except).check(address),
      );
      expect(isReached).toBe(args.reachesOutside && !isPrivate(address));
      for (const { ports } of blocks) expect(ports?.map(({ port }) => port)).toEqual([443]);
    }),
  );
});

function listOf(cidrs: string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = "", length] = cidr.split("/");
    list.addSubnet(address, Number(length));
  }
  return list;
}

test("dependencies of other namespaces are reached there, and not in its own", () => {
  const { egress } = specOf({
    ...{
      matchLabels: { "app.kubernetes.io/name": "order" },
      port: 8080,
      callers: [],
      reachesOutside: false,
      toStores: [],
    },
    dependencies: ["cart", "payment"],
    dependencyNamespaces: { payment: "shop-payment" },
  });
  const reached = egress.flatMap(({ to = [] }) => to).flatMap(podsOf);
  expect(reached).toEqual(["/cart", "shop-payment/payment"]);
});
