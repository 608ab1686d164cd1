import { evaluate } from "../../policies/rules";
import { compliant, mutant, resource, without } from "./fixture";
import { reports, type Severed, testSevered, testTolerated, testWeakened, type Weakened } from "./reports";
import { annotated } from "./workload-fixture";

const gateway = "spec.cells[1].gateway";
const equalPools = "spec.keyspaces[0].partitionings[0].equal.shardTemplate.tabletPools";
const customPools = "spec.keyspaces[1].partitionings[0].custom.shards[0].tabletPools";
const retention = "vttablet.vtbackupExtraFlags.min_retention_time";
const limits = "cacheUsageLimits";
const sse = "BucketServerSideEncryptionConfiguration/archive";
const key = "rules[0].applyServerSideEncryptionByDefault.kmsMasterKeyId";
const objectives = "omega-platform/recovery";

testWeakened([
  ["encrypted-connections", "VitessCluster/shop", `${gateway}.secureTransport.tls`, undefined],
  ["encrypted-connections", "VitessCluster/shop", `${gateway}.secureTransport.required`, undefined, false],
  ["encrypted-connections", "VitessCluster/shop", `${gateway}.authentication.static.secret`, undefined],
  ["encrypted-connections", "Dragonfly/regional", "spec.tlsSecretRef", undefined],
  ["encrypted-connections", "Dragonfly/regional", "spec.authentication", undefined, {}],
  ["encrypted-connections", "Cluster/ledger", "dbClusterParameterGroupName", undefined, "default.aurora-postgresql17"],
  [
    ...(["encrypted-connections", "ClusterParameterGroup/ledger", "parameters"] as const),
    ...[undefined, [], [{ name: "rds.force_ssl", value: "0" }], [{ name: "require_secure_transport", value: "1" }]],
  ],
  ["encrypted-connections", "ClusterParameterGroup/reports", "parameters", [{ name: "rds.force_ssl", value: "1" }]],
  ["encrypted-connections", "Proxy/ledger", "requireTls", undefined, false],
  ["encrypted-connections", "ServerlessCache/regional", "userGroupId", undefined, ""],
  ["encrypted-connections", "ReplicationGroup/sessions", "transitEncryptionEnabled", undefined, false],
  ["encrypted-connections", "ReplicationGroup/sessions", "transitEncryptionMode", "preferred"],
  ["encrypted-connections", "User/catalog", "noPasswordRequired", true],
  ["encrypted-connections", "User/catalog", "authenticationMode.type", "no-password-required"],
  ["encrypted-storage", "Cluster/ledger", "storageEncrypted", undefined, false],
  ["encrypted-storage", "Cluster/ledger", "kmsKeyId", undefined, ""],
  ["encrypted-storage", "ReplicationGroup/sessions", "atRestEncryptionEnabled", undefined, false],
  ["encrypted-storage", "ReplicationGroup/sessions", "kmsKeyId", undefined],
  ["encrypted-storage", "ServerlessCache/regional", "kmsKeyId", undefined],
  ["encrypted-storage", "StorageClass/gp3", "parameters.encrypted", undefined, "false"],
  ["encrypted-storage", sse, key, undefined],
  ["least-privilege", "ClusterInstance/ledger-a", "publiclyAccessible", true],
  ["redundant-stores", "VitessCluster/shop", "spec.keyspaces[0].durabilityPolicy", undefined, "none"],
  [
    ...(["redundant-stores", "VitessCluster/shop", equalPools] as const),
    ...[
      [],
      [{ cell: "zone1", type: "replica" }],
      [
        { cell: "zone1", type: "replica" },
        { cell: "zone2", type: "rdonly" },
      ],
    ],
  ],
  ["redundant-stores", "VitessCluster/shop", customPools, [{ cell: "zone3", type: "replica" }]],
  ["redundant-stores", "Dragonfly/regional", "spec.replicas", undefined, 1],
  ["redundant-stores", "Dragonfly/regional", "spec.topologySpreadConstraints", undefined],
  ["redundant-stores", "ServerlessCache/regional", "subnetIds", ["subnet-a"]],
  ["redundant-stores", "ReplicationGroup/sessions", "automaticFailoverEnabled", undefined, false],
  ["redundant-stores", "ReplicationGroup/sessions", "multiAzEnabled", undefined, false],
  ["redundant-stores", "Cluster/ledger", "clusterIdentifier", "another"],
  ["scheduled-backups", "VitessCluster/shop", "spec.backup.locations", undefined, []],
  ["scheduled-backups", "VitessCluster/shop", "spec.backup.locations[0].volume", { hostPath: { path: "/backup" } }],
  ["scheduled-backups", "VitessCluster/shop", "spec.backup.schedules", undefined, [], [{ suspend: true }]],
  ["scheduled-backups", "VitessCluster/shop", `${equalPools}[1].${retention}`, "167h", "soon"],
  ["scheduled-backups", "VitessCluster/shop", `${customPools}[0].${retention}`, "1h"],
  ["scheduled-backups", "Cluster/ledger", "backupRetentionPeriod", undefined, 0, 6],
  ...["VitessCluster/shop", "Dragonfly/regional"].flatMap((target): Weakened[] => [
    ["recovery-objectives", target, `metadata.annotations.${objectives}-point-seconds`, undefined, "86401"],
    ["recovery-objectives", target, `metadata.annotations.${objectives}-time-seconds`, undefined, "1 h"],
  ]),
  ...["Cluster/ledger", "ServerlessCache/regional", "ReplicationGroup/sessions"].map((target): Weakened => [
    "recovery-objectives",
    target,
    `tags.${objectives}-point-seconds`,
    undefined,
  ]),
  ["kept-data", "VitessCluster/shop", "spec.keyspaces[1].turndownPolicy", "Immediate"],
  ["kept-data", "Cluster/ledger", "deletionProtection", undefined, false],
  ["kept-data", "Cluster/ledger", "skipFinalSnapshot", true],
  ["kept-data", "Cluster/ledger", "deleteAutomatedBackups", undefined, true],
  ["kept-data", "GlobalCluster/ledger", "deletionProtection", undefined, false],
  ["kept-data", "Bucket/archive", "forceDestroy", true],
  ["kept-data", "StorageClass/gp3", "reclaimPolicy", undefined, "Delete"],
  ["bounded-stores", "Dragonfly/regional", "spec.args", ["--maxmemory=800mb"], ["--cache_mode=true"]],
  ["bounded-stores", "ServerlessCache/regional", `${limits}.dataStorage.maximum`, undefined],
  ["bounded-stores", "ServerlessCache/regional", `${limits}.ecpuPerSeconds`, undefined, []],
]);

testSevered([
  [
    "the encryption of another bucket",
    "encrypted-storage",
    [["BucketServerSideEncryptionConfiguration/archive", "bucket", "another"]],
    ["Bucket/archive", "bucket"],
  ],
  [
    "a replication group that asks nobody",
    "encrypted-connections",
    [["ReplicationGroup/sessions", "userGroupIds", []]],
    ["ReplicationGroup/sessions", "authToken"],
  ],
  [
    "cells in one zone",
    "redundant-stores",
    ["zone1", "zone2", "zone3"].map(
      (_, index) => ["VitessCluster/shop", `spec.cells[${index}].zone`, "us-east-1a"] as const,
    ),
    ["VitessCluster/shop", equalPools],
    ["VitessCluster/shop", customPools],
  ],
  [
    "instances in one zone",
    "redundant-stores",
    [["ClusterInstance/ledger-b", "availabilityZone", "us-east-1a"]],
    ["Cluster/ledger", "clusterIdentifier"],
  ],
  [
    "no instance",
    "redundant-stores",
    ["a", "b"].map((letter) => [`ClusterInstance/ledger-${letter}`, "clusterIdentifier", "other"] as const),
    ["Cluster/ledger", "clusterIdentifier"],
  ],
  ...(["suspended", "bucket"] as const).map((title): Severed =>
    title === "suspended"
      ? [
          "schedules that are all suspended",
          "scheduled-backups",
          [["VitessCluster/shop", "spec.backup.schedules[0].suspend", true]],
          ["VitessCluster/shop", "spec.backup.schedules"],
        ]
      : [
          "a bucket that another one's key is for",
          "encrypted-storage",
          [[sse, "bucket", "other"]],
          ["Bucket/archive", "bucket"],
        ],
  ),
]);

testTolerated([
  ["Dragonfly/regional", "spec.args", ["--cache_mode", "--maxmemory=1gb"]],
  ["Dragonfly/regional", "metadata.annotations.omega-policies/refuses-when-full", "it counts requests"],
  ["ServerlessCache/regional", "subnetIds", undefined],
  ["ReplicationGroup/sessions", "transitEncryptionMode", "required"],
  ["StorageClass/gp3", "provisioner", "pd.csi.storage.gke.io"],
  ["ClusterInstance/ledger-b", "availabilityZone", undefined],
  ["VitessCluster/shop", "spec.cells[0].zone", undefined],
  ["Cluster/ledger", "finalSnapshotIdentifier", "last"],
]);

test("a cache may be bounded by its container", () => {
  const bare = mutant("Dragonfly/regional", "spec.args", ["--cache_mode=true"]);
  expect(reports(bare, "bounded-stores")).toHaveLength(1);
  expect(evaluate(mutant("Dragonfly/regional", "spec.resources.limits.memory", "1Gi", bare))).toEqual([]);
});

test("a replication group may ask for a token", () => {
  const bare = mutant("ReplicationGroup/sessions", "userGroupIds", undefined);
  expect(evaluate(mutant("ReplicationGroup/sessions", "authToken", "a".repeat(16), bare))).toEqual([]);
});

test("a bucket may name its key itself", () => {
  const bare = without(sse);
  expect(reports(bare, "encrypted-storage")).toEqual(["Bucket/archive bucket"]);
  const inline = { rule: { applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: "key" } } };
  expect(evaluate(mutant("Bucket/archive", "serverSideEncryptionConfiguration", inline, bare))).toEqual([]);
});

describe("data in production", () => {
  const unprotected = (target: string) =>
    compliant.map((each) =>
      `${each.type.split(":").at(-1)}/${each.name}` === target ? { ...each, isProtected: false } : each,
    );

  test.each([
    ...["Kafka/omega", "KafkaNodePool/broker", "KafkaTopic/orders", "VitessCluster/shop", "Cluster/events"],
    ...["Topic/payments", "Cluster/ledger", "GlobalCluster/ledger", "Bucket/archive"],
  ])("%s must be protected", (target) => {
    expect(reports(unprotected(target), "kept-data")).toEqual([`${target} options.protect`]);
  });

  test.each([
    "KafkaUser/shipping",
    "ClusterInstance/ledger-a",
    "Proxy/ledger",
    "Dragonfly/regional",
    "Topic/payments.ledger.retry-1",
  ])("%s can be made again", (target) => {
    expect(evaluate(unprotected(target))).toEqual([]);
  });

  test("what nobody can tell is no violation", () => {
    expect(evaluate(compliant.map(({ type, name, urn, props }) => ({ type, name, urn, props })))).toEqual([]);
  });

  test("other stacks may delete theirs", () => {
    const mine = unprotected("VitessCluster/shop").map((each) => ({
      ...each,
      urn: each.urn.replace(":prod-us:", ":dev:"),
    }));
    expect(evaluate(mine)).toEqual([]);
    expect(evaluate(mine, { "kept-data": { stacks: ["dev"] } })).toHaveLength(1);
  });

  test.each([
    ["VitessCluster/shop", "metadata.annotations.omega-policies/deletable"],
    ["Cluster/ledger", "tags.omega-policies/deletable"],
  ])("%s may be deleted for a reason", (target, path) => {
    expect(evaluate(mutant(target, path, "moved to another region", unprotected(target)))).toEqual([]);
    expect(reports(mutant(target, path, " ", unprotected(target)), "kept-data")).toHaveLength(1);
  });

  test("a namespace says so of what is in it, a cluster of its topics", () => {
    const why = { "omega-policies/deletable": "moved to another region" };
    const namespace = (name: string) => annotated(resource("core/v1:Namespace", name, {}), why);
    const vitess = unprotected("VitessCluster/shop");
    expect(evaluate([...vitess, namespace("database")])).toEqual([]);
    expect(reports([...vitess, namespace("kafka")], "kept-data")).toHaveLength(1);

    const topic = unprotected("Topic/payments");
    const tagged = mutant("Cluster/events", "tags.omega-policies/deletable", "moved to another region", topic);
    expect(evaluate(tagged)).toEqual([]);
    expect(reports(mutant("Cluster/events", "arn", "another", tagged), "kept-data")).toHaveLength(1);
    expect(evaluate(mutant("Cluster/events", "arn", undefined, tagged))).toEqual([]);
  });
});
