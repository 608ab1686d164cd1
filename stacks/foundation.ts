import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { AccountGuards, Backups, Budget, DataClass, DataKeys, KeyUser, Network } from "../components";
import { accessProblems } from "../components/foundation/cluster-problems";
import type { PlatformConfig } from "./config";
import type { ConfigurationError } from "./configuration-error";
import { protectsData } from "./protection";
import { ClusterSource, type FoundationSection, type PlatformSections, type RegionSection } from "./schema";

/** Rules between the foundation, the regions and the cluster's source. */
export function foundationErrors({ foundation, cost, regions, cluster }: PlatformSections): ConfigurationError[] {
  const errors: ConfigurationError[] = [];
  if (cost?.monthlyBudgetUsd !== undefined && cost.notificationEmail === undefined) {
    errors.push({ path: "cost.notificationEmail", reason: "is missing: a budget of which nobody is told is none" });
  }
  regions.forEach(({ network, clusterName }, index) => {
    if (cluster.source === ClusterSource.Eks) return;
    for (const [key, value] of Object.entries({ network, clusterName })) {
      if (value === undefined) continue;
      errors.push({ path: `regions[${index}].${key}`, reason: "is for cluster.source eks" });
    }
  });
  if (foundation === undefined) return errors;
  if (cluster.source !== ClusterSource.Eks) {
    errors.push({ path: "foundation", reason: "is for cluster.source eks: another cluster has its own" });
  }
  return [...errors, ...partErrors(foundation, regions)];
}

function partErrors(foundation: FoundationSection, regions: RegionSection[]): ConfigurationError[] {
  const { access, dataKeys, backups, trail } = foundation;
  const names: string[] = regions.map(({ name }) => name);
  const unknownRegion = (path: string, region: string): ConfigurationError[] =>
    names.includes(region) ? [] : [{ path, reason: `must be one of the regions: ${names.join(", ")}` }];
  const encrypted = Object.entries({ backups, trail }).filter(([, part]) => part !== undefined);
  return [
    ...accessProblems("foundation.access", access),
    ...(encrypted.length > 0 && !dataKeys.includes(DataClass.Confidential)
      ? [{ path: "foundation.dataKeys", reason: `must have confidential: ${encrypted.map(([key]) => key).join(", ")}` }]
      : []),
    ...dataKeys
      .filter((each, index) => dataKeys.indexOf(each) !== index)
      .map((each) => ({ path: "foundation.dataKeys", reason: `must name ${each} once` })),
    ...(backups !== undefined && backups.lockDays > backups.retentionDays
      ? [{ path: "foundation.backups.lockDays", reason: `must be at most retentionDays, ${backups.retentionDays}` }]
      : []),
    ...Object.entries(backups?.copies ?? {}).flatMap(([from, to]) => {
      const path = `foundation.backups.copies.${from}`;
      if (from === to) return [{ path, reason: "must be another region" }];
      return [...unknownRegion(path, from), ...unknownRegion(path, to)];
    }),
    ...(trail === undefined ? [] : unknownRegion("foundation.trail.region", trail.region)),
  ];
}

/** What every resource of a stack in AWS is tagged with. */
export function awsTags({ environment, cost }: PlatformConfig, region: RegionSection): Record<string, string> {
  return {
    "omega-platform:environment": environment,
    "omega-platform:region": region.name,
    [stackTag]: pulumi.getStack(),
    ...(cost === undefined
      ? {}
      : { "omega-platform:owner": cost.owner, "omega-platform:cost-center": cost.costCenter }),
  };
}

const stackTag = "omega-platform:stack";

/** One name for a region's things in an account that several environments may share. */
export const regionId = ({ environment }: Pick<PlatformConfig, "environment">, region: string): string =>
  `${environment}-${region}`;

export interface RegionNetwork {
  vpcId: pulumi.Output<string>;
  privateSubnetIds: pulumi.Output<string>[];
  dataSubnetIds: pulumi.Output<string>[];
}

/** What must be there before the network and the cluster: keys; undefined where no class of data has one. */
export function buildDataKeys(
  config: PlatformConfig,
  region: RegionSection,
  options: pulumi.ComponentResourceOptions,
): DataKeys | undefined {
  const { foundation } = config;
  if (foundation === undefined || foundation.dataKeys.length === 0) return undefined;
  const has = (dataClass: DataClass) => foundation.dataKeys.includes(dataClass);
  return new DataKeys(
    "data-keys",
    {
      aliasPrefix: regionId(config, region.name),
      classes: foundation.dataKeys,
      users: {
        ...(has(DataClass.Internal) ? { [DataClass.Internal]: [KeyUser.Logs] } : {}),
        ...(has(DataClass.Confidential) && foundation.trail?.region === region.name
          ? { [DataClass.Confidential]: [KeyUser.Trail] }
          : {}),
      },
      protectData: protectsData(config),
    },
    options,
  );
}

/** The VPC that is there, or one that is made. */
export function regionNetwork(
  { foundation }: PlatformConfig,
  { name, network, cidrBlock = "" }: RegionSection,
  keys: DataKeys | undefined,
  options: pulumi.ComponentResourceOptions,
): RegionNetwork {
  if (network !== undefined) {
    const outputs = (ids: string[]) => ids.map((id) => pulumi.output(id));
    return {
      vpcId: pulumi.output(network.vpcId),
      privateSubnetIds: outputs(network.privateSubnetIds),
      dataSubnetIds: outputs(network.dataSubnetIds),
    };
  }
  const keyArn = keys?.keyArns[DataClass.Internal];
  return new Network(
    name,
    {
      cidrBlock,
      flowLogs: {
        ...(foundation === undefined ? {} : { retentionDays: foundation.flowLogRetentionDays }),
        ...(keyArn === undefined ? {} : { keyArn }),
      },
      ...(foundation?.interfaceEndpoints === undefined ? {} : { interfaceEndpoints: foundation.interfaceEndpoints }),
    },
    options,
  );
}

/** What looks after a region and its account: backups, budget, trail, detector. */
export function buildSafeguards(
  config: PlatformConfig,
  region: RegionSection,
  { clusterName, keys }: { clusterName: pulumi.Output<string>; keys: DataKeys | undefined },
  options: pulumi.ComponentResourceOptions,
): void {
  const { foundation, cost } = config;
  const id = regionId(config, region.name);
  if (cost?.monthlyBudgetUsd !== undefined && cost.notificationEmail !== undefined) {
    new Budget(
      "budget",
      {
        budgetName: id,
        monthlyUsd: cost.monthlyBudgetUsd,
        // Nodes are EKS's, which tags them by itself.
        tags: { [`user:${stackTag}`]: pulumi.getStack(), "aws:eks:cluster-name": clusterName },
        emails: [cost.notificationEmail],
      },
      options,
    );
  }
  if (foundation === undefined) return;
  const { backups, guardDuty, trail } = foundation;
  const protectData = protectsData(config);
  if (backups !== undefined && keys !== undefined) {
    const { copies, ...settings } = backups;
    const target = config.regions.find(({ name }) => name === copies[region.name]);
    new Backups(
      "backups",
      {
        ...settings,
        vaultName: id,
        keyArn: keys.keyArn(DataClass.Confidential),
        tags: { [stackTag]: pulumi.getStack() },
        protectData,
        ...(target === undefined ? {} : { copy: { vaultArn: vaultArn(config, target, options) } }),
      },
      options,
    );
  }
  const isTrailHere = trail !== undefined && trail.region === region.name;
  if (!guardDuty && !isTrailHere) return;
  new AccountGuards(
    "account",
    {
      guardDuty,
      protectData,
      ...(isTrailHere && keys !== undefined
        ? {
            trail: {
              trailName: `${config.environment}-account`,
              keyArn: keys.keyArn(DataClass.Confidential),
              retentionDays: trail.retentionDays,
            },
          }
        : {}),
    },
    options,
  );
}

/** By name: the other region's stack may be made with this one's vault in turn. */
function vaultArn(
  config: PlatformConfig,
  target: RegionSection,
  { providers }: pulumi.ComponentResourceOptions,
): pulumi.Output<string> {
  const provider = Array.isArray(providers) ? providers[0] : undefined;
  const { accountId } = aws.getCallerIdentityOutput({}, provider === undefined ? {} : { provider });
  return pulumi.interpolate`arn:aws:backup:${target.aws ?? ""}:${accountId}:backup-vault:${regionId(config, target.name)}`;
}
