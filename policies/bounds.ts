import { type Demands, isAtLeast, isSet, judge } from "./demands";
import { isDeadLetter } from "./dead-letters";
import { clusterOf, type Topic, topicsOf } from "./kafka";
import { objectName, ofKind, saysWhy } from "./kubernetes";
import { dataMetadata } from "./data-metadata";
import { definePolicy, type Finding, type Resource } from "./policy";
import { stores } from "./stores";
import { at, equal, every, list, numberOf, some, unknown, type Answer, type Value } from "./values";

interface BoundsConfig {
  maxRetentionDays: number;
  minDeadLetterDays: number;
}

export const boundedStores = definePolicy<BoundsConfig>({
  metadata: dataMetadata.boundedStores,
  settings: {
    maxRetentionDays: {
      type: "integer",
      minimum: 1,
      default: 366,
      description: "The most days for which a topic keeps its records.",
    },
    minDeadLetterDays: {
      type: "integer",
      minimum: 1,
      default: 7,
      description: "The least days for which a dead-letter topic keeps its records.",
    },
  },
  resource: (resource, config) => [
    ...judge(resource, demands),
    ...topicsOf([resource]).flatMap((topic) => checkDeadLetters(topic, config)),
    ...topicsOf(ofKind([resource], stores.kafkaTopic)).flatMap((topic) =>
      checkEnd(topic, config, keepsForEver(at(resource.props, "metadata", "annotations"))),
    ),
    ...ofKind([resource], stores.dragonfly).flatMap(checkMemory),
  ],
  stack: (resources, config) => [
    ...ofKind(resources, stores.kafkaUser)
      .filter((user) => hasDefaults(user, ofKind(resources, stores.kafka)) === false)
      .flatMap((user) => judge(user, quotas)),
    ...topicsOf(ofKind(resources, stores.mskTopic)).flatMap((topic) =>
      checkEnd(topic, config, clusterKeepsForEver(topic, ofKind(resources, stores.msk))),
    ),
  ],
});

const unbounded = "so it grows, and is paid for, without end";
const greedy = "and its cluster has no default, so one client can take all of the brokers' bandwidth";
const rates = ["producerByteRate", "consumerByteRate"];

const demands: Demands = {
  [stores.cacheServerless]: [
    ["cacheUsageLimits.dataStorage.maximum", isSet, unbounded],
    ["cacheUsageLimits.ecpuPerSeconds", isSet, unbounded],
  ],
};

const quotas: Demands = { [stores.kafkaUser]: rates.map((rate) => [`spec.quotas.${rate}`, isAtLeast(1), greedy]) };

/** Whether its brokers bound every client that has no quota of its own. */
function hasDefaults(user: Resource, clusters: readonly Resource[]): Answer {
  return some(
    clusters.map((cluster) => {
      const given = rates.map((rate) => at(cluster.props, "spec", "kafka", "quotas", rate));
      return every([
        equal(objectName(cluster), clusterOf(user)),
        ...given.map((rate) => (rate === unknown ? unknown : isSet(rate))),
      ]);
    }),
  );
}

const dayMilliseconds = 86_400_000;

const key = "retention.ms";

/** Days for which a topic keeps its records, Infinity where it has no end; undefined where that isn't known or doesn't count. */
function retentionDays({ settings }: Topic): number | undefined {
  const milliseconds = numberOf(settings.valueOf(key));
  const cleanup = settings.valueOf("cleanup.policy");
  // What is compacted keeps one record of each key, for as long as there are keys.
  if (typeof milliseconds !== "number" || cleanup === "compact" || cleanup === unknown) return undefined;
  return milliseconds < 0 ? Infinity : milliseconds / dayMilliseconds;
}

function checkEnd(topic: Topic, { maxRetentionDays }: BoundsConfig, isReasoned: Answer): Finding[] {
  const days = retentionDays(topic);
  if (days === undefined || days <= maxRetentionDays || isReasoned !== false) return [];
  const given = days === Infinity ? "is without end" : `is ${days} days`;
  return [topic.settings.finding(key, `${given}, must be at most ${maxRetentionDays} days`)];
}

function checkDeadLetters(topic: Topic, { minDeadLetterDays }: BoundsConfig): Finding[] {
  const days = retentionDays(topic);
  if (days === undefined || days >= minDeadLetterDays || isDeadLetter(topic) !== true) return [];
  const reason = `is ${days} days, must be at least ${minDeadLetterDays} days: somebody has to look first`;
  return [topic.settings.finding(key, reason)];
}

const keepsForEver = (says: Value): Answer => saysWhy(says, "kept-for-ever");

/** A topic of MSK has no tags: its cluster's say it. */
function clusterKeepsForEver({ cluster }: Topic, clusters: readonly Resource[]): Answer {
  return some(
    clusters.map(({ props }) => every([equal(at(props, "arn") ?? unknown, cluster), keepsForEver(at(props, "tags"))])),
  );
}

/** A full cache drops what is least used where it is told to, and refuses writes else. */
function checkMemory(resource: Resource): Finding[] {
  const path = "spec.args";
  const args = at(resource.props, ...path.split("."));
  if (args === unknown || list(args).includes(unknown)) return [];
  const limit = at(resource.props, "spec", "resources", "limits", "memory");
  const has = (pattern: RegExp): boolean => list(args).some((arg) => pattern.test(String(arg)));
  const refuses = saysWhy(at(resource.props, "metadata", "annotations"), "refuses-when-full");
  return [
    ...(has(/^--cache_mode(=true)?$/) || refuses !== false
      ? []
      : [{ resource, path, reason: "have no --cache_mode=true, so a full cache refuses writes" }]),
    ...(has(/^--maxmemory=/) || limit === unknown || isSet(limit)
      ? []
      : [{ resource, path, reason: "have no --maxmemory, and no memory limit either, so it takes what its node has" }]),
  ];
}
