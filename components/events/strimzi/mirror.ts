import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { resourceRequirements } from "../../service/size";
import { eventPorts } from "../engines/engine";
import type { ClientQuotas } from "../event-bus";
import type { MirrorRequest } from "../event-mirror";
import { userQuotas } from "./client";
import { clusterLabel, heap, podTemplate, restrictedContainer, whenReady } from "./cluster";
import { KafkaMirrorMaker2, type KafkaMirrorMaker2Args } from "./mirror-maker";
import { type Acl, KafkaUser } from "./resources";

export interface StrimziMirrorArgs extends MirrorRequest {
  namespace: string;
  /** Of the services, where users are. */
  clientsNamespace: string;
  bootstrapServers: string;
  /** Secret of the bus's own namespace whose key `ca.crt` is the authority of its brokers' certificates. */
  authoritySecretName: string;
  replicationFactor: number;
  /** Kafka's, as the brokers have it. */
  version: string;
  /** Of each service. A mirror has those of all whose messages it carries: with less, copies would fall behind for good. */
  quotas: ClientQuotas;
  /** Whether other regions copy from this bus: they do as a user of their own. */
  isRead: boolean;
}

const mirrorName = "mirror";
/** No name of a declared topic begins like this. */
const ownTopics = "_mirror-";
const readerName = "mirror-reader";

/** MirrorMaker 2 beside the bus that it writes to. */
export class StrimziMirror extends pulumi.ComponentResource {
  constructor(name: string, args: StrimziMirrorArgs, options: pulumi.ComponentResourceOptions) {
    super("omega:index:StrimziMirror", name, {}, options);
    const { namespace, clientsNamespace, sources } = args;
    const child = { parent: this };

    // Both the user operator and MirrorMaker must know it, each in its namespace.
    const { result: password } = new random.RandomPassword(`${name}-password`, { length: 32, special: false }, child);
    const passwordSecretName = `${mirrorName}-password`;
    const passwords = [clientsNamespace, namespace].map(
      (each) =>
        new kubernetes.core.v1.Secret(
          `${name}-password-${each}`,
          { metadata: { name: passwordSecretName, namespace: each }, stringData: { password } },
          child,
        ),
    );
    const secretKeyRef = { name: passwordSecretName, key: "password" };
    const metadata = (userName: string) => ({
      ...{ name: userName, namespace: clientsNamespace, labels: clusterLabel },
      annotations: whenReady,
    });
    const user = new KafkaUser(
      `${name}-user`,
      {
        metadata: metadata(mirrorName),
        spec: {
          authentication: { type: "scram-sha-512", password: { valueFrom: { secretKeyRef } } },
          authorization: { type: "simple", acls: mirrorAcls(sources.map(({ region }) => region)) },
          quotas: mirrorQuotas(args),
        },
      },
      { ...child, dependsOn: passwords },
    );
    if (args.isRead) {
      new KafkaUser(
        `${name}-reader`,
        {
          metadata: metadata(readerName),
          spec: {
            authentication: { type: "scram-sha-512" },
            authorization: { type: "simple", acls: readerAcls(args.topics, args.groups) },
            quotas: mirrorQuotas(args),
          },
        },
        child,
      );
    }
    new KafkaMirrorMaker2(
      `${name}-maker`,
      // It is not waited for: it isn't ready while a source is away, and a lost region must not hold this one up.
      { metadata: { name: mirrorName, namespace }, spec: mirrorSpec(args, passwordSecretName) },
      { ...child, dependsOn: [user] },
    );
    new kubernetes.networking.v1.NetworkPolicy(
      `${name}-network-policy`,
      {
        metadata: { name: mirrorName, namespace },
        spec: {
          podSelector: { matchLabels: { "strimzi.io/cluster": mirrorName, "strimzi.io/kind": "KafkaMirrorMaker2" } },
          policyTypes: ["Egress"],
          egress: sources.map(({ cidrBlock = "0.0.0.0/0" }) => ({
            to: [{ ipBlock: { cidr: cidrBlock } }],
            ports: [{ port: eventPorts.regions, protocol: "TCP" }],
          })),
        },
      },
      child,
    );
    this.registerOutputs({});
  }
}

/**
 * All that the services of all sources may write comes here, and each of these regions reads as much: as many users' quotas.
 * What is more, such as catching up with a region that was away, waits.
 */
export function mirrorQuotas({
  quotas,
  publishers,
  sources,
}: Pick<StrimziMirrorArgs, "quotas" | "publishers" | "sources">) {
  const { producerByteRate, consumerByteRate } = userQuotas(quotas);
  const users = Math.max(1, publishers) * sources.length;
  return { producerByteRate: users * producerByteRate, consumerByteRate: users * consumerByteRate };
}

/** Its own topics and the copies, by their prefixes: it makes both itself. */
export function mirrorAcls(sources: string[]): Acl[] {
  const prefixes = [ownTopics, "mm2-offset-syncs.", ...sources.map((region) => `${region}.`)];
  return [
    ...prefixes.map((prefix): Acl => ({
      resource: { type: "topic", name: prefix, patternType: "prefix" },
      operations: ["Alter", "AlterConfigs", "Create", "Describe", "DescribeConfigs", "Read", "Write"],
    })),
    { resource: { type: "group", name: mirrorName, patternType: "literal" }, operations: ["Read"] },
  ];
}

/** Of the user with which other regions read the topics. */
export function readerAcls(topics: string[], groups: string[]): Acl[] {
  return [
    ...topics.map((name): Acl => ({
      resource: { type: "topic", name, patternType: "literal" },
      operations: ["Describe", "DescribeConfigs", "Read"],
    })),
    ...groups.map((name): Acl => ({
      resource: { type: "group", name, patternType: "literal" },
      operations: ["Describe"],
    })),
  ];
}

function mirrorSpec(args: StrimziMirrorArgs, passwordSecretName: string): KafkaMirrorMaker2Args["spec"] {
  const { region, sources, topics, groups, bootstrapServers, authoritySecretName, replicationFactor } = args;
  const authentication = (username: string, secretName: string) => ({
    ...{ type: "scram-sha-512" as const, username, passwordSecret: { secretName, password: "password" } },
  });
  const trusting = (secretName: string) => ({ trustedCertificates: [{ secretName, certificate: "ca.crt" }] });
  const connector = (config: Record<string, string | number | boolean>) => ({
    ...{ tasksMax: 3, autoRestart: { enabled: true }, config },
  });
  return {
    version: args.version,
    replicas: 2,
    target: {
      alias: region,
      bootstrapServers,
      groupId: mirrorName,
      configStorageTopic: `${ownTopics}config`,
      offsetStorageTopic: `${ownTopics}offset`,
      statusStorageTopic: `${ownTopics}status`,
      tls: trusting(authoritySecretName),
      authentication: authentication(mirrorName, passwordSecretName),
      config: Object.fromEntries(
        ["config", "offset", "status"].map((storage) => [`${storage}.storage.replication.factor`, replicationFactor]),
      ),
    },
    mirrors: sources.map((source) => ({
      source: {
        alias: source.region,
        bootstrapServers: `bootstrap.${source.domain}:${eventPorts.regions}`,
        tls: trusting(`${mirrorName}-${source.region}`),
        authentication: authentication(readerName, `${mirrorName}-${source.region}`),
      },
      sourceConnector: connector({
        "replication.factor": replicationFactor,
        "offset-syncs.topic.replication.factor": replicationFactor,
        // The source is only read.
        "offset-syncs.topic.location": "target",
        "sync.topic.acls.enabled": false,
        "refresh.topics.interval.seconds": 60,
      }),
      checkpointConnector: connector({
        "checkpoints.topic.replication.factor": replicationFactor,
        "offset-syncs.topic.location": "target",
        // The groups are at work here too, on this region's own topics: what they did elsewhere is in the checkpoints.
        "sync.group.offsets.enabled": false,
        "emit.checkpoints.interval.seconds": 60,
        "refresh.groups.interval.seconds": 60,
      }),
      topicsPattern: anyOf(topics),
      groupsPattern: anyOf(groups),
    })),
    resources: resourceRequirements({ cpu: "250m", memory: "1Gi" }),
    jvmOptions: heap(512),
    metricsConfig: { type: "strimziMetricsReporter" },
    template: {
      pod: podTemplate({ "strimzi.io/cluster": mirrorName, "strimzi.io/kind": "KafkaMirrorMaker2" }),
      connectContainer: restrictedContainer,
      podDisruptionBudget: { maxUnavailable: 1 },
    },
  };
}

const anyOf = (names: string[]): string => names.map((name) => name.replaceAll(".", "\\.")).join("|");
