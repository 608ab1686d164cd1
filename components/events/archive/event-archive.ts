import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, refuse, wholeNumberProblems } from "../../arguments";
import type { AwsStatement } from "../../data/connection";
import { dataOptions, deletableAnnotations, type ProtectionArgs } from "../../data/protection";
import { recoveryAnnotations, type RecoveryObjectives, recoveryProblems } from "../../data/recovery";
import { closeBucket } from "../../foundation/private-bucket";
import { segmentSeconds } from "../event-store";

export interface EventArchiveArgs extends ProtectionArgs {
  /**
   * Days for which nobody may delete or replace what was written, unless a role that may bypass governance does so on purpose.
   * Default 30, from 1 to 3650; 0 leaves it to the versions of an object, which stay 90 days.
   */
  lockDays?: number;
  /**
   * Days after which what is in the folder `expiring` is deleted. Default 35, from 1 to 3650: a database can be
   * brought back to a moment of the last 35 days at most (Aurora's limit), and the events since then handled again.
   */
  expiryDays?: number;
  /** Of what is in it. Default an hour of events, and four hours until they can be read again. */
  recovery?: RecoveryObjectives;
}

const daysOfOldVersions = 90;

/** Days for which something that expired can be fetched back. */
const daysOfExpired = 7;

export const defaultExpiryDays = 35;

/** What its writers put where. */
export const archiveFolders = { kept: "kept", expiring: "expiring" };

/**
 * A bucket for all events of a region: encrypted with a key of its own, closed to the public, and what was written stays as it
 * was; for ever, unless it is in the folder `expiring`.
 */
export class EventArchive extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;
  readonly bucketArn: pulumi.Output<string>;
  readonly keyArn: pulumi.Output<string>;

  constructor(name: string, args: EventArchiveArgs = {}, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:EventArchive", name, {}, options);
    refuse(`EventArchive "${name}"`, archiveProblems(args));
    const { lockDays = 30, expiryDays = defaultExpiryDays } = args;
    const { recovery = { pointSeconds: segmentSeconds, timeSeconds: 14_400 } } = args;
    const child = { parent: this };
    const data = { ...child, ...dataOptions(args) };
    const key = new aws.kms.Key(
      `${name}-key`,
      { description: `Events of ${name}`, enableKeyRotation: true, deletionWindowInDays: 30 },
      data,
    );
    const { bucket, arn } = new aws.s3.Bucket(
      `${name}-bucket`,
      {
        ...(lockDays > 0 ? { objectLockEnabled: true } : {}),
        tags: { ...recoveryAnnotations(recovery), ...deletableAnnotations(args) },
      },
      data,
    );
    const { versioning } = closeBucket(name, { bucket, arn, keyArn: key.arn }, child);
    if (lockDays > 0) {
      new aws.s3.BucketObjectLockConfiguration(
        `${name}-lock`,
        { bucket, rule: { defaultRetention: { mode: "GOVERNANCE", days: lockDays } } },
        { ...child, dependsOn: [versioning] },
      );
    }
    new aws.s3.BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      {
        bucket,
        rules: [
          {
            ...{ id: "archive", status: "Enabled", filter: {} },
            // What nobody reads becomes cheap by itself, and can still be read at once.
            transitions: [{ days: 0, storageClass: "INTELLIGENT_TIERING" }],
            noncurrentVersionExpiration: { noncurrentDays: Math.max(daysOfOldVersions, lockDays) },
            // What is left of an object of which no version is.
            expiration: { expiredObjectDeleteMarker: true },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
          },
          {
            ...{ id: "expiring", status: "Enabled", filter: { prefix: `${archiveFolders.expiring}/` } },
            expiration: { days: expiryDays },
            noncurrentVersionExpiration: { noncurrentDays: Math.max(daysOfExpired, lockDays) },
          },
        ],
      },
      { ...child, dependsOn: [versioning] },
    );
    this.bucketName = bucket;
    this.bucketArn = arn;
    this.keyArn = key.arn;
    this.registerOutputs({ bucketName: this.bucketName, bucketArn: this.bucketArn, keyArn: this.keyArn });
  }

  /** For brokers, which write closed segments, read them again, and delete those of a topic that is deleted. */
  get brokerStatements(): AwsStatement[] {
    const objects = pulumi.interpolate`${this.bucketArn}/*`;
    return [
      { actions: ["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:AbortMultipartUpload"], resources: [objects] },
      { actions: ["s3:ListBucket"], resources: [this.bucketArn] },
      { actions: ["kms:GenerateDataKey", "kms:Decrypt"], resources: [this.keyArn] },
    ];
  }

  /** For what only adds to it. */
  get writerStatements(): AwsStatement[] {
    const objects = pulumi.interpolate`${this.bucketArn}/*`;
    return [
      { actions: ["s3:PutObject", "s3:AbortMultipartUpload"], resources: [objects] },
      {
        actions: ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
        resources: [this.bucketArn],
      },
      { actions: ["kms:GenerateDataKey", "kms:Decrypt"], resources: [this.keyArn] },
    ];
  }
}

function archiveProblems({ lockDays, expiryDays, recovery }: EventArchiveArgs): ArgumentProblem[] {
  return [
    ...wholeNumberProblems("lockDays", lockDays, 0, 3650),
    ...wholeNumberProblems("expiryDays", expiryDays, 1, 3650),
    ...(recovery === undefined ? [] : recoveryProblems("recovery", recovery)),
  ];
}
