import { isObject } from "../wire";
import { arn, missing, regional, tagsAll } from "./aws-facts";
import { atLeast, between, matches } from "./checks";
import { type Facts, type Neighbours, replaces, type ResourceType, updates } from "./table";

const vault = "aws:backup/vault:Vault";
const lock = "aws:backup/vaultLockConfiguration:VaultLockConfiguration";
const plan = "aws:backup/plan:Plan";

const name50 = matches(/^[\w-]{2,50}$/, "2 to 50 letters, digits, _ and -");
const roleArn = matches(/^arn:[\w-]+:iam::\d{12}:role\//, "a role's ARN");

interface Rule {
  targetVaultName: unknown;
  deleteAfter: number | undefined;
  coldStorageAfter: number | undefined;
}

const numberOrNone = (value: unknown): number | undefined => (value === undefined ? undefined : Number(value));

function rulesOf(inputs: Facts["inputs"]): Rule[] {
  const rules: unknown[] = Array.isArray(inputs.rules) ? inputs.rules : [];
  return rules.filter(isObject).map(({ targetVaultName, lifecycle }) => {
    const { deleteAfter, coldStorageAfter } = isObject(lifecycle) ? lifecycle : {};
    return {
      targetVaultName,
      deleteAfter: numberOrNone(deleteAfter),
      coldStorageAfter: numberOrNone(coldStorageAfter),
    };
  });
}

// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html
function lifecycleProblem(inputs: Facts["inputs"]): string | undefined {
  const early = rulesOf(inputs).find(
    ({ deleteAfter, coldStorageAfter }) =>
      deleteAfter !== undefined && coldStorageAfter !== undefined && deleteAfter < coldStorageAfter + 90,
  );
  return early && "DeleteAfterDays must be 90 days more than MoveToColdStorageAfterDays";
}

/** A job against the lock fails when it runs, at night: said here when the plan is made. */
function refusePlan({ inputs }: Facts, neighbours: Neighbours): string | undefined {
  for (const { targetVaultName, deleteAfter } of rulesOf(inputs)) {
    const absent = missing(neighbours, vault, targetVaultName, "ResourceNotFoundException");
    if (absent !== undefined) return absent;
    const { properties } = neighbours(lock).find(({ id }) => id === targetVaultName) ?? {};
    const [least, most] = [properties?.minRetentionDays, properties?.maxRetentionDays].map(numberOrNone);
    if (deleteAfter !== undefined && (deleteAfter < (least ?? 0) || deleteAfter > (most ?? Infinity))) {
      return `InvalidParameterValueException: the lock of ${String(targetVaultName)} forbids a retention of ${deleteAfter} days`;
    }
  }
  return undefined;
}

export const backupTypes: Record<string, ResourceType> = {
  [vault]: {
    inputs: { ...replaces("kmsKeyArn name region"), ...updates("forceDestroy tags") },
    defaults: (settings) => ({ forceDestroy: false, ...regional(settings) }),
    autonamed: { property: "name" },
    // https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupVault.html
    checks: { name: name50, kmsKeyArn: matches(/^arn:/, "an ARN") },
    id: ({ inputs }) => String(inputs.name),
    taken: (id) => `AlreadyExistsException: Backup vault with the same name already exists: ${id}`,
    outputs: { arn: (facts) => arn("backup", facts, `backup-vault:${facts.id}`), recoveryPoints: () => 0, tagsAll },
  },
  [lock]: {
    inputs: replaces("backupVaultName changeableForDays maxRetentionDays minRetentionDays region"),
    required: ["backupVaultName"],
    defaults: regional,
    // https://docs.aws.amazon.com/aws-backup/latest/devguide/API_PutBackupVaultLockConfiguration.html
    checks: { changeableForDays: atLeast(3), maxRetentionDays: between(1, 36_500), minRetentionDays: atLeast(1) },
    combinations: [
      {
        reads: ["minRetentionDays", "maxRetentionDays"],
        problem: ({ minRetentionDays: least = 1, maxRetentionDays: most = Infinity }) =>
          Number(least) > Number(most) ? "must not be more than maxRetentionDays" : undefined,
      },
    ],
    id: ({ inputs }) => String(inputs.backupVaultName),
    refuses: ({ inputs }, neighbours) =>
      missing(neighbours, vault, inputs.backupVaultName, "ResourceNotFoundException"),
    outputs: { backupVaultArn: (facts) => arn("backup", facts, `backup-vault:${facts.id}`) },
  },
  [plan]: {
    inputs: { ...replaces("name region"), ...updates("advancedBackupSettings rules scanSettings tags") },
    required: ["rules"],
    defaults: regional,
    autonamed: { property: "name" },
    combinations: [{ reads: ["rules"], problem: lifecycleProblem }],
    id: (_, hex) => [8, 4, 4, 4, 12].map(hex).join("-"),
    refuses: refusePlan,
    outputs: {
      arn: (facts) => arn("backup", facts, `backup-plan:${facts.id}`),
      version: ({ id }) => `${id}-1`,
      tagsAll,
    },
  },
  "aws:backup/selection:Selection": {
    inputs: replaces("conditions iamRoleArn name notResources planId region resources selectionTags"),
    required: ["iamRoleArn", "planId"],
    defaults: regional,
    autonamed: { property: "name" },
    checks: { iamRoleArn: roleArn, name: matches(/^[\w.-]{1,50}$/, "1 to 50 letters, digits and _.-") },
    id: (_, hex) => [8, 4, 4, 4, 12].map(hex).join("-"),
    refuses: ({ inputs }, neighbours) => missing(neighbours, plan, inputs.planId, "ResourceNotFoundException"),
    outputs: { notResources: () => [] },
  },
};
