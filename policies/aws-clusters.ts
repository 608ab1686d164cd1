import { amazon, isForEverybody, statementsIn } from "./aws";
import { awsMetadata } from "./aws-metadata";
import { type Demands, described, isNotFalse, isTrue, judge } from "./demands";
import { ofKind } from "./kubernetes";
import { definePolicy, type Finding, type Resource } from "./policy";
import { at, isMissing, list, numberOf, unknown, type Value } from "./values";

interface ClustersConfig {
  logTypes: string[];
}

export const privateClusters = definePolicy<ClustersConfig>({
  metadata: awsMetadata.privateClusters,
  settings: {
    logTypes: {
      type: "array",
      items: { type: "string", minLength: 1 },
      default: ["api", "audit", "authenticator"],
      description: "Kinds of the control plane's logs that must be kept.",
    },
  },
  resource: (resource, { logTypes }) => [
    ...judge(resource, demands),
    ...ofKind([resource], amazon.cluster).flatMap((cluster) => [
      ...checkSecrets(cluster),
      ...checkLogs(cluster, logTypes),
    ]),
  ],
});

const demands: Demands = {
  [amazon.cluster]: [
    // EKS opens it where nobody says otherwise.
    ["vpcConfig.endpointPublicAccess", (value) => value === false, "so the API server is reached from the internet"],
    ["vpcConfig.endpointPrivateAccess", isTrue, "so nodes reach the API server by the internet"],
    [
      "accessConfig.authenticationMode",
      (value) => value === "API",
      "so a ConfigMap, which anybody in the cluster with a mistake can write, says who is who",
    ],
  ],
};

function checkSecrets(resource: Resource): Finding[] {
  const configuration = at(resource.props, "encryptionConfig");
  const resources = at(configuration, "resources");
  const key = at(configuration, "provider", "keyArn");
  if (configuration === unknown || (resources === unknown && key !== undefined)) return [];
  const isOfSecrets = list(resources).includes("secrets") || list(resources).includes(unknown);
  return isOfSecrets && !isMissing(key)
    ? []
    : [
        {
          resource,
          path: "encryptionConfig",
          reason: "names no key for secrets, so they are encrypted by AWS's alone",
        },
      ];
}

function checkLogs(resource: Resource, wanted: string[]): Finding[] {
  const path = "enabledClusterLogTypes";
  const types = at(resource.props, path);
  if (types === unknown || list(types).includes(unknown)) return [];
  const absent = wanted.filter((type) => !list(types).includes(type));
  return absent.length === 0 ? [] : [{ resource, path, reason: `lack ${absent.join(", ")}` }];
}

interface KeysConfig {
  minDeletionDays: number;
}

export const rotatedKeys = definePolicy<KeysConfig>({
  metadata: awsMetadata.rotatedKeys,
  settings: {
    minDeletionDays: {
      type: "integer",
      minimum: 7,
      maximum: 30,
      default: 14,
      description: "The least days for which a deleted key can be had back.",
    },
  },
  resource: (resource, { minDeletionDays }) =>
    ofKind([resource], amazon.key).flatMap((key) => [
      ...checkRotation(key),
      ...checkDeletion(key, minDeletionDays),
      ...checkPrincipals(key),
    ]),
});

const symmetric: Value[] = [undefined, null, "", "SYMMETRIC_DEFAULT"];
const encrypting: Value[] = [undefined, null, "", "ENCRYPT_DECRYPT"];

/** KMS rotates no others. */
function checkRotation(resource: Resource): Finding[] {
  const path = "enableKeyRotation";
  const isRotatable =
    symmetric.includes(at(resource.props, "customerMasterKeySpec")) &&
    encrypting.includes(at(resource.props, "keyUsage"));
  const value = at(resource.props, path);
  if (!isRotatable || value === unknown || isTrue(value)) return [];
  return [{ resource, path, reason: `${described(value)}, so it encrypts with the same bits for ever` }];
}

/** Thirty days where it isn't set. */
function checkDeletion(resource: Resource, least: number): Finding[] {
  const path = "deletionWindowInDays";
  const days = numberOf(at(resource.props, path));
  if (days === undefined || days === unknown || days >= least) return [];
  return [{ resource, path, reason: `is ${days}, must be at least ${least}: what it encrypted is lost with it` }];
}

function checkPrincipals(resource: Resource): Finding[] {
  return statementsIn(resource, "policy").some(isForEverybody)
    ? [{ resource, path: "policy", reason: "lets everybody use it" }]
    : [];
}

export const auditedAccounts = definePolicy<object>({
  metadata: awsMetadata.auditedAccounts,
  settings: {},
  resource: (resource) => judge(resource, audits),
});

const audits: Demands = {
  [amazon.trail]: [
    ["isMultiRegionTrail", isTrue, "so what is done in another region isn't recorded"],
    ["enableLogging", isNotFalse, "so nothing is recorded"],
    ["includeGlobalServiceEvents", isNotFalse, "so what is done to IAM isn't recorded"],
    ["enableLogFileValidation", isTrue, "so a file that somebody changed isn't found"],
    ["kmsKeyId", (value) => !isMissing(value) && value !== "", "so whoever reads the bucket reads it"],
  ],
  [amazon.detector]: [["enable", isNotFalse, "so it detects nothing"]],
};

interface LogsConfig {
  maxRetentionDays: number;
}

export const endingLogs = definePolicy<LogsConfig>({
  metadata: awsMetadata.endingLogs,
  settings: {
    maxRetentionDays: {
      type: "integer",
      minimum: 1,
      default: 400,
      description: "The most days for which logs are kept.",
    },
  },
  resource: (resource, { maxRetentionDays }) =>
    ofKind([resource], amazon.logGroup).flatMap((group) => {
      const path = "retentionInDays";
      const value = at(group.props, path);
      const days = numberOf(value);
      if (value === unknown || (typeof days === "number" && days >= 1 && days <= maxRetentionDays)) return [];
      const given = isMissing(value) || days === 0 ? "is without end" : `is ${String(value)}`;
      return [{ resource: group, path, reason: `${given}, must be from 1 to ${maxRetentionDays} days` }];
    }),
});
