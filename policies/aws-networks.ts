import { amazon, idOf } from "./aws";
import { awsMetadata } from "./aws-metadata";
import { places } from "./demands";
import { kindOf, ofKind, saysWhy } from "./kubernetes";
import { definePolicy, type Finding, type Resource } from "./policy";
import { stores } from "./stores";
import { at, equal, isMissing, list, some, unknown, type Answer, type Value } from "./values";

const everywhere: Value[] = ["0.0.0.0/0", "::/0"];

/** Where each kind says whom it lets in. */
const ingress: Record<string, readonly string[]> = {
  [amazon.securityGroup]: ["ingress[].cidrBlocks", "ingress[].ipv6CidrBlocks"],
  [amazon.securityGroupRule]: ["cidrBlocks", "ipv6CidrBlocks"],
  [amazon.ingressRule]: ["cidrIpv4", "cidrIpv6"],
};

/** Where each kind says in which subnets a store is. */
const subnetsOf: Record<string, string> = {
  [amazon.subnetGroup]: "subnetIds",
  [stores.cacheServerless]: "subnetIds",
  [stores.msk]: "brokerNodeGroupInfo.clientSubnets",
};

export const closedNetworks = definePolicy<object>({
  metadata: awsMetadata.closedNetworks,
  settings: {},
  resource: (resource) => [...checkIngress(resource), ...checkDefault(resource)],
  stack: (resources) => {
    const open = openSubnets(resources);
    return resources.flatMap((resource) => checkSubnets(resource, open));
  },
});

function checkIngress(resource: Resource): Finding[] {
  const paths = ingress[kindOf(resource)] ?? [];
  const direction = at(resource.props, "type");
  if (direction === unknown || direction === "egress") return [];
  if (saysWhy(at(resource.props, "tags"), "open") !== false) return [];
  return paths
    .flatMap((path) => places(resource.props, path))
    .flatMap(({ path, value }): Finding[] => {
      const blocks: Value[] = [value, ...list(value)];
      const open = blocks.find((block) => everywhere.includes(block));
      return open === undefined ? [] : [{ resource, path, reason: `has ${String(open)}, so everybody gets in` }];
    });
}

function checkDefault(resource: Resource): Finding[] {
  return ofKind([resource], amazon.defaultSecurityGroup)
    .filter(({ props }) => list(at(props, "ingress")).some((rule) => !isMissing(rule)))
    .map(() => ({
      resource,
      path: "ingress",
      reason: "lets something in, so whatever names no group of its own is open",
    }));
}

/** Ids of subnets whose route table leads to everywhere by a gateway. */
function openSubnets(resources: readonly Resource[]): Value[] {
  const routes = ofKind(resources, amazon.route).filter(({ props }) => leadsOut(props));
  const tables: Value[] = [
    ...routes.map(({ props }) => at(props, "routeTableId")),
    ...ofKind(resources, amazon.routeTable)
      .filter(({ props }) => list(at(props, "routes")).some((route) => leadsOut(route)))
      .map(idOf),
  ].filter((table) => table !== unknown && !isMissing(table));
  return ofKind(resources, amazon.association)
    .filter(({ props }) => tables.includes(at(props, "routeTableId")))
    .map(({ props }) => at(props, "subnetId"))
    .filter((subnet) => subnet !== unknown && !isMissing(subnet));
}

function leadsOut(route: Value): boolean {
  const destinations = ["destinationCidrBlock", "destinationIpv6CidrBlock", "cidrBlock", "ipv6CidrBlock"];
  return destinations.some((key) => everywhere.includes(at(route, key)));
}

function checkSubnets(resource: Resource, open: readonly Value[]): Finding[] {
  const path = subnetsOf[kindOf(resource)];
  if (path === undefined) return [];
  const subnets = list(at(resource.props, ...path.split(".")));
  const found = subnets.filter((subnet) => open.includes(subnet));
  if (found.length === 0) return [];
  return [{ resource, path, reason: `have ${found.map(String).join(", ")}, whose route table leads to the internet` }];
}

export const flowLogs = definePolicy<object>({
  metadata: awsMetadata.flowLogs,
  settings: {},
  resource: (resource) =>
    ofKind([resource], amazon.flowLog).flatMap((log) => {
      const path = "trafficType";
      const value = at(log.props, path);
      if (value === unknown || value === "ALL" || !isMissing(at(log.props, "transitGatewayId"))) return [];
      return [{ resource: log, path, reason: `is ${String(value ?? "not set")}, so half of what happened is missing` }];
    }),
  stack: (resources) =>
    ofKind(resources, amazon.vpc)
      .filter((vpc) => isLogged(vpc, ofKind(resources, amazon.flowLog)) === false)
      .map((resource) => ({ resource, path: "id", reason: "has no FlowLog" })),
});

function isLogged(vpc: Resource, logs: readonly Resource[]): Answer {
  const id = idOf(vpc);
  return some(logs.map(({ props }) => equal(at(props, "vpcId"), id)));
}
