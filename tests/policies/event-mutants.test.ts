import { evaluate } from "../../policies/rules";
import { compliant, mutant, resource, without } from "./fixture";
import { reports, type Severed, testSevered, testTolerated, testWeakened } from "./reports";

const brokers = "spec.kafka.config";
const listener = "spec.kafka.listeners[0]";
const acls = "spec.authorization.acls";
const volume = "spec.storage.volumes[0]";
const written = (config: object): string => JSON.stringify(config);

testWeakened([
  ["durable-topics", "KafkaTopic/orders", "spec.replicas", 1, 2, "2"],
  ["durable-topics", "KafkaTopic/orders", 'spec.config["min.insync.replicas"]', 1, "1", 3],
  ["durable-topics", "KafkaTopic/orders", 'spec.config["unclean.leader.election.enable"]', true, "true"],
  ["durable-topics", "Topic/payments", "replicationFactor", 2],
  [
    ...(["durable-topics", "Topic/payments", "configs"] as const),
    ...[{ "min.insync.replicas": 1 }, { "min.insync.replicas": "3" }, { "unclean.leader.election.enable": "true" }].map(
      written,
    ),
  ],
  ["durable-topics", "Kafka/omega", `${brokers}["auto.create.topics.enable"]`, undefined, true, "true"],
  ["durable-topics", "Kafka/omega", `${brokers}["unclean.leader.election.enable"]`, true],
  ["durable-topics", "Kafka/omega", `${brokers}["offsets.topic.replication.factor"]`, 1],
  ["durable-topics", "Kafka/omega", `${brokers}["transaction.state.log.replication.factor"]`, 2],
  ["durable-topics", "Kafka/omega", `${brokers}["transaction.state.log.min.isr"]`, 1],
  ["durable-topics", "Kafka/omega", `${brokers}["default.replication.factor"]`, undefined, 1],
  ["durable-topics", "Kafka/omega", `${brokers}["min.insync.replicas"]`, undefined, 1, 3],
  [
    ...(["durable-topics", "Configuration/events", "serverProperties"] as const),
    ...["auto.create.topics.enable=true", "unclean.leader.election.enable = true", "default.replication.factor=2"],
    ...["min.insync.replicas=1", "default.replication.factor=3\nmin.insync.replicas: 3"],
  ],
  ["encrypted-connections", "Kafka/omega", `${listener}.tls`, undefined, false],
  ["encrypted-connections", "Kafka/omega", `${listener}.authentication`, undefined, {}],
  ["encrypted-connections", "Cluster/events", "encryptionInfo.encryptionInTransit.clientBroker", "TLS_PLAINTEXT"],
  ["encrypted-connections", "Cluster/events", "encryptionInfo.encryptionInTransit.inCluster", false],
  ["encrypted-connections", "Cluster/events", "clientAuthentication", undefined, {}],
  ["encrypted-connections", "Cluster/events", "clientAuthentication.unauthenticated", true],
  ["encrypted-storage", "Cluster/events", "encryptionInfo.encryptionAtRestKmsKeyArn", undefined, ""],
  [
    "closed-load-balancers",
    "Kafka/omega",
    "spec.kafka.listeners[1].configuration.loadBalancerSourceRanges",
    undefined,
    [],
  ],
  ["closed-load-balancers", "Kafka/omega", "spec.kafka.listeners[1].configuration.loadBalancerSourceRanges[0]", "::/0"],
  ["least-privilege", "Kafka/omega", "spec.kafka.authorization", undefined, {}],
  ["least-privilege", "Kafka/omega", "spec.kafka.authorization.superUsers", ["CN=admin"]],
  ["least-privilege", "Kafka/omega", `${brokers}["allow.everyone.if.no.acl.found"]`, true, "true"],
  ["least-privilege", "KafkaUser/shipping", `${acls}[0].resource.name`, "*"],
  ["least-privilege", "KafkaUser/shipping", `${acls}[7].resource.name`, "*"],
  ["least-privilege", "KafkaUser/shipping", `${acls}[0].operations[0]`, "All"],
  ["least-privilege", "KafkaUser/shipping", `${acls}[5].operations[0]`, "All", "Alter", "AlterConfigs", "Create"],
  [
    "least-privilege",
    "Cluster/events",
    "brokerNodeGroupInfo.connectivityInfo.publicAccess.type",
    "SERVICE_PROVIDED_EIPS",
  ],
  [
    ...(["least-privilege", "RolePolicy/shipping", "policy"] as const),
    ...[
      { Action: ["kafka-cluster:ReadData", "kafka-cluster:*"], Resource: ["arn:aws:kafka:topic/events/1/orders"] },
      { Action: "kafka-cluster:ReadData", Resource: "*" },
      { Action: ["rds-db:connect"], Resource: ["arn", "*"] },
    ].map((statement) => written({ Statement: [{ Effect: "Allow", ...statement }] })),
    written({ Statement: { Effect: "Allow", Action: "elasticache:Connect", Resource: "*" } }),
  ],
  ["redundant-stores", "Kafka/omega", "spec.kafka.rack", undefined],
  ["redundant-stores", "KafkaNodePool/broker", "spec.replicas", 2, undefined],
  ["redundant-stores", "KafkaNodePool/controller", "spec.replicas", 1, 4],
  ["redundant-stores", "KafkaNodePool/broker", "spec.roles", ["broker", "controller"]],
  ["redundant-stores", "KafkaNodePool/broker", "spec.template.pod.topologySpreadConstraints", undefined, []],
  ["redundant-stores", "Cluster/events", "numberOfBrokerNodes", 2],
  ["redundant-stores", "Cluster/events", "brokerNodeGroupInfo.clientSubnets", ["subnet-a"]],
  [
    "recovery-objectives",
    "Kafka/omega",
    "metadata.annotations.omega-platform/recovery-point-seconds",
    undefined,
    "soon",
  ],
  ["recovery-objectives", "Cluster/events", "tags.omega-platform/recovery-time-seconds", undefined, "-1", "14401"],
  ["kept-data", "KafkaNodePool/broker", `${volume}.deleteClaim`, true],
  ["kept-data", "KafkaNodePool/broker", `${volume}.type`, "ephemeral"],
  ["kept-data", "KafkaNodePool/broker", "spec.storage.deleteClaim", true],
  ["kept-data", "KafkaNodePool/broker", "spec.storage.type", "ephemeral"],
  ["bounded-stores", "KafkaTopic/orders", 'spec.config["retention.ms"]', -1, "-1", 367 * 86_400_000],
  ["bounded-stores", "KafkaTopic/orders.shipping.dead-letter", 'spec.config["retention.ms"]', 86_400_000],
  ["bounded-stores", "Topic/payments", "configs", written({ "retention.ms": "-1" })],
  ["bounded-stores", "Topic/payments.ledger.dead-letter", "configs", written({ "retention.ms": 1 })],
  ["bounded-stores", "KafkaUser/shipping", "spec.quotas.producerByteRate", undefined, 0],
  ["bounded-stores", "KafkaUser/shipping", "spec.quotas.consumerByteRate", undefined],
]);

const deadLetter = "KafkaTopic/orders.shipping.dead-letter";
const group = ["KafkaUser/shipping", `${acls}[1].resource.name`] as const;
const retries = ["retry-1", "retry-2"].map((name) => [`KafkaTopic/orders.shipping.${name}`, "metadata.name"] as const);
const another = { "strimzi.io/cluster": "other" };

testSevered([
  [
    "a dead letter of another name",
    "dead-letters",
    [[deadLetter, "metadata.name", "orders.other.dead-letter"]],
    ...retries,
    group,
  ],
  [
    "a dead letter of another topic",
    "dead-letters",
    [[deadLetter, "spec.topicName", "orders.other.dead-letter"]],
    ...retries,
    group,
  ],
  ["a dead letter in another cluster", "dead-letters", [[deadLetter, "metadata.labels", another]], ...retries, group],
  [
    "a retry of another name",
    "dead-letters",
    [["KafkaTopic/carts", "spec.topicName", "carts.any.retry-1"]],
    ["KafkaTopic/carts", "spec.topicName"],
  ],
  [
    "a dead letter of another name in MSK",
    "dead-letters",
    [["Topic/payments.ledger.dead-letter", "name", "other"]],
    ["Topic/payments.ledger.retry-1", "name"],
  ],
  ["another group", "dead-letters", [[...group, "shipping.carts"]], group],
  ...(["type", "operations", "resource.name", "resource.type"] as const).map((field): Severed => {
    const value = { type: "deny", operations: ["Read"], "resource.name": "orders", "resource.type": "group" }[field];
    return [
      `a grant with another ${field}`,
      "dead-letters",
      [["KafkaUser/shipping", `${acls}[4].${field}`, value]],
      group,
    ];
  }),
  [
    "a prefix that is everything",
    "least-privilege",
    [
      ["KafkaUser/shipping", `${acls}[7].resource.patternType`, "prefix"],
      ["KafkaUser/shipping", `${acls}[7].resource.name`, ""],
    ],
    ["KafkaUser/shipping", `${acls}[7].resource.name`],
  ],
  [
    "a constraint on another label",
    "redundant-stores",
    [["KafkaNodePool/broker", "spec.template.pod.topologySpreadConstraints[0].topologyKey", "kubernetes.io/hostname"]],
    ["KafkaNodePool/broker", "spec.template.pod.topologySpreadConstraints"],
  ],
]);

testTolerated([
  ["KafkaTopic/orders", 'spec.config["min.insync.replicas"]', undefined],
  ["KafkaTopic/orders", "spec.replicas", undefined],
  ["KafkaTopic/carts", 'spec.config["cleanup.policy"]', "compact"],
  ["Topic/payments", "configs", undefined],
  ["Topic/payments", "configs", "not JSON"],
  ["Kafka/omega", `${brokers}["offsets.topic.replication.factor"]`, undefined],
  ["Configuration/events", "serverProperties", "# nothing of this\nlog.retention.hours=24"],
  ["Cluster/events", "encryptionInfo.encryptionInTransit", undefined],
  ["KafkaUser/shipping", `${acls}[0].resource.patternType`, "prefix"],
  // Its rights are wide, but it isn't granted them.
  ["KafkaUser/shipping", `${acls}[6].operations`, ["Write"]],
  ["KafkaUser/shipping", `${acls}[4].resource`, { type: "topic", name: "orders.shipping.", patternType: "prefix" }],
  [...group, "strangers.elsewhere"],
  ["Kafka/omega", "spec.kafka.listeners[1].type", "internal"],
  [
    "Kafka/omega",
    "spec.kafka.listeners[1].configuration",
    { bootstrap: { annotations: { "networking.gke.io/load-balancer-type": "Internal" } } },
  ],
  [deadLetter, 'spec.config["retention.ms"]', undefined],
  [
    "RolePolicy/shipping",
    "policy",
    written({ Statement: [{ Effect: "Deny", Action: "kafka-cluster:*", Resource: "*" }] }),
  ],
  [
    "RolePolicy/shipping",
    "policy",
    written({ Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "arn:aws:s3:::any/*" }] }),
  ],
]);

test("a cluster's quotas are its users'", () => {
  const quotas = { type: "kafka", producerByteRate: 1, consumerByteRate: 1 };
  const bare = mutant("KafkaUser/shipping", "spec.quotas", undefined);
  expect(reports(bare, "bounded-stores")).toEqual([
    "KafkaUser/shipping spec.quotas.producerByteRate",
    "KafkaUser/shipping spec.quotas.consumerByteRate",
  ]);
  expect(evaluate(mutant("Kafka/omega", "spec.kafka.quotas", quotas, bare))).toEqual([]);
  const half = mutant("Kafka/omega", "spec.kafka.quotas", { producerByteRate: 1 }, bare);
  expect(reports(half, "bounded-stores")).toHaveLength(2);
});

test("a topic that is kept for ever says why, one of MSK by its cluster's tags", () => {
  const why = "omega-policies/kept-for-ever";
  const endless = mutant("KafkaTopic/orders", 'spec.config["retention.ms"]', -1);
  expect(reports(endless, "bounded-stores")).toHaveLength(1);
  expect(evaluate(mutant("KafkaTopic/orders", `metadata.annotations["${why}"]`, "an event store", endless))).toEqual(
    [],
  );
  const payments = mutant("Topic/payments", "configs", written({ "retention.ms": "-1" }));
  expect(evaluate(mutant("Cluster/events", `tags["${why}"]`, "event stores", payments))).toEqual([]);
  expect(reports(mutant("Cluster/events", `tags["${why}"]`, " ", payments), "bounded-stores")).toHaveLength(1);
  const elsewhere = mutant(
    "Topic/payments",
    "clusterArn",
    "arn:aws:kafka:us-east-1:111122223333:cluster/other/2",
    payments,
  );
  expect(evaluate(mutant("Cluster/events", `tags["${why}"]`, "event stores", elsewhere)).length).toBeGreaterThan(0);
});

test("a retry without a dead letter is reported without any user", () => {
  const retry = resource("kafka.strimzi.io/v1:KafkaTopic", "a.b.retry-3", { replicas: 3 }, "kafka");
  expect(reports([...compliant, retry], "dead-letters")).toEqual(["KafkaTopic/a.b.retry-3 metadata.name"]);
});

test("a topic that nobody subscribes to needs no dead letter", () => {
  expect(evaluate(without("KafkaUser/shipping"))).toEqual([]);
});

describe("alerts on consumers", () => {
  const rules = "spec.groups[0].rules";
  const alert = (index: number, expr: unknown) => mutant("PrometheusRule/events", `${rules}[${index}].expr`, expr);
  const orders = "KafkaTopic/orders.shipping.dead-letter metadata.name";
  const payments = "Topic/payments.ledger.dead-letter name";

  test.each<[expr: string, index: number, ...at: string[]]>([
    ['kafka_consumergroup_lag{consumergroup="shipping.carts"}', 1, orders],
    ['kafka_consumergroup_lag{consumergroup!="shipping.orders"}', 1, orders],
    ['kafka_consumergroup_lag{consumergroup=~"orders"}', 1, orders],
    ['kafka_consumergroup_lag{consumergroup!~"shipping.*"}', 1, orders],
    ['kafka_consumergroup_offset{consumergroup="shipping.orders"}', 1, orders],
    ["vector(1)", 2, payments],
    ['offset{topic="orders.shipping.dead-letter"}', 3, payments],
    ['offset{topic=~".+"}', 3, orders, payments],
    ["offset", 3, orders, payments],
  ])("with %s", (expr, index, ...expected) => {
    expect(reports(alert(index, expr), "consumer-alerts")).toEqual(expected);
  });

  test.each([
    ["kafka_consumergroup_lag > 100", 1],
    ["sum by (consumergroup) (kafka_consumergroup_lag{}) > 100", 2],
    ['kafka_consumergroup_lag{consumergroup=~"(?i).*"}', 1],
    ['kafka_consumergroup_lag{topic=~"o{1}rders",consumergroup!="carts.carts"}', 1],
    ['offset{topic!~"orders|payments", topic=~".+"}', 3],
  ])("%s is enough", (expr, index) => {
    expect(evaluate(alert(index, expr))).toEqual([]);
  });

  test("a recording rule tells nobody", () => {
    expect(reports(mutant("PrometheusRule/events", `${rules}[1].alert`, undefined), "consumer-alerts")).toEqual([
      orders,
    ]);
  });

  test("a stack without alerts has them elsewhere", () => {
    expect(evaluate(without("PrometheusRule/events"))).toEqual([]);
  });
});
