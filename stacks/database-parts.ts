import { dedicatedNamespace, dedicatedServices } from "./isolation";
import type { DatabaseSection, ServiceSection } from "./schema";

type PartService = Pick<ServiceSection, "name" | "isolation" | "replicas" | "bulkhead" | "database">;

/** One database cluster of a region: that of all services, or a dedicated one's. */
export interface DatabasePart<Service extends PartService = PartService> {
  /** Its resources' names begin like this. */
  name: string;
  /** With its own keyspaces alone, and its own namespace. */
  section: DatabaseSection;
  /** Those that use it. */
  services: Service[];
  /** Name of the namespace that they are in. */
  clientsNamespace: string;
  /** Place of each of its keyspaces in the stack file's list. */
  keyspaceIndexes: number[];
}

export const databaseName = "database";

/**
 * The database clusters of a region. A dedicated service's keyspace is in a cluster of its own: other instances, credentials, key,
 * backups and namespace.
 */
export function databaseParts<Service extends PartService>(
  section: DatabaseSection,
  { services, namespace }: { services: readonly Service[]; namespace: string },
): DatabasePart<Service>[] {
  const owners = new Map<string, Service>();
  for (const service of dedicatedServices(services)) {
    const keyspace = service.database?.keyspace;
    if (keyspace !== undefined && !owners.has(keyspace)) owners.set(keyspace, service);
  }
  const part = (owner: Service | undefined): DatabasePart<Service> => {
    const isOwn = ({ name }: { name: string }) => owners.get(name) === owner;
    const keyspaces = section.keyspaces.filter(isOwn);
    const inPart = keyspaces.map(({ name }) => name);
    // A keyspace that nobody declared is reported where all others are.
    const isUser = ({ database }: Service) =>
      database !== undefined &&
      (inPart.includes(database.keyspace) || (owner === undefined && !owners.has(database.keyspace)));
    return {
      name: owner === undefined ? databaseName : `${owner.name}-${databaseName}`,
      section: {
        ...section,
        keyspaces,
        namespace: owner === undefined ? section.namespace : `${section.namespace}-${owner.name}`,
      },
      services: owner === undefined ? services.filter(isUser) : [owner],
      clientsNamespace: owner === undefined ? namespace : dedicatedNamespace(namespace, owner.name),
      keyspaceIndexes: keyspaces.map((keyspace) => section.keyspaces.indexOf(keyspace)),
    };
  };
  const dedicated = [...owners.entries()]
    .filter(([keyspace]) => section.keyspaces.some(({ name }) => name === keyspace))
    .map(([, owner]) => part(owner));
  const shared = part(undefined);
  // Where a dedicated service alone has a database there is no other.
  return shared.section.keyspaces.length === 0 && shared.services.length === 0 && dedicated.length > 0
    ? dedicated
    : [shared, ...dedicated];
}
