import { tables } from "../providers/tables";
import { nameOf, providerUrn } from "./urn";
import type { StateResource } from "./unanswered";

/** What an interrupted run may have left behind in a real cloud, where no state knows it. */
export interface PossibleOrphan {
  type: string;
  name: string;
  findCommand?: string;
  /** Missing when the stack has made it anew since: one URN can't stand for both. */
  importCommand?: string;
  deleteCommand: string;
}

const deleteCommands: Record<string, string> = {
  "aws:ec2/vpc:Vpc": "aws ec2 delete-vpc --vpc-id",
  "aws:ec2/subnet:Subnet": "aws ec2 delete-subnet --subnet-id",
  "aws:ec2/internetGateway:InternetGateway": "aws ec2 delete-internet-gateway --internet-gateway-id",
  "aws:ec2/natGateway:NatGateway": "aws ec2 delete-nat-gateway --nat-gateway-id",
  "aws:ec2/eip:Eip": "aws ec2 release-address --allocation-id",
  "aws:ec2/routeTable:RouteTable": "aws ec2 delete-route-table --route-table-id",
  "aws:ec2/routeTableAssociation:RouteTableAssociation": "aws ec2 disassociate-route-table --association-id",
  "aws:kms/key:Key": "aws kms schedule-key-deletion --key-id",
};

const cloudTable = (type: string) =>
  tables.find(({ package: name, place }) => place !== undefined && type.startsWith(`${name}:`));

export const isInCloud = ({ type }: StateResource): boolean => cloudTable(type) !== undefined;

/** The id that a create would give, where it follows from the inputs: what was made can be found again by it. */
export function knownId({ type, inputs = {} }: StateResource): string | undefined {
  if (type.startsWith("kubernetes:")) return objectId(inputs);
  const table = cloudTable(type)?.types[type];
  if (table === undefined) return undefined;
  let isDrawn = false;
  const id = table.id({ inputs, settings: {} }, () => {
    isDrawn = true;
    return "";
  });
  return isDrawn ? undefined : id;
}

/** `namespace/name`, or `name` for what belongs to no namespace; a Helm release has both at the top. */
function objectId(inputs: Record<string, unknown>): string | undefined {
  const { name, namespace } = (inputs.metadata ?? inputs) as { name?: string; namespace?: string };
  return name === undefined || namespace === undefined ? name : `${namespace}/${name}`;
}

export function possibleOrphan(resource: StateResource, stack: string, isMadeAnew: boolean): PossibleOrphan {
  const { urn, type, parent, provider, inputs } = resource;
  const name = nameOf(urn);
  const region = typeof inputs?.region === "string" ? ` --region ${inputs.region}` : "";
  const tag = (inputs?.tags as { Name?: string } | undefined)?.Name;
  const remove = deleteCommands[type];
  // Without these it would be imported at the top of the stack, and by a provider that the program doesn't use.
  const place = [
    ...(parent === undefined ? [] : [`--parent 'parent=${parent}'`]),
    ...(provider === undefined ? [] : [`--provider 'provider=${providerUrn(provider)}'`]),
  ];
  return {
    type,
    name,
    ...(tag === undefined
      ? {}
      : { findCommand: `aws resourcegroupstaggingapi get-resources${region} --tag-filters Key=Name,Values=${tag}` }),
    ...(isMadeAnew
      ? {}
      : { importCommand: ["pulumi import --protect=false --stack", stack, ...place, type, name, "<id>"].join(" ") }),
    deleteCommand: remove === undefined ? "delete it in the provider's console" : `${remove} <id>${region}`,
  };
}
