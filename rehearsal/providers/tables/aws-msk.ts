import type { Properties } from "../stand-in";
import { valueAtPath } from "../property-path";
import { arn, digest, missing, regional, regionOf, tagsAll } from "./aws-facts";
import { atLeast, between, jsonObject, matches, oneOf } from "./checks";
import { type Described, type Facts, type Neighbours, replaces, type ResourceType, updates } from "./table";

const cluster = "aws:msk/cluster:Cluster";
const subnet = "aws:ec2/subnet:Subnet";

const clusterArn = matches(/^arn:[\w-]+:kafka:[\w-]+:\d{12}:cluster\/[^/]+\/[\w-]+$/, "the ARN of an MSK cluster");

const listAt = (inputs: Properties, path: string): unknown[] => {
  const value = valueAtPath(inputs, path);
  return Array.isArray(value) ? value : [];
};

/** As brokers are called, without their ports: https://docs.aws.amazon.com/msk/latest/developerguide/msk-get-bootstrap-brokers.html */
const brokerHosts = (arnOfCluster: string, region: string, count: number): string[] => {
  const [, name = "", uuid = ""] = /:cluster\/([^/]+)\/(.+)$/.exec(arnOfCluster) ?? [];
  const domain = `${name.toLowerCase()}.${digest(uuid, 6)}.c2.kafka.${region}.amazonaws.com`;
  return Array.from({ length: count }, (_, index) => `b-${index + 1}.${domain}`);
};

// https://docs.aws.amazon.com/msk/latest/developerguide/msk-broker-types-express.html
function refuseCluster({ inputs }: Facts, neighbours: Neighbours): string | undefined {
  const subnets = listAt(inputs, "brokerNodeGroupInfo.clientSubnets");
  const groups = listAt(inputs, "brokerNodeGroupInfo.securityGroups");
  const absent = [
    ...subnets.map((id) => missing(neighbours, subnet, id, "BadRequestException")),
    ...groups.map((id) => missing(neighbours, "aws:ec2/securityGroup:SecurityGroup", id, "BadRequestException")),
  ].find((one) => one);
  if (absent) return absent;
  const zones = neighbours(subnet)
    .filter(({ id }) => subnets.includes(id))
    .map(({ properties }) => properties.availabilityZone);
  if (new Set(zones).size !== subnets.length) {
    return "BadRequestException: Specify one client subnet for each availability zone";
  }
  return Number(inputs.numberOfBrokerNodes) % subnets.length === 0
    ? undefined
    : "BadRequestException: The number of broker nodes must be a multiple of the availability zones";
}

const known =
  (type: string, input: string): NonNullable<ResourceType["refuses"]> =>
  ({ inputs }, neighbours) =>
    neighbours(type).some((one) => one.id === inputs[input])
      ? undefined
      : `NotFoundException: ${String(inputs[input])} does not exist`;

export const mskTypes: Record<string, ResourceType> = {
  [cluster]: {
    inputs: {
      ...replaces("clusterName region"),
      ...replaces("brokerNodeGroupInfo.azDistribution brokerNodeGroupInfo.clientSubnets"),
      ...replaces("brokerNodeGroupInfo.securityGroups encryptionInfo"),
      ...updates("brokerNodeGroupInfo clientAuthentication configurationInfo enhancedMonitoring kafkaVersion"),
      ...updates("loggingInfo numberOfBrokerNodes openMonitoring rebalancing storageMode tags"),
    },
    required: ["brokerNodeGroupInfo", "kafkaVersion", "numberOfBrokerNodes"],
    defaults: regional,
    autonamed: { property: "clusterName" },
    // https://docs.aws.amazon.com/msk/1.0/apireference/clusters.html
    checks: {
      clusterName: matches(/^[\w-]{1,64}$/, "1 to 64 letters, digits, _ and -"),
      kafkaVersion: matches(/^\d+\.\d+\.(\d+|x)(\.kraft)?$/, "a version such as 3.8.x"),
      numberOfBrokerNodes: between(2, 60),
      "brokerNodeGroupInfo.instanceType": matches(/^(kafka|express)\.\w+\.\w+$/, "a type such as express.m7g.large"),
      "encryptionInfo.encryptionInTransit.clientBroker": oneOf("TLS", "TLS_PLAINTEXT", "PLAINTEXT"),
      enhancedMonitoring: oneOf("DEFAULT", "PER_BROKER", "PER_TOPIC_PER_BROKER", "PER_TOPIC_PER_PARTITION"),
    },
    id: (facts, hex) =>
      arn("kafka", facts, `cluster/${String(facts.inputs.clusterName)}/${[8, 4, 4, 4, 12].map(hex).join("-")}-2`),
    refuses: refuseCluster,
    outputs: {
      arn: ({ id }) => id,
      bootstrapBrokersSaslIam: (facts) =>
        brokerHosts(facts.id, regionOf(facts), Math.min(3, Number(facts.inputs.numberOfBrokerNodes)))
          .map((host) => `${host}:9098`)
          .join(","),
      clusterUuid: ({ id }) => id.split("/").at(-1),
      currentVersion: ({ id }) => `K${digest(id, 12).toUpperCase()}`,
      tagsAll,
    },
  },
  // https://docs.aws.amazon.com/msk/1.0/apireference/configurations.html
  "aws:msk/configuration:Configuration": {
    inputs: { ...replaces("kafkaVersions name region"), ...updates("description serverProperties") },
    required: ["serverProperties"],
    defaults: regional,
    autonamed: { property: "name" },
    checks: { name: matches(/^[0-9A-Za-z][0-9A-Za-z-]{0,254}$/, "letters, digits and dashes") },
    id: (facts, hex) =>
      arn("kafka", facts, `configuration/${String(facts.inputs.name)}/${[8, 4, 4, 4, 12].map(hex).join("-")}-2`),
    outputs: { arn: ({ id }) => id, latestRevision: () => 1 },
  },
  "aws:msk/topic:Topic": {
    inputs: { ...replaces("clusterArn name region replicationFactor"), ...updates("configs partitionCount") },
    required: ["clusterArn", "partitionCount", "replicationFactor"],
    defaults: regional,
    autonamed: { property: "name" },
    // https://docs.aws.amazon.com/msk/latest/developerguide/create-topic.html
    checks: {
      clusterArn,
      configs: jsonObject,
      name: matches(/^[\w.-]{1,249}$/, "1 to 249 letters, digits and ._-"),
      partitionCount: atLeast(1),
    },
    id: ({ inputs }) => `${String(inputs.clusterArn)},${String(inputs.name)}`,
    refuses: known(cluster, "clusterArn"),
    taken: (id) => `TopicExistsException: Topic ${id.split(",").at(-1)} already exists.`,
    outputs: {
      arn: ({ inputs }) => `${String(inputs.clusterArn).replace(":cluster/", ":topic/")}/${String(inputs.name)}`,
      configsActual: ({ inputs }) => inputs.configs ?? "{}",
    },
  },
  "aws:msk/clusterPolicy:ClusterPolicy": {
    inputs: { ...replaces("clusterArn region"), ...updates("policy") },
    required: ["clusterArn", "policy"],
    defaults: regional,
    checks: { clusterArn, policy: jsonObject },
    id: ({ inputs }) => String(inputs.clusterArn),
    refuses: known(cluster, "clusterArn"),
    outputs: { currentVersion: ({ id }: Described) => `K${digest(id, 12).toUpperCase()}` },
  },
  "aws:msk/replicator:Replicator": {
    inputs: {
      ...replaces("description kafkaClusters region replicatorName serviceExecutionRoleArn"),
      ...updates("logDelivery replicationInfoList tags"),
    },
    required: ["kafkaClusters", "replicationInfoList", "replicatorName", "serviceExecutionRoleArn"],
    defaults: regional,
    // https://docs.aws.amazon.com/msk/1.0/apireference-replicator/v1-replicators.html
    checks: {
      replicatorName: matches(/^[0-9A-Za-z][0-9A-Za-z-]{0,127}$/, "1 to 128 letters, digits and dashes"),
      serviceExecutionRoleArn: matches(/^arn:[\w-]+:iam::\d{12}:role\//, "a role's ARN"),
      "replicationInfoList.sourceKafkaClusterArn": clusterArn,
      "replicationInfoList.targetKafkaClusterArn": clusterArn,
      "replicationInfoList.targetCompressionType": oneOf("NONE", "GZIP", "SNAPPY", "LZ4", "ZSTD"),
    },
    id: (facts, hex) => arn("kafka", facts, `replicator/${String(facts.inputs.replicatorName)}/${hex(32)}`),
    refuses: ({ inputs }, neighbours) => {
      const target = valueAtPath(inputs, "replicationInfoList.targetKafkaClusterArn");
      return known(cluster, "target")({ inputs: { target }, settings: {} }, neighbours);
    },
    outputs: { arn: ({ id }) => id, currentVersion: ({ id }) => `K${digest(id, 12).toUpperCase()}`, tagsAll },
  },
};

/** Where nothing is remembered, as under mocks, a cluster has as few brokers as one can have. */
export function getBrokerNodes(arguments_: Properties, settings: Properties, neighbours: Neighbours): Properties {
  const region = String(arguments_.region ?? settings.region);
  const wanted = String(arguments_.clusterArn);
  const count = Number(neighbours(cluster).find(({ id }) => id === wanted)?.properties.numberOfBrokerNodes ?? 3);
  return {
    clusterArn: wanted,
    id: wanted,
    region,
    nodeInfoLists: brokerHosts(wanted, region, count).map((host, index) => ({
      attachedEniId: `eni-${digest(host, 17)}`,
      brokerId: index + 1,
      clientSubnet: `subnet-${digest(host, 17)}`,
      clientVpcIpAddress: `10.0.0.${index + 10}`,
      endpoints: [host],
      nodeArn: `${wanted.replace(":cluster/", ":broker/")}/${index + 1}`,
    })),
  };
}
