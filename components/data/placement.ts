import type * as pulumi from "@pulumi/pulumi";

/** Where in AWS a store is. */
export interface AwsPlacement {
  /** AWS region. */
  region: string;
  /** IPv4 block of the VPC, which alone reaches it. */
  cidrBlock: string;
  vpcId: pulumi.Input<string>;
  /** Three, one a zone. */
  subnetIds: pulumi.Input<string>[];
  /** EKS cluster of the services. */
  clusterName: pulumi.Input<string>;
}
