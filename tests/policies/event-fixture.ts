import type { ResourceUnderTest } from "../../policies/rules";
import { cloud, kept, objectives, spread, zone } from "./production";
import { annotated, resource } from "./workload-fixture";

const strimzi = "kafka.strimzi.io/v1";
const labels = { "strimzi.io/cluster": "omega" };
const day = 86_400_000;

function labelled(target: ResourceUnderTest): ResourceUnderTest {
  const metadata = Object.fromEntries(Object.entries(target.props["metadata"] ?? {}));
  return { ...target, props: { ...target.props, metadata: { ...metadata, labels } } };
}

function topic(name: string, config: object): ResourceUnderTest {
  const made = resource(`${strimzi}:KafkaTopic`, name, { partitions: 6, replicas: 3, config }, "kafka");
  return kept(labelled(made));
}

const acl = (type: string, name: string, ...operations: string[]): object => ({
  resource: { type, name, patternType: "literal" },
  operations,
});

/** Kafka in the cluster and in a cloud, with each kind of thing that the policies must leave alone. */
export const events: readonly ResourceUnderTest[] = [
  kept(
    annotated(
      resource(
        `${strimzi}:Kafka`,
        "omega",
        {
          kafka: {
            listeners: [
              { name: "clients", port: 9093, type: "internal", tls: true, authentication: { type: "scram-sha-512" } },
              {
                name: "regions",
                port: 9094,
                type: "loadbalancer",
                tls: true,
                authentication: { type: "tls" },
                configuration: { loadBalancerSourceRanges: ["10.1.0.0/16"] },
              },
            ],
            authorization: { type: "simple" },
            rack: { topologyKey: zone },
            config: {
              "auto.create.topics.enable": false,
              "unclean.leader.election.enable": "false",
              "default.replication.factor": 3,
              "min.insync.replicas": "2",
              "offsets.topic.replication.factor": 3,
              "transaction.state.log.replication.factor": 3,
              "transaction.state.log.min.isr": 2,
            },
          },
        },
        "kafka",
      ),
      objectives,
    ),
  ),
  ...["controller", "broker"].map((role) =>
    kept(
      resource(
        `${strimzi}:KafkaNodePool`,
        role,
        {
          replicas: 3,
          roles: [role],
          storage: { type: "jbod", volumes: [{ id: 0, type: "persistent-claim", size: "9Gi", deleteClaim: false }] },
          template: { pod: spread },
        },
        "kafka",
      ),
    ),
  ),
  topic("orders", { "retention.ms": 7 * day, "min.insync.replicas": 2 }),
  topic("carts", { "cleanup.policy": "compact", "retention.ms": -1 }),
  // Of the service that reads orders; removed together with it.
  ...[
    topic("orders.shipping.retry-1", { "retention.ms": 3 * day }),
    topic("orders.shipping.retry-2", { "retention.ms": 3 * day }),
    topic("orders.shipping.dead-letter", { "retention.ms": String(14 * day) }),
  ].map((each) => ({ ...each, isProtected: false })),
  annotated(topic("orders-store", { "retention.ms": "-1" }), {
    "omega-policies/kept-for-ever": "the events themselves",
  }),
  labelled(
    resource(`${strimzi}:KafkaUser`, "shipping", {
      authentication: { type: "scram-sha-512" },
      authorization: {
        type: "simple",
        acls: [
          acl("topic", "orders", "Describe", "Read"),
          acl("group", "shipping.orders", "Read"),
          ...["orders.shipping.retry-1", "orders.shipping.retry-2"].map((name) => acl("topic", name, "Read", "Write")),
          acl("topic", "orders.shipping.dead-letter", "Write"),
          acl("cluster", "kafka-cluster", "IdempotentWrite"),
          { type: "deny", ...acl("topic", "*", "All") },
          acl("group", "tools", "Read"),
        ],
      },
      quotas: { producerByteRate: 1_048_576, consumerByteRate: 2_097_152 },
    }),
  ),
  cloud("msk/cluster:Cluster", "events", {
    arn: "arn:aws:kafka:us-east-1:111122223333:cluster/events/1",
    numberOfBrokerNodes: 3,
    brokerNodeGroupInfo: { clientSubnets: ["subnet-a", "subnet-b", "subnet-c"], instanceType: "express.m7g.large" },
    clientAuthentication: { sasl: { iam: true } },
    encryptionInfo: {
      encryptionAtRestKmsKeyArn: "arn:aws:kms:us-east-1:111122223333:key/events",
      encryptionInTransit: { clientBroker: "TLS", inCluster: true },
    },
    tags: objectives,
  }),
  cloud("iam/rolePolicy:RolePolicy", "shipping", {
    policy: JSON.stringify({
      Statement: [
        { Effect: "Allow", Action: ["kafka-cluster:Connect"], Resource: "arn:aws:kafka:us-east-1:1:cluster/events/1" },
        {
          Effect: "Allow",
          Action: "kafka-cluster:Describe*",
          Resource: ["arn:aws:kafka:us-east-1:1:topic/events/1/*"],
        },
      ],
    }),
  }),
  resource("monitoring.coreos.com/v1:PrometheusRule", "events", {
    groups: [
      {
        name: "consumers",
        rules: [
          { record: "lag", expr: "sum(kafka_consumergroup_lag)" },
          { alert: "Behind", expr: 'sum by (topic) (kafka_consumergroup_lag{consumergroup=~".+[.]orders"}) > 100' },
          { alert: "Unread", expr: 'kafka_consumergroup_lag{consumergroup="ledger.payments", topic!="x"} > 1' },
          { alert: "Letters", expr: 'sum(offset{job="kafka", topic=~".+\\\\.dead-letter"}) > 0' },
        ],
      },
    ],
  }),
  cloud("msk/configuration:Configuration", "events", {
    serverProperties: "auto.create.topics.enable = false\nmin.insync.replicas=2\ndefault.replication.factor=3\n",
  }),
  ...[
    ["payments", { "retention.ms": 7 * day, "min.insync.replicas": "2" }] as const,
    ["payments.ledger.retry-1", {}] as const,
    ["payments.ledger.dead-letter", { "retention.ms": 14 * day }] as const,
  ].map(([name, configs]) =>
    cloud("msk/topic:Topic", name, {
      name,
      clusterArn: "arn:aws:kafka:us-east-1:111122223333:cluster/events/1",
      partitionCount: 6,
      replicationFactor: 3,
      configs: JSON.stringify(configs),
    }),
  ),
];
