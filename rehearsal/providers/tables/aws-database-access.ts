import { arn, digest, missing, regional, regionOf, tagsAll } from "./aws-facts";
import { between, matches, oneOf } from "./checks";
import { type Described, replaces, type ResourceType, updates } from "./table";

const subnet = "aws:ec2/subnet:Subnet";
const cluster = "aws:rds/cluster:Cluster";
const proxy = "aws:rds/proxy:Proxy";
const secret = "aws:secretsmanager/secret:Secret";

export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Of clusters, instances and proxies: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html */
export const databaseIdentifier = matches(
  /^[a-z](?!.*--)[a-z0-9-]{0,61}[a-z0-9]$/,
  "letters, digits and single dashes, at most 63",
);

export const databaseHost = (facts: Described, name: string): string =>
  `${name}.${digest(regionOf(facts), 12)}.${regionOf(facts)}.rds.amazonaws.com`;

/** What leads to a database, and what watches it. */
export const databaseAccessTypes: Record<string, ResourceType> = {
  [proxy]: {
    inputs: {
      ...replaces("engineFamily name region vpcSubnetIds"),
      ...updates("auths debugLogging defaultAuthScheme idleClientTimeout requireTls roleArn tags vpcSecurityGroupIds"),
    },
    required: ["engineFamily", "roleArn", "vpcSubnetIds"],
    defaults: regional,
    autonamed: { property: "name" },
    // https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBProxy.html
    checks: {
      name: databaseIdentifier,
      engineFamily: oneOf("MYSQL", "POSTGRESQL", "SQLSERVER"),
      defaultAuthScheme: oneOf("NONE", "IAM_AUTH"),
      idleClientTimeout: between(1, 28_800),
    },
    id: ({ inputs }) => String(inputs.name),
    refuses: ({ inputs }, neighbours) =>
      listOf(inputs.vpcSubnetIds)
        .map((id) => missing(neighbours, subnet, id, "InvalidSubnet"))
        .find((one) => one !== undefined),
    taken: (id) => `DBProxyAlreadyExistsFault: DB Proxy already exists: ${id}`,
    outputs: {
      arn: (facts) => arn("rds", facts, `db-proxy:prx-${digest(facts.id, 17)}`),
      endpoint: (facts) => databaseHost(facts, `${facts.id}.proxy`),
      tagsAll,
    },
  },
  "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": {
    inputs: { ...replaces("dbProxyName region"), ...updates("connectionPoolConfig") },
    required: ["dbProxyName"],
    defaults: regional,
    checks: {
      "connectionPoolConfig.maxConnectionsPercent": between(1, 100),
      "connectionPoolConfig.maxIdleConnectionsPercent": between(0, 100),
      "connectionPoolConfig.connectionBorrowTimeout": between(0, 3600),
    },
    id: ({ inputs }) => String(inputs.dbProxyName),
    refuses: ({ inputs }, neighbours) => missing(neighbours, proxy, inputs.dbProxyName, "DBProxyNotFoundFault"),
    outputs: {
      arn: (facts) => arn("rds", facts, `target-group:prx-tg-${digest(facts.id, 17)}`),
      name: () => "default",
    },
  },
  "aws:rds/proxyTarget:ProxyTarget": {
    inputs: replaces("dbClusterIdentifier dbInstanceIdentifier dbProxyName region targetGroupName"),
    required: ["dbProxyName", "targetGroupName"],
    defaults: regional,
    id: ({ inputs }) =>
      [inputs.dbProxyName, inputs.targetGroupName, "TRACKED_CLUSTER", inputs.dbClusterIdentifier].join("/"),
    refuses: ({ inputs }, neighbours) =>
      missing(neighbours, proxy, inputs.dbProxyName, "DBProxyNotFoundFault") ??
      missing(neighbours, cluster, inputs.dbClusterIdentifier, "DBClusterNotFoundFault"),
    outputs: { type: () => "TRACKED_CLUSTER", rdsResourceId: ({ inputs }) => inputs.dbClusterIdentifier },
  },
  "aws:rds/proxyEndpoint:ProxyEndpoint": {
    inputs: {
      ...replaces("dbProxyEndpointName dbProxyName region targetRole vpcSubnetIds"),
      ...updates("tags vpcSecurityGroupIds"),
    },
    required: ["dbProxyEndpointName", "dbProxyName", "vpcSubnetIds"],
    defaults: regional,
    checks: { dbProxyEndpointName: databaseIdentifier, targetRole: oneOf("READ_WRITE", "READ_ONLY") },
    id: ({ inputs }) => `${String(inputs.dbProxyName)}/${String(inputs.dbProxyEndpointName)}`,
    refuses: ({ inputs }, neighbours) => missing(neighbours, proxy, inputs.dbProxyName, "DBProxyNotFoundFault"),
    taken: (id) => `DBProxyEndpointAlreadyExistsFault: ${id}`,
    outputs: {
      arn: (facts) => arn("rds", facts, `db-proxy-endpoint:prx-endpoint-${digest(facts.id, 17)}`),
      endpoint: (facts) => databaseHost(facts, `${String(facts.inputs.dbProxyEndpointName)}.endpoint.proxy`),
      isDefault: () => false,
      tagsAll,
    },
  },
  "aws:rds/eventSubscription:EventSubscription": {
    inputs: {
      ...replaces("name namePrefix region"),
      ...updates("enabled eventCategories snsTopic sourceIds sourceType tags"),
    },
    required: ["snsTopic"],
    defaults: (settings) => ({ enabled: true, ...regional(settings) }),
    autonamed: { property: "name" },
    checks: { snsTopic: matches(/^arn:[\w-]+:sns:/, "a topic's ARN") },
    id: ({ inputs }) => String(inputs.name),
    outputs: { arn: (facts) => arn("rds", facts, `es:${facts.id}`), tagsAll },
  },
  [secret]: {
    inputs: {
      ...replaces("name namePrefix region"),
      ...updates("description forceOverwriteReplicaSecret kmsKeyId policy recoveryWindowInDays replicas tags"),
    },
    defaults: (settings) => ({ recoveryWindowInDays: 30, ...regional(settings) }),
    autonamed: { property: "name" },
    // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
    checks: { name: matches(/^[\w/+=.@-]{1,512}$/, "1 to 512 letters, digits and /_+=.@-") },
    id: (facts) => arn("secretsmanager", facts, `secret:${String(facts.inputs.name)}-${digest(facts.inputs.name, 6)}`),
    taken: (id) => `ResourceExistsException: the secret ${id} already exists`,
    outputs: { arn: ({ id }) => id, tagsAll },
  },
  "aws:secretsmanager/secretVersion:SecretVersion": {
    inputs: { ...replaces("region secretBinary secretId secretString"), ...updates("versionStages") },
    required: ["secretId"],
    defaults: regional,
    id: ({ inputs }) => `${String(inputs.secretId)}|${digest(inputs.secretId, 32)}`,
    refuses: ({ inputs }, neighbours) => missing(neighbours, secret, inputs.secretId, "ResourceNotFoundException"),
    outputs: { arn: ({ inputs }) => inputs.secretId, versionId: ({ id }) => digest(id, 32) },
    secrets: ["secretString", "secretBinary"],
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    inputs: {
      ...replaces("name region"),
      ...updates(
        "actionsEnabled alarmActions alarmDescription comparisonOperator dimensions evaluationPeriods metricName namespace",
      ),
      ...updates("okActions period statistic tags threshold treatMissingData"),
    },
    required: ["comparisonOperator", "evaluationPeriods"],
    defaults: (settings) => ({ actionsEnabled: true, ...regional(settings) }),
    autonamed: { property: "name" },
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    checks: {
      comparisonOperator: oneOf(
        "GreaterThanOrEqualToThreshold",
        "GreaterThanThreshold",
        "LessThanThreshold",
        "LessThanOrEqualToThreshold",
      ),
      treatMissingData: oneOf("missing", "ignore", "breaching", "notBreaching"),
      period: oneOf(10, 20, 30, 60, 120, 180, 300, 600, 900, 1800, 3600),
    },
    id: ({ inputs }) => String(inputs.name),
    outputs: { arn: (facts) => arn("cloudwatch", facts, `alarm:${facts.id}`), tagsAll },
  },
};
