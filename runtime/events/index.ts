export { EventConsumer, type EventConsumerOptions } from "./consumer";
export type { EventHandler } from "./delivery";
export type { EventEnvelope, NewEvent } from "./envelope";
export type { Log, LogLine } from "./kafka";
export { EventPublisher, type EventPublisherOptions } from "./publisher";
export { failureHeaders } from "./retry";
export { type OpenSagas, type Saga, sagaHandlers, sagaMetrics, type SagaOptions, sagaSettings } from "./saga";
export { type EventSchemas, InvalidEventError, readEventSchemas } from "./schemas";
export {
  type EventRoutes,
  type EventSettings,
  eventSettings,
  type KafkaConnection,
  type Subscription,
} from "./settings";
