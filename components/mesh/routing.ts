import type * as pulumi from "@pulumi/pulumi";
import { type BreakerArgs, outlierDetection } from "./breaker";
import { Bulkhead, bulkheadLimits, bulkheads, connectionPool, type Protocol } from "./bulkheads";
import { callPolicy, type CallPolicyArgs, timeBounds } from "./call-policy";
import {
  type HttpFault,
  type HttpMatch,
  type HttpRoute,
  LoadBalancing,
  type Subset,
  type TrafficPolicy,
} from "./istio";

/** A service that may call another one. */
export interface Caller {
  /** Name of the service, its ServiceAccount and its `app.kubernetes.io/name`. */
  service: string;
  /** Namespace that it is in, if not the callee's. */
  namespace?: string;
  /** How it calls, one entry a class; the first is that of requests that name none. Default: one, of the callee's class. */
  calls?: CallPolicyArgs[];
}

/** Request header by which a caller picks one of its classes for a dependency. */
export const bulkheadHeader = "x-omega-bulkhead";

/** A fault for the requests that ask for it, and for no others. */
export interface RequestFault {
  /** Value of the `x-omega-chaos` header that asks for it; names the route too. */
  name: string;
  fault: HttpFault;
}

/** Request header that asks for a fault by its name. */
export const chaosHeader = "x-omega-chaos";

interface RoutingArgs {
  host: pulumi.Input<string>;
  callers: readonly Caller[];
  /** Class of requests that no caller declared. */
  bulkhead: Bulkhead;
  faults: readonly RequestFault[];
}

const nameLabel = "app.kubernetes.io/name";

/**
 * Routes of a host inside the mesh: each caller's calls go to the pool of their class, with the caller's own timeout and
 * retries. The last route bounds what nobody declared, e.g. calls that a policy of one's own allows.
 */
export function httpRoutes({ host, callers, bulkhead, faults }: RoutingArgs): HttpRoute[] {
  const route = (name: string, args: CallPolicyArgs, match?: HttpMatch): HttpRoute => ({
    name,
    ...(match === undefined ? {} : { match: [match] }),
    route: [{ destination: { host, subset: args.bulkhead } }],
    ...timeBounds(callPolicy(args)),
  });
  const declared = callers.flatMap(({ service, calls = [] }) => {
    const sourceLabels = { [nameLabel]: service };
    const [usual, ...others] = calls;
    if (usual === undefined) return [];
    const named = others.map((call) =>
      route(`${service}-${call.bulkhead}`, call, {
        sourceLabels,
        headers: { [bulkheadHeader]: { exact: call.bulkhead } },
      }),
    );
    return [...named, route(`${service}-${usual.bulkhead}`, usual, { sourceLabels })];
  });
  // First, for the first match wins. Istio applies neither timeout nor retries to them: who sends these bounds them.
  const faulty = faults.map(({ name, fault }) => ({
    name: `chaos-${name}`,
    match: [{ headers: { [chaosHeader]: { exact: name } } }],
    route: [{ destination: { host, subset: bulkhead } }],
    fault,
  }));
  return [...faulty, ...declared, route("default", { bulkhead })];
}

/** The classes that reach a host, in the table's order. */
export function reachingBulkheads(callers: readonly Caller[], bulkhead: Bulkhead): Bulkhead[] {
  const reaching = new Set([bulkhead, ...callers.flatMap(({ calls = [] }) => calls.map((call) => call.bulkhead))]);
  return bulkheads.filter((each) => reaching.has(each));
}

/** One subset a class over the same endpoints: another pool, so that classes can't take each other's places. */
export function bulkheadSubsets(protocol: Protocol, reaching: readonly Bulkhead[]): Subset[] {
  return reaching.map((name) => ({
    name,
    labels: {},
    trafficPolicy: { connectionPool: connectionPool(protocol, bulkheadLimits(name)) },
  }));
}

/**
 * How calls are spread over a service's endpoints. Least request avoids a slow endpoint before the breaker sees it; near
 * endpoints come first and a lost zone's traffic moves (which needs the breaker); a new replica warms up with a small
 * share; retries are a fifth of the calls at most, so that they can't multiply an overload.
 */
export function trafficPolicy(protocol: Protocol, bulkhead: Bulkhead, breaker: BreakerArgs): TrafficPolicy {
  return {
    connectionPool: connectionPool(protocol, bulkheadLimits(bulkhead)),
    outlierDetection: outlierDetection(breaker),
    loadBalancer: {
      simple: LoadBalancing.LeastRequest,
      warmup: { duration: "30s", minimumPercent: 10 },
      localityLbSetting: {
        enabled: true,
        failoverPriority: ["topology.kubernetes.io/region", "topology.kubernetes.io/zone"],
      },
    },
    retryBudget: { percent: 20, minRetryConcurrency: 3 },
  };
}
