import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

interface Closing {
  bucket: pulumi.Output<string>;
  arn: pulumi.Output<string>;
  keyArn: pulumi.Input<string>;
  /** Statements beside the one that refuses what isn't encrypted on its way. */
  statements?: pulumi.Input<Record<string, unknown>>[];
}

/** Keeps a bucket's versions, encrypts it by a key, and closes it to the public and to whoever doesn't encrypt. */
export function closeBucket(
  name: string,
  { bucket, arn, keyArn, statements = [] }: Closing,
  child: pulumi.CustomResourceOptions,
) {
  const versioning = new aws.s3.BucketVersioning(
    `${name}-versioning`,
    { bucket, versioningConfiguration: { status: "Enabled" } },
    child,
  );
  const encryption = new aws.s3.BucketServerSideEncryptionConfiguration(
    `${name}-encryption`,
    {
      bucket,
      rules: [
        {
          applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn },
          // One request to KMS for many objects.
          bucketKeyEnabled: true,
        },
      ],
    },
    child,
  );
  const closed = new aws.s3.BucketPublicAccessBlock(
    `${name}-public-access`,
    { bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
    child,
  );
  const policy = new aws.s3.BucketPolicy(
    `${name}-policy`,
    {
      bucket,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: [arn, pulumi.interpolate`${arn}/*`],
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
          ...statements,
        ],
      }),
    },
    // Two changes of what a bucket lets in, at once, are refused.
    { ...child, dependsOn: [closed] },
  );
  return { versioning, encryption, policy };
}

export interface PrivateBucketArgs {
  keyArn: pulumi.Input<string>;
  /** What its writer may do. */
  statements: (bucketArn: pulumi.Output<string>) => pulumi.Input<Record<string, unknown>>[];
  /** Days after which an object is deleted, and its old versions with it. */
  expiryDays: number;
  data: pulumi.CustomResourceOptions;
}

export interface PrivateBucket {
  bucketName: pulumi.Output<string>;
  /** What a writer waits for. */
  ready: pulumi.Resource[];
}

/** A bucket for one service of AWS to write to: versioned, encrypted by a key, closed to the public. */
export function privateBucket(
  name: string,
  { keyArn, statements, expiryDays, data }: PrivateBucketArgs,
  child: pulumi.CustomResourceOptions,
): PrivateBucket {
  const { bucket, arn } = new aws.s3.Bucket(`${name}-bucket`, {}, { ...child, ...data });
  const closing = { bucket, arn, keyArn, statements: statements(arn) };
  const { versioning, encryption, policy } = closeBucket(name, closing, child);
  new aws.s3.BucketLifecycleConfiguration(
    `${name}-lifecycle`,
    {
      bucket,
      rules: [
        {
          ...{ id: "expiry", status: "Enabled", filter: {} },
          expiration: { days: expiryDays },
          noncurrentVersionExpiration: { noncurrentDays: 30 },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
        },
      ],
    },
    { ...child, dependsOn: [versioning] },
  );
  return { bucketName: bucket, ready: [policy, encryption, versioning] };
}
