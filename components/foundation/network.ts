import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, refuse } from "../arguments";
import { divide, parseBlock, vpcPrefixes, type ZoneSubnets } from "./address-plan";
import { FlowLogs } from "./flow-logs";
import { type LogKeeping, retentionProblems } from "./log-retention";
import { VpcEndpoints } from "./vpc-endpoints";

export interface NetworkArgs {
  /** IPv4 block of the VPC, from /16 to /20; blocks of regions that may be peered must not overlap. */
  cidrBlock: string;
  /** How long flow logs are kept, and by which key. Default 30 days, by CloudWatch's own. */
  flowLogs?: LogKeeping;
  /** Services of AWS with an interface endpoint. Default: those of `VpcEndpoints`; none where it is empty. */
  interfaceEndpoints?: string[];
  tags?: Record<string, pulumi.Input<string>>;
}

/**
 * A VPC over three zones: public, private and data subnets, and a NAT gateway a zone so that a zone fails alone. Flows are
 * logged, the services of AWS have endpoints, and what names no security group of its own reaches nothing.
 */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly publicSubnetIds: pulumi.Output<string>[];
  readonly privateSubnetIds: pulumi.Output<string>[];
  /** Without a route to the internet. */
  readonly dataSubnetIds: pulumi.Output<string>[];

  constructor(name: string, args: NetworkArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:Network", name, {}, options);
    refuse(`Network "${name}"`, [
      ...blockProblems(args.cidrBlock),
      ...retentionProblems("flowLogs.retentionDays", args.flowLogs?.retentionDays),
    ]);
    const child = { parent: this };
    const tags = (suffix: string, further: Record<string, string> = {}) => ({
      ...args.tags,
      ...further,
      Name: `${name}-${suffix}`,
    });

    const vpc = new aws.ec2.Vpc(
      `${name}-vpc`,
      { cidrBlock: args.cidrBlock, enableDnsHostnames: true, enableDnsSupport: true, tags: tags("vpc") },
      child,
    );
    const internetGateway = new aws.ec2.InternetGateway(
      `${name}-internet`,
      { vpcId: vpc.id, tags: tags("internet") },
      child,
    );
    const zones = aws.getAvailabilityZonesOutput(
      {
        state: "available",
        filters: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
        excludeZoneIds: zonesWithoutServices,
      },
      child,
    ).names;

    const routeTable = (
      suffix: string,
      target?: { gatewayId?: pulumi.Input<string>; natGatewayId?: pulumi.Input<string> },
    ) => {
      const table = new aws.ec2.RouteTable(`${name}-${suffix}-routes`, { vpcId: vpc.id, tags: tags(suffix) }, child);
      if (target !== undefined) {
        const route = { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", ...target };
        new aws.ec2.Route(`${name}-${suffix}-default-route`, route, child);
      }
      return table;
    };
    const subnet = (
      kind: keyof ZoneSubnets,
      zone: number,
      cidrBlock: string,
      routes: aws.ec2.RouteTable,
      role = {},
    ) => {
      const suffix = `${kind}-${zone}`;
      const created = new aws.ec2.Subnet(
        `${name}-${suffix}`,
        {
          vpcId: vpc.id,
          cidrBlock,
          availabilityZone: zones.apply((names) => zoneName(names, zone)),
          tags: tags(suffix, role),
        },
        // A zone that AWS opens later must not move the subnets that are there.
        { ...child, ignoreChanges: ["availabilityZone"] },
      );
      const association = { subnetId: created.id, routeTableId: routes.id };
      new aws.ec2.RouteTableAssociation(`${name}-${suffix}-routes`, association, child);
      return created;
    };

    const publicRoutes = routeTable("public", { gatewayId: internetGateway.id });
    const dataRoutes = routeTable("data");
    const subnets = divide(args.cidrBlock).map((blocks, zone) => {
      const publicSubnet = subnet("public", zone, blocks.public, publicRoutes, { "kubernetes.io/role/elb": "1" });
      const address = new aws.ec2.Eip(`${name}-nat-${zone}`, { domain: "vpc", tags: tags(`nat-${zone}`) }, child);
      const nat = new aws.ec2.NatGateway(
        `${name}-nat-${zone}`,
        { subnetId: publicSubnet.id, allocationId: address.id, tags: tags(`nat-${zone}`) },
        { ...child, dependsOn: [internetGateway] },
      );
      const privateRoutes = routeTable(`private-${zone}`, { natGatewayId: nat.id });
      return {
        public: publicSubnet.id,
        private: subnet("private", zone, blocks.private, privateRoutes, { "kubernetes.io/role/internal-elb": "1" }).id,
        data: subnet("data", zone, blocks.data, dataRoutes).id,
        privateRoutes: privateRoutes.id,
      };
    });
    // Without rules: what names no group of its own is in this one.
    new aws.ec2.DefaultSecurityGroup(
      `${name}-default-security-group`,
      { vpcId: vpc.id, ingress: [], egress: [], tags: tags("default") },
      child,
    );
    new FlowLogs(`${name}-flow-logs`, { vpcId: vpc.id, ...args.flowLogs, tags: tags("flow-logs") }, child);
    new VpcEndpoints(
      `${name}-endpoints`,
      {
        vpcId: vpc.id,
        cidrBlock: args.cidrBlock,
        subnetIds: subnets.map((zone) => zone.private),
        routeTableIds: [...subnets.map((zone) => zone.privateRoutes), dataRoutes.id],
        ...(args.interfaceEndpoints === undefined ? {} : { interfaces: args.interfaceEndpoints }),
        ...(args.tags === undefined ? {} : { tags: args.tags }),
      },
      child,
    );

    this.vpcId = vpc.id;
    this.publicSubnetIds = subnets.map((zone) => zone.public);
    this.privateSubnetIds = subnets.map((zone) => zone.private);
    this.dataSubnetIds = subnets.map((zone) => zone.data);
    this.registerOutputs({
      vpcId: this.vpcId,
      publicSubnetIds: this.publicSubnetIds,
      privateSubnetIds: this.privateSubnetIds,
      dataSubnetIds: this.dataSubnetIds,
    });
  }
}

function blockProblems(cidrBlock: string): ArgumentProblem[] {
  const block = parseBlock(cidrBlock);
  const { largest, smallest } = vpcPrefixes;
  if (block !== undefined && block.prefix >= largest && block.prefix <= smallest) return [];
  const reason = `"${cidrBlock}" must be an IPv4 block from /${largest} to /${smallest}, e.g. 10.0.0.0/16`;
  return [{ path: "cidrBlock", reason }];
}

/** EKS' control planes, MSK and RDS Proxy are not in them. */
const zonesWithoutServices = ["use1-az3", "usw1-az2", "cac1-az3"];

function zoneName(names: string[], zone: number): string {
  const found = names[zone];
  if (found === undefined) throw new pulumi.RunError(`the AWS region has ${names.length} zones, three are needed`);
  return found;
}
