import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem } from "../../arguments";
import type { AwsPlacement } from "../../data/placement";
import { dataOptions, deletableAnnotations, keptForEverAnnotations, type ProtectionArgs } from "../../data/protection";
import { recoveryAnnotations, type RecoveryObjectives } from "../../data/recovery";
import { charts } from "../../foundation/operators/charts";
import { PodRole } from "../../foundation/pod-role";
import { type Brokers, brokerSettings, type BrokerSettings, BrokerSize } from "../brokers";
import type { MirrorRequest } from "../event-mirror";
import type { EventClientPlan } from "../event-plan";
import { clientStatements, observerStatements } from "../msk/access";
import { MskClient } from "../msk/client";
import { type DeliveryRequest, MskDelivery } from "../msk/delivery";
import { exporterName, KafkaExporter } from "../msk/exporter";
import { readersOf, readersPolicy } from "../msk/readers";
import { serverProperties, topicConfiguration } from "../msk/settings";
import { MskReplicator } from "../msk/replicator";
import { operatorName, operatorPatterns } from "../operator/rights";
import type { TopicSettings } from "../topics";
import type { ClientRequest, EventAccess, EventEngine, LagSource } from "./engine";

export interface MskEngineArgs extends ProtectionArgs {
  namespace: string;
  clientsNamespace: string;
  clientNamespaces?: Readonly<Record<string, string>>;
  brokers: BrokerSettings;
  kafkaVersion?: string;
  placement: AwsPlacement;
  /** Undefined where nothing of a lost cluster is kept anywhere: MSK has no backups. */
  recovery: RecoveryObjectives | undefined;
  /** Whether buses of other regions copy its topics. */
  isShared: boolean;
  /** Whether Firehose reads its topics. */
  isArchived: boolean;
  hasEventStores: boolean;
  /** Undefined where CloudWatch alone shows alarms. */
  alarmTopicArn?: pulumi.Input<string>;
}

const iamPort = 9098;

/** ServiceAccount of KEDA's operator, as its chart names it. */
const kedaAccount = "keda-operator";

const instanceTypes: Record<BrokerSize, string> = {
  [BrokerSize.Small]: "express.m7g.large",
  [BrokerSize.Medium]: "express.m7g.xlarge",
  [BrokerSize.Large]: "express.m7g.4xlarge",
};

/**
 * Amazon MSK with Express brokers, whose storage grows by itself and which are never down for maintenance. Clients log in
 * by IAM alone: each service has a role that allows what its contract says.
 */
export class MskEngine extends pulumi.ComponentResource implements EventEngine {
  readonly clusterArn: pulumi.Output<string>;
  private readonly bootstrapServers: pulumi.Output<string>;
  private readonly hosts: pulumi.Output<string>[];
  private readonly securityGroupId: pulumi.Output<string>;
  /** What lets in those who come from networks of their own. */
  private readonly access: pulumi.Resource[] = [];
  private readonly exporterRole: PodRole;

  constructor(
    name: string,
    private readonly args: MskEngineArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("omega:index:MskEngine", name, {}, options);
    const { brokers, placement, recovery } = args;
    const readers = readersOf(args);
    const child = { parent: this };
    // Without its key the data is as good as gone.
    const key = new aws.kms.Key(
      `${name}-key`,
      { description: `Events of ${name}`, enableKeyRotation: true },
      { ...child, ...dataOptions(args) },
    );
    const logs = new aws.cloudwatch.LogGroup(`${name}-logs`, { retentionInDays: 30 }, child);
    const group = new aws.ec2.SecurityGroup(
      `${name}-brokers`,
      {
        description: "Kafka brokers",
        vpcId: placement.vpcId,
        ingress: [
          {
            ...{ protocol: "tcp", fromPort: iamPort, toPort: iamPort, cidrBlocks: [placement.cidrBlock] },
            description: "Clients of the VPC, by TLS and IAM",
          },
        ],
        // A replicator is in this group too, and must reach the brokers.
        egress: [{ protocol: "tcp", fromPort: iamPort, toPort: iamPort, cidrBlocks: [placement.cidrBlock] }],
      },
      child,
    );
    const kafkaVersion = args.kafkaVersion ?? "3.8.x";
    const { arn, latestRevision } = new aws.msk.Configuration(
      `${name}-configuration`,
      { kafkaVersions: [kafkaVersion], serverProperties },
      child,
    );
    const cluster = new aws.msk.Cluster(
      `${name}-cluster`,
      {
        kafkaVersion,
        configurationInfo: { arn, revision: latestRevision },
        numberOfBrokerNodes: brokers.replicas,
        brokerNodeGroupInfo: {
          instanceType: instanceTypes[brokers.size],
          clientSubnets: placement.subnetIds,
          securityGroups: [group.id],
          ...(readers.length > 0
            ? { connectivityInfo: { vpcConnectivity: { clientAuthentication: { sasl: { iam: true } } } } }
            : {}),
        },
        clientAuthentication: { sasl: { iam: true }, unauthenticated: false },
        encryptionInfo: {
          encryptionAtRestKmsKeyArn: key.arn,
          encryptionInTransit: { clientBroker: "TLS", inCluster: true },
        },
        enhancedMonitoring: "PER_TOPIC_PER_BROKER",
        loggingInfo: { brokerLogs: { cloudwatchLogs: { enabled: true, logGroup: logs.name } } },
        tags: {
          ...(recovery === undefined ? {} : recoveryAnnotations(recovery)),
          ...deletableAnnotations(args),
          // A topic of MSK has no tags of its own.
          ...keptForEverAnnotations(args.hasEventStores ? "the event stores among its topics" : undefined),
        },
      },
      { ...child, ...dataOptions(args), customTimeouts: { create: "90m", update: "180m" } },
    );
    this.clusterArn = cluster.arn;
    this.securityGroupId = group.id;
    this.bootstrapServers = cluster.bootstrapBrokersSaslIam;
    const nodes = aws.msk.getBrokerNodesOutput({ clusterArn: cluster.arn }, child).nodeInfoLists;
    this.hosts = Array.from({ length: brokers.replicas }, (_, index) => nodes.apply((list) => hostOf(list, index)));
    if (readers.length > 0) {
      const policy = readersPolicy(cluster.arn, readers);
      this.access.push(new aws.msk.ClusterPolicy(`${name}-cluster-policy`, { clusterArn: cluster.arn, policy }, child));
    }
    // Each asks for offsets and lags, and can read no message.
    const observer = (suffix: string, namespace: pulumi.Input<string>, serviceAccount: string) =>
      new PodRole(
        `${name}-${suffix}`,
        {
          ...{ clusterName: placement.clusterName, namespace, serviceAccount },
          statements: observerStatements(cluster.arn),
        },
        child,
      );
    observer("scaler", charts.keda.namespace, kedaAccount);
    this.exporterRole = observer("exporter", args.namespace, exporterName);
    this.registerOutputs({ clusterArn: this.clusterArn });
  }

  createTopic(name: string, topic: TopicSettings, options: pulumi.CustomResourceOptions): void {
    new aws.msk.Topic(
      name,
      {
        clusterArn: this.clusterArn,
        name: topic.name,
        partitionCount: topic.partitions,
        replicationFactor: this.args.brokers.replicationFactor,
        configs: JSON.stringify(topicConfiguration(topic)),
      },
      options,
    );
  }

  createClient(name: string, { client, isMeasured }: ClientRequest, options: pulumi.ComponentResourceOptions): void {
    const { clientsNamespace, clientNamespaces = {} } = this.args;
    const namespace = clientNamespaces[client.service] ?? clientsNamespace;
    if (isMeasured) new MskClient(name, { namespace, authentication: authenticationOf(client) }, options);
  }

  createMonitor(name: string, options: pulumi.ComponentResourceOptions): void {
    const { namespace, placement } = this.args;
    const { region, cidrBlock } = placement;
    const { bootstrapServers } = this;
    // A pod that starts before its role is associated never gets it.
    const after = pulumi.mergeOptions(options, { dependsOn: [this.exporterRole] });
    new KafkaExporter(`${name}-exporter`, { namespace, bootstrapServers, region, cidrBlock }, after);
  }

  createMirror(name: string, request: MirrorRequest, options: pulumi.ComponentResourceOptions): void {
    const { clusterArn, securityGroupId } = this;
    const { placement, alarmTopicArn } = this.args;
    const { subnetIds } = placement;
    new MskReplicator(name, { ...request, clusterArn, subnetIds, securityGroupId, alarmTopicArn }, options);
  }

  createDelivery(name: string, request: DeliveryRequest, options: pulumi.ComponentResourceOptions): void {
    const { clusterArn, access } = this;
    const { alarmTopicArn } = this.args;
    new MskDelivery(name, { ...request, clusterArn, access, alarmTopicArn }, options);
  }

  accessOf(client: EventClientPlan): EventAccess {
    return {
      endpoints: this.hosts.map((host) => ({ host, port: iamPort, startsWithTls: true })),
      environment: {
        KAFKA_BOOTSTRAP_SERVERS: this.bootstrapServers,
        KAFKA_SECURITY_PROTOCOL: "SASL_SSL",
        KAFKA_SASL_MECHANISM: "OAUTHBEARER",
        KAFKA_USERNAME: client.service,
        AWS_REGION: this.args.placement.region,
      },
      secrets: [],
      awsStatements: clientStatements(this.clusterArn, grantsOf(client)),
    };
  }

  lagOf(client: EventClientPlan): LagSource {
    const { region } = this.args.placement;
    return {
      bootstrapServers: this.bootstrapServers,
      authentication: authenticationOf(client),
      awsRegion: region,
    };
  }
}

/** A service has few topics, the operator those of all of them. */
const grantsOf = (client: EventClientPlan) => (client.service === operatorName ? operatorPatterns(client) : client);

const authenticationOf = ({ service }: EventClientPlan): string => `kafka-${service}`;

/** Brokers by their numbers, so that each keeps its place whatever the order in which AWS lists them. */
function hostOf(nodes: readonly { brokerId: number; endpoints: string[] }[], index: number): string {
  const host = [...nodes].sort((left, right) => left.brokerId - right.brokerId)[index]?.endpoints[0];
  // In a preview that adds brokers they aren't there yet: all are in one domain, by their numbers.
  if (host === undefined && pulumi.runtime.isDryRun()) {
    return (nodes[0]?.endpoints[0] ?? "").replace(/^b-\d+/, `b-${index + 1}`);
  }
  if (host === undefined) throw new pulumi.RunError(`MSK has ${nodes.length} brokers, fewer than it was asked for`);
  return host;
}

/** What MSK leaves no choice in. */
export function mskProblems({ brokers = {} }: { brokers?: Brokers }): ArgumentProblem[] {
  const { replicas, replicationFactor, minInSyncReplicas } = brokerSettings(brokers);
  const fixed = (key: string, value: number, only: number): ArgumentProblem[] =>
    value === only ? [] : [{ path: `brokers.${key}`, reason: `is ${value}: MSK's Express brokers have ${only} alone` }];
  const perZone = { path: "brokers.replicas", reason: `is ${replicas}, must be a multiple of 3: as many in each zone` };
  return [
    ...(replicas % 3 === 0 ? [] : [perZone]),
    ...fixed("replicationFactor", replicationFactor, 3),
    ...fixed("minInSyncReplicas", minInSyncReplicas, 2),
  ];
}
