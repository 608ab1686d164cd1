import { destinationRules, fitOf, http2Ports, meshSettings, settingsOf, type MeshConfig, type Setting } from "./istio";
import { ofKind } from "./kubernetes";
import { metadata } from "./metadata";
import { definePolicy, type Finding, type Resource } from "./policy";
import { at, isMissing, unknown, type Value } from "./values";

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
        ...checkPool(rule, pool, classes),
        ...(declaresHttp2(pool.value) ? checkStreams(rule, pool) : []),
      ]),
    ),
  // Which protocol a pool carries is often said by the Service's ports alone.
  stack: (resources, mesh) => {
    const services = ofKind(resources, "core:Service");
    return destinationRules(resources).flatMap((rule) => {
      const ports = services.filter((service) => fitOf(rule, service, mesh).answer === true).flatMap(http2Ports);
      return settingsOf(rule, "connectionPool")
        .filter(
          ({ port, value }) => !declaresHttp2(value) && (port === undefined ? ports.length > 0 : ports.includes(port)),
        )
        .flatMap((pool) => checkStreams(rule, pool));
    });
  },
});

function declaresHttp2(pool: Value): boolean {
  return at(pool, "http", "h2UpgradePolicy") === "UPGRADE" || at(pool, "http", "useClientProtocol") === true;
}

const connectionsField = ["tcp", "maxConnections"];
const pendingField = ["http", "http1MaxPendingRequests"];
const streamsField = ["http", "maxConcurrentStreams"];

function checkPool(resource: Resource, { path, value, subset }: Setting, classes: readonly TrafficClass[]): Finding[] {
  if (isMissing(value)) {
    return [{ resource, path, reason: "is not set, so neither connections nor waiting requests have a limit" }];
  }
  const unlimited = [connectionsField, pendingField].filter((field) => isUnlimited(at(value, ...field)));
  if (unlimited.length > 0) {
    return unlimited.map((field) => ({
      resource,
      path: `${path}.${field.join(".")}`,
      reason: `is ${String(at(value, ...field) ?? "not set")}, which Istio takes as no limit`,
    }));
  }
  const named = classes.filter((trafficClass) => trafficClass.subset === subset);
  return checkSize(resource, path, value, named.length > 0 ? named : classes);
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
