import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, refuse, wholeNumberProblems } from "../arguments";
import type { IssuerReference } from "../certificates/certificates";
import type { StoreConnection } from "../data/connection";
import type { AwsPlacement } from "../data/placement";
import type { ProtectionArgs } from "../data/protection";
import { type RecoveryObjectives, recoveryProblems } from "../data/recovery";
import type { ConsumerLag } from "../service/autoscaling";
import type { EventAlertRulesArgs } from "./alert-rules";
import { brokerProblems, type Brokers, brokerSettings } from "./brokers";
import type { ClientRequest, EventEngine, RegionalAccess } from "./engines/engine";
import { MskEngine, mskProblems } from "./engines/msk";
import { StrimziEngine } from "./engines/strimzi";
import type { MirrorRequest } from "./event-mirror";
import { type EventClientPlan, eventsVariable } from "./event-plan";
import type { DeliveryRequest } from "./msk/delivery";
import type { RemoteStorage } from "./strimzi/remote-storage";
import type { TopicSettings } from "./topics";

export enum EventBusEngine {
  /** Kafka in the cluster, run by Strimzi. */
  Strimzi = "strimzi",
  /** Amazon MSK with Express brokers. */
  Msk = "msk",
}

/** Of each service, at each broker: what is more waits. */
export interface ClientQuotas {
  /** Bytes a second that it may write. Default 10,485,760, from 1024. */
  producerBytesPerSecond?: number;
  /** Bytes a second that it may read. Default 20,971,520, from 1024. */
  consumerBytesPerSecond?: number;
}

export interface EventBusArgs extends ProtectionArgs {
  engine: EventBusEngine;
  /** Name of the namespace of all that the bus has in the cluster: a `DataNamespace`. */
  namespace: string;
  /** Name of the namespace of the services that use it. */
  clientsNamespace: string;
  /** Namespaces of those of them that are in one of their own, by name. Default none. */
  clientNamespaces?: Readonly<Record<string, string>>;
  /** Names of these services; no others are let in. */
  clients: string[];
  brokers?: Brokers;
  /** Kafka's version. Default 4.3.1 on Strimzi, 3.8.x on MSK. */
  kafkaVersion?: string;
  /** Strimzi only; MSK has none for each client. */
  quotas?: ClientQuotas;
  /** Of the brokers' certificates, which the clients' `stores-trust` Secret must hold the authority of. Strimzi needs it. */
  issuer?: IssuerReference;
  /** Strimzi only. Default: no other region reaches it. */
  regions?: RegionalAccess;
  /**
   * Strimzi only: where brokers move what event stores have that is older than a week. Default: brokers keep it all. MSK's Express
   * brokers have room for whatever comes.
   */
  remoteStorage?: RemoteStorage;
  /** Where in AWS it is. MSK needs it. */
  placement?: AwsPlacement;
  /** MSK only: whether buses of other regions copy its topics. Default false. */
  isShared?: boolean;
  /** MSK only: whether `ArchiveDelivery` reads its topics. Default false. */
  isArchived?: boolean;
  /**
   * MSK only: ARN of the topic of SNS that the alarms on its copies and its archive tell. Default: CloudWatch alone shows them.
   */
  alarmTopicArn?: pulumi.Input<string>;
  /** MSK only: whether any topic is an event store, which policies are told of. Default false. */
  hasEventStores?: boolean;
  /**
   * Promised for the loss of the whole bus. Default a day of messages and four hours: on Strimzi brokers' volumes outlive the
   * bus, but not their region; with copies in other regions it is less. On MSK, which has no backups, nothing is promised
   * by default where `isArchived` and `isShared` are both false, and policies refuse that.
   */
  recovery?: RecoveryObjectives;
}

/**
 * Kafka as the services' event bus: encrypted, each client with a name of its own, which may do what was granted to it and
 * nothing else. Topics and clients are made through it, whatever the engine behind it.
 */
export class EventBus extends pulumi.ComponentResource {
  /** What the alerts on it must know. */
  readonly monitored: Omit<EventAlertRulesArgs, "runbooksUrl">;
  /** Whether what event stores hold moves to an object store. */
  readonly isTiered: boolean;
  private readonly engine: EventEngine;
  private readonly brokerCount: number;

  constructor(name: string, args: EventBusArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:EventBus", name, {}, options);
    refuse(`EventBus "${name}"`, eventBusProblems(args));
    const { brokers = {}, recovery = usualRecovery } = args;
    const settings = {
      ...args,
      brokers: brokerSettings(brokers),
      isShared: args.isShared ?? false,
      isArchived: args.isArchived ?? false,
      hasEventStores: args.hasEventStores ?? false,
    };
    this.isTiered = args.remoteStorage !== undefined;
    this.brokerCount = settings.brokers.replicas;
    this.engine =
      args.engine === EventBusEngine.Msk
        ? new MskEngine(
            name,
            { ...settings, recovery: mskRecovery(args), placement: required(args.placement, "placement") },
            { parent: this },
          )
        : new StrimziEngine(name, { ...settings, recovery, issuer: required(args.issuer, "issuer") }, { parent: this });
    this.monitored = {
      namespace: args.namespace,
      minInSyncReplicas: settings.brokers.minInSyncReplicas,
      hasOwnBrokers: args.engine === EventBusEngine.Strimzi,
    };
    this.registerOutputs({});
  }

  /** A topic as it is to be; everything about its consumers is `EventTopic`'s. */
  createTopic(name: string, topic: TopicSettings, options: pulumi.CustomResourceOptions): void {
    this.engine.createTopic(name, topic, options);
  }

  /** For `EventClient`. */
  createClient(name: string, request: ClientRequest, options: pulumi.ComponentResourceOptions): void {
    this.engine.createClient(name, request, options);
  }

  /** For `EventAlerts`. */
  createMonitor(name: string, options: pulumi.ComponentResourceOptions): void {
    this.engine.createMonitor(name, options);
  }

  /** For `EventMirror`. */
  createMirror(name: string, request: MirrorRequest, options: pulumi.ComponentResourceOptions): void {
    this.engine.createMirror(name, request, options);
  }

  /** For `ArchiveDelivery`. */
  createDelivery(name: string, request: DeliveryRequest, options: pulumi.ComponentResourceOptions): void {
    this.engine.createDelivery(name, request, options);
  }

  /** What a service needs to use the bus. */
  connectionOf(client: EventClientPlan): StoreConnection {
    const { environment, ...access } = this.engine.accessOf(client);
    const name = "events";
    return {
      name,
      connectionsPerReplica: connectionsPerReplica(client, this.brokerCount),
      ...access,
      environment: {
        ...environment,
        ...(access.authoritySecretName === undefined ? {} : { KAFKA_SSL_CA_LOCATION: `/etc/omega/${name}/ca.crt` }),
        OMEGA_EVENTS: eventsVariable(client),
      },
    };
  }

  /** By what KEDA scales a service; undefined for one that consumes nothing. */
  lagOf(client: EventClientPlan, messagesPerReplica: number): ConsumerLag | undefined {
    if (client.subscriptions.length === 0) return undefined;
    const subscriptions = client.subscriptions.map(({ topic, group }) => ({ topic, group }));
    return { ...this.engine.lagOf(client), subscriptions, messagesPerReplica };
  }
}

const usualRecovery = { pointSeconds: 86_400, timeSeconds: 14_400 };

const mskRecovery = ({ recovery, isArchived, isShared }: EventBusArgs): RecoveryObjectives | undefined =>
  recovery ?? (isArchived === true || isShared === true ? usualRecovery : undefined);

function required<Value>(value: Value | undefined, path: string): Value {
  if (value === undefined) throw new pulumi.InputPropertyError({ propertyPath: path, reason: "is missing" });
  return value;
}

/** A client of Kafka has two connections to each broker at most; one reads each topic and one writes. */
export function connectionsPerReplica({ subscriptions }: EventClientPlan, brokers: number): number {
  const readers = subscriptions.reduce((sum, { retryTopics }) => sum + 1 + retryTopics.length, 0);
  return 2 * brokers * (readers + 1);
}

/** Everything that is wrong with the arguments. */
export function eventBusProblems(args: EventBusArgs): ArgumentProblem[] {
  const { engine, brokers = {}, quotas = {}, issuer, regions, remoteStorage, placement, recovery } = args;
  const problems = brokerProblems(brokers).map(({ path, reason }) => ({ path: `brokers.${path}`, reason }));
  for (const key of ["producerBytesPerSecond", "consumerBytesPerSecond"] as const) {
    problems.push(...wholeNumberProblems(`quotas.${key}`, quotas[key], 1024, 2 ** 40));
  }
  if (recovery !== undefined) problems.push(...recoveryProblems("recovery", recovery));
  const isMissing = (path: string, value: object | undefined, reason: string) => {
    if (value === undefined) problems.push({ path, reason: `is missing: ${reason}` });
  };
  if (engine === EventBusEngine.Strimzi) {
    isMissing("issuer", issuer, "brokers on Strimzi have certificates that clients can check");
    if (regions?.sources.length === 0) {
      problems.push({
        path: "regions.sources",
        reason: "must name one CIDR at least: an empty list lets in everybody",
      });
    }
    return problems;
  }
  isMissing("placement", placement, "MSK is in a VPC");
  if (remoteStorage !== undefined) {
    problems.push({ path: "remoteStorage", reason: "is for Strimzi: MSK's Express brokers keep everything" });
  }
  return [...problems, ...mskProblems(args)];
}
