import { evaluate, type ResourceUnderTest } from "../../policies/rules";
import { planned } from "../stacks/planned";
import { mutant } from "./fixture";

const stacks = ["dev", "prod", "prod-us-east", "saas-dev"];
const plans = new Map<string, ResourceUnderTest[]>();

beforeAll(async () => {
  // One after the other: mocks belong to the process.
  for (const stack of stacks) plans.set(stack, (await planned(stack)).resources);
}, 120_000);

test.each(stacks)("%s breaks no rule", (stack) => {
  expect(evaluate(plans.get(stack) ?? []).map(({ message }) => message)).toEqual([]);
});

const listener = "spec.kafka.listeners[0]";
const gateway = "spec.cells[0].gateway";
const pools = "spec.keyspaces[0].partitionings[0].equal.shardTemplate.tabletPools";
const recovery = "omega-platform/recovery-point-seconds";

/** What the stacks really have, made worse: each is reported where it is. */
test.each<[policy: string, stack: string, target: string, path: string, value: unknown]>([
  ["durable-topics", "dev", "KafkaTopic/orders-topic", "spec.replicas", 1],
  ["durable-topics", "dev", "Kafka/events-kafka", 'spec.kafka.config["min.insync.replicas"]', 1],
  ["durable-topics", "prod-us-east", "Topic/orders-topic", "replicationFactor", 1],
  ["dead-letters", "prod-us-east", "Topic/orders-order-retry-1", "name", "orders.nobody.retry-1"],
  ["encrypted-connections", "dev", "Kafka/events-kafka", `${listener}.tls`, false],
  ["encrypted-connections", "dev", "VitessCluster/database-cluster", `${gateway}.secureTransport.required`, false],
  ["encrypted-connections", "dev", "Dragonfly/cache-dragonfly", "spec.tlsSecretRef", undefined],
  ["encrypted-connections", "prod-us-east", "Cluster/events-cluster", "clientAuthentication.unauthenticated", true],
  ["encrypted-connections", "prod-us-east", "ServerlessCache/cache-cache", "userGroupId", undefined],
  ["encrypted-storage", "prod-us-east", "StorageClass/auto-mode-storage-class", "parameters.encrypted", "false"],
  ["encrypted-storage", "prod-us-east", "ServerlessCache/cache-cache", "kmsKeyId", undefined],
  ["least-privilege", "dev", "Kafka/events-kafka", "spec.kafka.authorization", undefined],
  ["least-privilege", "dev", "KafkaUser/order-user", "spec.authorization.acls[0].resource.name", "*"],
  ["redundant-stores", "dev", "KafkaNodePool/events-brokers", "spec.replicas", 1],
  ["redundant-stores", "dev", "Dragonfly/cache-dragonfly", "spec.replicas", 1],
  ["redundant-stores", "dev", "VitessCluster/database-cluster", pools, []],
  ["redundant-stores", "prod-us-east", "Cluster/events-cluster", "numberOfBrokerNodes", 2],
  ["scheduled-backups", "dev", "VitessCluster/database-cluster", "spec.backup.schedules", []],
  ["recovery-objectives", "dev", "Kafka/events-kafka", `metadata.annotations.${recovery}`, undefined],
  ["recovery-objectives", "prod-us-east", "Cluster/events-cluster", `tags.${recovery}`, undefined],
  ["kept-data", "prod-us-east", "StorageClass/auto-mode-storage-class", "reclaimPolicy", "Delete"],
  ["bounded-stores", "dev", "KafkaUser/order-user", "spec.quotas.producerByteRate", undefined],
  ["bounded-stores", "dev", "KafkaTopic/products-topic", 'spec.config["retention.ms"]', -1],
  ["bounded-stores", "prod-us-east", "ServerlessCache/cache-cache", "cacheUsageLimits.ecpuPerSeconds", undefined],
  ["edge-encryption", "prod", "ZoneSetting/edge-min-tls-version", "value", "1.0"],
  ["edge-encryption", "dev", "R2CustomDomain/assets-domain", "minTls", undefined],
  ["hidden-origins", "prod", "DnsRecord/edge-us-east-origin", "proxied", false],
  ["closed-side-doors", "dev", "Worker/edge-worker", "subdomain.enabled", true],
  ["edge-failover", "prod", "LoadBalancer/edge-api.shop.example", "adaptiveRouting.failoverAcrossPools", false],
  ["edge-health-checks", "prod", "LoadBalancerMonitor/edge-us-east-monitor", "path", undefined],
  ["bounded-workers", "dev", "WorkerVersion/edge-version", "limits.cpuMs", 500],
  ["gradual-rollouts", "dev", "WorkerVersion/edge-version", "deploy", true],
  ["edge-dead-letters", "dev", "QueueConsumer/edge-retries", "deadLetterQueue", undefined],
  [
    ...(["bounded-tiers", "saas-dev", "Deployment/document-enterprise-deployment"] as const),
    ...(["spec.template.spec.priorityClassName", "omega-standard"] as const),
  ],
  ["tenant-limits", "saas-dev", "WorkersKv/tenants-tenant-acme", "value", "{}"],
  ["private-clusters", "prod-us-east", "Cluster/us-east-cluster", "vpcConfig.endpointPublicAccess", true],
  ["rotated-keys", "prod-us-east", "Key/data-keys-internal", "enableKeyRotation", false],
  [
    "closed-networks",
    "prod-us-east",
    "SecurityGroup/us-east-endpoints-interfaces",
    "ingress[0].cidrBlocks",
    ["0.0.0.0/0"],
  ],
  ["flow-logs", "prod-us-east", "FlowLog/us-east-flow-logs-log", "trafficType", "REJECT"],
  ["private-buckets", "prod-us-east", "BucketPublicAccessBlock/account-trail-public-access", "blockPublicAcls", false],
  [
    "bounded-roles",
    "prod-us-east",
    "RolePolicyAttachment/us-east-node-AmazonEKSWorkerNodeMinimalPolicy",
    "policyArn",
    "arn:aws:iam::aws:policy/AdministratorAccess",
  ],
  ["locked-backups", "prod-us-east", "VaultLockConfiguration/backups-lock", "minRetentionDays", 1],
  ["audited-accounts", "prod-us-east", "Trail/account-trail", "isMultiRegionTrail", false],
  ["ending-logs", "prod-us-east", "LogGroup/us-east-logs", "retentionInDays", 0],
  ["cost-tags", "prod-us-east", "aws/aws", "defaultTags.tags", undefined],
  ["observed-edge", "dev", "Worker/edge-worker", "observability.enabled", false],
])("%s, in %s: %s without its %s", (policy, stack, target, path, value) => {
  const alone = { all: "disabled", [policy]: "mandatory" } as const;
  const violations = evaluate(mutant(target, path, value, plans.get(stack)), alone);
  expect(violations.map((each) => `${each.type.split(":").at(-1)}/${each.resource} ${each.path}`)).toEqual([
    `${target} ${path}`,
  ]);
});

test("in prod-us-east what holds data must be protected, in dev it need not", () => {
  const unprotected = (stack: string) =>
    evaluate((plans.get(stack) ?? []).map((each) => ({ ...each, isProtected: false }))).filter(
      ({ policy }) => policy === "kept-data",
    );
  expect(new Set(unprotected("prod-us-east").map(({ type }) => type))).toEqual(
    new Set([
      "aws:backup/vault:Vault",
      "aws:msk/cluster:Cluster",
      "aws:msk/topic:Topic",
      "aws:rds/cluster:Cluster",
      "aws:rds/globalCluster:GlobalCluster",
      "aws:s3/bucket:Bucket",
    ]),
  );
  expect(unprotected("dev")).toEqual([]);
});
