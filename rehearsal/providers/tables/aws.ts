import type { Properties } from "../stand-in";
import { accountTypes } from "./aws-account";
import { backupTypes } from "./aws-backups";
import { cacheTypes } from "./aws-cache";
import { databaseTypes } from "./aws-databases";
import { eksAccessTypes } from "./aws-eks-access";
import { accountOf, partitionOf } from "./aws-facts";
import { getBrokerNodes, mskTypes } from "./aws-msk";
import { eventArchiveTypes } from "./aws-event-archive";
import { networkTypes } from "./aws-network";
import { networkGuardTypes } from "./aws-network-guards";
import { platformTypes } from "./aws-platform";
import { podIdentityTypes } from "./aws-pod-identity";
import type { PackageTable } from "./table";

// Zone letters where they aren't a, b and c: https://docs.aws.amazon.com/global-infrastructure/latest/regions/
const zoneLetters: Record<string, string> = {
  "us-east-1": "abcdef",
  "us-west-2": "abcd",
  "ap-northeast-1": "acd",
  "ca-central-1": "abd",
};

/** `eu-west-1` → `euw1`, `ap-southeast-2` → `apse2` */
const shortName = (region: string): string =>
  region.replace(/-(\w)[a-z]*?(?:(?<=north|south)(\w)[a-z]*)?-(?=\d)/, "$1$2");

const regionOf = (arguments_: Properties, settings: Properties): string => String(arguments_.region ?? settings.region);

function refuseArguments(arguments_: Properties, known: readonly string[], name: string): void {
  const unknown = Object.keys(arguments_).filter((key) => !known.includes(key));
  if (unknown.length > 0) throw new Error(`the rehearsal's ${name} does not know ${unknown.join(", ")}`);
}

function getAvailabilityZones(arguments_: Properties, settings: Properties): Properties {
  refuseArguments(arguments_, ["state", "region", "filters", "excludeZoneIds"], "getAvailabilityZones");
  const region = regionOf(arguments_, settings);
  const letters = [...(zoneLetters[region] ?? "abc")];
  return {
    id: region,
    region,
    state: arguments_.state,
    groupNames: [`${region}-zg-1`],
    names:
      arguments_.state === "available" || arguments_.state === undefined
        ? letters.map((letter) => region + letter)
        : [],
    zoneIds: letters.map((_, index) => `${shortName(region)}-az${index + 1}`),
  };
}

export const awsTable: PackageTable = {
  package: "aws",
  arguments: [
    ...["accessKey", "allowedAccountIds", "assumeRoles", "defaultTags", "profile", "region", "secretKey", "token"],
    ...["skipCredentialsValidation", "skipMetadataApiCheck", "skipRegionValidation", "skipRequestingAccountId"],
  ],
  settings(arguments_) {
    const region = arguments_.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
    if (region === undefined) throw new Error("Invalid provider configuration: missing region");
    // Arguments of a provider that are no text arrive as JSON.
    const parsed = (value: unknown): unknown => (typeof value === "string" ? JSON.parse(value) : value);
    const { allowedAccountIds, defaultTags } = arguments_;
    return {
      region,
      kubeconfig: process.env.KUBECONFIG,
      allowedAccountIds: parsed(allowedAccountIds),
      defaultTags: parsed(defaultTags),
    };
  },
  place: ({ inputs }) => String(inputs.region ?? "global"),
  repeats: { tagsAll: "tags" },
  types: {
    ...networkTypes,
    ...networkGuardTypes,
    ...platformTypes,
    ...eksAccessTypes,
    ...backupTypes,
    ...accountTypes,
    ...podIdentityTypes,
    ...cacheTypes,
    ...mskTypes,
    ...databaseTypes,
    ...eventArchiveTypes,
  },
  functions: {
    "aws:msk/getBrokerNodes:getBrokerNodes": getBrokerNodes,
    "aws:index/getAvailabilityZones:getAvailabilityZones": getAvailabilityZones,
    "aws:index/getCallerIdentity:getCallerIdentity": (_, settings) => {
      const accountId = accountOf(settings);
      const partition = partitionOf(String(settings.region));
      return {
        accountId,
        id: accountId,
        arn: `arn:${partition}:iam::${accountId}:user/rehearsal`,
        userId: "AIDAREHEARSAL",
      };
    },
    "aws:index/getRegion:getRegion": (arguments_, settings) => {
      const region = regionOf(arguments_, settings);
      return { id: region, name: region, region, endpoint: `ec2.${region}.amazonaws.com`, description: region };
    },
  },
};
