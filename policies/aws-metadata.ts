import type { Metadata } from "./metadata";

/** Of the policies for accounts, networks, clusters and costs in AWS. */
export const awsMetadata = {
  privateClusters: {
    name: "private-clusters",
    principle: "Ω6",
    severity: "critical",
    description:
      "Every EKS cluster has a private endpoint alone, encrypts its secrets by a key of KMS, logs what it is asked, and knows callers by IAM.",
    protects: "an API server that everybody can knock at, and changes that nobody can tell who made",
    fix: "set vpcConfig.endpointPublicAccess false, encryptionConfig, enabledClusterLogTypes with api, audit and authenticator, and authenticationMode API",
    url: "https://docs.aws.amazon.com/eks/latest/best-practices/cluster-endpoint-access.html",
  },
  rotatedKeys: {
    name: "rotated-keys",
    principle: "Ω6",
    severity: "high",
    description:
      "Every symmetric key of KMS is rotated, can be had back for days, and is nobody's outside its account.",
    protects:
      "one key that encrypts for ever, data that is lost with a key deleted by mistake, and keys that anybody may use",
    fix: "set enableKeyRotation, a deletionWindowInDays of weeks, and principals in its policy",
    url: "https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",
  },
  closedNetworks: {
    name: "closed-networks",
    principle: "Ω6",
    severity: "critical",
    description:
      "No security group lets everybody in, no default one lets anything in, and stores have no route outside.",
    protects: "databases and brokers that the internet reaches, or that reach it when somebody got into them",
    fix: "name blocks or security groups, close the default group, and give stores subnets without a default route; what must be open says why in its tag omega-policies/open",
    url: "https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/protecting-networks.html",
  },
  flowLogs: {
    name: "flow-logs",
    principle: "Ω4",
    severity: "high",
    description: "Every VPC logs its flows: accepted and refused ones.",
    protects: "a break-in of which nobody can tell afterwards what was reached",
    fix: "add a FlowLog of the VPC with trafficType ALL",
    url: "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html",
  },
  privateBuckets: {
    name: "private-buckets",
    principle: "Ω6",
    severity: "critical",
    description: "Every bucket of S3 is closed to the public in all four ways, and keeps old versions.",
    protects: "files that a wrong policy shows to everybody, and ones that were overwritten by mistake",
    fix: "add a BucketPublicAccessBlock with all four switches and a BucketVersioning that is Enabled",
    url: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
  },
  boundedRoles: {
    name: "bounded-roles",
    principle: "Ω3",
    severity: "critical",
    description:
      "No IAM policy allows everything, or all of a service on everything there is, and no role trusts everybody.",
    protects: "one captured pod, or one leaked key, that owns the account",
    fix: "name actions and resources; attach no administrator's policy to a role; name principals in its trust policy",
    url: "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
  },
  lockedBackups: {
    name: "locked-backups",
    principle: "Ω6",
    severity: "high",
    description:
      "Every vault of AWS Backup has its own key and a lock, and every plan a schedule and an end that is not too soon.",
    protects: "backups that whoever destroyed the data destroys as well",
    fix: "give the vault a kmsKeyArn and a VaultLockConfiguration with minRetentionDays, and each rule a schedule and a lifecycle.deleteAfter",
    url: "https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html",
  },
  auditedAccounts: {
    name: "audited-accounts",
    principle: "Ω4",
    severity: "high",
    description: "Every trail is on, for all regions, encrypted and signed; every detector is on.",
    protects: "changes of an account of which no trustworthy record is left",
    fix: "set isMultiRegionTrail, enableLogFileValidation and kmsKeyId, and leave enableLogging on",
    url: "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html",
  },
  endingLogs: {
    name: "ending-logs",
    principle: "Ω5",
    severity: "medium",
    description: "Every log group of CloudWatch deletes logs after a time.",
    protects: "logs that are paid for without end, and personal data that nobody remembers is there",
    fix: "set retentionInDays",
    url: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
  },
  costTags: {
    name: "cost-tags",
    principle: "Ω5",
    severity: "medium",
    description: "In production, whatever can be tagged in AWS says whose it is and who pays.",
    protects: "a bill that nobody can take apart, and resources that nobody dares to delete",
    fix: "set the tags in the provider's defaultTags",
    url: "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/cost-alloc-tags.html",
  },
} as const satisfies Record<string, Metadata>;
