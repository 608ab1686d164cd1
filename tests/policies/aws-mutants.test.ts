import { evaluate } from "../../policies/rules";
import { compliant, mutant, without } from "./fixture";
import { reports, testSevered, testTolerated, testWeakened, type Weakened } from "./reports";

const everybody = ["10.0.0.0/16", "0.0.0.0/0"];
const allow = (action: unknown, resource: unknown, more = {}) =>
  JSON.stringify({ Statement: [{ Effect: "Allow", Action: action, Resource: resource, ...more }] });
const open = (principal: unknown) =>
  JSON.stringify({ Statement: { Effect: "Allow", Principal: principal, Action: "sts:AssumeRole" } });
const switches = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];
const lacking = (key: string) => JSON.stringify({ tags: { [`omega-platform:${key}`]: "shop" } });

testWeakened([
  ["private-clusters", "Cluster/region", "vpcConfig.endpointPublicAccess", true, undefined],
  ["private-clusters", "Cluster/region", "vpcConfig.endpointPrivateAccess", false, undefined],
  ["private-clusters", "Cluster/region", "accessConfig.authenticationMode", "CONFIG_MAP", undefined],
  ["private-clusters", "Cluster/region", "encryptionConfig", undefined, { resources: ["secrets"] }, { resources: [] }],
  ["private-clusters", "Cluster/region", "enabledClusterLogTypes", undefined, [], ["api", "audit"]],
  ["rotated-keys", "Key/internal", "enableKeyRotation", false, undefined],
  ["rotated-keys", "Key/internal", "deletionWindowInDays", 7, 13],
  ["rotated-keys", "Key/internal", "policy", open("*"), open({ AWS: "*" }), open({ AWS: ["*"] })],
  ["closed-networks", "SecurityGroup/database", "ingress[0].cidrBlocks", ["0.0.0.0/0"], everybody],
  ["closed-networks", "SecurityGroup/database", "ingress[0].ipv6CidrBlocks", ["::/0"]],
  ["closed-networks", "SecurityGroupRule/in", "cidrBlocks", ["0.0.0.0/0"]],
  ["closed-networks", "SecurityGroupIngressRule/in", "cidrIpv4", "0.0.0.0/0"],
  ["closed-networks", "SecurityGroupIngressRule/in", "cidrIpv6", "::/0"],
  ["closed-networks", "DefaultSecurityGroup/region", "ingress", [{ protocol: "-1", self: true }]],
  ["closed-networks", "SubnetGroup/ledger", "subnetIds", ["subnet-data", "subnet-public"]],
  ["closed-networks", "ServerlessCache/regional", "subnetIds", ["subnet-public", "subnet-b"]],
  ["flow-logs", "FlowLog/region", "trafficType", "ACCEPT", "REJECT", undefined],
  ...switches.map((path): Weakened => ["private-buckets", "BucketPublicAccessBlock/archive", path, false, undefined]),
  ["private-buckets", "BucketVersioning/archive", "versioningConfiguration.status", "Suspended", undefined],
  ["bounded-roles", "RolePolicy/writer", "policy", allow("*", "*"), allow(["s3:Get*", "iam:*"], ["*"])],
  ["bounded-roles", "RolePolicy/writer", "policy", allow(undefined, "*", { NotAction: "iam:*" })],
  ["bounded-roles", "Role/writer", "assumeRolePolicy", open("*"), open({ AWS: "*" })],
  [
    ...(["bounded-roles", "RolePolicyAttachment/writer", "policyArn"] as const),
    ...["arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::aws:policy/IAMFullAccess"],
  ],
  ["bounded-roles", "Role/federated", "managedPolicyArns[0]", "arn:aws:iam::aws:policy/PowerUserAccess"],
  ["locked-backups", "Vault/daily", "kmsKeyArn", undefined, ""],
  ["locked-backups", "VaultLockConfiguration/daily", "minRetentionDays", 6, undefined],
  ["locked-backups", "Plan/daily", "rules[0].schedule", undefined, ""],
  ["locked-backups", "Plan/daily", "rules[0].lifecycle.deleteAfter", 13],
  ["audited-accounts", "Trail/account", "isMultiRegionTrail", false, undefined],
  ["audited-accounts", "Trail/account", "enableLogging", false],
  ["audited-accounts", "Trail/account", "includeGlobalServiceEvents", false],
  ["audited-accounts", "Trail/account", "enableLogFileValidation", false, undefined],
  ["audited-accounts", "Trail/account", "kmsKeyId", undefined, ""],
  ["audited-accounts", "Detector/account", "enable", false],
  ["ending-logs", "LogGroup/cluster", "retentionInDays", 0, undefined, 401, 3653],
  ["cost-tags", "Vpc/region", "tagsAll", {}, { "omega-platform:owner": "" }],
]);

testSevered([
  [
    "a store's subnet that is given the public routes",
    "closed-networks",
    [["RouteTableAssociation/data", "routeTableId", "rtb-public"]],
    ["SubnetGroup/ledger", "subnetIds"],
  ],
  [
    "a default route inside a store's route table",
    "closed-networks",
    [["RouteTable/old", "routes", [{ cidrBlock: "0.0.0.0/0", gatewayId: "igw-1" }]]],
    ["SubnetGroup/ledger", "subnetIds"],
  ],
  ["the flow log of another VPC", "flow-logs", [["FlowLog/region", "vpcId", "vpc-2"]], ["Vpc/region", "id"]],
  [
    "a block of public access for another bucket",
    "private-buckets",
    [["BucketPublicAccessBlock/archive", "bucket", "another"]],
    ["Bucket/archive", "bucket"],
  ],
  [
    "the versions of another bucket",
    "private-buckets",
    [["BucketVersioning/archive", "bucket", "another"]],
    ["Bucket/archive", "bucket"],
  ],
  [
    "the lock of another vault",
    "locked-backups",
    [["VaultLockConfiguration/daily", "backupVaultName", "weekly"]],
    ["Vault/daily", "name"],
  ],
  [
    "an open group whose reason is gone",
    "closed-networks",
    [["SecurityGroup/mail", 'tags["omega-policies/open"]', " "]],
    ["SecurityGroup/mail", "ingress[0].cidrBlocks"],
  ],
]);

testTolerated([
  ["Key/internal", "deletionWindowInDays", undefined],
  ["Key/internal", "customerMasterKeySpec", "SYMMETRIC_DEFAULT"],
  ["SubnetGroup/ledger", "subnetIds", ["subnet-somewhere"]],
  ["DefaultSecurityGroup/region", "ingress", undefined],
  ["RolePolicy/writer", "policy", allow("s3:*", "arn:aws:s3:::archive/*")],
  ["RolePolicy/writer", "policy", JSON.stringify({ Statement: { Effect: "Deny", Action: "*", Resource: "*" } })],
  ["Trail/account", "enableLogging", undefined],
  ["Vpc/region", "tagsAll", undefined],
]);

test.each(["FlowLog/region", "BucketVersioning/archive", "VaultLockConfiguration/daily"])("without %s", (target) => {
  expect(new Set(evaluate(without(target)).map(({ policy }) => policy)).size).toBe(1);
});

test("a provider that gives no cost tags is reported by name, in production alone", () => {
  for (const given of ["{}", lacking("owner"), JSON.stringify({ tags: {} }), undefined]) {
    expect(reports(mutant("aws/aws", "defaultTags", given), "cost-tags")).toEqual(["aws/aws defaultTags.tags"]);
  }
  const elsewhere = mutant("aws/aws", "defaultTags", "{}").map((each) =>
    each.name === "aws" ? { ...each, urn: each.urn.replace(":prod-us:", ":dev:") } : each,
  );
  expect(evaluate(elsewhere)).toEqual([]);
});

test("which tags, kinds of logs and days are demanded is configuration", () => {
  const on = evaluate(compliant, {
    "cost-tags": { tags: ["team"] },
    "ending-logs": { maxRetentionDays: 30 },
    "private-clusters": { logTypes: ["scheduler"] },
    "rotated-keys": { minDeletionDays: 30 },
    "locked-backups": { minLockDays: 8, minRetentionDays: 36 },
    "bounded-roles": { forbiddenPolicies: ["*/ReadOnlyAccess"] },
  }).map(({ policy, resource }) => `${policy} ${resource}`);
  expect(new Set(on)).toEqual(
    new Set([
      ...["cost-tags aws", "cost-tags region", "ending-logs cluster", "private-clusters region"],
      ...["locked-backups daily", "bounded-roles federated"],
    ]),
  );
});
