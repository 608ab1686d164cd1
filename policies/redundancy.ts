import { type Demands, isAtLeast, isMissingOr, isSet, isTrue, judge, places } from "./demands";
import { isAlone, kindOf, ofKind } from "./kubernetes";
import { dataMetadata } from "./data-metadata";
import { definePolicy, type Finding, type Resource } from "./policy";
import { isSpread, spreadRules, topologyKeySetting } from "./spread";
import { stores } from "./stores";
import { at, equal, isMissing, list, numberOf, some, unknown, type Value } from "./values";

interface RedundancyConfig {
  topologyKey: string;
  minBrokers: number;
  minZones: number;
}

export const redundantStores = definePolicy<RedundancyConfig>({
  metadata: dataMetadata.redundantStores,
  settings: {
    topologyKey: topologyKeySetting,
    minBrokers: {
      type: "integer",
      minimum: 1,
      default: 3,
      description: "The least number of Kafka's brokers, and of its controllers.",
    },
    minZones: { type: "integer", minimum: 1, default: 2, description: "The least number of zones with a copy." },
  },
  resource: (resource, config) => [
    ...judge(resource, demands(config)),
    ...(checks[kindOf(resource)]?.(resource, config) ?? []),
  ],
  stack: (resources, { minZones }) =>
    ofKind(resources, stores.rds).flatMap((cluster) => checkInstances(cluster, resources, minZones)),
});

const alone = "so the loss of one node is an outage";
const inOneZone = "so the loss of one zone is an outage";

const demands = ({ minBrokers, minZones }: RedundancyConfig): Demands => ({
  [stores.kafka]: [["spec.kafka.rack", isSet, "so all copies of a topic may be in one zone"]],
  [stores.kafkaPool]: [["spec.replicas", isAtLeast(minBrokers), `must be at least ${minBrokers}`]],
  [stores.vitess]: [
    [
      "spec.keyspaces[].durabilityPolicy",
      (value) => isSet(value) && value !== "none",
      "so a lost primary takes the newest writes with it",
    ],
  ],
  [stores.msk]: [
    ["numberOfBrokerNodes", isAtLeast(minBrokers), `must be at least ${minBrokers}`],
    ["brokerNodeGroupInfo.clientSubnets", hasLength(minZones), inOneZone],
  ],
  [stores.cacheServerless]: [["subnetIds", isMissingOr(hasLength(minZones)), inOneZone]],
  [stores.cacheGroup]: [
    ["automaticFailoverEnabled", isTrue, alone],
    ["multiAzEnabled", isTrue, inOneZone],
  ],
});

const copies: Demands = { [stores.dragonfly]: [["spec.replicas", isAtLeast(2), alone]] };

function hasLength(minimum: number): (value: Value) => boolean {
  return (value) => list(value).length >= minimum;
}

const checks: Record<string, (resource: Resource, config: RedundancyConfig) => Finding[]> = {
  [stores.kafkaPool]: (resource, { topologyKey }) => {
    const roles = list(at(resource.props, "spec", "roles"));
    const replicas = numberOf(at(resource.props, "spec", "replicas"));
    const isEven = roles.includes("controller") && typeof replicas === "number" && replicas % 2 === 0;
    const isBoth = roles.includes("controller") && roles.includes("broker");
    return [
      ...checkSpread(resource, "spec.template.pod", topologyKey),
      ...(isEven ? [{ resource, path: "spec.replicas", reason: `is ${replicas}: half of them are no majority` }] : []),
      ...(isBoth ? [{ resource, path: "spec.roles", reason: "are both, so a busy broker is a slow controller" }] : []),
    ];
  },
  [stores.dragonfly]: (resource, { topologyKey }) =>
    isAlone(resource) === false ? [...judge(resource, copies), ...checkSpread(resource, "spec", topologyKey)] : [],
  [stores.vitess]: checkCells,
};

function checkSpread(resource: Resource, path: string, topologyKey: string): Finding[] {
  const rules = spreadRules(at(resource.props, ...path.split(".")));
  return some(rules.map((rule) => isSpread(rule, topologyKey))) === false
    ? [{ resource, path: `${path}.topologySpreadConstraints`, reason: `has none for ${topologyKey}, ${inOneZone}` }]
    : [];
}

/** Each shard's primary is elected among its replicas: where they all are, it is lost with them. */
function checkCells(resource: Resource, { minZones }: RedundancyConfig): Finding[] {
  const cells = at(resource.props, "spec", "cells");
  const partitioning = "spec.keyspaces[].partitionings[]";
  return [
    ...places(resource.props, `${partitioning}.equal.shardTemplate.tabletPools`),
    ...places(resource.props, `${partitioning}.custom.shards[].tabletPools`),
  ].flatMap(({ path, value: pools }) => {
    const zones = list(pools).map((pool) => zoneOf(pool, cells));
    const distinct = new Set(zones.filter((zone) => !isMissing(zone)));
    const isFew = Array.isArray(pools) && !zones.includes(unknown) && distinct.size < minZones;
    const reason = `has replicas in ${distinct.size} zones, must have them in at least ${minZones}`;
    return isFew ? [{ resource, path, reason }] : [];
  });
}

/** None of a pool that no primary can come from. */
function zoneOf(pool: Value, cells: Value): Value {
  const type = at(pool, "type");
  if (type !== "replica" && type !== unknown) return undefined;
  const name = at(pool, "cell");
  if ([type, name, cells].includes(unknown)) return unknown;
  const cell = list(cells).find((each) => at(each, "name") === name);
  return at(cell, "zone") ?? name;
}

/** A cluster of Aurora is as available as the instances that are given to it. */
function checkInstances(cluster: Resource, resources: readonly Resource[], minZones: number): Finding[] {
  const hasOwn = at(cluster.props, "dbClusterInstanceClass");
  const name = at(cluster.props, "clusterIdentifier") ?? unknown;
  const instances = ofKind(resources, stores.rdsInstance).map((instance) => ({
    zone: at(instance.props, "availabilityZone"),
    answer: equal(at(instance.props, "clusterIdentifier"), name),
  }));
  const own = instances.filter(({ answer }) => answer !== false);
  if (isSet(hasOwn) || own.some(({ answer }) => answer === unknown)) return [];
  const zones = own.map(({ zone }) => zone);
  // Amazon spreads the instances that aren't given a zone.
  const distinct = zones.every((zone) => typeof zone === "string") ? new Set(zones).size : own.length;
  const reason = `has ${own.length} instances in ${distinct} zones, must have them in at least ${minZones}`;
  return distinct < minZones ? [{ resource: cluster, path: "clusterIdentifier", reason }] : [];
}
