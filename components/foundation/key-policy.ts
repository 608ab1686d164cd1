import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** Services of AWS that use a key in nobody's name, so that IAM alone can't let them. */
export enum KeyUser {
  /** CloudWatch Logs, for the log groups of this account and region. */
  Logs = "logs",
  /** CloudTrail, for the trails of this account. */
  Trail = "trail",
}

interface Place {
  accountId: string;
  region: string;
}

type Statement = Record<string, unknown>;

/** By https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html: without it IAM lets nobody use the key. */
const administration = ({ accountId }: Place): Statement => ({
  Sid: "AccountByIam",
  Effect: "Allow",
  Principal: { AWS: `arn:aws:iam::${accountId}:root` },
  Action: "kms:*",
  Resource: "*",
});

const users: Record<KeyUser, (place: Place) => Statement[]> = {
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
  [KeyUser.Logs]: ({ accountId, region }) => [
    {
      Sid: "LogGroups",
      Effect: "Allow",
      Principal: { Service: `logs.${region}.amazonaws.com` },
      Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
      Resource: "*",
      Condition: {
        ArnLike: { "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:${region}:${accountId}:log-group:*` },
      },
    },
  ],
  // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
  [KeyUser.Trail]: ({ accountId }) => [
    {
      Sid: "Trails",
      Effect: "Allow",
      Principal: { Service: "cloudtrail.amazonaws.com" },
      Action: "kms:GenerateDataKey*",
      Resource: "*",
      Condition: {
        StringEquals: { "aws:SourceAccount": accountId },
        StringLike: { "kms:EncryptionContext:aws:cloudtrail:arn": `arn:aws:cloudtrail:*:${accountId}:trail/*` },
      },
    },
    {
      Sid: "DescribeForTrails",
      Effect: "Allow",
      Principal: { Service: "cloudtrail.amazonaws.com" },
      Action: "kms:DescribeKey",
      Resource: "*",
      Condition: { StringEquals: { "aws:SourceAccount": accountId } },
    },
  ],
};

/** A key's policy: IAM decides for the account's principals, and each service is let in for its own things alone. */
export function keyPolicy(keyUsers: readonly KeyUser[], options: pulumi.InvokeOptions): pulumi.Output<string> {
  return pulumi
    .all([aws.getCallerIdentityOutput({}, options), aws.getRegionOutput({}, options)])
    .apply(([{ accountId }, { region }]) => {
      const place = { accountId, region };
      const statements = [administration(place), ...keyUsers.flatMap((user) => users[user](place))];
      return JSON.stringify({ Version: "2012-10-17", Statement: statements });
    });
}
