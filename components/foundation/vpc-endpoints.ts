import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, refuse } from "../arguments";

export interface VpcEndpointsArgs {
  vpcId: pulumi.Input<string>;
  /** IPv4 block of the VPC: what may use the interface endpoints. */
  cidrBlock: pulumi.Input<string>;
  /** Of the interface endpoints' network interfaces, one for each zone. One at least, where there are interface endpoints. */
  subnetIds: pulumi.Input<string>[];
  /** Route tables through which S3 is reached without NAT. */
  routeTableIds: pulumi.Input<string>[];
  /**
   * Services with an interface endpoint, as in `com.amazonaws.<region>.<service>`; each is paid for by zone and hour.
   * Default: what nodes and pods ask for all the time, so that a failing NAT gateway stops no pod.
   */
  interfaces?: string[];
  tags?: Record<string, pulumi.Input<string>>;
}

export const defaultInterfaceEndpoints = [
  ...["ec2", "ecr.api", "ecr.dkr", "eks-auth", "kms", "logs", "secretsmanager", "sts"],
];

/** The last part of an endpoint's name. */
export const endpointService = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

/** What of AWS is reached from a VPC without leaving it: S3 by a gateway, other services by interfaces in its zones. */
export class VpcEndpoints extends pulumi.ComponentResource {
  constructor(name: string, args: VpcEndpointsArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:VpcEndpoints", name, {}, options);
    const { vpcId, interfaces = defaultInterfaceEndpoints, subnetIds, routeTableIds } = args;
    refuse(`VpcEndpoints "${name}"`, endpointProblems(interfaces, subnetIds));
    const child = { parent: this };
    const { region } = aws.getRegionOutput({}, child);
    const tags = (suffix: string) => ({ ...args.tags, Name: `${name}-${suffix}` });
    const serviceName = (service: string) => pulumi.interpolate`com.amazonaws.${region}.${service}`;

    new aws.ec2.VpcEndpoint(
      `${name}-s3`,
      { vpcId, serviceName: serviceName("s3"), vpcEndpointType: "Gateway", routeTableIds, tags: tags("s3") },
      child,
    );
    if (interfaces.length > 0) {
      const group = new aws.ec2.SecurityGroup(
        `${name}-interfaces`,
        {
          vpcId,
          description: "HTTPS from the VPC to endpoints of AWS services",
          ingress: [
            { description: "The VPC", protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: [args.cidrBlock] },
          ],
          // An endpoint answers, and calls nobody.
          egress: [],
          tags: tags("interfaces"),
        },
        child,
      );
      for (const service of interfaces) {
        new aws.ec2.VpcEndpoint(
          `${name}-${service}`,
          {
            vpcId,
            serviceName: serviceName(service),
            vpcEndpointType: "Interface",
            // The service's usual name leads to the endpoint: no client is configured.
            privateDnsEnabled: true,
            subnetIds,
            securityGroupIds: [group.id],
            tags: tags(service),
          },
          child,
        );
      }
    }
    this.registerOutputs({});
  }
}

function endpointProblems(interfaces: string[], subnetIds: unknown[]): ArgumentProblem[] {
  return [
    ...interfaces.flatMap((service, index): ArgumentProblem[] => {
      const path = `interfaces[${index}]`;
      if (service === "s3") return [{ path, reason: "must not be s3: it has a gateway endpoint, which costs nothing" }];
      if (!endpointService.test(service)) {
        return [{ path, reason: `is "${service}", must be a service such as ecr.api` }];
      }
      return interfaces.indexOf(service) === index ? [] : [{ path, reason: `"${service}" is there already` }];
    }),
    ...(interfaces.length > 0 && subnetIds.length === 0
      ? [{ path: "subnetIds", reason: "must name one at least" }]
      : []),
  ];
}
