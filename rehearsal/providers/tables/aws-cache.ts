import { arn, creationTime, digest, missing, ownerId, regional, regionOf, tagsAll } from "./aws-facts";
import { between, everyOne, matches, oneOf } from "./checks";
import { type Described, type Facts, type Neighbours, replaces, type ResourceType, updates } from "./table";

const subnet = "aws:ec2/subnet:Subnet";
const securityGroup = "aws:ec2/securityGroup:SecurityGroup";
const user = "aws:elasticache/user:User";
const userGroup = "aws:elasticache/userGroup:UserGroup";

const cacheArn = (kind: string) => (facts: Described) => arn("elasticache", facts, `${kind}:${facts.id}`);
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const firstMissing = (neighbours: Neighbours, type: string, ids: unknown, code: string) =>
  listOf(ids)
    .map((id) => missing(neighbours, type, id, code))
    .find((one) => one !== undefined);

/** Names of what AWS calls by an id that the program gives. */
const identifier = matches(/^[a-z](?!.*--)[a-z0-9-]{0,38}[a-z0-9]$/, "lower-case letters, digits and single dashes");
const engine = oneOf("redis", "valkey");

// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateServerlessCache.html
function refuseCache({ inputs }: Facts, neighbours: Neighbours): string | undefined {
  const absent =
    firstMissing(neighbours, subnet, inputs.subnetIds, "InvalidParameterValue") ??
    firstMissing(neighbours, securityGroup, inputs.securityGroupIds, "InvalidParameterValue") ??
    missing(neighbours, userGroup, inputs.userGroupId, "UserGroupNotFound");
  if (absent !== undefined) return absent;
  const zones = neighbours(subnet)
    .filter(({ id }) => listOf(inputs.subnetIds).includes(id))
    .map(({ properties }) => properties.availabilityZone);
  return new Set(zones).size === zones.length
    ? undefined
    : "InvalidParameterValue: Subnets specified must be in different Availability Zones";
}

const endpointOf = (suffix: string, port: number) => (facts: Described) => [
  { address: `${facts.id}${suffix}-${digest(facts.id, 6)}.serverless.${regionOf(facts)}.cache.amazonaws.com`, port },
];

export const cacheTypes: Record<string, ResourceType> = {
  [securityGroup]: {
    inputs: {
      ...replaces("description name namePrefix region vpcId"),
      ...updates("egress ingress revokeRulesOnDelete tags"),
    },
    defaults: (settings) => ({
      description: "Managed by Pulumi",
      revokeRulesOnDelete: false,
      ...regional(settings),
    }),
    autonamed: { property: "name" },
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
    checks: { name: matches(/^(?!sg-)[\w .:/()#,@[\]+=&;{}!$*-]{1,255}$/, "1 to 255 characters, not sg-") },
    id: (_, hex) => `sg-${hex(17)}`,
    refuses: ({ inputs }, neighbours) => missing(neighbours, "aws:ec2/vpc:Vpc", inputs.vpcId, "InvalidVpcID.NotFound"),
    outputs: {
      arn: (facts) => arn("ec2", facts, `security-group/${facts.id}`),
      egress: () => [],
      ingress: () => [],
      ownerId,
      tagsAll,
    },
  },
  [user]: {
    inputs: {
      ...replaces("region userId userName"),
      ...updates("accessString authenticationMode engine noPasswordRequired passwords tags"),
    },
    required: ["accessString", "engine", "userId", "userName"],
    defaults: regional,
    // https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateUser.html
    checks: {
      engine,
      userId: identifier,
      accessString: matches(/^(on|off) /, "an access string that begins with on or off"),
      "authenticationMode.type": oneOf("password", "no-password-required", "iam"),
    },
    id: ({ inputs }) => String(inputs.userId),
    taken: (id) => `UserAlreadyExists: User ${id} already exists.`,
    outputs: { arn: cacheArn("user"), tagsAll },
  },
  [userGroup]: {
    inputs: { ...replaces("region userGroupId"), ...updates("engine tags userIds") },
    required: ["engine", "userGroupId"],
    defaults: regional,
    // https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateUserGroup.html
    checks: { engine, userGroupId: identifier },
    id: ({ inputs }) => String(inputs.userGroupId),
    refuses: ({ inputs }, neighbours) => firstMissing(neighbours, user, inputs.userIds, "UserNotFound"),
    taken: (id) => `UserGroupAlreadyExists: User Group ${id} already exists.`,
    outputs: { arn: cacheArn("usergroup"), tagsAll },
  },
  "aws:elasticache/serverlessCache:ServerlessCache": {
    inputs: {
      ...replaces("kmsKeyId name networkType region snapshotArnsToRestores subnetIds"),
      ...updates("cacheUsageLimits dailySnapshotTime description engine majorEngineVersion"),
      ...updates("securityGroupIds snapshotRetentionLimit tags userGroupId"),
    },
    required: ["engine"],
    defaults: regional,
    autonamed: { property: "name" },
    checks: {
      engine: oneOf("memcached", "redis", "valkey"),
      name: identifier,
      dailySnapshotTime: matches(/^([01]\d|2[0-3]):[0-5]\d$/, "HH:MM"),
      "cacheUsageLimits.dataStorage.maximum": between(1, 5000),
      "cacheUsageLimits.dataStorage.unit": oneOf("GB"),
      "cacheUsageLimits.ecpuPerSeconds": everyOne((value) =>
        between(1000, 15_000_000)((value as { maximum: unknown }).maximum),
      ),
      snapshotRetentionLimit: between(0, 35),
    },
    id: ({ inputs }) => String(inputs.name),
    refuses: refuseCache,
    taken: (id) => `ServerlessCacheAlreadyExistsFault: Serverless Cache ${id} already exists.`,
    outputs: {
      arn: cacheArn("serverlesscache"),
      createTime: () => creationTime,
      dailySnapshotTime: () => "03:00",
      endpoints: endpointOf("", 6379),
      fullEngineVersion: () => "8.1",
      majorEngineVersion: () => "8",
      networkType: () => "ipv4",
      readerEndpoints: endpointOf("", 6380),
      securityGroupIds: () => [],
      snapshotRetentionLimit: () => 0,
      status: () => "available",
      subnetIds: () => [],
      tagsAll,
    },
  },
};
