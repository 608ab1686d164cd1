import type { ArgumentProblem } from "../arguments";
import type { Bulkhead } from "../mesh/bulkheads";

export interface ServiceDependency {
  /** Name of the service that is called. */
  service: string;
  /** Class of these calls. */
  bulkhead: Bulkhead;
}

export interface HealthCheck {
  /** Answers once the service has started. Default `/health/startup`. */
  startupPath?: string;
  /** Answers while the service can take requests; a failing dependency degrades it and leaves it ready. Default `/health/ready`. */
  readinessPath?: string;
  /** Answers unless only a restart helps. Default `/health/live`. */
  livenessPath?: string;
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
  /** Services that it calls. */
  dependencies: ServiceDependency[];
  health?: HealthCheck;
  /** Where Prometheus reads its metrics. Default `/metrics` on the service's port. */
  metricsPath?: string;
}

const dnsLabel = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
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
  dependencies.forEach(({ service }, index) => {
    if (service === name) {
      problems.push({ path: `contract.dependencies[${index}].service`, reason: "must be another service" });
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
  return problems;
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

export function healthPaths({ health }: ServiceContract): Required<HealthCheck> {
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
