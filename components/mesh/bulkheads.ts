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

/** The seed's bulkheads. */
const limits: Record<Bulkhead, BulkheadLimits> = {
  [Bulkhead.Critical]: { inFlight: 20, queued: 100 },
  [Bulkhead.Standard]: { inFlight: 10, queued: 50 },
  [Bulkhead.Background]: { inFlight: 5, queued: 1000 },
};

export function bulkheadLimits(bulkhead: Bulkhead): BulkheadLimits {
  return { ...limits[bulkhead] };
}

/**
 * The connection pool that bounds a protocol to these limits in Envoy. HTTP/1.1 carries one request a connection. HTTP/2
 * would multiplex all of them over one, where `maxConnections` bounds nothing: one stream a connection makes both equal.
 * `http2MaxRequests` stays unset: it refuses at once and lets nothing queue.
 */
export function connectionPool(protocol: Protocol, { inFlight, queued }: BulkheadLimits): ConnectionPool {
  const pending = { http1MaxPendingRequests: queued };
  return {
    tcp: { maxConnections: inFlight },
    http: protocol === Protocol.Http1 ? pending : { ...pending, maxConcurrentStreams: 1 },
  };
}
