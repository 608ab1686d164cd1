import * as pulumi from "@pulumi/pulumi";
import type { SecretVariable, StoreConnection } from "../../data/connection";
import { dataOptions, type ProtectionArgs } from "../../data/protection";
import { type EventBus } from "../event-bus";
import { clusterLabel, secretPrefix } from "../strimzi/cluster";
import { type Acl, KafkaUser } from "../strimzi/resources";
import { hours, type TopicSettings } from "../topics";

/** Of the registry's service, and of its user in Kafka. */
export const registryName = "schema-registry";

/** Where the registry writes what it is told, copies of all of it, by which it starts sooner, and what changed, for others. */
const topicNames = {
  journal: "schema-registry.journal",
  snapshots: "schema-registry.snapshots",
  events: "schema-registry.events",
};
const groupPrefix = "schema-registry.";

export interface RegistryTopicsArgs extends ProtectionArgs {
  bus: EventBus;
  /** Name of the services' namespace. */
  namespace: string;
}

/**
 * A registry's storage in Kafka: topics that keep everything for ever, and a user that may do with them what the registry
 * does. Each replica reads the journal from its beginning and answers from its own memory. Strimzi alone: the registry's client
 * has no means to sign what it sends to MSK.
 */
export class RegistryTopics extends pulumi.ComponentResource {
  readonly connection: StoreConnection;

  constructor(name: string, args: RegistryTopicsArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:RegistryTopics", name, {}, options);
    const { bus, namespace } = args;
    const kept = { parent: this, ...dataOptions(args) };
    bus.createTopic(`${name}-journal`, keptForEver(topicNames.journal), kept);
    bus.createTopic(`${name}-snapshots`, keptForEver(topicNames.snapshots), kept);
    bus.createTopic(`${name}-events`, eventsTopic, kept);
    new KafkaUser(
      `${name}-user`,
      {
        metadata: {
          ...{ name: registryName, namespace, labels: clusterLabel },
          annotations: { "pulumi.com/waitFor": "condition=Ready" },
        },
        spec: {
          authentication: { type: "scram-sha-512" },
          authorization: { type: "simple", acls: registryAcls },
          // It is told a few schemas a day.
          quotas: { producerByteRate: 2 ** 20, consumerByteRate: 10 * 2 ** 20 },
        },
      },
      { parent: this },
    );
    const { endpoints, connectionsPerReplica, authoritySecretName, environment } = bus.connectionOf({
      ...{ service: registryName, topics: [], groups: [], publishes: {}, subscriptions: [] },
    });
    this.connection = {
      ...{ name: "events", endpoints },
      // Beside its producer it reads the journal and the snapshots, and administers.
      connectionsPerReplica: 3 * connectionsPerReplica,
      ...(authoritySecretName === undefined ? {} : { authoritySecretName }),
      environment: kafkaEnvironment(environment.KAFKA_BOOTSTRAP_SERVERS ?? "", "/etc/omega/events/ca.crt"),
      secrets: [
        {
          variable: "APICURIO_KAFKA_COMMON_SASL_JAAS_CONFIG",
          secretName: `${secretPrefix}${registryName}`,
          key: "sasl.jaas.config",
        },
      ],
    };
    this.registerOutputs({});
  }
}

/** The registry doesn't start on a topic that loses anything. */
const keptForEver = (name: string): TopicSettings => ({
  name,
  partitions: 1,
  keptForEver: "the registry's schemas, all of which are read at each start",
  configuration: { "cleanup.policy": "delete", "retention.ms": -1, "retention.bytes": -1 },
});

const eventsTopic: TopicSettings = {
  name: topicNames.events,
  partitions: 1,
  configuration: { "cleanup.policy": "delete", "retention.ms": hours(168) },
};

const registryAcls: Acl[] = [
  ...Object.values(topicNames).map((name): Acl => ({
    resource: { type: "topic", name, patternType: "literal" },
    operations: ["Describe", "DescribeConfigs", "Read", "Write"],
  })),
  // Each replica takes a group of its own at each start.
  { resource: { type: "group", name: groupPrefix, patternType: "prefix" }, operations: ["Read"] },
];

/** Apicurio's settings; the certificates of brokers are checked, names included. */
function kafkaEnvironment(
  bootstrapServers: pulumi.Input<string>,
  authorityFile: string,
): Record<string, pulumi.Input<string>> {
  return {
    APICURIO_STORAGE_KIND: "kafkasql",
    APICURIO_KAFKASQL_BOOTSTRAP_SERVERS: bootstrapServers,
    APICURIO_KAFKASQL_TOPIC: topicNames.journal,
    APICURIO_KAFKASQL_SNAPSHOTS_TOPIC: topicNames.snapshots,
    APICURIO_EVENTS_KAFKA_TOPIC: topicNames.events,
    APICURIO_KAFKASQL_TOPIC_AUTO_CREATE: "false",
    APICURIO_KAFKASQL_CONSUMER_GROUP_PREFIX: groupPrefix,
    APICURIO_KAFKA_COMMON_SECURITY_PROTOCOL: "SASL_SSL",
    APICURIO_KAFKA_COMMON_SASL_MECHANISM: "SCRAM-SHA-512",
    APICURIO_KAFKA_COMMON_SSL_TRUSTSTORE_TYPE: "PEM",
    APICURIO_KAFKA_COMMON_SSL_TRUSTSTORE_LOCATION: authorityFile,
    APICURIO_KAFKA_COMMON_SSL_ENDPOINT_IDENTIFICATION_ALGORITHM: "https",
  };
}

/** A PostgreSQL database of the registry's own, made elsewhere. */
export interface RegistryDatabase {
  host: pulumi.Input<string>;
  /** Default 5432. */
  port?: number;
  /** Name of the database. Default `schema_registry`. */
  database?: string;
  username: string;
  /** Secret in the services' namespace with its password. */
  password: Omit<SecretVariable, "variable">;
}

/** Where there is no Kafka that the registry can use: any PostgreSQL, by TLS with a certificate of a public authority. */
export function databaseConnection({
  host,
  port = 5432,
  database = "schema_registry",
  username,
  password,
}: RegistryDatabase): StoreConnection {
  return {
    name: "schema-registry-database",
    endpoints: [{ host, port }],
    connectionsPerReplica: 20,
    environment: {
      APICURIO_STORAGE_KIND: "sql",
      APICURIO_STORAGE_SQL_KIND: "postgresql",
      APICURIO_DATASOURCE_URL: pulumi.interpolate`jdbc:postgresql://${host}:${port}/${database}?sslmode=verify-full`,
      APICURIO_DATASOURCE_USERNAME: username,
      APICURIO_DATASOURCE_JDBC_MAX_SIZE: "20",
    },
    secrets: [{ variable: "APICURIO_DATASOURCE_PASSWORD", ...password }],
  };
}
