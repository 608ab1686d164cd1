/** Kafka as an event bus, sagas, schemas and the archive. Needs @pulumi/kubernetes, @pulumi/aws and @pulumi/random. */

export { DataNamespace, type DataNamespaceArgs, PodSecurity } from "../data/data-namespace";
export { InternalAuthority, type InternalAuthorityArgs } from "../data/internal-authority";
export { ArchiveDelivery, type ArchiveDeliveryArgs } from "./archive/archive-delivery";
export { EventArchive, type EventArchiveArgs } from "./archive/event-archive";
export { type Brokers, BrokerSize } from "./brokers";
export type { RegionalAccess } from "./engines/engine";
export { type DataSchema, DataType } from "./data-schema";
export { EventAlerts, type EventAlertsArgs } from "./event-alerts";
export { type ClientQuotas, EventBus, type EventBusArgs, EventBusEngine } from "./event-bus";
export { EventClient, type EventClientArgs } from "./event-client";
export { EventMirror, type EventMirrorArgs, type RegionalBus } from "./event-mirror";
export {
  type EventClientPlan,
  type EventContract,
  eventPlan,
  type EventPlan,
  type TopicGrant,
  TopicRight,
} from "./event-plan";
export type { EventSchema } from "./event-schemas";
export { EventSubscription, type EventSubscriptionArgs } from "./event-subscription";
export { EventTopic, type EventTopicArgs } from "./event-topic";
export { EventOperator, type EventOperatorArgs } from "./operator/event-operator";
export { registryContract, SchemaRegistry, type SchemaRegistryArgs } from "./registry/schema-registry";
export { databaseConnection, type RegistryDatabase, RegistryTopics, type RegistryTopicsArgs } from "./registry/storage";
export { Saga, type SagaArgs } from "./saga";
export { Finality, type SagaCompensation, type SagaDefinition, type SagaEvent, type SagaStep } from "./saga-definition";
export type { SagaNeighbours } from "./saga-problems";
export type { RemoteStorage } from "./strimzi/remote-storage";
export type { RetryTopic, Subscription } from "./subscriptions";
export { Compression, type PeakThroughput, type TopicDeclaration, TopicKind, type TopicSettings } from "./topics";
