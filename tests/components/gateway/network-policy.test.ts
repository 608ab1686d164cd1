import fc from "fast-check";
import { type GatewayNetworkPolicyArgs, gatewayNetworkPolicySpec } from "../../../components/gateway/network-policy";
import { gatewayPodLabels, statusPort, tlsPort } from "../../../components/gateway/proxy";

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);
const cidr = fc.tuple(fc.ipV4(), fc.integer({ min: 8, max: 32 })).map(([address, length]) => `${address}/${length}`);
const anyArgs: fc.Arbitrary<GatewayNetworkPolicyArgs & { routesNamespace: string }> = fc.record({
  name,
  // The gateway refuses to be without one.
  sources: fc.uniqueArray(cidr, { minLength: 1, maxLength: 4 }),
  healthCheckSources: fc.uniqueArray(cidr, { maxLength: 3 }),
  routesNamespace: name,
  services: fc.uniqueArray(name, { maxLength: 4 }),
});

interface Peer {
  namespaceSelector?: { matchLabels: Record<string, string> };
  podSelector?: { matchExpressions: { values: string[] }[] };
  ipBlock?: { cidr: string };
}
interface Rule {
  from?: Peer[];
  to?: Peer[];
  ports?: { port: number }[];
}
interface Spec {
  podSelector: { matchLabels: Record<string, string> };
  ingress: Rule[];
  egress: Rule[];
}
const specOf = (args: GatewayNetworkPolicyArgs) => gatewayNetworkPolicySpec(args) as Spec;
const peersOf = ({ from, to = from, ports }: Rule) => ({ peers: to, ports });

test("no rule but that for DNS is for everybody, whatever is left empty", () => {
  fc.assert(
    fc.property(anyArgs, (args) => {
      const { ingress, egress, podSelector } = specOf(args);
      expect(podSelector.matchLabels).toEqual(gatewayPodLabels(args.name));
      for (const { peers, ports } of [...ingress, ...egress].map(peersOf)) {
        // A cluster's DNS may be anywhere.
        if (peers === undefined) expect(new Set(ports?.map(({ port }) => port))).toEqual(new Set([53]));
        else expect(peers.length).toBeGreaterThan(0);
        for (const peer of peers ?? []) expect(peer.namespaceSelector ?? peer.ipBlock).toBeDefined();
      }
    }),
  );
});

test("the edge reaches the port for TLS and who checks health the one for status, neither the other's", () => {
  fc.assert(
    fc.property(anyArgs, (args) => {
      const reaching = (port: number) =>
        specOf(args)
          .ingress.filter(({ ports }) => ports?.some((each) => each.port === port) ?? true)
          .flatMap(({ from = [] }) => from.flatMap(({ ipBlock }) => ipBlock?.cidr ?? []));
      expect(reaching(tlsPort)).toEqual(args.sources);
      expect(reaching(statusPort)).toEqual(args.healthCheckSources);
    }),
  );
});

test("of the routes' namespace it reaches their services and no other pod", () => {
  fc.assert(
    fc.property(anyArgs, (args) => {
      const peers = specOf(args).egress.flatMap(({ to = [] }) => to.filter(({ podSelector }) => podSelector));
      const reached = peers.flatMap(({ podSelector }) => podSelector?.matchExpressions.flatMap(({ values }) => values));
      expect(reached).toEqual(args.services);
      for (const { namespaceSelector } of peers) {
        expect(namespaceSelector?.matchLabels).toEqual({ "kubernetes.io/metadata.name": args.routesNamespace });
      }
      expect(specOf(args).egress.flatMap(({ to = [] }) => to.filter(({ ipBlock }) => ipBlock))).toEqual([]);
    }),
  );
});
