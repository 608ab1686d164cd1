import type { ArgumentProblem } from "../arguments";
import { callPolicy, type CallPolicyArgs, callPolicyProblems, escalation } from "../mesh/call-policy";

/** Calls of one class to another service; the same service may be called in several classes, one entry each. */
export interface ServiceDependency extends CallPolicyArgs {
  /** Name of the service that is called. */
  service: string;
  /**
   * Services that are called instead, in this order, when it fails; the caller switches over. Fallback i gets
   * (i + 2) times the timeout, the first one i = 0. Default none.
   */
  fallbacks?: string[];
  /** Milliseconds for the call and all its fallbacks together. Default: the sum of their timeouts. */
  deadlineMilliseconds?: number;
}

/** A host outside the mesh that a service calls. */
export interface ExternalDependency extends CallPolicyArgs {
  /** Name in public DNS, e.g. `api.example.com`. */
  host: string;
}

export interface HealthCheck {
  /** Answers once the service has started. Default `/health/startup`. */
  startupPath?: string;
  /** Answers while the service can take requests; a failing dependency degrades it and leaves it ready. Default `/health/ready`. */
  readinessPath?: string;
  /** Answers unless only a restart helps. Default `/health/live`. */
  livenessPath?: string;
  /**
   * TCP port that answers the checks by HTTP/1.1, and Prometheus. Default the service's own; a gRPC service is asked by gRPC's
   * health protocol, and HTTP/2 needs one, for the kubelet speaks neither.
   */
  port?: number;
  /** Seconds between two checks. Default 5, from 1 to 300. */
  intervalSeconds?: number;
}

/** What a service promises to the others: it is published with the service, so that machines can read it. */
export interface ServiceContract {
  /** DNS label, e.g. `catalog`; names the service's objects. */
  name: string;
  /** Semantic version of the contract, e.g. `2.1.0`. */
  version: string;
  /** What it can do, e.g. `search`; one at least. */
  capabilities: string[];
  /** Data that no other service writes, e.g. `products`. */
  owns: string[];
  /** Event types that it publishes, e.g. `product.created` or `product.*`. */
  publishes: string[];
  /** Event types that it subscribes to. */
  consumes: string[];
  /** Services that it calls, and waits for. */
  dependencies: ServiceDependency[];
  /** Hosts outside the mesh that it calls, as `http://<host>`: its proxy encrypts. Default none; no other can be reached. */
  externalHosts?: ExternalDependency[];
  health?: HealthCheck;
  /** Where Prometheus reads its metrics. Default `/metrics` on the service's port. */
  metricsPath?: string;
}

const dnsLabel = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
const publicHost = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/;
const semanticVersion = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

export function contractProblems(contract: ServiceContract): ArgumentProblem[] {
  const { name, version, capabilities, dependencies, health } = contract;
  const problems: ArgumentProblem[] = [];
  if (!dnsLabel.test(name)) {
    problems.push({ path: "contract.name", reason: `"${name}" must be a DNS label such as "catalog"` });
  }
  if (!semanticVersion.test(version)) {
    problems.push({ path: "contract.version", reason: `"${version}" must be a semantic version such as "2.1.0"` });
  }
  if (capabilities.length === 0) {
    problems.push({ path: "contract.capabilities", reason: "must name one capability at least" });
  }
  problems.push(...dependencies.flatMap((dependency, index) => dependencyProblems(contract, dependency, index)));
  (contract.externalHosts ?? []).forEach((external, index, all) => {
    const path = `contract.externalHosts[${index}]`;
    if (!publicHost.test(external.host)) {
      problems.push({ path: `${path}.host`, reason: `"${external.host}" must be a host such as "api.example.com"` });
    }
    problems.push(...callPolicyProblems(external, path));
    const { host, bulkhead } = external;
    const first = all.findIndex((other) => other.host === host && other.bulkhead === bulkhead);
    if (first !== index) {
      problems.push({ path, reason: `"${host}" in class ${bulkhead} is declared by externalHosts[${first}]` });
    }
  });
  const interval = health?.intervalSeconds;
  if (interval !== undefined && !(Number.isInteger(interval) && interval >= 1 && interval <= 300)) {
    problems.push({ path: "contract.health.intervalSeconds", reason: `is ${interval}, must be from 1 to 300` });
  }
  for (const key of ["startupPath", "readinessPath", "livenessPath"] as const) {
    const path = health?.[key];
    if (path !== undefined && !path.startsWith("/")) {
      problems.push({ path: `contract.health.${key}`, reason: `"${path}" must start with "/"` });
    }
  }
  if (!metricsPath(contract).startsWith("/")) {
    problems.push({ path: "contract.metricsPath", reason: `"${metricsPath(contract)}" must start with "/"` });
  }
  return problems;
}

function dependencyProblems(
  { name, dependencies }: ServiceContract,
  dependency: ServiceDependency,
  index: number,
): ArgumentProblem[] {
  const path = `contract.dependencies[${index}]`;
  const { service, bulkhead, fallbacks = [], deadlineMilliseconds } = dependency;
  const problems = callPolicyProblems(dependency, path);
  if (service === name) problems.push({ path: `${path}.service`, reason: "must be another service" });
  const first = dependencies.findIndex((other) => other.service === service && other.bulkhead === bulkhead);
  if (first !== index) {
    problems.push({ path, reason: `"${service}" in class ${bulkhead} is declared by dependencies[${first}]` });
  }
  fallbacks.forEach((fallback, position) => {
    if (fallback === name || fallback === service || fallbacks.indexOf(fallback) !== position) {
      const reason = `"${fallback}" must be another service than this one, its primary and other fallbacks`;
      problems.push({ path: `${path}.fallbacks[${position}]`, reason });
    }
  });
  const needed = timeNeeded(dependency);
  if (deadlineMilliseconds !== undefined && !(deadlineMilliseconds >= needed)) {
    const reason = `is ${deadlineMilliseconds}, must be at least ${needed}: the timeouts of the call and its fallbacks`;
    problems.push({ path: `${path}.deadlineMilliseconds`, reason });
  }
  return problems;
}

/** Milliseconds that a dependency's call and its fallbacks may take together. */
export function dependencyDeadline(dependency: ServiceDependency): number {
  return dependency.deadlineMilliseconds ?? timeNeeded(dependency);
}

function timeNeeded(dependency: ServiceDependency): number {
  const { timeoutMilliseconds } = callPolicy(dependency);
  return escalation(timeoutMilliseconds, dependency.fallbacks?.length ?? 0).reduce((sum, each) => sum + each);
}

/** The contract as annotations: lists are separated by commas, a dependency is `service:bulkhead`. */
export function contractAnnotations(contract: ServiceContract): Record<string, string> {
  const { version, capabilities, owns, publishes, consumes, dependencies } = contract;
  const lists = {
    capabilities,
    owns,
    publishes,
    consumes,
    dependencies: dependencies.map(({ service, bulkhead }) => `${service}:${bulkhead}`),
  };
  return {
    "omega-platform/contract-version": version,
    "omega-platform/health": healthPaths(contract).readinessPath,
    "omega-platform/metrics": metricsPath(contract),
    ...Object.fromEntries(
      Object.entries(lists)
        .filter(([, values]) => values.length > 0)
        .map(([key, values]) => [`omega-platform/${key}`, values.join(",")]),
    ),
  };
}

export function healthPaths({ health }: ServiceContract): Required<Omit<HealthCheck, "port">> {
  return {
    startupPath: health?.startupPath ?? "/health/startup",
    readinessPath: health?.readinessPath ?? "/health/ready",
    livenessPath: health?.livenessPath ?? "/health/live",
    intervalSeconds: health?.intervalSeconds ?? 5,
  };
}

export function metricsPath({ metricsPath = "/metrics" }: ServiceContract): string {
  return metricsPath;
}
