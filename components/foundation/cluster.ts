import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { refuse } from "../arguments";
import { accessEntries, type ClusterAccess } from "./cluster-access";
import { clusterProblems } from "./cluster-problems";
import { keyPolicy } from "./key-policy";
import type { LogKeeping } from "./log-retention";
import { kubeconfig } from "./kubeconfig";

export interface ClusterArgs {
  /**
   * Name of the EKS cluster, one for each in its account and region; another one makes another cluster. Default: the
   * component's own name. Its log group is named after it, so it isn't left to AWS.
   */
  clusterName?: string;
  /** AWS region, for `aws eks get-token`. */
  region: string;
  /** Kubernetes minor version, e.g. `1.35`. Default: EKS's own. */
  kubernetesVersion?: string;
  privateSubnetIds: pulumi.Input<string>[];
  /**
   * Who gets in beside the one who makes the cluster, each principal once. Default: nobody. The maker is its administrator
   * by `bootstrapClusterCreatorAdminPermissions`, without which the same update could put nothing into it: don't name it.
   */
  access?: ClusterAccess[];
  /** Whether EKS refuses to delete the cluster. Default true. */
  deletionProtection?: boolean;
  /** Of its control plane. */
  logs?: LogKeeping;
  tags?: Record<string, pulumi.Input<string>>;
}

const managedPolicy = (policy: string) => `arn:aws:iam::aws:policy/${policy}`;

/** What EKS Auto Mode needs to run nodes, volumes and load balancers for us. */
const clusterPolicies = [
  "AmazonEKSClusterPolicy",
  "AmazonEKSComputePolicy",
  "AmazonEKSBlockStoragePolicy",
  "AmazonEKSLoadBalancingPolicy",
  "AmazonEKSNetworkingPolicy",
];
const nodePolicies = ["AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"];

/** An EKS cluster in Auto Mode: private endpoint, secrets encrypted by a key of its own, control-plane logs kept. */
export class Cluster extends pulumi.ComponentResource {
  readonly clusterName: pulumi.Output<string>;
  /** Holds no credentials: who uses it logs in by `aws eks get-token`. */
  readonly kubeconfig: pulumi.Output<string>;
  /** For `deletedWith`: what lives in the cluster goes with it. */
  readonly cluster: aws.eks.Cluster;

  constructor(name: string, args: ClusterArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:Cluster", name, {}, options);
    const { clusterName = name, access = [], deletionProtection = true, logs = {} } = args;
    refuse(
      `Cluster "${name}"`,
      clusterProblems({ clusterName, access, logs, kubernetesVersion: args.kubernetesVersion }),
    );
    const child = { parent: this };
    const tags = args.tags ?? {};

    const clusterRole = this.role(
      `${name}-control-plane`,
      "eks.amazonaws.com",
      ["sts:AssumeRole", "sts:TagSession"],
      tags,
    );
    const attachments = this.attach(`${name}-control-plane`, clusterRole, clusterPolicies);
    const nodeRole = this.role(`${name}-node`, "ec2.amazonaws.com", ["sts:AssumeRole"], tags);
    this.attach(`${name}-node`, nodeRole, nodePolicies);

    const key = new aws.kms.Key(
      `${name}-secrets-key`,
      {
        description: `Kubernetes secrets of ${name}`,
        enableKeyRotation: true,
        // EKS works by grants of whoever makes the cluster: no service is let in.
        policy: keyPolicy([], child),
        tags,
      },
      child,
    );
    // EKS would make it without an end and without a key.
    const logGroup = new aws.cloudwatch.LogGroup(
      `${name}-logs`,
      {
        name: `/aws/eks/${clusterName}/cluster`,
        retentionInDays: logs.retentionDays ?? 90,
        ...(logs.keyArn === undefined ? {} : { kmsKeyId: logs.keyArn }),
        tags,
      },
      child,
    );
    this.cluster = new aws.eks.Cluster(
      `${name}-cluster`,
      {
        name: clusterName,
        ...(args.kubernetesVersion === undefined ? {} : { version: args.kubernetesVersion }),
        roleArn: clusterRole.arn,
        vpcConfig: { subnetIds: args.privateSubnetIds, endpointPrivateAccess: true, endpointPublicAccess: false },
        accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: true },
        encryptionConfig: { provider: { keyArn: key.arn }, resources: ["secrets"] },
        enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
        bootstrapSelfManagedAddons: false,
        computeConfig: { enabled: true, nodePools: ["general-purpose", "system"], nodeRoleArn: nodeRole.arn },
        storageConfig: { blockStorage: { enabled: true } },
        kubernetesNetworkConfig: { elasticLoadBalancing: { enabled: true } },
        // Traffic leaves a zone that AWS, or an operator, takes out.
        zonalShiftConfig: { enabled: true },
        deletionProtection,
        tags,
      },
      // Detached too early, the policies would leave EKS unable to delete the nodes and load balancers that it made.
      { ...child, dependsOn: [...attachments, logGroup] },
    );
    accessEntries(name, { access, clusterName: this.cluster.name, tags }, child);

    this.clusterName = this.cluster.name;
    this.kubeconfig = pulumi
      .all([this.cluster.name, this.cluster.endpoint, this.cluster.certificateAuthority.data])
      .apply(([clusterName, endpoint, certificateAuthority]) =>
        kubeconfig({ clusterName, endpoint, certificateAuthority, region: args.region }),
      );
    this.registerOutputs({ clusterName: this.clusterName, kubeconfig: this.kubeconfig });
  }

  private role(name: string, service: string, actions: string[], tags: aws.Tags): aws.iam.Role {
    const assumeRolePolicy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: actions }],
    });
    return new aws.iam.Role(name, { assumeRolePolicy, tags }, { parent: this });
  }

  private attach(name: string, role: aws.iam.Role, policies: string[]): aws.iam.RolePolicyAttachment[] {
    return policies.map(
      (policy) =>
        new aws.iam.RolePolicyAttachment(
          `${name}-${policy}`,
          { role: role.name, policyArn: managedPolicy(policy) },
          { parent: this },
        ),
    );
  }
}
