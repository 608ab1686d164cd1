import * as pulumi from "@pulumi/pulumi";
import { Certificate, type IssuerReference, serverCertificateSpec } from "../../certificates/certificates";
import { dataOptions, keptForEverAnnotations, type ProtectionArgs } from "../../data/protection";
import { recoveryAnnotations, type RecoveryObjectives } from "../../data/recovery";
import { charts } from "../../foundation/operators/charts";
import { PodMonitor } from "../../observability/prometheus-operator";
import type { BrokerSettings } from "../brokers";
import type { ClientQuotas } from "../event-bus";
import type { MirrorRequest } from "../event-mirror";
import type { EventClientPlan } from "../event-plan";
import {
  brokerLabels,
  brokerNames,
  brokerPool,
  clusterLabel,
  clusterName,
  controllerPool,
  kafkaSpec,
  kafkaVersion,
  listenerPeers,
  nodePoolSpec,
  secretPrefix,
  whenReady,
} from "../strimzi/cluster";
import { strimziMonitorSpec } from "../monitoring";
import type { RemoteStorage } from "../strimzi/remote-storage";
import { StrimziMirror } from "../strimzi/mirror";
import { Kafka, KafkaNodePool, KafkaRebalance, KafkaTopic } from "../strimzi/resources";
import { StrimziClient } from "../strimzi/client";
import type { TopicSettings } from "../topics";
import { type ClientRequest, type EventAccess, type EventEngine, eventPorts, type LagSource } from "./engine";
import type { RegionalAccess } from "./engine";

export interface StrimziEngineArgs extends ProtectionArgs {
  namespace: string;
  clientsNamespace: string;
  clientNamespaces?: Readonly<Record<string, string>>;
  clients: string[];
  brokers: BrokerSettings;
  kafkaVersion?: string;
  quotas?: ClientQuotas;
  issuer: IssuerReference;
  regions?: RegionalAccess;
  remoteStorage?: RemoteStorage;
  recovery: RecoveryObjectives;
}

/** Its key `ca.crt` is the authority that it comes from. */
const certificateSecretName = `${clusterName}-brokers`;

/** Of the Secret with the authority, in the services' namespace. */
const authoritySecretName = "stores-trust";

/** Kafka in KRaft mode: three controllers and the brokers apart, over all zones, kept in balance by Cruise Control. */
export class StrimziEngine extends pulumi.ComponentResource implements EventEngine {
  private readonly kafka: Kafka;
  private readonly bootstrapHost: string;
  private readonly brokersHost: string;

  constructor(
    name: string,
    private readonly args: StrimziEngineArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("omega:index:StrimziEngine", name, {}, options);
    const { namespace, clientsNamespace, brokers, regions, remoteStorage } = args;
    const child = { parent: this };
    const data = { ...child, ...dataOptions(args) };
    const metadata = (objectName: string) => ({ name: objectName, namespace, labels: clusterLabel });

    const { privateKey, ...spec } = serverCertificateSpec(
      certificateSecretName,
      brokerNames(namespace, regions),
      args.issuer,
    );
    const certificate = new Certificate(
      `${name}-certificate`,
      // Kafka reads keys in this form alone.
      {
        metadata: metadata(certificateSecretName),
        spec: { ...spec, privateKey: { ...privateKey, encoding: "PKCS8" } },
      },
      child,
    );
    const pools = [brokerPool(brokers, remoteStorage), controllerPool(brokers)].map(
      (pool) =>
        new KafkaNodePool(
          `${name}-${pool.role}s`,
          {
            metadata: {
              ...metadata(pool.role),
              // Brokers keep the numbers from 0 on, however many there will be.
              annotations: { "strimzi.io/next-node-ids": pool.role === "broker" ? "[0-99]" : "[100-199]" },
            },
            spec: nodePoolSpec(pool),
          },
          data,
        ),
    );
    const rebalance = new KafkaRebalance(
      `${name}-rebalance`,
      {
        metadata: {
          ...metadata(`${clusterName}-rebalance`),
          annotations: { "strimzi.io/rebalance-template": "true" },
        },
        spec: {},
      },
      child,
    );
    this.kafka = new Kafka(
      `${name}-kafka`,
      {
        metadata: {
          ...metadata(clusterName),
          annotations: { ...whenReady, ...recoveryAnnotations(args.recovery) },
        },
        spec: kafkaSpec({
          ...{ brokers, clientsNamespace, certificateSecretName },
          version: args.kafkaVersion ?? kafkaVersion,
          peers: listenerPeers(clientsNamespace, args.clients, charts.keda.namespace, args.clientNamespaces),
          ...(regions === undefined ? {} : { regions }),
          ...(remoteStorage === undefined ? {} : { remoteStorage }),
          rebalanceTemplate: `${clusterName}-rebalance`,
        }),
      },
      // Its first start pulls images and makes volumes, broker by broker.
      { ...data, dependsOn: [certificate, ...pools, rebalance], customTimeouts: { create: "20m", update: "60m" } },
    );
    const domain = `${namespace}.svc.cluster.local`;
    this.bootstrapHost = `${clusterName}-kafka-bootstrap.${domain}`;
    this.brokersHost = `${clusterName}-kafka-brokers.${domain}`;
    this.registerOutputs({});
  }

  createTopic(name: string, topic: TopicSettings, options: pulumi.CustomResourceOptions): void {
    const { namespace, brokers } = this.args;
    new KafkaTopic(
      name,
      {
        metadata: {
          ...{ name: topic.name, namespace, labels: clusterLabel },
          annotations: { ...whenReady, ...keptForEverAnnotations(topic.keptForEver) },
        },
        spec: {
          partitions: topic.partitions,
          replicas: brokers.replicationFactor,
          config: { ...topic.configuration, "min.insync.replicas": brokers.minInSyncReplicas },
        },
      },
      { ...options, dependsOn: [this.kafka] },
    );
  }

  createClient(name: string, request: ClientRequest, options: pulumi.ComponentResourceOptions): void {
    const { clientsNamespace, clientNamespaces = {}, quotas = {} } = this.args;
    const namespace = clientNamespaces[request.client.service] ?? clientsNamespace;
    new StrimziClient(
      name,
      { ...request, namespace, usersNamespace: clientsNamespace, quotas, authoritySecretName },
      { ...options, dependsOn: [this.kafka] },
    );
  }

  createMonitor(name: string, options: pulumi.ComponentResourceOptions): void {
    const metadata = { name: "kafka", namespace: this.args.namespace };
    new PodMonitor(`${name}-monitor`, { metadata, spec: strimziMonitorSpec }, options);
  }

  createMirror(name: string, request: MirrorRequest, options: pulumi.ComponentResourceOptions): void {
    const { namespace, clientsNamespace, brokers, regions, quotas = {} } = this.args;
    const { bootstrapServers, kafka } = this;
    new StrimziMirror(
      name,
      {
        ...request,
        ...{ namespace, clientsNamespace, bootstrapServers, authoritySecretName: certificateSecretName },
        replicationFactor: brokers.replicationFactor,
        version: this.args.kafkaVersion ?? kafkaVersion,
        isRead: regions !== undefined,
        quotas,
      },
      { ...options, dependsOn: [kafka] },
    );
  }

  createDelivery(): void {
    // Its brokers move what is old to the archive by themselves.
  }

  accessOf({ service }: EventClientPlan): EventAccess {
    const pods = { namespace: this.args.namespace, labels: brokerLabels };
    return {
      endpoints: [this.bootstrapHost, this.brokersHost].map((host) => ({
        ...{ host, port: eventPorts.clients, pods, startsWithTls: true },
      })),
      environment: {
        KAFKA_BOOTSTRAP_SERVERS: this.bootstrapServers,
        KAFKA_SECURITY_PROTOCOL: "SASL_SSL",
        KAFKA_SASL_MECHANISM: "SCRAM-SHA-512",
        KAFKA_USERNAME: service,
      },
      secrets: [{ variable: "KAFKA_PASSWORD", secretName: `${secretPrefix}${service}`, key: "password" }],
      authoritySecretName,
    };
  }

  lagOf({ service }: EventClientPlan): LagSource {
    return { bootstrapServers: this.bootstrapServers, authentication: `${secretPrefix}${service}` };
  }

  private get bootstrapServers(): string {
    return `${this.bootstrapHost}:${eventPorts.clients}`;
  }
}
