import type { StoreConnection } from "../../../components";
import { storeAccess, storeAnnotations, storeEgress, storeProblems } from "../../../components/service/stores";

const inCluster: StoreConnection = {
  name: "events",
  endpoints: [
    { host: "bootstrap.kafka.svc.cluster.local", port: 9093, pods: { namespace: "kafka", labels: { kind: "broker" } } },
    { host: "brokers.kafka.svc.cluster.local", port: 9093, pods: { namespace: "kafka", labels: { kind: "broker" } } },
  ],
  connectionsPerReplica: 20,
  environment: { KAFKA_USERNAME: "cart" },
  secrets: [{ variable: "KAFKA_PASSWORD", secretName: "kafka-cart", key: "password" }],
  authoritySecretName: "stores-trust",
};
const outside: StoreConnection = {
  name: "database",
  endpoints: [{ host: "aws.connect.psdb.cloud", port: 3306 }],
  connectionsPerReplica: 10,
  environment: {},
  secrets: [],
};

test("a container gets what is plain as it is, what is secret by reference, and of the authority's Secret its certificate alone", () => {
  expect(storeAccess([inCluster, outside])).toEqual({
    env: [
      { name: "KAFKA_USERNAME", value: "cart" },
      { name: "KAFKA_PASSWORD", valueFrom: { secretKeyRef: { name: "kafka-cart", key: "password" } } },
    ],
    volumeMounts: [{ name: "events-authority", mountPath: "/etc/omega/events", readOnly: true }],
    volumes: [
      {
        name: "events-authority",
        secret: { secretName: "stores-trust", items: [{ key: "ca.crt", path: "ca.crt" }] },
      },
    ],
  });
});

test("the network lets it reach each store's pods and port once, and of hosts outside the port, but no node's metadata", () => {
  expect(storeEgress([inCluster, outside])).toEqual([
    {
      to: [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kafka" } },
          podSelector: { matchLabels: { kind: "broker" } },
        },
      ],
      ports: [{ port: 9093, protocol: "TCP" }],
    },
    {
      to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] } }],
      ports: [{ port: 3306, protocol: "TCP" }],
    },
  ]);
});

test("a store of AWS' own identities needs the node's agent, past the network's and the proxy's refusal", () => {
  const statements = [{ actions: ["kafka-cluster:Connect"], resources: ["arn:aws:kafka:us-east-1:1:cluster/events"] }];
  const stores = [inCluster, { ...outside, awsStatements: statements }];
  const agent = { to: [{ ipBlock: { cidr: "169.254.170.23/32" } }], ports: [{ port: 80, protocol: "TCP" }] };
  expect(storeEgress(stores)).toContainEqual(agent);
  expect(storeAnnotations(stores)).toEqual({
    "traffic.sidecar.istio.io/excludeOutboundIPRanges": "169.254.170.23/32",
  });
  expect(storeEgress([inCluster, outside])).not.toContainEqual(agent);
  expect(storeAnnotations([inCluster, outside])).toEqual({});
});

test("stores that would overwrite each other, or have no connections, are refused together", () => {
  const second = { ...inCluster, connectionsPerReplica: 0 };
  expect(storeProblems([inCluster, second]).map(({ path, reason }) => `${path} ${reason}`)).toEqual([
    "stores[1].connectionsPerReplica is 0, must be a whole number from 1 to 10000",
    'stores "events" is there twice',
    "stores the variable KAFKA_USERNAME is set twice",
    "stores the variable KAFKA_PASSWORD is set twice",
  ]);
  expect(storeProblems([inCluster, outside])).toEqual([]);
});
