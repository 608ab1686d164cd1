import { type Demands, isNotFalse, isNotTrue, isSet, isTrue, judge } from "./demands";
import { edge, isOn } from "./edge";
import { edgeMetadata } from "./edge-metadata";
import { ofKind } from "./kubernetes";
import { definePolicy, type Finding, isInStacks, type Resource } from "./policy";
import { at, isRecord, list, numberOf, unknown, type Value } from "./values";

interface FailoverConfig {
  stacks: string[];
  minPools: number;
  maxShedPercent: number;
}

export const edgeFailover = definePolicy<FailoverConfig>({
  metadata: edgeMetadata.edgeFailover,
  settings: {
    stacks: {
      type: "array",
      items: { type: "string", minLength: 1 },
      default: ["prod*"],
      description: "Stacks that must outlive the loss of a region; * stands for anything.",
    },
    minPools: { type: "integer", minimum: 1, default: 2, description: "The least number of pools in those stacks." },
    maxShedPercent: {
      type: "integer",
      minimum: 0,
      maximum: 100,
      default: 50,
      description: "The most of its load that a pool may give away.",
    },
  },
  resource: (resource, { maxShedPercent }) => [
    ...judge(resource, demands),
    ...ofKind([resource], edge.pool).flatMap((pool) => [
      ...checkMonitored(pool),
      ...checkShedding(pool, maxShedPercent),
      ...checkOrigins(pool),
    ]),
  ],
  stack: (resources, { stacks, minPools }) => {
    const balancers = ofKind(resources, edge.balancer);
    const bySite = balancers.some(({ props }) => at(props, "steeringPolicy") === "proximity");
    return [
      ...balancers
        .filter((balancer) => isInStacks(balancer, stacks))
        .flatMap((balancer) => checkPools(balancer, minPools)),
      ...(bySite ? ofKind(resources, edge.pool).flatMap((pool) => judge(pool, sites)) : []),
    ];
  },
});

const demands: Demands = {
  [edge.balancer]: [
    ["enabled", isNotFalse, "so it answers nobody"],
    ["fallbackPool", isSet, "so nobody is answered when every pool is thought to be down"],
    ["adaptiveRouting.failoverAcrossPools", isTrue, "so requests fail until a dead pool is noticed"],
  ],
  [edge.pool]: [
    ["enabled", isNotFalse, "so it takes no traffic, and its region isn't watched"],
    ["loadShedding", isSet, "so load can't be taken off it bit by bit"],
  ],
};

const sites: Demands = {
  [edge.pool]: ["latitude", "longitude"].map((path) => [path, isSet, "so nobody can be steered to the nearest pool"]),
};

function checkMonitored(resource: Resource): Finding[] {
  const monitors = ["monitor", "monitorGroup"].map((field) => at(resource.props, field));
  const isBlind = monitors.every((each) => each !== unknown && !isSet(each));
  return isBlind ? [{ resource, path: "monitor", reason: "is not set, so it counts as healthy for ever" }] : [];
}

function checkShedding(resource: Resource, maxPercent: number): Finding[] {
  return ["defaultPercent", "sessionPercent"].flatMap((field): Finding[] => {
    const percent = numberOf(at(resource.props, "loadShedding", field));
    const reason = `is ${String(percent)}, must be at most ${maxPercent}: exempt a region that is drained until it is back`;
    return typeof percent === "number" && percent > maxPercent
      ? [{ resource, path: `loadShedding.${field}`, reason }]
      : [];
  });
}

function checkOrigins(resource: Resource): Finding[] {
  const origins = at(resource.props, "origins");
  const isIdle = Array.isArray(origins) && origins.every((origin) => isOn(at(origin, "enabled")) === false);
  return isIdle ? [{ resource, path: "origins", reason: "has none that is enabled, so it can serve nobody" }] : [];
}

const maps = ["regionPools", "countryPools", "popPools"];

/** Identifiers that aren't known yet are of different pools: a program that names one twice is found at the update. */
function checkPools(resource: Resource, minPools: number): Finding[] {
  const lists: Value[] = [
    at(resource.props, "defaultPools"),
    ...maps.flatMap((field): Value[] => {
      const map = at(resource.props, field);
      return isRecord(map) ? Object.values(map) : map === unknown ? [unknown] : [];
    }),
  ];
  const pools = lists.flatMap(list);
  const known = pools.filter((pool) => pool !== unknown);
  const number = new Set(known).size + (pools.length - known.length);
  const reason = `has ${number} pools with what it steers by, must have at least ${minPools}`;
  return lists.includes(unknown) || number >= minPools ? [] : [{ resource, path: "defaultPools", reason }];
}

interface HealthConfig {
  maxDetectionSeconds: number;
}

export const edgeHealthChecks = definePolicy<HealthConfig>({
  metadata: edgeMetadata.edgeHealthChecks,
  settings: {
    maxDetectionSeconds: {
      type: "integer",
      minimum: 5,
      default: 180,
      description: "The most seconds until a dead region is noticed: three checks of the slowest plan, 60 s apart.",
    },
  },
  resource: (resource, { maxDetectionSeconds }) => [
    ...judge(resource, health),
    ...ofKind([resource], edge.monitor).flatMap((monitor) => checkDetection(monitor, maxDetectionSeconds)),
  ],
});

const health: Demands = {
  [edge.monitor]: [
    ["type", (value) => value === "https", "so it asks the region in another way than visitors do"],
    [
      "expectedCodes",
      (value) => /^2(xx|\d\d)([-,] ?2(xx|\d\d))*$/i.test(String(value)),
      "so an answer that is no success counts as health",
    ],
    ["path", isSet, "so what is asked is the front page, not the health of what is behind it"],
    ["followRedirects", isNotTrue, "so another host's health may count as this one's"],
  ],
};

/** Cloudflare's defaults where nothing is set: https://developers.cloudflare.com/api/resources/load_balancers/subresources/monitors/ */
const defaults = { interval: 60, timeout: 5, retries: 2, consecutiveDown: 0 };

function checkDetection(resource: Resource, maxSeconds: number): Finding[] {
  const [interval, timeout, retries, down] = Object.entries(defaults).map(([field, standard]) =>
    numberOf(at(resource.props, field) ?? standard),
  );
  if (typeof interval !== "number" || typeof timeout !== "number") return [];
  if (typeof retries !== "number" || typeof down !== "number") return [];
  const seconds = interval * Math.max(1, down) + timeout * (1 + retries);
  const reason = `notices a dead region after ${seconds} seconds with its timeout and retries, must be at most ${maxSeconds}`;
  return seconds > maxSeconds ? [{ resource, path: "interval", reason }] : [];
}
