import { isInCloud, knownId, possibleOrphan } from "../../../rehearsal/engine/orphans";

const resource = (type: string, inputs: Record<string, unknown>) => ({
  urn: `urn:pulumi:prod::omega::omega:index:Network$${type}::it`,
  type,
  custom: true,
  inputs,
  parent: "urn:pulumi:prod::omega::omega:index:Network::network",
  provider: "urn:pulumi:prod::omega::pulumi:providers:aws::aws::7f0c",
});

it.each([
  ["kubernetes:apps/v1:Deployment", { metadata: { name: "catalog", namespace: "shop" } }, "shop/catalog"],
  ["kubernetes:core/v1:Namespace", { metadata: { name: "shop" } }, "shop"],
  ["kubernetes:helm.sh/v3:Release", { name: "istiod", namespace: "istio-system" }, "istio-system/istiod"],
  ["aws:iam/role:Role", { name: "node-1234567" }, "node-1234567"],
  ["aws:iam/rolePolicyAttachment:RolePolicyAttachment", { role: "node", policyArn: "arn:a" }, "node/arn:a"],
  ["cloudflare:index/r2Bucket:R2Bucket", { name: "assets" }, "assets"],
  ["aws:ec2/vpc:Vpc", { cidrBlock: "10.0.0.0/16" }, undefined],
  ["random:index/randomUuid:RandomUuid", {}, undefined],
])("an id that follows from the inputs is known: %s", (type, inputs, id) => {
  expect(knownId(resource(type, inputs))).toBe(id);
});

it("only what a cloud keeps can be left there", () => {
  expect(isInCloud(resource("aws:ec2/vpc:Vpc", {}))).toBe(true);
  expect(isInCloud(resource("random:index/randomUuid:RandomUuid", {}))).toBe(false);
  expect(isInCloud(resource("pulumi:providers:aws", {}))).toBe(false);
});

it("the commands name the region, the parent and the provider; what was made anew can't be imported any more", () => {
  const vpc = resource("aws:ec2/vpc:Vpc", { region: "eu-west-1", tags: { Name: "eu-west-vpc" } });
  const orphan = possibleOrphan(vpc, "prod", false);
  expect(orphan).toEqual({
    type: "aws:ec2/vpc:Vpc",
    name: "it",
    findCommand:
      "aws resourcegroupstaggingapi get-resources --region eu-west-1 --tag-filters Key=Name,Values=eu-west-vpc",
    importCommand:
      "pulumi import --protect=false --stack prod --parent 'parent=urn:pulumi:prod::omega::omega:index:Network::network' --provider 'provider=urn:pulumi:prod::omega::pulumi:providers:aws::aws' aws:ec2/vpc:Vpc it <id>",
    deleteCommand: "aws ec2 delete-vpc --vpc-id <id> --region eu-west-1",
  });
  expect(possibleOrphan(vpc, "prod", true).importCommand).toBeUndefined();
});
