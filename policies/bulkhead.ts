import {
  destinationRules,
  fitOf,
  http2Ports,
  httpPorts,
  meshSettings,
  near,
  ruleHost,
  settingsOf,
  type MeshConfig,
  type Setting,
} from "./istio";
import { ofKind } from "./kubernetes";
import { metadata } from "./metadata";
import { definePolicy, type Finding, type Resource } from "./policy";
import { at, isMissing, isRecord, unknown, type Value } from "./values";

/** The most that a pool may let through; a subset of the same name is held to it, any other pool to one of them. */
interface TrafficClass {
  subset: string;
  inFlight: number;
  queued: number;
}

interface BulkheadConfig extends MeshConfig {
  classes: TrafficClass[];
}

const limit = { type: "integer", minimum: 1 } as const;

export const bulkheadLimits = definePolicy<BulkheadConfig>({
  metadata: metadata.bulkheadLimits,
  settings: {
    ...meshSettings,
    classes: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        properties: { subset: { type: "string", minLength: 1 }, inFlight: limit, queued: limit },
        required: ["subset", "inFlight", "queued"],
        additionalProperties: false,
      },
      default: [
        { subset: "critical", inFlight: 20, queued: 100 },
        { subset: "standard", inFlight: 10, queued: 50 },
        { subset: "background", inFlight: 5, queued: 1000 },
      ],
      description: "The most in flight and queued a class; a subset of that name is held to it, others to any.",
    },
  },
  resource: (resource, { classes }) =>
    destinationRules([resource]).flatMap((rule) =>
      settingsOf(rule, "connectionPool").flatMap((pool) => [
        ...(isForTcp(pool.value) ? checkConnections(rule, pool) : checkPool(rule, pool, classes)),
        ...(declaresHttp2(pool.value) ? checkStreams(rule, pool) : []),
      ]),
    ),
  // Which protocol a pool carries is often said by the Service's ports alone.
  stack: (resources, mesh) => {
    const rules = destinationRules(resources);
    const servicesOf = new Map<Resource, Resource[]>(rules.map((rule) => [rule, []]));
    for (const service of ofKind(resources, "core:Service")) {
      for (const rule of near(rules, ruleHost, service, mesh.clusterDomain)) {
        if (fitOf(rule, service, mesh).answer === true) servicesOf.get(rule)?.push(service);
      }
    }
    return rules.flatMap((rule) => {
      const fitting = servicesOf.get(rule) ?? [];
      const [http, http2] = [fitting.flatMap(httpPorts), fitting.flatMap(http2Ports)];
      const isFor = ({ port }: Setting, ports: Value[]): boolean =>
        port === undefined ? ports.length > 0 : ports.includes(port);
      return settingsOf(rule, "connectionPool").flatMap((pool) => [
        ...(isFor(pool, http2) && !declaresHttp2(pool.value) ? checkStreams(rule, pool) : []),
        ...(isFor(pool, http) && isForTcp(pool.value) ? [unlimited(rule, pool, pendingField)] : []),
      ]);
    });
  },
});

function declaresHttp2(pool: Value): boolean {
  return at(pool, "http", "h2UpgradePolicy") === "UPGRADE" || at(pool, "http", "useClientProtocol") === true;
}

/** Connections without a word on requests are those to a database or a broker, unless a Service says otherwise. */
function isForTcp(pool: Value): boolean {
  return isRecord(pool) && isMissing(pool["http"]) && !isMissing(pool["tcp"]);
}

const connectionsField = ["tcp", "maxConnections"];
const pendingField = ["http", "http1MaxPendingRequests"];
const streamsField = ["http", "maxConcurrentStreams"];

function checkPool(resource: Resource, { path, value, subset }: Setting, classes: readonly TrafficClass[]): Finding[] {
  if (isMissing(value)) {
    return [{ resource, path, reason: "is not set, so neither connections nor waiting requests have a limit" }];
  }
  const unbounded = [connectionsField, pendingField].filter((field) => isUnlimited(at(value, ...field)));
  if (unbounded.length > 0) {
    return unbounded.map((field) => unlimited(resource, { path, value }, field));
  }
  const named = classes.filter((trafficClass) => trafficClass.subset === subset);
  return checkSize(resource, path, value, named.length > 0 ? named : classes);
}

function checkConnections(resource: Resource, pool: Setting): Finding[] {
  return isUnlimited(at(pool.value, ...connectionsField)) ? [unlimited(resource, pool, connectionsField)] : [];
}

function unlimited(resource: Resource, { path, value }: Pick<Setting, "path" | "value">, field: string[]): Finding {
  const reason = `is ${String(at(value, ...field) ?? "not set")}, which Istio takes as no limit`;
  return { resource, path: `${path}.${field.join(".")}`, reason };
}

/** An unknown number counts as the least that it can be: it is judged when it is known. */
function checkSize(resource: Resource, path: string, pool: Value, classes: readonly TrafficClass[]): Finding[] {
  const connections = at(pool, ...connectionsField);
  const streams = at(pool, ...streamsField);
  const perConnection = typeof streams === "number" && streams > 0 ? streams : 1;
  const inFlight = typeof connections === "number" ? connections * perConnection : 0;
  const pending = at(pool, ...pendingField);
  const queued = typeof pending === "number" ? pending : 0;
  if (classes.some((allowed) => inFlight <= allowed.inFlight && queued <= allowed.queued)) {
    return [];
  }
  const allowed = classes.map((each) => `${each.inFlight} in flight with ${each.queued} queued (${each.subset})`);
  const isTooWide = classes.every((each) => inFlight > each.inFlight);
  const field = isTooWide ? connectionsField : pendingField;
  const excess = isTooWide ? `lets ${inFlight} requests be in flight` : `lets ${queued} requests queue`;
  const reason = `${excess}, must be at most ${allowed.join(" or ")}`;
  return [{ resource, path: `${path}.${field.join(".")}`, reason }];
}

function checkStreams(resource: Resource, { path, value }: Setting): Finding[] {
  const streams = at(value, ...streamsField);
  return !isMissing(value) && isUnlimited(streams)
    ? [
        {
          resource,
          path: `${path}.${streamsField.join(".")}`,
          reason: `is ${String(streams ?? "not set")}, and over HTTP/2 each connection then carries any number of requests`,
          fix: "set maxConcurrentStreams so that maxConnections times it is the number in flight",
        },
      ]
    : [];
}

function isUnlimited(value: Value): boolean {
  return value !== unknown && (typeof value !== "number" || value <= 0);
}
