import { arn, digest, missing, ownerId, regional, regionOf, tagsAll } from "./aws-facts";
import { jsonObject, matches, oneOf } from "./checks";
import { type Described, type Facts, type Neighbours, replaces, type ResourceType, updates } from "./table";

const vpc = "aws:ec2/vpc:Vpc";
const subnet = "aws:ec2/subnet:Subnet";
const routeTable = "aws:ec2/routeTable:RouteTable";
const securityGroup = "aws:ec2/securityGroup:SecurityGroup";
const endpoint = "aws:ec2/vpcEndpoint:VpcEndpoint";

const ofVpc = ({ inputs }: Facts, neighbours: Neighbours): string | undefined =>
  missing(neighbours, vpc, inputs.vpcId, "InvalidVpcID.NotFound");

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function firstMissing(neighbours: Neighbours, type: string, ids: unknown, code: string): string | undefined {
  return listOf(ids)
    .map((id) => missing(neighbours, type, id, code))
    .find((one) => one !== undefined);
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html
function refuseEndpoint(facts: Facts, neighbours: Neighbours): string | undefined {
  const { serviceName, vpcId, privateDnsEnabled, subnetIds, routeTableIds, securityGroupIds } = facts.inputs;
  const absent =
    ofVpc(facts, neighbours) ??
    firstMissing(neighbours, subnet, subnetIds, "InvalidSubnetId.NotFound") ??
    firstMissing(neighbours, routeTable, routeTableIds, "InvalidRouteTableId.NotFound") ??
    firstMissing(neighbours, securityGroup, securityGroupIds, "InvalidSecurityGroupId.NotFound");
  if (absent !== undefined) return absent;
  const service = String(serviceName);
  if (/^com\.amazonaws\./.test(service) && !service.startsWith(`com.amazonaws.${regionOf(facts)}.`)) {
    return `InvalidServiceName: The Vpc Endpoint Service '${service}' does not exist`;
  }
  const isTaken = neighbours(endpoint).some(
    ({ properties }) =>
      properties.vpcId === vpcId &&
      properties.serviceName === service &&
      properties.privateDnsEnabled === true &&
      privateDnsEnabled === true,
  );
  return isTaken
    ? `InvalidParameter: private-dns-enabled cannot be set because there is already a conflicting DNS domain for ${service}`
    : undefined;
}

const networkInterfaces = (facts: Described): string[] =>
  listOf(facts.inputs.subnetIds).map((id) => `eni-${digest(`${facts.id} ${String(id)}`, 17)}`);

export const networkGuardTypes: Record<string, ResourceType> = {
  "aws:ec2/flowLog:FlowLog": {
    inputs: {
      ...replaces("deliverCrossAccountRole destinationOptions eniId iamRoleArn logDestination logDestinationType"),
      ...replaces("logFormat maxAggregationInterval region subnetId trafficType transitGatewayId vpcId"),
      ...updates("tags"),
    },
    defaults: (settings) => ({
      logDestinationType: "cloud-watch-logs",
      maxAggregationInterval: 600,
      ...regional(settings),
    }),
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html
    checks: {
      logDestinationType: oneOf("cloud-watch-logs", "s3", "kinesis-data-firehose"),
      maxAggregationInterval: oneOf(60, 600),
      trafficType: oneOf("ACCEPT", "REJECT", "ALL"),
    },
    id: (_, hex) => `fl-${hex(17)}`,
    refuses: (facts, neighbours) =>
      facts.inputs.logDestinationType === "cloud-watch-logs" && facts.inputs.iamRoleArn === undefined
        ? "InvalidParameter: DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs"
        : ofVpc(facts, neighbours),
    outputs: { arn: (facts) => arn("ec2", facts, `vpc-flow-log/${facts.id}`), logFormat: () => "", tagsAll },
  },
  [endpoint]: {
    inputs: {
      ...replaces("region resourceConfigurationArn serviceName serviceNetworkArn serviceRegion vpcEndpointType vpcId"),
      ...updates("autoAccept dnsOptions ipAddressType policy privateDnsEnabled routeTableIds securityGroupIds"),
      ...updates("subnetConfigurations subnetIds tags"),
    },
    required: ["vpcId"],
    defaults: (settings) => ({ vpcEndpointType: "Gateway", ...regional(settings) }),
    checks: {
      policy: jsonObject,
      serviceName: matches(/^[\w.-]{1,255}$/, "a service's name"),
      vpcEndpointType: oneOf("Gateway", "GatewayLoadBalancer", "Interface", "Resource", "ServiceNetwork"),
    },
    id: (_, hex) => `vpce-${hex(17)}`,
    refuses: refuseEndpoint,
    outputs: {
      arn: (facts) => arn("ec2", facts, `vpc-endpoint/${facts.id}`),
      networkInterfaceIds: networkInterfaces,
      ownerId,
      privateDnsEnabled: () => false,
      routeTableIds: () => [],
      securityGroupIds: () => [],
      state: () => "available",
      subnetIds: () => [],
      tagsAll,
    },
  },
  // What a VPC is made with: it is taken over, not made, and stays when it is deleted.
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {
    inputs: { ...replaces("region vpcId"), ...updates("egress ingress revokeRulesOnDelete tags") },
    defaults: regional,
    id: ({ inputs }) => `sg-${digest(`sg ${String(inputs.vpcId)}`, 17)}`,
    refuses: ofVpc,
    outputs: {
      arn: (facts) => arn("ec2", facts, `security-group/${facts.id}`),
      description: () => "default VPC security group",
      egress: () => [],
      ingress: () => [],
      name: () => "default",
      ownerId,
      tagsAll,
    },
  },
};
