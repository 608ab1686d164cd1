import { randomBytes } from "node:crypto";
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, type Admin, ResourcePatternTypes } from "kafkajs";
import { z } from "zod";
import type { KafkaCluster } from "./cluster";

/** Strict: a field that is not translated here is an error, so that nothing declared counts as tried that wasn't. */
const topic = z.strictObject({
  partitions: z.int(),
  replicas: z.int(),
  config: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
});

const acl = z.strictObject({
  resource: z.strictObject({
    type: z.enum(["topic", "group", "transactionalId"]),
    name: z.string(),
    patternType: z.enum(["literal", "prefix"]).default("literal"),
  }),
  operations: z.array(
    z.enum(["Alter", "AlterConfigs", "Create", "Delete", "Describe", "DescribeConfigs", "Read", "Write"]),
  ),
});

const user = z.strictObject({
  authentication: z.strictObject({
    type: z.literal("scram-sha-512"),
    // Of a service in a namespace of its own; what is in that Secret a plan doesn't know, so that one is drawn here too.
    password: z
      .strictObject({
        valueFrom: z.strictObject({ secretKeyRef: z.strictObject({ name: z.string(), key: z.string() }) }),
      })
      .optional(),
  }),
  authorization: z.strictObject({ type: z.literal("simple"), acls: z.array(acl) }),
  quotas: z
    .strictObject({ producerByteRate: z.number().optional(), consumerByteRate: z.number().optional() })
    .optional(),
});

/** A Kubernetes object as a stack declares it. */
export interface DeclaredObject {
  kind: string;
  metadata: { name: string };
  spec?: unknown;
}

export type TopicSpec = z.infer<typeof topic>;
type UserSpec = z.infer<typeof user>;

/** A right as Kafka has it. */
export interface Right {
  principal: string;
  resourceType: number;
  resourceName: string;
  resourcePatternType: number;
  operation: number;
  permissionType: number;
  host: string;
}

const resourceTypes = {
  topic: AclResourceTypes.TOPIC,
  group: AclResourceTypes.GROUP,
  transactionalId: AclResourceTypes.TRANSACTIONAL_ID,
};
const patternTypes = { literal: ResourcePatternTypes.LITERAL, prefix: ResourcePatternTypes.PREFIXED };
const operations = {
  Alter: AclOperationTypes.ALTER,
  AlterConfigs: AclOperationTypes.ALTER_CONFIGS,
  Create: AclOperationTypes.CREATE,
  Delete: AclOperationTypes.DELETE,
  Describe: AclOperationTypes.DESCRIBE,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
};

export function topicsIn(objects: readonly DeclaredObject[]): Map<string, TopicSpec> {
  return new Map(ofKind(objects, "KafkaTopic").map(({ metadata, spec }) => [metadata.name, topic.parse(spec)]));
}

/** Configuration of the brokers that a Kafka object declares, which Strimzi hands on. */
export function brokerConfigurationIn(objects: readonly DeclaredObject[]): Record<string, unknown> {
  const kafka = z.object({ kafka: z.object({ config: z.record(z.string(), z.unknown()) }) });
  return Object.assign({}, ...ofKind(objects, "Kafka").map(({ spec }) => kafka.parse(spec).kafka.config));
}

export function usersIn(objects: readonly DeclaredObject[]): Map<string, UserSpec> {
  return new Map(ofKind(objects, "KafkaUser").map(({ metadata, spec }) => [metadata.name, user.parse(spec)]));
}

const ofKind = (objects: readonly DeclaredObject[], kind: string) => objects.filter((object) => object.kind === kind);

export function rightsIn(objects: readonly DeclaredObject[]): Right[] {
  return [...usersIn(objects)].flatMap(([name, { authorization }]) =>
    authorization.acls.flatMap(({ resource, operations: names }) =>
      names.map((operation) => ({
        principal: `User:${name}`,
        resourceType: resourceTypes[resource.type],
        resourceName: resource.name,
        resourcePatternType: patternTypes[resource.patternType],
        operation: operations[operation],
        permissionType: AclPermissionTypes.ALLOW,
        host: "*",
      })),
    ),
  );
}

/**
 * Gives a cluster the topics, users, rights and quotas that KafkaTopic and KafkaUser objects declare. A translation of ours of
 * what Strimzi's topic and user operators would do: these are in no registry.
 * @returns passwords by user, as the user operator makes them.
 */
export async function applyStrimzi(
  cluster: KafkaCluster,
  objects: readonly DeclaredObject[],
): Promise<ReadonlyMap<string, string>> {
  console.log("Topics and users are applied by a translation of ours, in place of Strimzi's operators.");
  const admin = cluster.client().admin();
  await admin.connect();
  try {
    await createTopics(admin, topicsIn(objects));
    await admin.createAcls({ acl: rightsIn(objects) });
  } finally {
    await admin.disconnect();
  }
  const users = [...usersIn(objects)].map(([name, { quotas }]) => createUser(cluster, name, quotas));
  return new Map(await Promise.all(users));
}

async function createUser(cluster: KafkaCluster, name: string, quotas: UserSpec["quotas"]): Promise<[string, string]> {
  const password = randomBytes(24).toString("base64url");
  const entity = ["--entity-type", "users", "--entity-name", name];
  await cluster.configure(entity, { "SCRAM-SHA-512": `iterations=4096,password=${password}` });
  if (quotas !== undefined) await cluster.configure(entity, quotaSettings(quotas));
  return [name, password];
}

async function createTopics(admin: Admin, topics: Map<string, TopicSpec>): Promise<void> {
  await admin.createTopics({
    waitForLeaders: true,
    topics: [...topics].map(([name, { partitions, replicas, config }]) => ({
      topic: name,
      numPartitions: partitions,
      replicationFactor: replicas,
      configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value: String(value) })),
    })),
  });
}

function quotaSettings(quotas: NonNullable<UserSpec["quotas"]>): Record<string, string> {
  const settings = { producer_byte_rate: quotas.producerByteRate, consumer_byte_rate: quotas.consumerByteRate };
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}
