import * as pulumi from "@pulumi/pulumi";
import {
  callersOf,
  databaseConnection,
  EventBusEngine,
  ExternalStore,
  registryContract,
  RegistryTopics,
  SchemaRegistry,
  type StoreConnection,
} from "../components";
import { Bulkhead } from "../components/mesh/bulkheads";
import type { ServiceNode } from "../components/service/contract-graph";
import type { PlatformConfig } from "./config";
import type { ConfigurationError } from "./configuration-error";
import { platformSchemas } from "./event-schemas";
import type { Events } from "./events";
import { callersFrom } from "./namespaces";
import type { PlatformSections, SchemaRegistrySection } from "./schema";

/** The registry as a part of the graph of services, where there is one: whoever depends on it may read it. */
export function registryNodes({ schemaRegistry }: Pick<PlatformSections, "schemaRegistry">): ServiceNode[] {
  if (schemaRegistry === undefined) return [];
  return [{ name: registryContract.name, bulkhead: Bulkhead.Background, dependencies: [] }];
}

/** Rules of the registry, between it, the bus and the services. */
export function schemaRegistryErrors({ schemaRegistry, events, services }: PlatformSections): ConfigurationError[] {
  if (schemaRegistry === undefined) return [];
  const errors: ConfigurationError[] = [];
  const { database, replicas } = schemaRegistry;
  if (events === undefined) {
    errors.push({ path: "schemaRegistry", reason: "needs the section events, and there is none" });
  }
  if (events?.engine === EventBusEngine.Msk && database === undefined) {
    const reason = "is missing: events.engine is msk, where the registry's client can't log in, so it needs a database";
    errors.push({ path: "schemaRegistry.database", reason });
  }
  if (replicas.max < replicas.min) {
    const reason = `must be at least replicas.min, which is ${replicas.min}`;
    errors.push({ path: "schemaRegistry.replicas.max", reason });
  }
  services.forEach(({ name }, index) => {
    if (![registryContract.name, `${registryContract.name}-registrar`].includes(name)) return;
    errors.push({ path: `services[${index}].name`, reason: `"${name}" is the schema registry's own` });
  });
  return errors;
}

export interface SchemaRegistryOptions {
  namespace: pulumi.Input<string>;
  events: Events;
  /** For what lives in the cluster, after the services' namespace. */
  inCluster: pulumi.ComponentResourceOptions;
  protectData: boolean;
}

export function buildSchemaRegistry(
  section: SchemaRegistrySection,
  config: PlatformConfig,
  { namespace, events, inCluster, protectData }: SchemaRegistryOptions,
): void {
  const { storage, options } = storageOf(section, config, { namespace, events, inCluster, protectData });
  new SchemaRegistry(
    registryContract.name,
    {
      ...{ namespace, storage, schemas: platformSchemas(config), replicas: section.replicas },
      readers: callersFrom(registryContract.name, callersOf(registryContract.name, config.services), config),
    },
    options,
  );
}

function storageOf(
  { database }: SchemaRegistrySection,
  config: PlatformConfig,
  { namespace, events, inCluster, protectData }: SchemaRegistryOptions,
): { storage: StoreConnection; options: pulumi.ComponentResourceOptions } {
  if (database === undefined) {
    const topics = new RegistryTopics(
      registryContract.name,
      { bus: events.bus, namespace: config.namespace, protectData },
      pulumi.mergeOptions(inCluster, { dependsOn: [events.bus] }),
    );
    return { storage: topics.connection, options: pulumi.mergeOptions(inCluster, { dependsOn: [topics] }) };
  }
  const storage = databaseConnection(database);
  const hosts = storage.endpoints.map(
    (endpoint, index) => new ExternalStore(`${storage.name}-${index}`, { namespace, endpoint }, inCluster),
  );
  return { storage, options: pulumi.mergeOptions(inCluster, { dependsOn: hosts }) };
}
