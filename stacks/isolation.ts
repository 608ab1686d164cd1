import { DatabaseEngine, Isolation } from "../components";
import type { ConfigurationError } from "./configuration-error";
import type { PlatformSections, ServiceSection } from "./schema";

type IsolatedService = Pick<ServiceSection, "name" | "isolation">;

export const isDedicated = ({ isolation }: Pick<ServiceSection, "isolation">): boolean =>
  isolation === Isolation.Dedicated;

/** Services with a namespace, nodes and a database cluster of their own. */
export const dedicatedServices = <Service extends IsolatedService>(services: readonly Service[]): Service[] =>
  services.filter(isDedicated);

/** Of a dedicated service. @param shared that of all other services */
export const dedicatedNamespace = (shared: string, service: string): string => `${shared}-${service}`;

/** Name of the namespace that a service's pods are in; one that is not in the list is no dedicated one. */
export function namespaceOf(
  service: string,
  { namespace, services }: { namespace: string; services: readonly IsolatedService[] },
): string {
  return dedicatedServices(services).some(({ name }) => name === service)
    ? dedicatedNamespace(namespace, service)
    : namespace;
}

/** By service, of those that are dedicated. */
export const namespacesOfDedicated = (config: {
  namespace: string;
  services: readonly IsolatedService[];
}): Record<string, string> =>
  Object.fromEntries(
    dedicatedServices(config.services).map(({ name }) => [name, dedicatedNamespace(config.namespace, name)]),
  );

/** What a dedicated service may not have, for it would share it. */
export function isolationErrors(sections: PlatformSections): ConfigurationError[] {
  const { services, namespace, database, chaos } = sections;
  const errors: ConfigurationError[] = [];
  const report = (path: string, reason: string) => errors.push({ path, reason });
  const dedicated = new Set(dedicatedServices(services).map(({ name }) => name));
  services.forEach((service, index) => {
    const at = `services[${index}]`;
    service.routes.forEach(({ backends = [{ service: service.name }] }, position) => {
      const reached = backends.find((backend) => dedicated.has(backend.service));
      if (reached === undefined) return;
      const reason = `leads from the gateway to "${reached.service}", whose isolation is dedicated: services alone call it`;
      report(`${at}.routes[${position}]`, reason);
    });
    const keyspace = service.database?.keyspace;
    const owner = services.find((other) => dedicated.has(other.name) && other.database?.keyspace === keyspace);
    if (keyspace !== undefined && owner !== undefined && owner.name !== service.name) {
      report(`${at}.database.keyspace`, `"${keyspace}" is "${owner.name}"'s alone, whose isolation is dedicated`);
    }
    service.owns.forEach((datum, position) => {
      const first = services.findIndex(({ owns }) => owns.includes(datum));
      if (first === index && service.owns.indexOf(datum) === position) return;
      report(`${at}.owns[${position}]`, `"${datum}" is owned by services[${first}]: one service writes it`);
    });
    if (!dedicated.has(service.name) || service.pool !== undefined) return;
    if (Object.keys(service.tierPools).length > 0) {
      report(`${at}.tierPools`, "are reached from the gateway, and its isolation is dedicated: leave them out");
    }
    if (service.cache !== undefined) {
      report(`${at}.cache`, "is shared with other services, and its isolation is dedicated: leave it out");
    }
    if (service.database !== undefined && database?.engine === DatabaseEngine.External) {
      report(
        `${at}.isolation`,
        "is dedicated, and database.engine external is one database for all: use another engine",
      );
    }
    const own = dedicatedNamespace(namespace, service.name);
    if (own.length > 63) report(`${at}.name`, `makes the namespace "${own}", which must have 63 characters at most`);
  });
  sections.entities.forEach(({ keyspace, owner }, index) => {
    const of = services.find(({ name, database: used }) => dedicated.has(name) && used?.keyspace === keyspace);
    if (of === undefined || of.name === owner) return;
    report(`entities[${index}].keyspace`, `"${keyspace}" is "${of.name}"'s alone, whose isolation is dedicated`);
  });
  chaos?.targets.forEach(({ service, entry = service }, index) => {
    for (const [key, name] of Object.entries({ service, entry })) {
      if (!dedicated.has(name) || (key === "entry" && entry === service)) continue;
      report(`chaos.targets[${index}].${key}`, `"${name}" takes no experiments: its isolation is dedicated`);
    }
  });
  return errors;
}
