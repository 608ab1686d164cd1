import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { AwsPlacement } from "../../data/placement";

export const auroraPort = 5432;

export interface DatabaseGroups {
  proxy: aws.ec2.SecurityGroup;
  database: aws.ec2.SecurityGroup;
}

/** Clients of the VPC reach the proxy, and the proxy the database; nobody else does, and neither reaches anything further. */
export function createGroups(
  name: string,
  { placement, isDirect }: { placement: AwsPlacement; isDirect: boolean },
  options: pulumi.CustomResourceOptions,
): DatabaseGroups {
  const { vpcId, cidrBlock } = placement;
  const port = { protocol: "tcp", fromPort: auroraPort, toPort: auroraPort };
  const fromClients = { ...port, cidrBlocks: [cidrBlock], description: "Clients of the VPC, by TLS and IAM" };
  const proxy = new aws.ec2.SecurityGroup(
    `${name}-proxy-group`,
    {
      description: "Proxy of the database",
      vpcId,
      ingress: [fromClients],
      egress: [{ ...port, cidrBlocks: [cidrBlock], description: "The database" }],
    },
    options,
  );
  const database = new aws.ec2.SecurityGroup(
    `${name}-database-group`,
    {
      description: "Instances of the database",
      vpcId,
      ingress: [{ ...port, securityGroups: [proxy.id], description: "The proxy" }, ...(isDirect ? [fromClients] : [])],
    },
    options,
  );
  return { proxy, database };
}
