import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, refuse, wholeNumberProblems } from "../arguments";
import { dataOptions, type ProtectionArgs } from "../data/protection";

export interface BackupsArgs extends ProtectionArgs {
  /** Of the vault, one for each in its account and region: 2 to 50 letters, digits, `_` and `-`. */
  vaultName: string;
  /** KMS key of the vault. */
  keyArn: pulumi.Input<string>;
  /** What a resource must be tagged with, all of it, to be backed up. One at least. */
  tags: Record<string, string>;
  /** ARNs of what may be backed up, with `*` for anything. Default: clusters of RDS, and volumes of EBS. */
  resources?: string[];
  /** Days for which a backup is kept. Default 35, from 7 to 3650. */
  retentionDays?: number;
  /**
   * Days before which nobody deletes a backup, unless he may take the lock off (governance mode). Default 7, from 1, up to
   * `retentionDays`. The vault takes no backup that would be kept for less.
   */
  lockDays?: number;
  /** UTC hour of the day when backups begin, from 0 to 23. Default 3. */
  hour?: number;
  /** Another region's vault that each backup is copied to, and for how many days; default as many as here. */
  copy?: { vaultArn: pulumi.Input<string>; retentionDays?: number };
}

const defaultResources = ["arn:aws:rds:*:*:cluster:*", "arn:aws:ec2:*:*:volume/*"];

// https://docs.aws.amazon.com/aws-backup/latest/devguide/iam-service-roles.html
const rolePolicies = ["AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores"];

/** Minutes: a backup that hasn't begun an hour after its time, or ended three after that, has failed. */
const windows = { startWindow: 60, completionWindow: 240 };

/**
 * Copies of what a cloud stores, once a day, in a vault that whoever may delete a database can't delete: encrypted by its own
 * key and locked. It is beside the backups that a database makes by itself, for the day when those are gone as well.
 */
export class Backups extends pulumi.ComponentResource {
  readonly vaultArn: pulumi.Output<string>;

  constructor(name: string, args: BackupsArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:Backups", name, {}, options);
    const { retentionDays = 35, lockDays = 7, hour = 3, resources = defaultResources, copy } = args;
    refuse(`Backups "${name}"`, backupProblems({ ...args, retentionDays, lockDays, hour, resources }));
    const child = { parent: this };
    const vault = new aws.backup.Vault(
      `${name}-vault`,
      { name: args.vaultName, kmsKeyArn: args.keyArn },
      { ...child, ...dataOptions(args) },
    );
    const lock = new aws.backup.VaultLockConfiguration(
      `${name}-lock`,
      // Without changeableForDays it is governance: with it, nobody could ever take the lock off.
      { backupVaultName: vault.name, minRetentionDays: lockDays },
      child,
    );
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        assumeRolePolicy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { Service: "backup.amazonaws.com" }, Action: "sts:AssumeRole" }],
        }),
      },
      child,
    );
    const attachments = rolePolicies.map(
      (policy) =>
        new aws.iam.RolePolicyAttachment(
          `${name}-${policy}`,
          { role: role.name, policyArn: `arn:aws:iam::aws:policy/service-role/${policy}` },
          child,
        ),
    );
    const plan = new aws.backup.Plan(
      `${name}-plan`,
      {
        name: args.vaultName,
        rules: [
          {
            ruleName: "daily",
            targetVaultName: vault.name,
            schedule: `cron(0 ${hour} * * ? *)`,
            ...windows,
            lifecycle: { deleteAfter: retentionDays },
            ...(copy === undefined ? {} : { copyActions: [copyAction(copy, retentionDays)] }),
          },
        ],
      },
      { ...child, dependsOn: [lock] },
    );
    new aws.backup.Selection(
      `${name}-selection`,
      {
        name: "by-tags",
        planId: plan.id,
        iamRoleArn: role.arn,
        resources,
        conditions: [
          {
            stringEquals: Object.entries(args.tags).map(([key, value]) => ({ key: `aws:ResourceTag/${key}`, value })),
          },
        ],
      },
      { ...child, dependsOn: attachments },
    );
    this.vaultArn = vault.arn;
    this.registerOutputs({ vaultArn: this.vaultArn });
  }
}

const copyAction = ({ vaultArn, retentionDays }: NonNullable<BackupsArgs["copy"]>, otherwise: number) => ({
  destinationVaultArn: vaultArn,
  lifecycle: { deleteAfter: retentionDays ?? otherwise },
});

function backupProblems(args: BackupsArgs & { retentionDays: number; lockDays: number }): ArgumentProblem[] {
  const { vaultName, tags, resources = [], retentionDays, lockDays, hour, copy } = args;
  return [
    ...(/^[\w-]{2,50}$/.test(vaultName)
      ? []
      : [{ path: "vaultName", reason: `is "${vaultName}", must be 2 to 50 letters, digits, _ and -` }]),
    ...(Object.keys(tags).length === 0 ? [{ path: "tags", reason: "must name one at least" }] : []),
    ...(resources.length === 0 ? [{ path: "resources", reason: "must name one at least" }] : []),
    ...wholeNumberProblems("retentionDays", retentionDays, 7, 3650),
    ...wholeNumberProblems("lockDays", lockDays, 1, Math.max(1, retentionDays)),
    ...wholeNumberProblems("hour", hour, 0, 23),
    ...wholeNumberProblems("copy.retentionDays", copy?.retentionDays, 7, 3650),
  ];
}
