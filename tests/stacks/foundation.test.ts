import { readStackFile } from "../../rehearsal/engine/stack-file";
import { projectRoot } from "../../rehearsal/paths";
import { validate } from "../../stacks/validation";
import { planned } from "./planned";

const { config: prod } = readStackFile(projectRoot, "prod");
const regions = prod["omega:regions"] as Record<string, unknown>[];
const ids = (kind: string) => ["a", "b", "c"].map((digit) => `${kind}-${digit.repeat(8)}`);
const network = { vpcId: "vpc-0a1b2c3d", privateSubnetIds: ids("subnet"), dataSubnetIds: ids("subnet") };

const minimal = {
  scope: "region",
  environment: "prod",
  region: "us-east",
  cluster: { source: "eks" },
  regions: [
    { name: "us-east", aws: "us-east-1", cidrBlock: "10.0.0.0/16" },
    { name: "eu-west", aws: "eu-west-1", cidrBlock: "10.1.0.0/16" },
  ],
};
const errorsOf = (change: Record<string, unknown>) =>
  validate({ ...minimal, ...change }, []).errors.map(({ path, reason }) => `${path}: ${reason}`);

test("a region in a VPC that is there makes none, and its cluster and stores are in its subnets", async () => {
  const { resources } = await planned("prod-us-east", {
    "omega:regions": regions.map((region) => (region.name === "us-east" ? { ...region, network } : region)),
  });
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  for (const type of ["aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:ec2/flowLog:FlowLog"]) {
    expect(ofType(type)).toEqual([]);
  }
  expect(ofType("aws:eks/cluster:Cluster")[0]?.props).toMatchObject({
    ...{ name: "prod-us-east", vpcConfig: { subnetIds: network.privateSubnetIds } },
  });
  expect(ofType("aws:elasticache/serverlessCache:ServerlessCache")[0]?.props.subnetIds).toEqual(network.dataSubnetIds);
});

test("the trail is made by one region's stack alone, and copies go where the configuration says", async () => {
  const [here, there] = [await planned("prod-us-east"), await planned("prod-eu-west")];
  const trails = ({ resources }: typeof here) => resources.filter(({ type }) => type === "aws:cloudtrail/trail:Trail");
  expect([trails(here).length, trails(there).length]).toEqual([1, 0]);
  const plan = here.resources.find(({ type }) => type === "aws:backup/plan:Plan");
  expect(JSON.stringify(plan?.props)).toContain("arn:aws:backup:eu-west-1:123456789012:backup-vault:prod-eu-west");
  const provider = here.resources.find(({ type }) => type === "pulumi:providers:aws");
  expect(JSON.stringify(provider?.props)).toContain("omega-platform:cost-center");
});

test.each<[string, Record<string, unknown>, string[]]>([
  [
    "without eks",
    { cluster: { source: "existing" }, foundation: {}, regions: [{ name: "us-east", network, clusterName: "one" }] },
    [
      "regions[0].network: is for cluster.source eks",
      "regions[0].clusterName: is for cluster.source eks",
      "foundation: is for cluster.source eks: another cluster has its own",
    ],
  ],
  [
    "parts that don't go together",
    {
      foundation: {
        dataKeys: ["internal"],
        backups: { retentionDays: 7, lockDays: 8, copies: { "us-east": "us-east", mars: "eu-west" } },
        trail: { region: "mars" },
      },
      cost: { owner: "platform", costCenter: "shop", monthlyBudgetUsd: 10 },
    },
    [
      "cost.notificationEmail: is missing: a budget of which nobody is told is none",
      "foundation.dataKeys: must have confidential: backups, trail",
      "foundation.backups.lockDays: must be at most retentionDays, 7",
      "foundation.backups.copies.us-east: must be another region",
      "foundation.backups.copies.mars: must be one of the regions: us-east, eu-west",
      "foundation.trail.region: must be one of the regions: us-east, eu-west",
    ],
  ],
  [
    "two entries for one principal",
    {
      foundation: {
        access: ["admin", "view"].map((level) => ({ principalArn: "arn:aws:iam::123456789012:role/a", level })),
      },
    },
    ["foundation.access[1].principalArn: is that of foundation.access[0]"],
  ],
])("%s is refused, all of it together", (_, change, expected) => {
  expect(errorsOf(change)).toEqual(expected);
});
