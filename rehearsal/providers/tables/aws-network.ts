import { arn, digest, missing, ownerId, regional, regionOf, tagsAll } from "./aws-facts";
import { ipv4Cidr, isInside, oneOf, overlap, parseCidr } from "./checks";
import { type Described, type Facts, type Neighbours, replaces, type ResourceType, updates } from "./table";

const vpc = "aws:ec2/vpc:Vpc";
const subnet = "aws:ec2/subnet:Subnet";
const routeTable = "aws:ec2/routeTable:RouteTable";

const ec2Arn = (kind: string) => (facts: Described) => arn("ec2", facts, `${kind}/${facts.id}`);
const derived = (prefix: string) => (facts: Described) => `${prefix}-${digest(`${prefix} ${facts.id}`, 17)}`;

/** From the blocks that RFC 5737 keeps for documentation. */
const publicIp = (id: unknown) => `203.0.113.${parseInt(digest(id, 2), 16)}`;
const privateIp = (id: unknown) => `10.0.0.${parseInt(digest(id, 2), 16)}`;

// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
function refuseSubnet({ inputs }: Facts, neighbours: Neighbours): string | undefined {
  const absent = missing(neighbours, vpc, inputs.vpcId, "InvalidVpcID.NotFound");
  if (absent) return absent;
  const [block, network] = [
    inputs.cidrBlock,
    neighbours(vpc).find(({ id }) => id === inputs.vpcId)?.properties.cidrBlock,
  ];
  const [own, whole] = [parseCidr(block), parseCidr(network)];
  if (!own || !whole) return undefined;
  if (!isInside(own, whole))
    return `InvalidSubnet.Range: The CIDR '${String(block)}' is invalid: not in ${String(network)}`;
  const siblings = neighbours(subnet).filter(({ properties }) => properties.vpcId === inputs.vpcId);
  const other = siblings
    .map(({ properties }) => parseCidr(properties.cidrBlock))
    .find((one) => one && overlap(own, one));
  return (
    other && `InvalidSubnet.Conflict: The CIDR '${String(block)}' conflicts with another subnet: ${other.canonical}`
  );
}

export const networkTypes: Record<string, ResourceType> = {
  [vpc]: {
    inputs: {
      ...replaces("cidrBlock region"),
      ...updates("enableDnsHostnames enableDnsSupport enableNetworkAddressUsageMetrics instanceTenancy tags"),
    },
    required: ["cidrBlock"],
    defaults: (settings) => ({ enableDnsSupport: true, instanceTenancy: "default", ...regional(settings) }),
    // https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
    checks: { cidrBlock: ipv4Cidr(16, 28), instanceTenancy: oneOf("default", "dedicated") },
    id: (_, hex) => `vpc-${hex(17)}`,
    outputs: {
      arn: ec2Arn("vpc"),
      defaultNetworkAclId: derived("acl"),
      defaultRouteTableId: derived("rtb"),
      defaultSecurityGroupId: derived("sg"),
      dhcpOptionsId: derived("dopt"),
      mainRouteTableId: derived("rtb"),
      ownerId,
      tagsAll,
    },
  },
  [subnet]: {
    inputs: {
      ...replaces("availabilityZone availabilityZoneId cidrBlock region vpcId"),
      ...updates("mapPublicIpOnLaunch privateDnsHostnameTypeOnLaunch tags"),
    },
    required: ["vpcId", "cidrBlock"],
    defaults: (settings) => ({ mapPublicIpOnLaunch: false, ...regional(settings) }),
    checks: {
      cidrBlock: ipv4Cidr(16, 28),
      privateDnsHostnameTypeOnLaunch: oneOf("ip-name", "resource-name"),
    },
    id: (_, hex) => `subnet-${hex(17)}`,
    refuses: refuseSubnet,
    outputs: {
      arn: ec2Arn("subnet"),
      availabilityZone: (facts) => `${regionOf(facts)}a`,
      ownerId,
      tagsAll,
    },
  },
  "aws:ec2/internetGateway:InternetGateway": {
    inputs: { ...replaces("region"), ...updates("tags vpcId") },
    defaults: regional,
    id: (_, hex) => `igw-${hex(17)}`,
    refuses: ({ inputs }, neighbours) => missing(neighbours, vpc, inputs.vpcId, "InvalidVpcID.NotFound"),
    outputs: { arn: ec2Arn("internet-gateway"), ownerId, tagsAll },
  },
  "aws:ec2/eip:Eip": {
    inputs: { ...replaces("domain networkBorderGroup publicIpv4Pool region"), ...updates("tags") },
    defaults: regional,
    checks: { domain: oneOf("vpc") },
    id: (_, hex) => `eipalloc-${hex(17)}`,
    outputs: {
      allocationId: ({ id }) => id,
      arn: ec2Arn("elastic-ip"),
      domain: () => "vpc",
      networkBorderGroup: regionOf,
      publicIp: ({ id }) => publicIp(id),
      publicIpv4Pool: () => "amazon",
      tagsAll,
    },
  },
  "aws:ec2/natGateway:NatGateway": {
    inputs: { ...replaces("allocationId connectivityType privateIp region subnetId"), ...updates("tags") },
    required: ["subnetId"],
    defaults: (settings) => ({ connectivityType: "public", ...regional(settings) }),
    checks: { connectivityType: oneOf("public", "private") },
    id: (_, hex) => `nat-${hex(17)}`,
    refuses: ({ inputs }, neighbours) =>
      inputs.connectivityType === "public" && inputs.allocationId === undefined
        ? "MissingParameter: The request must include the AllocationId parameter for a public NAT gateway"
        : (missing(neighbours, subnet, inputs.subnetId, "InvalidSubnetID.NotFound") ??
          missing(neighbours, "aws:ec2/eip:Eip", inputs.allocationId, "InvalidAllocationID.NotFound")),
    outputs: {
      associationId: derived("eipassoc"),
      networkInterfaceId: derived("eni"),
      privateIp: ({ id }) => privateIp(id),
      publicIp: ({ inputs }) => (inputs.allocationId === undefined ? "" : publicIp(inputs.allocationId)),
      tagsAll,
    },
  },
  [routeTable]: {
    inputs: { ...replaces("region vpcId"), ...updates("propagatingVgws routes tags") },
    required: ["vpcId"],
    defaults: regional,
    id: (_, hex) => `rtb-${hex(17)}`,
    refuses: ({ inputs }, neighbours) => missing(neighbours, vpc, inputs.vpcId, "InvalidVpcID.NotFound"),
    outputs: { arn: ec2Arn("route-table"), ownerId, propagatingVgws: () => [], routes: () => [], tagsAll },
  },
  "aws:ec2/route:Route": {
    inputs: {
      ...replaces("destinationCidrBlock destinationIpv6CidrBlock destinationPrefixListId region routeTableId"),
      ...updates("egressOnlyGatewayId gatewayId natGatewayId networkInterfaceId transitGatewayId vpcEndpointId"),
    },
    required: ["routeTableId"],
    defaults: regional,
    checks: { destinationCidrBlock: ipv4Cidr(0, 32) },
    id: ({ inputs }) => {
      const { destinationCidrBlock, destinationIpv6CidrBlock, destinationPrefixListId } = inputs;
      const destination = destinationCidrBlock ?? destinationIpv6CidrBlock ?? destinationPrefixListId;
      return `r-${String(inputs.routeTableId)}${parseInt(digest(destination, 8), 16)}`;
    },
    refuses: ({ inputs }, neighbours) =>
      missing(neighbours, routeTable, inputs.routeTableId, "InvalidRouteTableID.NotFound"),
    taken: (id) => `RouteAlreadyExists: The route identified by ${id} already exists`,
    outputs: { instanceId: () => "", instanceOwnerId: () => "", origin: () => "CreateRoute", state: () => "active" },
  },
  "aws:ec2/routeTableAssociation:RouteTableAssociation": {
    inputs: { ...replaces("gatewayId region subnetId"), ...updates("routeTableId") },
    required: ["routeTableId"],
    defaults: regional,
    id: (_, hex) => `rtbassoc-${hex(17)}`,
    refuses: ({ inputs: { routeTableId, subnetId } }, neighbours) =>
      neighbours("aws:ec2/routeTableAssociation:RouteTableAssociation").some(
        ({ properties }) => subnetId !== undefined && properties.subnetId === subnetId,
      )
        ? `Resource.AlreadyAssociated: the subnet ${String(subnetId)} already has a route table`
        : missing(neighbours, routeTable, routeTableId, "InvalidRouteTableID.NotFound"),
    outputs: {},
  },
};
