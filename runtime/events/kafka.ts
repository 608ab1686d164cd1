import { Kafka, logLevel, Partitioners, type Producer } from "kafkajs";
import type { KafkaConnection } from "./settings";

export interface LogLine {
  level: "debug" | "info" | "warning" | "error";
  message: string;
  [field: string]: unknown;
}

/** Gets what a person may want to know. */
export type Log = (line: LogLine) => void;

export const toStandardOutput: Log = (line) => console.log(JSON.stringify(line));

/** @param clientId name of the service, which brokers have in their logs and metrics. */
export function kafkaClient(clientId: string, connection: KafkaConnection, log: Log): Kafka {
  const { brokers, certificateAuthority, authentication } = connection;
  return new Kafka({
    clientId,
    brokers,
    ssl: certificateAuthority === undefined ? true : { ca: certificateAuthority },
    sasl:
      typeof authentication === "function"
        ? { mechanism: "oauthbearer", oauthBearerProvider: authentication }
        : { mechanism: "scram-sha-512", ...authentication },
    // A new leader is there within seconds; the client's own longest wait is half a minute.
    retry: { maxRetryTime: 3_000 },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => {
      const { message, timestamp, logger, ...fields } = entry.log;
      log({
        level: entry.level <= logLevel.ERROR ? "error" : "warning",
        message,
        client: logger,
        timestamp,
        ...fields,
      });
    },
  });
}

/**
 * Stores each record once and in order, though its answers be lost. It repeats for as long as brokers are away: giving up would
 * leave a gap in its sequence, by which a broker takes the next record for a repetition and drops it.
 * @param retries Default: no bound. Whoever sets one sends nothing more with this producer after a failure, and gets a warning of
 * kafkajs, which can't know that.
 */
export function idempotentProducer(kafka: Kafka, retries = Number.MAX_SAFE_INTEGER): Producer {
  return kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    // kafkajs does this by itself only where its client was told nothing of repeating.
    retry: { maxRetryTime: 3_000, retries },
  });
}

/** In-sync replicas that must have a record before it counts as stored: all. */
export const acknowledgedByAll = -1;
