import { type Demands, isSet, isTrue, judge } from "./demands";
import { ofKind } from "./kubernetes";
import { dataMetadata } from "./data-metadata";
import { definePolicy, type Finding, type Resource } from "./policy";
import { stores } from "./stores";
import { at, equal, some, unknown, type Answer, type Value } from "./values";

interface StorageConfig {
  requireOwnKeys: boolean;
}

const plain = "so whoever gets at the disks or their copies can read it";
const shared = "so its key is the account's, which can't be withdrawn or watched for this store alone";

const encrypted: Demands = {
  [stores.rds]: [["storageEncrypted", isTrue, plain]],
  [stores.cacheGroup]: [["atRestEncryptionEnabled", isTrue, plain]],
};

const sse = "applyServerSideEncryptionByDefault";

const withOwnKeys: Demands = {
  [stores.rds]: [["kmsKeyId", isSet, shared]],
  [stores.cacheGroup]: [["kmsKeyId", isSet, shared]],
  [stores.cacheServerless]: [["kmsKeyId", isSet, shared]],
  [stores.msk]: [["encryptionInfo.encryptionAtRestKmsKeyArn", isSet, shared]],
  [stores.bucketEncryption]: [[`rules[].${sse}.kmsMasterKeyId`, isSet, shared]],
};

export const encryptedStorage = definePolicy<StorageConfig>({
  metadata: dataMetadata.encryptedStorage,
  settings: {
    requireOwnKeys: {
      type: "boolean",
      default: true,
      description: "Whether a store in a cloud must name a key, in place of the account's own for everything.",
    },
  },
  resource: (resource, { requireOwnKeys }) => [
    ...judge(resource, encrypted),
    ...(requireOwnKeys ? judge(resource, withOwnKeys) : []),
    ...ofKind([resource], stores.storageClass).flatMap(checkClass),
  ],
  // S3 encrypts whatever it stores, with a key of its own where nobody names one.
  stack: (resources, { requireOwnKeys }) =>
    requireOwnKeys
      ? ofKind(resources, stores.bucket)
          .filter((bucket) => hasOwnKey(bucket, ofKind(resources, stores.bucketEncryption)) === false)
          .map((resource) => ({
            resource,
            path: "bucket",
            reason: `has no BucketServerSideEncryptionConfiguration, ${shared}`,
          }))
      : [],
});

function hasOwnKey(bucket: Resource, configurations: readonly Resource[]): Answer {
  const name = at(bucket.props, "bucket") ?? unknown;
  const inlineKey = at(bucket.props, "serverSideEncryptionConfiguration", "rule", sse, "kmsMasterKeyId");
  return some([
    inlineKey === unknown ? unknown : isSet(inlineKey),
    ...configurations.map((each) => equal(at(each.props, "bucket"), name)),
  ]);
}

/** Drivers of Amazon's disks, which encrypt where they are asked to; those of other clouds always do. */
const amazonDrivers: Value[] = ["ebs.csi.eks.amazonaws.com", "ebs.csi.aws.com", "kubernetes.io/aws-ebs"];

function checkClass(resource: Resource): Finding[] {
  const isAmazon = amazonDrivers.includes(at(resource.props, "provisioner"));
  return isAmazon ? judge(resource, { [stores.storageClass]: [["parameters.encrypted", isTrue, plain]] }) : [];
}
