import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, refuse, wholeNumberProblems } from "../arguments";
import { dataOptions, type ProtectionArgs } from "../data/protection";
import { privateBucket } from "./private-bucket";

export interface TrailArgs {
  /** Of the trail, one for each in its account and region: 3 to 128 letters, digits and `._-`. */
  trailName: string;
  /** KMS key that lets CloudTrail use it, as `DataKeys` does for `KeyUser.Trail`. */
  keyArn: pulumi.Input<string>;
  /** Days for which what was done is kept. Default 400, from 90 to 3650: a year, and time to look back on it. */
  retentionDays?: number;
}

export interface AccountGuardsArgs extends ProtectionArgs {
  /** GuardDuty in the provider's region, for EKS, S3 and RDS. Default false: where an organisation has it for all accounts. */
  guardDuty?: boolean;
  /** A trail of all regions, so one for an account. Default none: where an organisation has one. */
  trail?: TrailArgs;
}

// https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-features-activation-model.html
const features = ["EKS_AUDIT_LOGS", "S3_DATA_EVENTS", "RDS_LOGIN_EVENTS"];

/** What watches an account, not what runs in it: who did what in AWS (CloudTrail), and what looks like a break-in (GuardDuty). */
export class AccountGuards extends pulumi.ComponentResource {
  readonly trailArn: pulumi.Output<string> | undefined;

  constructor(name: string, args: AccountGuardsArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:AccountGuards", name, {}, options);
    const { guardDuty = false, trail } = args;
    refuse(`AccountGuards "${name}"`, trail === undefined ? [] : trailProblems(trail));
    const child = { parent: this };
    if (guardDuty) {
      const detector = new aws.guardduty.Detector(
        `${name}-detector`,
        { enable: true, findingPublishingFrequency: "FIFTEEN_MINUTES" },
        child,
      );
      for (const feature of features) {
        new aws.guardduty.DetectorFeature(
          `${name}-${feature}`,
          { detectorId: detector.id, name: feature, status: "ENABLED" },
          child,
        );
      }
    }
    this.trailArn = trail && this.createTrail(name, trail, args);
    this.registerOutputs({ ...(this.trailArn === undefined ? {} : { trailArn: this.trailArn }) });
  }

  private createTrail(
    name: string,
    { trailName, keyArn, retentionDays = 400 }: TrailArgs,
    protection: ProtectionArgs,
  ): pulumi.Output<string> {
    const child = { parent: this };
    const place = pulumi.all([aws.getCallerIdentityOutput({}, child), aws.getRegionOutput({}, child)]);
    // Built from names, for the bucket's policy must be there before the trail.
    const sourceArn = place.apply(
      ([{ accountId }, { region }]) => `arn:aws:cloudtrail:${region}:${accountId}:trail/${trailName}`,
    );
    const accountId = place.apply(([identity]) => identity.accountId);
    // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    const allow = (sid: string, action: string, resource: pulumi.Input<string>, conditions = {}) => ({
      Sid: sid,
      Effect: "Allow",
      Principal: { Service: "cloudtrail.amazonaws.com" },
      Action: action,
      Resource: resource,
      Condition: { StringEquals: { "aws:SourceArn": sourceArn, ...conditions } },
    });
    const { bucketName, ready } = privateBucket(
      `${name}-trail`,
      {
        keyArn,
        expiryDays: retentionDays,
        data: dataOptions(protection),
        statements: (bucketArn) => [
          allow("TrailLooks", "s3:GetBucketAcl", bucketArn),
          allow("TrailWrites", "s3:PutObject", pulumi.interpolate`${bucketArn}/AWSLogs/${accountId}/*`, {
            "s3:x-amz-acl": "bucket-owner-full-control",
          }),
        ],
      },
      child,
    );
    return new aws.cloudtrail.Trail(
      `${name}-trail`,
      {
        name: trailName,
        s3BucketName: bucketName,
        kmsKeyId: keyArn,
        isMultiRegionTrail: true,
        includeGlobalServiceEvents: true,
        // Digests, by which a changed or missing file is found.
        enableLogFileValidation: true,
      },
      { ...child, dependsOn: ready },
    ).arn;
  }
}

function trailProblems({ trailName, retentionDays }: TrailArgs): ArgumentProblem[] {
  return [
    ...(/^[0-9A-Za-z][\w.-]{1,126}[0-9A-Za-z]$/.test(trailName)
      ? []
      : [{ path: "trail.trailName", reason: `is "${trailName}", must be 3 to 128 letters, digits and ._-` }]),
    ...wholeNumberProblems("trail.retentionDays", retentionDays, 90, 3650),
  ];
}
