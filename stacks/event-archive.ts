import * as pulumi from "@pulumi/pulumi";
import {
  ArchiveDelivery,
  EventArchive,
  type EventBus,
  EventBusEngine,
  PodRole,
  type RemoteStorage,
  type TopicDeclaration,
  TopicKind,
} from "../components";
import { defaultExpiryDays } from "../components/events/archive/event-archive";
import type { ArchivedTopic } from "../components/events/msk/delivery";
import { brokerAccount } from "../components/events/strimzi/cluster";
import type { RegionCloud } from "./cluster";
import type { ConfigurationError } from "./configuration-error";
import { ClusterSource, type EventArchiveSection, type EventsSection, type PlatformSections } from "./schema";

const storesOf = ({ topics }: Pick<EventsSection, "topics">): string[] =>
  topics.filter(({ kind }) => kind === TopicKind.EventStore).map(({ name }) => name);

/** Rules between the archive, the bus and the cluster. */
export function eventArchiveErrors({ eventArchive, events, cluster }: PlatformSections): ConfigurationError[] {
  if (eventArchive === undefined) return [];
  if (events === undefined) {
    return [{ path: "eventArchive", reason: "needs the section events, and there is none" }];
  }
  const { kafkaImage, bucket } = eventArchive;
  const errors: ConfigurationError[] = [];
  if (events.engine === EventBusEngine.Strimzi && storesOf(events).length === 0) {
    const reason = "keeps what event stores hold, and no topic is of the kind event-store";
    errors.push({ path: "eventArchive", reason });
  }
  if (events.engine === EventBusEngine.Msk) {
    for (const [key, value] of Object.entries({ kafkaImage, bucket })) {
      if (value === undefined) continue;
      errors.push({
        path: `eventArchive.${key}`,
        reason: "is for strimzi: on msk a bucket is made, and Firehose fills it",
      });
    }
    return errors;
  }
  if (kafkaImage === undefined) {
    const reason = "is missing: Strimzi's own image can't move anything to an object store";
    errors.push({ path: "eventArchive.kafkaImage", reason });
  }
  if (bucket === undefined && cluster.source !== ClusterSource.Eks) {
    errors.push({ path: "eventArchive.bucket", reason: "is missing: none is made where cluster.source isn't eks" });
  }
  return errors;
}

export interface RegionArchive {
  /** For the bus. */
  remoteStorage?: RemoteStorage;
  isArchived: boolean;
  /** What must be there before brokers start. */
  dependsOn: pulumi.Resource[];
  /** Once the bus is there, with all its topics but retries and dead letters. */
  deliver(bus: EventBus, topics: ArchivedTopic[]): void;
}

/** What it must know of the bus. */
export interface ArchivedBus extends Pick<EventsSection, "engine" | "namespace"> {
  /** All of them: those of entities too. */
  topics: Pick<TopicDeclaration, "retentionHours">[];
}

/** Of what is no event store: nothing goes before a topic itself would let go of it. */
const expiryDays = ({ topics }: Pick<ArchivedBus, "topics">): number =>
  Math.max(defaultExpiryDays, ...topics.map(({ retentionHours = 0 }) => Math.ceil(retentionHours / 24)));

export function buildEventArchive(
  { kafkaImage, bucket, lockDays }: EventArchiveSection,
  events: ArchivedBus,
  cloud: RegionCloud | undefined,
  protectData: boolean,
): RegionArchive {
  const nothingMore = { isArchived: false, dependsOn: [], deliver: () => undefined };
  if (bucket !== undefined) {
    const { name, ...place } = bucket;
    return { ...nothingMore, remoteStorage: { image: kafkaImage ?? "", bucket: name, ...place } };
  }
  if (cloud === undefined) throw new pulumi.RunError("eventArchive.bucket: is missing");
  if (events.engine === EventBusEngine.Msk) {
    // Whether Firehose writes to a bucket with a lock, AWS doesn't say.
    const archive = new EventArchive(
      "event-archive",
      { lockDays: 0, expiryDays: expiryDays(events), protectData },
      cloud.options,
    );
    return {
      ...{ isArchived: true, dependsOn: [archive] },
      // MSK has no backups: what is not archived is lost with the cluster.
      deliver: (bus, topics) => {
        new ArchiveDelivery("event-archive", { bus, archive, topics }, cloud.options);
      },
    };
  }
  const archive = new EventArchive("event-archive", { lockDays, protectData }, cloud.options);
  const role = new PodRole(
    "event-archive-brokers",
    {
      ...{ clusterName: cloud.clusterName, namespace: events.namespace, serviceAccount: brokerAccount },
      statements: archive.brokerStatements,
    },
    cloud.options,
  );
  const remoteStorage = { image: kafkaImage ?? "", bucket: archive.bucketName, region: cloud.region };
  return { ...nothingMore, remoteStorage, dependsOn: [archive, role] };
}
