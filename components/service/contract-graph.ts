import type { ArgumentProblem } from "../arguments";
import { append } from "../grouping";
import { Bulkhead } from "../mesh/bulkheads";
import { callPolicy, type CallPolicyArgs, escalation } from "../mesh/call-policy";
import type { Caller } from "../mesh/routing";
import type { ServiceDependency } from "./contract";

/** A service as a part of the graph that the contracts of a region make. */
export interface ServiceNode {
  name: string;
  /** Class of the requests that it serves. */
  bulkhead: Bulkhead;
  dependencies: ServiceDependency[];
}

const known = new WeakMap<readonly ServiceNode[], Map<string, Caller[]>>();

/** Who may call a service, and how: each service that depends on it or falls back to it. */
export function callersOf(name: string, services: readonly ServiceNode[]): Caller[] {
  // Each service asks the same list, which is gone through once.
  const callers = known.get(services) ?? allCallers(services);
  known.set(services, callers);
  return callers.get(name) ?? [];
}

function allCallers(services: readonly ServiceNode[]): Map<string, Caller[]> {
  const callers = new Map<string, Caller[]>();
  for (const { name: service, dependencies } of services) {
    for (const called of calledBy({ dependencies })) {
      const calls = onePerClass(dependencies.flatMap((dependency) => callsTo(called, dependency)));
      append(callers, called, { service, calls });
    }
  }
  return callers;
}

/** Names of the services that one calls, as dependency or fallback. */
export function calledBy({ dependencies }: Pick<ServiceNode, "dependencies">): string[] {
  return [...new Set(dependencies.flatMap(({ service, fallbacks = [] }) => [service, ...fallbacks]))];
}

function callsTo(name: string, dependency: ServiceDependency): CallPolicyArgs[] {
  const { service, fallbacks = [], ...call } = dependency;
  if (service === name) return [call];
  const position = fallbacks.indexOf(name);
  if (position === -1) return [];
  const [, ...times] = escalation(callPolicy(call).timeoutMilliseconds, fallbacks.length);
  return [{ ...call, timeoutMilliseconds: times[position] ?? 0 }];
}

/**
 * A host that is called directly and as a fallback, in one class, has one route: with the time of the call that has most,
 * and repeating what all of them may repeat.
 */
function onePerClass(calls: CallPolicyArgs[]): CallPolicyArgs[] {
  const time = (call: CallPolicyArgs) => callPolicy(call).timeoutMilliseconds;
  const classes = [...new Set(calls.map(({ bulkhead }) => bulkhead))];
  return classes.flatMap((bulkhead) => {
    const [first, ...others] = calls.filter((call) => call.bulkhead === bulkhead);
    if (first === undefined || others.length === 0) return first ?? [];
    const longest = others.reduce((most, call) => (time(call) > time(most) ? call : most), first);
    return { ...longest, idempotent: [first, ...others].every((call) => callPolicy(call).idempotent) };
  });
}

/** What is wrong between contracts; paths begin at the list of services, e.g. `[0].dependencies[1].service`. */
export function contractGraphProblems(services: readonly ServiceNode[]): ArgumentProblem[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  const problems = services.flatMap((service, index) =>
    service.dependencies.flatMap((dependency, position) => {
      const path = `[${index}].dependencies[${position}]`;
      return [
        ...missing(dependency, byName, path),
        ...lowerClass(service, dependency, byName, path),
        ...circularFallbacks(dependency, byName, path),
      ];
    }),
  );
  return [...problems, ...cycles(services, byName)];
}

type ByName = ReadonlyMap<string, ServiceNode>;

function missing({ service, fallbacks = [] }: ServiceDependency, byName: ByName, path: string): ArgumentProblem[] {
  const at = new Map([[`${path}.service`, service]]);
  fallbacks.forEach((fallback, index) => at.set(`${path}.fallbacks[${index}]`, fallback));
  return [...at].flatMap(([where, name]) =>
    byName.has(name) ? [] : [{ path: where, reason: `"${name}" is no service of this platform` }],
  );
}

/**
 * A critical service that waits for one of a lower class is only as available as that one. It may fall back to one: with
 * its primary gone that is better than nothing.
 */
function lowerClass(
  { name, bulkhead }: ServiceNode,
  { service }: ServiceDependency,
  byName: ByName,
  path: string,
): ArgumentProblem[] {
  const called = byName.get(service)?.bulkhead;
  if (bulkhead !== Bulkhead.Critical || called === undefined || called === Bulkhead.Critical) return [];
  const reason = `"${service}" is ${called}, so critical "${name}" can't wait for it: make it critical, or use events`;
  return [{ path: `${path}.service`, reason }];
}

function circularFallbacks(dependency: ServiceDependency, byName: ByName, path: string): ArgumentProblem[] {
  const { service, fallbacks = [] } = dependency;
  return fallbacks.flatMap((fallback, index) =>
    reachable(fallback, byName).has(service)
      ? [{ path: `${path}.fallbacks[${index}]`, reason: `"${fallback}" depends on its primary "${service}"` }]
      : [],
  );
}

/** Everything that a service calls, directly or not, fallbacks too; itself only if it is in a cycle. */
function reachable(name: string, byName: ByName): Set<string> {
  const found = new Set<string>();
  const open = [name];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const service of calledBy(byName.get(next) ?? { dependencies: [] })) {
      if (!found.has(service)) open.push(service);
      found.add(service);
    }
  }
  return found;
}

/** Services that are in a cycle, or wait for one that is: what is left when those that wait for nobody are taken away. */
function entangled(byName: ByName): Set<string> {
  const callers = new Map<string, string[]>();
  const waitsFor = new Map<string, number>();
  for (const [name, { dependencies }] of byName) {
    const called = calledBy({ dependencies }).filter((each) => byName.has(each));
    waitsFor.set(name, called.length);
    for (const each of called) append(callers, each, name);
  }
  const left = new Set(byName.keys());
  const free = [...left].filter((name) => waitsFor.get(name) === 0);
  for (let next = free.pop(); next !== undefined; next = free.pop()) {
    left.delete(next);
    for (const caller of callers.get(next) ?? []) {
      const others = (waitsFor.get(caller) ?? 0) - 1;
      waitsFor.set(caller, others);
      if (others === 0) free.push(caller);
    }
  }
  return left;
}

/** Each cycle once, at the service that comes first in the list. */
function cycles(services: readonly ServiceNode[], byName: ByName): ArgumentProblem[] {
  const reported = new Set<string>();
  const suspects = entangled(byName);
  return services.flatMap(({ name }, index) => {
    if (!suspects.has(name)) return [];
    const reached = reachable(name, byName);
    if (!reached.has(name) || reported.has(name)) return [];
    const members = services.filter((other) => reached.has(other.name) && reachable(other.name, byName).has(name));
    members.forEach((member) => reported.add(member.name));
    // A service that depends on itself is reported with its contract.
    if (members.length === 1) return [];
    const names = members.map((member) => member.name).join(", ");
    return [{ path: `[${index}].dependencies`, reason: `wait for each other in a cycle: ${names}` }];
  });
}
