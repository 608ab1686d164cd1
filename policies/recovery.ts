import { type Demand, type Demands, described, isAtLeast, isSet, judge } from "./demands";
import { secondsOf } from "./istio";
import { kindOf, ofKind } from "./kubernetes";
import { dataMetadata } from "./data-metadata";
import { definePolicy, type Finding, type Resource } from "./policy";
import { stores } from "./stores";
import { at, isMissing, list, numberOf, unknown } from "./values";

interface BackupsConfig {
  minRetentionDays: number;
}

export const scheduledBackups = definePolicy<BackupsConfig>({
  metadata: dataMetadata.scheduledBackups,
  settings: {
    minRetentionDays: {
      type: "integer",
      minimum: 1,
      default: 7,
      description: "The least number of days to any moment of which a database can be brought back.",
    },
  },
  resource: (resource, { minRetentionDays }) => [
    ...judge(resource, backups(minRetentionDays)),
    ...ofKind([resource], stores.vitess).flatMap(checkSchedules),
  ],
});

const backups = (days: number): Demands => ({
  [stores.vitess]: [
    ["spec.backup.locations", isSet, "so nothing is kept outside its disks"],
    ...["equal.shardTemplate", "custom.shards[]"].map((shards): Demand => [
      `spec.keyspaces[].partitionings[].${shards}.tabletPools[].vttablet.vtbackupExtraFlags.min_retention_time`,
      (value) => isMissing(value) || (secondsOf(String(value)) ?? 0) >= days * 86_400,
      `must be at least ${days} days: what was broken before then is lost`,
    ]),
    ["spec.backup.locations[].volume", (value) => !isSet(value), "and is lost with the cluster"],
  ],
  [stores.rds]: [
    ["backupRetentionPeriod", isAtLeast(days), `must be at least ${days}: what was broken before then is lost`],
  ],
});

function checkSchedules(resource: Resource): Finding[] {
  const path = "spec.backup.schedules";
  const schedules = at(resource.props, ...path.split("."));
  const running = list(schedules).filter((schedule) => at(schedule, "suspend") !== true);
  if (schedules === unknown || running.length > 0) return [];
  const reason = list(schedules).length > 0 ? "are all suspended" : "is not set";
  return [{ resource, path, reason: `${reason}, so no backup is younger than the database` }];
}

interface ObjectivesConfig {
  maxPointSeconds: number;
  maxTimeSeconds: number;
}

export const recoveryObjectives = definePolicy<ObjectivesConfig>({
  metadata: dataMetadata.recoveryObjectives,
  settings: {
    maxPointSeconds: {
      type: "integer",
      minimum: 0,
      default: 86_400,
      description: "The most seconds of writes that any store may lose.",
    },
    maxTimeSeconds: {
      type: "integer",
      minimum: 1,
      default: 14_400,
      description: "The most seconds until any store can be used again.",
    },
  },
  resource: (resource, { maxPointSeconds, maxTimeSeconds }) => {
    const place = tagged.includes(kindOf(resource))
      ? "tags"
      : annotated.includes(kindOf(resource))
        ? "metadata.annotations"
        : undefined;
    return place === undefined
      ? []
      : [
          ...checkObjective(resource, `${place}.omega-platform/recovery-point-seconds`, maxPointSeconds),
          ...checkObjective(resource, `${place}.omega-platform/recovery-time-seconds`, maxTimeSeconds),
        ];
  },
});

const annotated: string[] = [stores.kafka, stores.vitess, stores.dragonfly];
const tagged: string[] = [stores.msk, stores.rds, stores.cacheGroup, stores.cacheServerless];

function checkObjective(resource: Resource, path: string, most: number): Finding[] {
  const value = at(resource.props, ...path.split("."));
  const seconds = numberOf(value);
  if (seconds === unknown || (seconds !== undefined && seconds >= 0 && seconds <= most)) return [];
  return [{ resource, path, reason: `${described(value)}, must be a number of seconds, ${most} at most` }];
}
