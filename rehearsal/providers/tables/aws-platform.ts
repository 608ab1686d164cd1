import { type ClusterAccess, localCluster, placeholderAuthority } from "../clouds/cluster";
import { valueAtPath } from "../property-path";
import { arn, creationTime, digest, missing, regional, regionOf, tagsAll } from "./aws-facts";
import { between, everyOne, jsonObject, matches, oneOf } from "./checks";
import { type Described, type Facts, type Neighbours, replaces, type ResourceType, updates } from "./table";

const role = "aws:iam/role:Role";
const subnet = "aws:ec2/subnet:Subnet";

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
const retentionDays = "0 1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1096 1827 2192 2557 2922 3288 3653"
  .split(" ")
  .map(Number);

const keyArn = (facts: Facts, key: unknown): string =>
  String(key).startsWith("arn:") ? String(key) : arn("kms", facts, `key/${String(key)}`);

const subnetIds = ({ inputs }: Facts): unknown[] => {
  const ids = valueAtPath(inputs, "vpcConfig.subnetIds");
  return Array.isArray(ids) ? ids : [];
};

function refuseCluster(facts: Facts, neighbours: Neighbours): string | undefined {
  const ids = subnetIds(facts);
  const absent = ids.map((id) => missing(neighbours, subnet, id, "InvalidParameterException")).find((one) => one);
  if (absent) return absent;
  // https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
  const zones = neighbours(subnet).filter(({ id }) => ids.includes(id));
  if (new Set(zones.map(({ properties }) => properties.availabilityZone)).size < 2) {
    return "InvalidParameterException: Subnets specified must be in at least two different AZs";
  }
  // https://docs.aws.amazon.com/eks/latest/userguide/automode-get-started-cli.html
  const autoMode = ["computeConfig", "kubernetesNetworkConfig.elasticLoadBalancing", "storageConfig.blockStorage"];
  if (new Set(autoMode.map((path) => valueAtPath(facts.inputs, `${path}.enabled`) === true)).size === 1)
    return undefined;
  return "InvalidParameterException: compute, load balancing and block storage of EKS Auto Mode go together";
}

const issuer = (facts: Described): string =>
  `https://oidc.eks.${regionOf(facts)}.amazonaws.com/id/${digest(facts.id + regionOf(facts), 32).toUpperCase()}`;

function access(facts: Described): ClusterAccess {
  const region = regionOf(facts);
  const endpoint = `https://${digest(facts.id + region, 32).toUpperCase()}.gr7.${region}.eks.amazonaws.com`;
  return localCluster(facts.settings.kubeconfig, region) ?? { endpoint, certificateAuthority: placeholderAuthority };
}

function defaultKeyPolicy(facts: Facts): string {
  const root = { AWS: arn("iam", facts, "root", "") };
  const statement = {
    Sid: "Enable IAM User Permissions",
    Effect: "Allow",
    Principal: root,
    Action: "kms:*",
    Resource: "*",
  };
  return JSON.stringify({ Version: "2012-10-17", Id: "key-default-1", Statement: [statement] });
}

export const platformTypes: Record<string, ResourceType> = {
  [role]: {
    inputs: {
      ...replaces("name path"),
      ...updates("assumeRolePolicy description forceDetachPolicies inlinePolicies managedPolicyArns"),
      ...updates("maxSessionDuration permissionsBoundary tags"),
    },
    required: ["assumeRolePolicy"],
    defaults: () => ({ forceDetachPolicies: false, maxSessionDuration: 3600, path: "/" }),
    autonamed: { property: "name" },
    // https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
    checks: {
      name: matches(/^[\w+=,.@-]{1,64}$/, "1 to 64 letters, digits and _+=,.@-"),
      path: matches(/^\/([!-~]+\/)?$/, "a path that begins and ends with /"),
      maxSessionDuration: between(3600, 43200),
      assumeRolePolicy: jsonObject,
    },
    id: ({ inputs }) => String(inputs.name),
    taken: (id) => `EntityAlreadyExists: Role with name ${id} already exists.`,
    outputs: {
      arn: (facts) => arn("iam", facts, `role${String(facts.inputs.path)}${facts.id}`, ""),
      createDate: () => creationTime,
      uniqueId: ({ id }) => `AROA${digest(id, 17).toUpperCase()}`,
      tagsAll,
    },
  },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
    inputs: replaces("policyArn role"),
    required: ["policyArn", "role"],
    checks: { policyArn: matches(/^arn:/, "an ARN") },
    id: ({ inputs }) => `${String(inputs.role)}/${String(inputs.policyArn)}`,
    refuses: ({ inputs }, neighbours) => missing(neighbours, role, inputs.role, "NoSuchEntity"),
    outputs: {},
  },
  "aws:kms/key:Key": {
    inputs: {
      ...replaces("customerMasterKeySpec keyUsage multiRegion region"),
      ...updates("deletionWindowInDays description enableKeyRotation isEnabled policy rotationPeriodInDays tags"),
    },
    defaults: (settings) => ({ isEnabled: true, multiRegion: false, ...regional(settings) }),
    // https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html, …/API_EnableKeyRotation.html
    checks: {
      deletionWindowInDays: between(7, 30),
      rotationPeriodInDays: between(90, 2560),
      keyUsage: oneOf("ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"),
      policy: jsonObject,
    },
    id: (_, hex) => [8, 4, 4, 4, 12].map(hex).join("-"),
    outputs: {
      arn: (facts) => keyArn(facts, facts.id),
      keyId: ({ id }) => id,
      description: () => "",
      policy: defaultKeyPolicy,
      tagsAll,
    },
  },
  "aws:kms/alias:Alias": {
    inputs: { ...replaces("name region"), ...updates("targetKeyId") },
    required: ["targetKeyId"],
    defaults: regional,
    autonamed: { property: "name", prefix: "alias/" },
    // https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
    checks: { name: matches(/^alias\/(?!aws\/)[\w/-]{1,250}$/, "alias/ and letters, digits, / _ -") },
    id: ({ inputs }) => String(inputs.name),
    taken: (id) => `AlreadyExistsException: An alias with the name ${id} already exists`,
    outputs: {
      arn: (facts) => arn("kms", facts, facts.id),
      targetKeyArn: (facts) => keyArn(facts, facts.inputs.targetKeyId),
    },
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    inputs: { ...replaces("logGroupClass name region"), ...updates("kmsKeyId retentionInDays skipDestroy tags") },
    defaults: (settings) => ({ retentionInDays: 0, skipDestroy: false, ...regional(settings) }),
    autonamed: { property: "name" },
    // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
    checks: {
      name: matches(/^[.\-_/#A-Za-z0-9]{1,512}$/, "1 to 512 letters, digits and ._-/#"),
      logGroupClass: oneOf("STANDARD", "INFREQUENT_ACCESS", "DELIVERY"),
      retentionInDays: oneOf(...retentionDays),
    },
    id: ({ inputs }) => String(inputs.name),
    taken: () => "ResourceAlreadyExistsException: The specified log group already exists",
    outputs: {
      arn: (facts) => arn("logs", facts, `log-group:${facts.id}`),
      logGroupClass: () => "STANDARD",
      tagsAll,
    },
  },
  "aws:eks/cluster:Cluster": {
    inputs: {
      ...replaces("bootstrapSelfManagedAddons name region roleArn"),
      ...replaces("accessConfig.bootstrapClusterCreatorAdminPermissions"),
      ...replaces("encryptionConfig.provider.keyArn encryptionConfig.resources"),
      ...replaces("kubernetesNetworkConfig.ipFamily kubernetesNetworkConfig.serviceIpv4Cidr"),
      ...updates("accessConfig computeConfig deletionProtection enabledClusterLogTypes encryptionConfig"),
      ...updates("kubernetesNetworkConfig storageConfig tags upgradePolicy version vpcConfig zonalShiftConfig"),
    },
    required: ["roleArn", "vpcConfig"],
    defaults: (settings) => ({ bootstrapSelfManagedAddons: true, ...regional(settings) }),
    autonamed: { property: "name" },
    // https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html and the pages it links to
    checks: {
      name: matches(/^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/, "1 to 100 letters, digits, _ and -"),
      roleArn: matches(/^arn:[\w-]+:iam::\d{12}:role\//, "a role's ARN"),
      version: matches(/^1\.\d+$/, "a Kubernetes version such as 1.33"),
      "accessConfig.authenticationMode": oneOf("API", "API_AND_CONFIG_MAP", "CONFIG_MAP"),
      "upgradePolicy.supportType": oneOf("EXTENDED", "STANDARD"),
      enabledClusterLogTypes: everyOne(oneOf("api", "audit", "authenticator", "controllerManager", "scheduler")),
    },
    id: ({ inputs }) => String(inputs.name),
    refuses: refuseCluster,
    taken: (id) => `ResourceInUseException: Cluster already exists with name: ${id}`,
    outputs: {
      arn: (facts) => arn("eks", facts, `cluster/${facts.id}`),
      "accessConfig.authenticationMode": () => "CONFIG_MAP",
      certificateAuthority: (facts) => ({ data: access(facts).certificateAuthority }),
      createdAt: () => creationTime,
      endpoint: (facts) => access(facts).endpoint,
      identities: (facts) => [{ oidcs: [{ issuer: issuer(facts) }] }],
      "kubernetesNetworkConfig.ipFamily": () => "ipv4",
      "kubernetesNetworkConfig.serviceIpv4Cidr": () => "172.20.0.0/16",
      platformVersion: () => "eks.1",
      status: () => "ACTIVE",
      version: () => "1.33",
      "vpcConfig.clusterSecurityGroupId": ({ id }) => `sg-${digest(id, 17)}`,
      "vpcConfig.publicAccessCidrs": () => ["0.0.0.0/0"],
      "vpcConfig.vpcId": (facts, neighbours) =>
        neighbours(subnet).find(({ id }) => subnetIds(facts).includes(id))?.properties.vpcId ?? "",
      tagsAll,
    },
  },
};
