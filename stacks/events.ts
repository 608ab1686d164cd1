import * as pulumi from "@pulumi/pulumi";
import {
  type AwsPlacement,
  type ConsumerLag,
  DataNamespace,
  EventAlerts,
  EventBus,
  type EventBusArgs,
  EventBusEngine,
  EventClient,
  type EventClientPlan,
  EventMirror,
  type EventPlan,
  EventTopic,
  IssuerKind,
  type IssuerReference,
  registryContract,
  type StoreConnection,
  TopicKind,
} from "../components";
import { eventBusProblems } from "../components/events/event-bus";
import { eventPlan, eventProblems } from "../components/events/event-plan";
import { partitionsFor } from "../components/events/topics";
import type { RegionCloud } from "./cluster";
import type { PlatformConfig } from "./config";
import type { ConfigurationError } from "./configuration-error";
import { eventDeclarations } from "./entities";
import type { RegionArchive } from "./event-archive";
import { buildEventOperator, operatorClients, operatorName } from "./event-operator";
import { namespaceOf } from "./isolation";
import { clientNamespaces } from "./namespaces";
import { podRole } from "./pod-role";
import { copiedPlan, isCopied, keptElsewhereErrors, regionalAccess, regionErrors, sourcesOf } from "./event-regions";
import type { DataLayout } from "./previous";
import { ClusterSource, type EventsSection, type PlatformSections, type RegionSection } from "./schema";

/** Rules between topics, services, regions and what is there already. */
export function eventsErrors(sections: PlatformSections, previous: DataLayout): ConfigurationError[] {
  const { events, services, namespace, cluster } = sections;
  if (events === undefined) {
    return services.flatMap(({ consumerLag }, index) =>
      consumerLag === undefined
        ? []
        : [
            {
              path: `services[${index}].consumerLag`,
              reason: "needs the section events: there is no bus to fall behind on",
            },
          ],
    );
  }
  const standIn = { issuer: { kind: IssuerKind.Issuer, name: "" }, placement: noPlacement };
  const { topics, contracts } = eventDeclarations(sections);
  const ofBus = eventBusProblems({ ...busArgs(events, eventPlan(topics, contracts), namespace), ...standIn });
  const errors = ofBus.map(({ path, reason }) => ({ path: `events.${path}`, reason }));
  // What is declared by no topic and no service comes from entities.
  const placeOf = (path: string): string => {
    const [, list, index] = /^(topics|services)\[(\d+)\]/.exec(path) ?? [];
    const declared = list === "topics" ? events.topics : services;
    if (Number(index) >= declared.length) return "entities";
    return list === "topics" ? `events.${path}` : path;
  };
  for (const { path, reason } of eventProblems(topics, contracts)) {
    errors.push({ path: placeOf(path), reason });
  }
  const report = (path: string, reason: string) => errors.push({ path, reason });
  if (events.engine === EventBusEngine.Msk && cluster.source !== ClusterSource.Eks) {
    report("events.engine", "is msk, which needs cluster.source eks: its brokers are in the VPC of the cluster");
  }
  errors.push(...keptElsewhereErrors(events, sections));
  services.forEach(({ name, consumerLag }, index) => {
    if (consumerLag !== undefined && contracts[index]?.consumes.length === 0) {
      report(`services[${index}].consumerLag`, `"${name}" consumes nothing that it could fall behind on`);
    }
    if (name === operatorName) {
      report(`services[${index}].name`, `"${name}" is the bus's own name for who looks after dead letters`);
    }
    if (events.regions.length > 0 && ["mirror", "mirror-reader"].includes(name)) {
      report(`services[${index}].name`, `"${name}" is the bus's own name for what copies topics between regions`);
    }
  });
  topics.forEach((topic, index) => {
    const partitions = partitionsFor(topic);
    const before = previous.partitions[topic.name] ?? 0;
    if (partitions >= before) return;
    const reason = `gives "${topic.name}" ${partitions} partitions, and it has ${before}: Kafka can't take any away`;
    report(placeOf(`topics[${index}].partitions`), `${reason}; set ${before} at least`);
  });
  return [...errors, ...regionErrors(events, sections)];
}

const noPlacement = { region: "", cidrBlock: "", vpcId: "", subnetIds: [], clusterName: "" };

type BusArgs = Pick<
  EventBusArgs,
  "engine" | "namespace" | "clientsNamespace" | "clients" | "kafkaVersion" | "brokers" | "quotas"
>;

function busArgs(events: EventsSection, { clients }: EventPlan, clientsNamespace: string): BusArgs {
  const { engine, namespace, kafkaVersion, brokers, quotas } = events;
  return {
    ...{ engine, namespace, clientsNamespace, brokers, quotas },
    clients: clients.map(({ service }) => service),
    ...(kafkaVersion === undefined ? {} : { kafkaVersion }),
  };
}

/** What a region's bus is, that those of other regions may not be. */
function regionArgs(
  events: EventsSection,
  region: string,
): Pick<EventBusArgs, "isShared" | "recovery" | "alarmTopicArn"> {
  const isShared = isCopied(events, region);
  const alarmTopicArn = events.alarmTopics[region];
  return {
    isShared,
    // On Strimzi copies are at most so far behind before MirrorBehind says so, and consumers have to be pointed at them. MSK
    // promises nothing of its Replicator, and one that has stopped may have no latency to alarm on.
    ...(isShared && events.engine === EventBusEngine.Strimzi
      ? { recovery: { pointSeconds: 60, timeSeconds: 900 } }
      : {}),
    ...(alarmTopicArn === undefined ? {} : { alarmTopicArn }),
  };
}

export interface EventsOptions {
  /** For what lives in the cluster, after the services' namespace. */
  inCluster: pulumi.ComponentResourceOptions;
  /** Where MSK is. */
  cloud?: RegionCloud;
  /** Of the region's `InternalAuthority`. */
  issuer: IssuerReference;
  /** Whether nothing that holds messages may go. */
  protectData: boolean;
  /** What custom resources need: Strimzi, cert-manager, KEDA. */
  operators: pulumi.Resource[];
  /** What monitors and alerts need. Default: Prometheus isn't there. */
  prometheus?: pulumi.Resource[];
  /** Where event stores are kept outside the bus. Default: nowhere. */
  archive?: RegionArchive;
}

export interface Events {
  bus: EventBus;
  plan: EventPlan;
  /** Undefined for a service without events. */
  connectionOf(service: string): StoreConnection | undefined;
  /** Undefined for a service that consumes nothing. */
  lagOf(service: string, messagesPerReplica: number): ConsumerLag | undefined;
  /** For the stack's output, by which the next update knows what there is. */
  partitions: Record<string, number>;
}

/** A region's event bus, with the topics and the clients that the services' contracts ask for. */
export function buildEvents(
  section: EventsSection,
  config: PlatformConfig,
  region: RegionSection,
  options: EventsOptions,
): Events {
  const { inCluster, cloud, issuer, protectData, operators, prometheus, archive } = options;
  const { topics: declared, contracts } = eventDeclarations(config);
  const plan = eventPlan(declared, contracts);
  const labels = { "omega-platform/environment": config.environment, "omega-platform/region": region.name };
  const remoteStorage = archive?.remoteStorage;
  const namespace = new DataNamespace(
    section.namespace,
    { name: section.namespace, labels, protectData, reachesOutside: remoteStorage !== undefined },
    inCluster,
  );
  const needed = [namespace, ...dependencies(inCluster), ...operators, ...(archive?.dependsOn ?? [])];
  const withOperators = { ...inCluster, dependsOn: needed };
  // What AWS runs outlives the cluster, and must not be thought to have gone with it.
  const withBus = section.engine === EventBusEngine.Msk && cloud !== undefined ? cloud.options : withOperators;
  const bus = new EventBus(
    "events",
    {
      ...busArgs(section, plan, config.namespace),
      ...regionArgs(section, region.name),
      ...clientNamespaces(config),
      // The registry keeps its schemas in the bus, unless it has a database.
      clients: [...plan.clients.map(({ service }) => service), ...registryClients(config), ...operatorClients(plan)],
      ...{ issuer, protectData, isArchived: archive?.isArchived ?? false },
      hasEventStores: declared.some(({ kind }) => kind === TopicKind.EventStore),
      ...(remoteStorage === undefined ? {} : { remoteStorage }),
      ...(cloud === undefined ? {} : { placement: placementIn(cloud) }),
      ...regionalAccess(section, config, region),
    },
    withBus,
  );
  const topics = plan.topics.map(({ subscriptions, ...topic }) => {
    const args = { bus, topic, subscriptions, protectData };
    return { ...topic, resource: new EventTopic(topic.name, args, withBus) };
  });
  for (const client of plan.clients) {
    const isMeasured = config.services.some(
      ({ name, consumerLag }) => name === client.service && consumerLag !== undefined,
    );
    new EventClient(client.service, { bus, client, isMeasured }, withOperators);
    // The services' own roles are made with them: a ServiceAccount has one.
    if (cloud !== undefined && config.services.every(({ name }) => name !== client.service)) {
      podRole(client.service, namespaceOf(client.service, config), [bus.connectionOf(client)], cloud);
    }
  }
  buildEventOperator(bus, plan, section, { namespace: config.namespace, options: withOperators, cloud });
  archive?.deliver(bus, topics);
  const sources = sourcesOf(section, config, region);
  if (sources.length > 0) {
    new EventMirror("mirror", { bus, region: region.name, sources, plan: copiedPlan(section, plan) }, withBus);
  }
  if (prometheus !== undefined) {
    const { runbooksUrl } = config.observability ?? {};
    const after = { ...withOperators, dependsOn: [...withOperators.dependsOn, ...prometheus] };
    new EventAlerts("events", { bus, ...(runbooksUrl === undefined ? {} : { runbooksUrl }) }, after);
  }
  const clientOf = (service: string): EventClientPlan | undefined =>
    plan.clients.find((client) => client.service === service);
  return {
    bus,
    plan,
    connectionOf: (service) => {
      const client = clientOf(service);
      return client && bus.connectionOf(client);
    },
    lagOf: (service, messagesPerReplica) => {
      const client = clientOf(service);
      return client && bus.lagOf(client, messagesPerReplica);
    },
    partitions: Object.fromEntries(topics.map(({ name, resource }) => [name, resource.partitions])),
  };
}

const registryClients = ({ schemaRegistry }: PlatformConfig): string[] =>
  schemaRegistry === undefined || schemaRegistry.database !== undefined ? [] : [registryContract.name];

function placementIn({ region, cidrBlock, vpcId, dataSubnetIds, clusterName }: RegionCloud): AwsPlacement {
  return { region, cidrBlock, vpcId, subnetIds: dataSubnetIds, clusterName };
}

function dependencies({ dependsOn = [] }: pulumi.ComponentResourceOptions): pulumi.Input<pulumi.Resource>[] {
  return Array.isArray(dependsOn) ? dependsOn : [];
}
