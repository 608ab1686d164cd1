import { valueAtPath } from "../property-path";
import { arn, missing, partitionOf, regional, regionOf, tagsAll } from "./aws-facts";
import { between, jsonObject, matches, oneOf } from "./checks";
import { type Described, type Facts, type Neighbours, replaces, type ResourceType, updates } from "./table";

const bucket = "aws:s3/bucket:Bucket";
const stream = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream";

const bucketArn = ({ id, inputs, settings }: Described): string =>
  `arn:${partitionOf(regionOf({ inputs, settings }))}:s3:::${id}`;

const ofBucket = ({ inputs }: Facts, neighbours: Neighbours): string | undefined =>
  missing(neighbours, bucket, inputs.bucket, "NoSuchBucket");

/** What a bucket has one of, beside it: its id is the bucket's. */
const aspect = (inputs: string, rest: Partial<ResourceType> = {}): ResourceType => ({
  inputs: { ...replaces("bucket region"), ...updates(inputs) },
  required: ["bucket"],
  defaults: regional,
  id: ({ inputs: given }) => String(given.bucket),
  refuses: ofBucket,
  outputs: {},
  ...rest,
});

/** A lock is of versions, and a bucket made without one gets none by this. */
function refuseLock(facts: Facts, neighbours: Neighbours): string | undefined {
  const locked = neighbours(bucket).find(({ id }) => id === facts.inputs.bucket);
  return locked === undefined || locked.properties.objectLockEnabled === true
    ? ofBucket(facts, neighbours)
    : "InvalidBucketState: Object Lock configuration cannot be enabled on existing buckets";
}

function refuseStream({ inputs }: Facts, neighbours: Neighbours): string | undefined {
  const target = valueAtPath(inputs, "extendedS3Configuration.bucketArn");
  const buckets = neighbours(bucket).map(({ id }) => id);
  return target === undefined || buckets.some((id) => String(target).endsWith(`:s3:::${id}`))
    ? undefined
    : `InvalidArgumentException: ${String(target)} does not exist`;
}

export const eventArchiveTypes: Record<string, ResourceType> = {
  [bucket]: {
    inputs: { ...replaces("bucket objectLockEnabled region"), ...updates("forceDestroy tags") },
    defaults: (settings) => ({ forceDestroy: false, ...regional(settings) }),
    autonamed: { property: "bucket" },
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    checks: {
      bucket: matches(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "3 to 63 small letters, digits, dots and hyphens"),
    },
    id: ({ inputs }) => String(inputs.bucket),
    taken: () => "BucketAlreadyOwnedByYou: Your previous request to create the named bucket succeeded",
    outputs: {
      arn: bucketArn,
      bucketDomainName: ({ id }) => `${id}.s3.amazonaws.com`,
      bucketRegion: regionOf,
      bucketRegionalDomainName: (facts) => `${facts.id}.s3.${regionOf(facts)}.amazonaws.com`,
      tagsAll,
    },
  },
  "aws:s3/bucketVersioning:BucketVersioning": aspect("versioningConfiguration", {
    required: ["bucket", "versioningConfiguration"],
    checks: { "versioningConfiguration.status": oneOf("Enabled", "Suspended", "Disabled") },
  }),
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": aspect("rules", {
    required: ["bucket", "rules"],
  }),
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": aspect(
    "blockPublicAcls blockPublicPolicy ignorePublicAcls restrictPublicBuckets",
  ),
  "aws:s3/bucketPolicy:BucketPolicy": aspect("policy", {
    required: ["bucket", "policy"],
    checks: { policy: jsonObject },
  }),
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": aspect("rules", {
    required: ["bucket", "rules"],
    outputs: { transitionDefaultMinimumObjectSize: () => "all_storage_classes_128K" },
  }),
  "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": aspect("objectLockEnabled rule", {
    defaults: (settings) => ({ objectLockEnabled: "Enabled", ...regional(settings) }),
    checks: {
      "rule.defaultRetention.mode": oneOf("GOVERNANCE", "COMPLIANCE"),
      "rule.defaultRetention.days": between(1, 36_500),
    },
    refuses: refuseLock,
  }),
  "aws:cloudwatch/logStream:LogStream": {
    inputs: replaces("logGroupName name region"),
    required: ["logGroupName"],
    defaults: regional,
    autonamed: { property: "name" },
    // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html
    checks: { name: matches(/^[^:*]{1,512}$/, "1 to 512 characters other than : and *") },
    id: ({ inputs }) => String(inputs.name),
    refuses: ({ inputs }, neighbours) =>
      missing(neighbours, "aws:cloudwatch/logGroup:LogGroup", inputs.logGroupName, "ResourceNotFoundException"),
    outputs: {
      arn: (facts) => arn("logs", facts, `log-group:${String(facts.inputs.logGroupName)}:log-stream:${facts.id}`),
    },
  },
  [stream]: {
    inputs: {
      ...replaces("destination mskSourceConfiguration name region"),
      ...updates("destinationId extendedS3Configuration serverSideEncryption tags"),
    },
    required: ["destination"],
    defaults: regional,
    autonamed: { property: "name" },
    // https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html and the pages it links to
    checks: {
      name: matches(/^[\w.-]{1,64}$/, "1 to 64 letters, digits and _.-"),
      destination: oneOf("extended_s3"),
      "mskSourceConfiguration.authenticationConfiguration.connectivity": oneOf("PUBLIC", "PRIVATE"),
      "mskSourceConfiguration.readFromTimestamp": matches(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, "a time in UTC"),
      "extendedS3Configuration.bufferingInterval": between(0, 900),
      "extendedS3Configuration.bufferingSize": between(1, 128),
      "extendedS3Configuration.compressionFormat": oneOf("UNCOMPRESSED", "GZIP", "ZIP", "Snappy", "HADOOP_SNAPPY"),
      "extendedS3Configuration.prefix": matches(/^.{0,1024}$/, "up to 1024 characters"),
    },
    id: (facts) => arn("firehose", facts, `deliverystream/${String(facts.inputs.name)}`),
    refuses: refuseStream,
    taken: () => "ResourceInUseException: Firehose already exists",
    outputs: {
      arn: ({ id }) => id,
      destinationId: () => "destinationId-000000000001",
      versionId: () => "1",
      tagsAll,
    },
  },
};
