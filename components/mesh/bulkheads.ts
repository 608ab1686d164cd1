import type { ConnectionPool } from "./istio";

/** Priority class of traffic; each has bounds of its own, so that background load can't starve critical requests. */
export enum Bulkhead {
  Critical = "critical",
  Standard = "standard",
  Background = "background",
}

/** What a port speaks; it decides which settings of a connection pool really bound the requests. */
export enum Protocol {
  Http1 = "http1",
  Http2 = "http2",
  Grpc = "grpc",
}

export interface BulkheadLimits {
  /** Requests in flight from one client proxy to one callee. */
  inFlight: number;
  /** Requests that wait for a place; the next one is refused with 503. */
  queued: number;
}

interface BulkheadClass extends BulkheadLimits {
  /** Priority of the pods whose service is of this class; a pending pod evicts pods of lower ones where it must. */
  podPriority: number;
  /** Milliseconds that a call of this class may take if its contract doesn't say; time in the queue counts. */
  timeoutMilliseconds: number;
}

/** The architecture's bulkheads; priorities stay below the million that we leave to what runs the cluster itself. */
const classes: Record<Bulkhead, BulkheadClass> = {
  [Bulkhead.Critical]: { inFlight: 20, queued: 100, podPriority: 100_000, timeoutMilliseconds: 2_000 },
  [Bulkhead.Standard]: { inFlight: 10, queued: 50, podPriority: 10_000, timeoutMilliseconds: 5_000 },
  [Bulkhead.Background]: { inFlight: 5, queued: 1000, podPriority: 1_000, timeoutMilliseconds: 60_000 },
};

export const bulkheads: readonly Bulkhead[] = Object.values(Bulkhead);

export function bulkheadLimits(bulkhead: Bulkhead): BulkheadLimits {
  const { inFlight, queued } = classes[bulkhead];
  return { inFlight, queued };
}

export const podPriority = (bulkhead: Bulkhead): number => classes[bulkhead].podPriority;
export const defaultTimeoutMilliseconds = (bulkhead: Bulkhead): number => classes[bulkhead].timeoutMilliseconds;
/** Name of the PriorityClass of a service's pods. */
export const priorityClassName = (bulkhead: Bulkhead): string => `omega-${bulkhead}`;

export interface ReplicaRange {
  min: number;
  max: number;
}

export interface BulkheadExposure {
  /** Bounds of one client proxy, which is one replica of the caller. */
  perProxy: BulkheadLimits;
  /** What all replicas of the caller can have in flight and queued together. */
  allProxies: { fewest: BulkheadLimits; most: BulkheadLimits };
  /** What reaches one replica of the callee when callers are most and callees fewest, spread evenly. */
  perCalleeReplica: number;
}

/**
 * A limit holds for each client proxy, so what a callee can meet grows with its callers' replicas: this says how far.
 * What one replica of the callee accepts, whoever calls, is bounded by `inboundLimits`.
 */
export function bulkheadExposure(bulkhead: Bulkhead, callers: ReplicaRange, callees: ReplicaRange): BulkheadExposure {
  const perProxy = bulkheadLimits(bulkhead);
  const times = (replicas: number) => ({ inFlight: perProxy.inFlight * replicas, queued: perProxy.queued * replicas });
  return {
    perProxy,
    allProxies: { fewest: times(callers.min), most: times(callers.max) },
    perCalleeReplica: Math.ceil((perProxy.inFlight * callers.max) / callees.min),
  };
}

/**
 * What one replica of a service accepts from all its callers: the places of each class that reaches it, so that a full
 * background pool of one caller still leaves room for critical requests.
 */
export function inboundLimits(reaching: readonly Bulkhead[]): BulkheadLimits {
  return [...new Set(reaching)].map(bulkheadLimits).reduce((sum, { inFlight, queued }) => ({
    inFlight: sum.inFlight + inFlight,
    queued: sum.queued + queued,
  }));
}

/**
 * The connection pool that bounds a protocol to these limits in Envoy. HTTP/1.1 carries one request a connection. HTTP/2
 * would multiplex all of them over one, where `maxConnections` bounds nothing: one stream a connection makes both equal.
 * `http2MaxRequests` stays unset: it refuses at once and lets nothing queue.
 */
export function connectionPool(protocol: Protocol, { inFlight, queued }: BulkheadLimits): ConnectionPool {
  const pending = { http1MaxPendingRequests: queued };
  return {
    tcp: { maxConnections: inFlight, ...connectionLifetime },
    http: protocol === Protocol.Http1 ? pending : { ...pending, maxConcurrentStreams: 1 },
  };
}

/** The same for a boundary that is no HTTP: a database, a cache or Kafka. There is no queue: one more is refused. */
export function tcpConnectionPool(connections: number): ConnectionPool {
  return { tcp: { maxConnections: connections, connectTimeout: connectionLifetime.connectTimeout } };
}

/** A dead endpoint is noticed soon, and connections are made anew, so that callers find endpoints that came later. */
const connectionLifetime = { connectTimeout: "1s", maxConnectionDuration: "600s" };
