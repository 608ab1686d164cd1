import { type Demands, isAtLeast, isSet, judge } from "./demands";
import { isDeadLetter } from "./dead-letters";
import { clusterOf, type Topic, topicsOf } from "./kafka";
import { objectName, ofKind, saysWhy } from "./kubernetes";
import { dataMetadata } from "./data-metadata";
import { definePolicy, type Finding, type Resource } from "./policy";
import { stores } from "./stores";
import { at, equal, every, list, numberOf, some, unknown, type Answer } from "./values";

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
    ...topicsOf([resource]).flatMap((topic) => checkRetention(topic, config)),
    ...ofKind([resource], stores.dragonfly).flatMap(checkMemory),
  ],
  stack: (resources) =>
    ofKind(resources, stores.kafkaUser)
      .filter((user) => hasDefaults(user, ofKind(resources, stores.kafka)) === false)
      .flatMap((user) => judge(user, quotas)),
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

function checkRetention(topic: Topic, { maxRetentionDays, minDeadLetterDays }: BoundsConfig): Finding[] {
  const key = "retention.ms";
  const milliseconds = numberOf(topic.settings.valueOf(key));
  const cleanup = topic.settings.valueOf("cleanup.policy");
  // What is compacted keeps one record of each key, for as long as there are keys.
  if (typeof milliseconds !== "number" || cleanup === "compact" || cleanup === unknown) return [];
  const days = milliseconds / dayMilliseconds;
  const isEndless = milliseconds < 0 || days > maxRetentionDays;
  const given = milliseconds < 0 ? "is without end" : `is ${days} days`;
  if (isEndless && keepsForEver(topic.resource) === false) {
    return [topic.settings.finding(key, `${given}, must be at most ${maxRetentionDays} days`)];
  }
  return isDeadLetter(topic) === true && !isEndless && days < minDeadLetterDays
    ? [topic.settings.finding(key, `${given}, must be at least ${minDeadLetterDays} days: somebody has to look first`)]
    : [];
}

function keepsForEver({ props }: Resource): Answer {
  return saysWhy(at(props, "metadata", "annotations"), "kept-for-ever");
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
