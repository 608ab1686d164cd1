import type { Resource } from "./policy";
import { at, isMissing, list, parsedJson, unknown, type Value } from "./values";

/** Kinds of what AWS runs an account, a network and a cluster with; stores are in stores.ts. */
export const amazon = {
  provider: "pulumi:providers:aws",
  cluster: "aws:eks/cluster:Cluster",
  key: "aws:kms/key:Key",
  vpc: "aws:ec2/vpc:Vpc",
  flowLog: "aws:ec2/flowLog:FlowLog",
  securityGroup: "aws:ec2/securityGroup:SecurityGroup",
  defaultSecurityGroup: "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
  securityGroupRule: "aws:ec2/securityGroupRule:SecurityGroupRule",
  ingressRule: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  routeTable: "aws:ec2/routeTable:RouteTable",
  route: "aws:ec2/route:Route",
  association: "aws:ec2/routeTableAssociation:RouteTableAssociation",
  subnetGroup: "aws:rds/subnetGroup:SubnetGroup",
  bucketAccess: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  bucketVersioning: "aws:s3/bucketVersioning:BucketVersioning",
  role: "aws:iam/role:Role",
  policy: "aws:iam/policy:Policy",
  rolePolicy: "aws:iam/rolePolicy:RolePolicy",
  attachment: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  vault: "aws:backup/vault:Vault",
  vaultLock: "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
  backupPlan: "aws:backup/plan:Plan",
  trail: "aws:cloudtrail/trail:Trail",
  detector: "aws:guardduty/detector:Detector",
  logGroup: "aws:cloudwatch/logGroup:LogGroup",
} as const;

/** An id is no input: it is among the outputs, or at the end of the ARN. */
export function idOf({ props }: Resource): Value {
  const id = at(props, "id");
  const arn = at(props, "arn");
  if (typeof id === "string" && id !== "") return id;
  return typeof arn === "string" ? (arn.split("/").at(-1) ?? unknown) : unknown;
}

/** What IAM takes one of or a list of. */
export function oneOrMore(value: Value): Value[] {
  return Array.isArray(value) ? value : [value];
}

/** The statements of a policy of IAM, which is JSON in an input. */
export const statementsIn = ({ props }: Resource, input: string): Value[] =>
  oneOrMore(at(parsedJson(at(props, input)), "Statement"));

/** Whether a policy's statement lets everybody in; by a condition somebody may still be meant. */
export function isForEverybody(statement: Value): boolean {
  const principal = at(statement, "Principal");
  const named = at(principal, "AWS");
  const isOpen = principal === "*" || named === "*" || list(named).includes("*");
  return at(statement, "Effect") === "Allow" && isOpen && isMissing(at(statement, "Condition"));
}
