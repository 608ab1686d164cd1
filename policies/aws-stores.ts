import { amazon } from "./aws";
import { awsMetadata } from "./aws-metadata";
import { type Demands, isSet, isTrue, judge } from "./demands";
import { ofKind } from "./kubernetes";
import { definePolicy, type Finding, type Resource } from "./policy";
import { stores } from "./stores";
import { at, equal, list, numberOf, some, unknown, type Answer } from "./values";

const shown = "so a policy or an ACL may show files to everybody";

const bucketDemands: Demands = {
  [amazon.bucketAccess]: ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"].map(
    (path) => [path, isTrue, shown],
  ),
  [amazon.bucketVersioning]: [
    ["versioningConfiguration.status", (value) => value === "Enabled", "so what is overwritten is lost"],
  ],
};

export const privateBuckets = definePolicy<object>({
  metadata: awsMetadata.privateBuckets,
  settings: {},
  resource: (resource) => judge(resource, bucketDemands),
  stack: (resources) =>
    ofKind(resources, stores.bucket).flatMap((bucket): Finding[] => [
      ...without(bucket, resources, amazon.bucketAccess, "BucketPublicAccessBlock", shown),
      ...without(bucket, resources, amazon.bucketVersioning, "BucketVersioning", "so what is overwritten is lost"),
    ]),
});

function without(bucket: Resource, resources: readonly Resource[], kind: string, name: string, why: string): Finding[] {
  const own = at(bucket.props, "bucket") ?? unknown;
  const has: Answer = some(ofKind(resources, kind).map(({ props }) => equal(at(props, "bucket"), own)));
  return has === false ? [{ resource: bucket, path: "bucket", reason: `has no ${name}, ${why}` }] : [];
}

interface BackupsConfig {
  minLockDays: number;
  minRetentionDays: number;
}

export const lockedBackups = definePolicy<BackupsConfig>({
  metadata: awsMetadata.lockedBackups,
  settings: {
    minLockDays: {
      type: "integer",
      minimum: 1,
      default: 7,
      description: "The least days before which nobody may delete a backup.",
    },
    minRetentionDays: {
      type: "integer",
      minimum: 1,
      default: 14,
      description: "The least days for which a plan keeps backups.",
    },
  },
  resource: (resource, { minLockDays, minRetentionDays }) => [
    ...judge(resource, vaultDemands),
    ...ofKind([resource], amazon.vaultLock).flatMap((lock) => checkLock(lock, minLockDays)),
    ...ofKind([resource], amazon.backupPlan).flatMap((plan) => checkRules(plan, minRetentionDays)),
  ],
  stack: (resources) =>
    ofKind(resources, amazon.vault)
      .filter((vault) => isLocked(vault, ofKind(resources, amazon.vaultLock)) === false)
      .map((resource) => ({
        resource,
        path: "name",
        reason: "has no VaultLockConfiguration, so whoever may delete data may delete its backups",
      })),
});

const vaultDemands: Demands = {
  [amazon.vault]: [["kmsKeyArn", isSet, "so its key is AWS's, which can't be withdrawn for this vault alone"]],
  [amazon.backupPlan]: [["rules[].schedule", isSet, "so nothing is backed up by itself"]],
};

function isLocked(vault: Resource, locks: readonly Resource[]): Answer {
  const name = at(vault.props, "name") ?? unknown;
  return some(locks.map(({ props }) => equal(at(props, "backupVaultName"), name)));
}

function checkLock(resource: Resource, least: number): Finding[] {
  const path = "minRetentionDays";
  const days = numberOf(at(resource.props, path));
  if (days === unknown || (days !== undefined && days >= least)) return [];
  return [{ resource, path, reason: `is ${days ?? "not set"}, must be at least ${least} days` }];
}

/** Without an end a backup is kept for ever, which is somebody's to pay for and no danger. */
function checkRules(resource: Resource, least: number): Finding[] {
  return list(at(resource.props, "rules")).flatMap((rule, index): Finding[] => {
    const days = numberOf(at(rule, "lifecycle", "deleteAfter"));
    if (days === unknown || days === undefined || days >= least) return [];
    const path = `rules[${index}].lifecycle.deleteAfter`;
    return [{ resource, path, reason: `is ${days}, must be at least ${least} days` }];
  });
}
