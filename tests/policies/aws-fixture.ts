import type { ResourceUnderTest } from "../../policies/rules";
import { cloud, kept } from "./production";

const account = "111122223333";
const keyArn = `arn:aws:kms:us-east-1:${account}:key/internal`;

const tags = Object.fromEntries(
  ["environment", "stack", "owner", "cost-center"].map((tag) => [`omega-platform:${tag}`, "shop"]),
);

const provider = kept({
  type: "pulumi:providers:aws",
  name: "aws",
  urn: "urn:pulumi:dev::shop::pulumi:providers:aws::aws",
  // As the engine has the arguments of providers.
  props: { region: "us-east-1", defaultTags: JSON.stringify({ tags }) },
});

const statement = (resource: string, ...actions: string[]) => ({
  Effect: "Allow",
  Action: actions,
  Resource: resource,
});
const policy = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const trust = (principal: object) => policy({ Effect: "Allow", Principal: principal, Action: "sts:AssumeRole" });

const network: readonly ResourceUnderTest[] = [
  cloud("ec2/vpc:Vpc", "region", {
    cidrBlock: "10.0.0.0/16",
    arn: `arn:aws:ec2:us-east-1:${account}:vpc/vpc-1`,
    tagsAll: tags,
  }),
  cloud("ec2/flowLog:FlowLog", "region", { vpcId: "vpc-1", trafficType: "ALL", tagsAll: tags }),
  cloud("ec2/flowLog:FlowLog", "transit", { transitGatewayId: "tgw-1" }),
  cloud("ec2/defaultSecurityGroup:DefaultSecurityGroup", "region", { vpcId: "vpc-1", ingress: [], egress: [] }),
  cloud("ec2/securityGroup:SecurityGroup", "database", {
    vpcId: "vpc-1",
    ingress: [{ protocol: "tcp", fromPort: 5432, toPort: 5432, cidrBlocks: ["10.0.0.0/16"] }],
    // What it calls is another's to judge.
    egress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }],
  }),
  cloud("ec2/securityGroup:SecurityGroup", "mail", {
    vpcId: "vpc-1",
    ingress: [{ protocol: "tcp", fromPort: 25, toPort: 25, cidrBlocks: ["0.0.0.0/0"] }],
    tags: { "omega-policies/open": "mail comes from everywhere" },
  }),
  cloud("ec2/securityGroupRule:SecurityGroupRule", "out", { type: "egress", cidrBlocks: ["0.0.0.0/0"] }),
  cloud("ec2/securityGroupRule:SecurityGroupRule", "in", { type: "ingress", cidrBlocks: ["10.0.0.0/16"] }),
  cloud("vpc/securityGroupIngressRule:SecurityGroupIngressRule", "in", { cidrIpv4: "10.0.0.0/16" }),
  cloud("ec2/routeTable:RouteTable", "old", {
    arn: `arn:aws:ec2:us-east-1:${account}:route-table/rtb-old`,
    routes: [],
  }),
  cloud("ec2/route:Route", "public", { routeTableId: "rtb-public", destinationCidrBlock: "0.0.0.0/0" }),
  cloud("ec2/routeTableAssociation:RouteTableAssociation", "public", {
    subnetId: "subnet-public",
    routeTableId: "rtb-public",
  }),
  cloud("ec2/routeTableAssociation:RouteTableAssociation", "data", {
    subnetId: "subnet-data",
    routeTableId: "rtb-data",
  }),
  cloud("rds/subnetGroup:SubnetGroup", "ledger", { subnetIds: ["subnet-data", "subnet-old"] }),
  cloud("ec2/routeTableAssociation:RouteTableAssociation", "old", { subnetId: "subnet-old", routeTableId: "rtb-old" }),
];

const guards: readonly ResourceUnderTest[] = [
  cloud("eks/cluster:Cluster", "region", {
    vpcConfig: { subnetIds: ["subnet-data"], endpointPrivateAccess: true, endpointPublicAccess: false },
    accessConfig: { authenticationMode: "API" },
    encryptionConfig: { provider: { keyArn }, resources: ["secrets"] },
    enabledClusterLogTypes: ["api", "audit", "authenticator"],
  }),
  cloud("kms/key:Key", "internal", {
    enableKeyRotation: true,
    deletionWindowInDays: 30,
    policy: policy({
      ...statement("*", "kms:*"),
      Principal: { AWS: `arn:aws:iam::${account}:root` },
    }),
  }),
  cloud("kms/key:Key", "signing", { customerMasterKeySpec: "ECC_NIST_P256", keyUsage: "SIGN_VERIFY" }),
  cloud("iam/role:Role", "writer", { assumeRolePolicy: trust({ Service: "pods.eks.amazonaws.com" }) }),
  cloud("iam/role:Role", "federated", {
    assumeRolePolicy: policy({
      ...{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" },
      Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1" } },
    }),
    managedPolicyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
  }),
  cloud("iam/rolePolicy:RolePolicy", "writer", {
    role: "writer",
    policy: policy(statement("arn:aws:s3:::archive/*", "s3:PutObject"), statement("*", "ec2:DescribeInstances")),
  }),
  cloud("iam/rolePolicyAttachment:RolePolicyAttachment", "writer", {
    role: "writer",
    policyArn: "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
  }),
  cloud("cloudtrail/trail:Trail", "account", {
    s3BucketName: "archive",
    isMultiRegionTrail: true,
    enableLogging: true,
    includeGlobalServiceEvents: true,
    enableLogFileValidation: true,
    kmsKeyId: keyArn,
  }),
  cloud("guardduty/detector:Detector", "account", { enable: true }),
  cloud("cloudwatch/logGroup:LogGroup", "cluster", { name: "/aws/eks/region/cluster", retentionInDays: 90 }),
];

const copies: readonly ResourceUnderTest[] = [
  // Of the bucket in the stores' fixture.
  cloud("s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "archive", {
    bucket: "archive",
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  }),
  cloud("s3/bucketVersioning:BucketVersioning", "archive", {
    bucket: "archive",
    versioningConfiguration: { status: "Enabled" },
  }),
  cloud("backup/vault:Vault", "daily", { name: "daily", kmsKeyArn: keyArn }),
  cloud("backup/vaultLockConfiguration:VaultLockConfiguration", "daily", {
    backupVaultName: "daily",
    minRetentionDays: 7,
  }),
  cloud("backup/plan:Plan", "daily", {
    rules: [
      { ruleName: "daily", schedule: "cron(0 3 * * ? *)", lifecycle: { deleteAfter: 35 } },
      // For ever.
      { ruleName: "yearly", schedule: "cron(0 3 1 1 ? *)" },
    ],
  }),
];

/** A region in AWS with each kind of thing that the policies must leave alone. */
export const awsObjects: readonly ResourceUnderTest[] = [provider, ...network, ...guards, ...copies];
