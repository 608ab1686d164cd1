import { isNotFalse, isTrue } from "./demands";
import { brokerSettings, type KafkaSettings, topicsOf } from "./kafka";
import { kindOf } from "./kubernetes";
import { dataMetadata } from "./data-metadata";
import { definePolicy, type Finding } from "./policy";
import { stores } from "./stores";
import { isMissing, numberOf, unknown, type Value } from "./values";

interface DurabilityConfig {
  minReplicas: number;
  minInSyncReplicas: number;
}

export const durableTopics = definePolicy<DurabilityConfig>({
  metadata: dataMetadata.durableTopics,
  settings: {
    minReplicas: { type: "integer", minimum: 1, default: 3, description: "The least number of a topic's replicas." },
    minInSyncReplicas: {
      type: "integer",
      minimum: 1,
      default: 2,
      description: "The least number of replicas that must have a record before its producer is told so.",
    },
  },
  resource: (resource, config) => [
    ...topicsOf([resource]).flatMap(({ replicas, replicasPath, settings }) => {
      const number = numberOf(replicas);
      const isFew = typeof number === "number" && number < config.minReplicas;
      const reason = `is ${String(number)}, must be at least ${config.minReplicas}`;
      return [
        ...(isFew ? [{ resource, path: replicasPath, reason }] : []),
        ...checkInSync(settings, isFew ? unknown : number, config.minInSyncReplicas),
        ...checkElection(settings),
      ];
    }),
    ...brokerSettings(resource).flatMap((settings) => checkBrokers(settings, config)),
  ],
});

/** Kafka's own defaults are those of a single broker; MSK's are not. */
function checkBrokers(settings: KafkaSettings, { minReplicas, minInSyncReplicas }: DurabilityConfig): Finding[] {
  const isManaged = kindOf(settings.resource) !== stores.kafka;
  const standard = isManaged ? unknown : 1;
  const factor = "default.replication.factor";
  const creates = settings.valueOf("auto.create.topics.enable");
  const isOpen = isManaged ? isTrue(creates) : creates !== unknown && isNotFalse(creates);
  const few = tooFew(settings, factor, minReplicas, standard);
  const replicas = few.length > 0 ? unknown : numberOf(settings.valueOf(factor));
  return [
    ...few,
    ...tooFew(settings, "offsets.topic.replication.factor", minReplicas, unknown),
    ...tooFew(settings, "transaction.state.log.replication.factor", minReplicas, unknown),
    ...tooFew(settings, "transaction.state.log.min.isr", minInSyncReplicas, unknown),
    ...checkInSync(settings, replicas, minInSyncReplicas, standard),
    ...checkElection(settings),
    ...(isOpen
      ? [settings.finding("auto.create.topics.enable", "is on: a misspelt name becomes a topic that nobody declared")]
      : []),
  ];
}

function tooFew(settings: KafkaSettings, key: string, minimum: number, standard: Value): Finding[] {
  const value = settings.valueOf(key);
  const number = numberOf(isMissing(value) ? standard : value);
  const given = isMissing(value) ? `is not set, and so ${String(standard)}` : `is ${String(value)}`;
  return typeof number === "number" && number < minimum
    ? [settings.finding(key, `${given}, must be at least ${minimum}`)]
    : [];
}

/** Too few keep a record that was confirmed; all of them let one lost broker stop every producer. */
function checkInSync(settings: KafkaSettings, replicas: Value, minimum: number, standard: Value = unknown): Finding[] {
  const key = "min.insync.replicas";
  const number = numberOf(settings.valueOf(key));
  const isAll = typeof number === "number" && typeof replicas === "number" && number >= replicas;
  const reason = `is ${String(number)} of ${String(replicas)} replicas, so one lost broker stops every producer`;
  return [
    ...tooFew(settings, key, minimum, standard),
    ...(isAll && number >= minimum ? [settings.finding(key, reason)] : []),
  ];
}

function checkElection(settings: KafkaSettings): Finding[] {
  const key = "unclean.leader.election.enable";
  return isTrue(settings.valueOf(key))
    ? [settings.finding(key, "is on: a replica that lacks records may lead, and then they are lost")]
    : [];
}
