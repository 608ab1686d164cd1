import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** What a principal may do in a cluster, by EKS's own access policies. */
export enum AccessLevel {
  /** Everything, in the whole cluster. */
  Admin = "admin",
  /** Read what holds no secrets. */
  View = "view",
}

export interface ClusterAccess {
  /** ARN of an IAM role or user. */
  principalArn: string;
  level: AccessLevel;
  /** View alone: the namespaces that it is for. Default: all. */
  namespaces?: string[];
}

// https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
const policies: Record<AccessLevel, string> = {
  [AccessLevel.Admin]: "AmazonEKSClusterAdminPolicy",
  [AccessLevel.View]: "AmazonEKSViewPolicy",
};

interface EntriesArgs {
  access: ClusterAccess[];
  clusterName: pulumi.Output<string>;
  tags: aws.Tags;
}

/** `role-platform-oncall` of its ARN: what a resource is named after, so that another order changes nothing. */
export const principalName = (principalArn: string): string =>
  principalArn.split(":").slice(5).join(":").replaceAll("/", "-");

export function accessEntries(
  name: string,
  { access, clusterName, tags }: EntriesArgs,
  options: pulumi.CustomResourceOptions,
): void {
  for (const { principalArn, level, namespaces } of access) {
    const suffix = principalName(principalArn);
    const entry = new aws.eks.AccessEntry(`${name}-access-${suffix}`, { clusterName, principalArn, tags }, options);
    new aws.eks.AccessPolicyAssociation(
      `${name}-access-${suffix}`,
      {
        clusterName,
        principalArn: entry.principalArn,
        policyArn: `arn:aws:eks::aws:cluster-access-policy/${policies[level]}`,
        accessScope: namespaces === undefined ? { type: "cluster" } : { type: "namespace", namespaces },
      },
      options,
    );
  }
}
