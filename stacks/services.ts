import { calledBy } from "../components/service/contract-graph";
import {
  AgenticService,
  type AgenticServiceArgs,
  type Caller,
  callersOf,
  ContractRegistry,
  ExternalHost,
  gatewayCaller,
  type RegisteredService,
  requestFaults,
  type ServiceContract,
} from "../components";
import * as pulumi from "@pulumi/pulumi";
import type { RegionCloud } from "./cluster";
import type { PlatformConfig } from "./config";
import { gatewayName, isRouted } from "./gateway";
import { callersFrom, placeOf, type RegionNamespaces } from "./namespaces";
import { podRole } from "./pod-role";
import type { ServiceSection } from "./schema";
import { sagaEnvironment } from "./sagas";
import type { RegionStores } from "./stores";

/** The services of a region, the hosts outside that they call, and what they promise each other. */
export function buildServices(
  config: PlatformConfig,
  namespaces: RegionNamespaces,
  stores: RegionStores,
  cloud: RegionCloud | undefined,
  options: pulumi.ComponentResourceOptions,
): Record<string, pulumi.Output<string>> {
  const hosts = config.services.map((service) => {
    const connections = stores.connectionsOf(service);
    const { namespaceName } = namespaces.of(service.name);
    const role = cloud && podRole(service.name, namespaceName, connections, cloud);
    const { host } = new AgenticService(
      service.name,
      serviceArgs(service, config, { namespaces, stores, cloud }),
      role === undefined ? options : pulumi.mergeOptions(options, { dependsOn: role }),
    );
    return [service.name, host] as const;
  });
  buildExternalHosts(namespaces, options);
  new ContractRegistry(
    "registry",
    { namespace: namespaces.shared.namespaceName, services: config.services.map(registeredService) },
    options,
  );
  return Object.fromEntries(hosts);
}

function registeredService(service: ServiceSection): RegisteredService {
  return { ...service, contract: contractOf(service) };
}

/** The part of a service that other services see. */
export function contractOf(service: ServiceSection): ServiceContract {
  const { name, version, capabilities, owns, publishes, consumes, dependencies, externalHosts, health } = service;
  return { name, version, capabilities, owns, publishes, consumes, dependencies, externalHosts, health };
}

interface ServiceSurroundings {
  namespaces: RegionNamespaces;
  stores: RegionStores;
  cloud: RegionCloud | undefined;
}

function serviceArgs(
  service: ServiceSection,
  config: PlatformConfig,
  { namespaces, stores, cloud }: ServiceSurroundings,
): AgenticServiceArgs {
  const { namespaceName, imagePullSecretName } = namespaces.of(service.name);
  const { services, chaos, gateway } = config;
  const { consumerLag, pool, ...declared } = service;
  const configuration = { ...service.configuration, ...sagaEnvironment(config, service.name) };
  const lag = consumerLag && stores.lagOf(service.name, consumerLag.messagesPerReplica);
  const takesFaults = chaos?.enabled === true && chaos.targets.some((target) => target.service === service.name);
  return {
    ...declared,
    ...(Object.keys(configuration).length === 0 ? {} : { configuration }),
    ...placeOf(service, calledBy(service), config, cloud),
    ...(pool === undefined ? {} : { tier: pool.tier }),
    namespace: namespaceName,
    stores: stores.connectionsOf(service),
    ...(lag === undefined ? {} : { consumerLag: lag }),
    contract: contractOf(service),
    callers: [
      ...callersFrom(service.name, callersOf(service.name, services), config),
      ...(gateway !== undefined && isRouted(service.name, services)
        ? [gatewayCaller(gateway.namespace, gatewayName)]
        : []),
    ],
    ...(takesFaults ? { faults: requestFaults(chaos.faults) } : {}),
    ...(imagePullSecretName === undefined ? {} : { imagePullSecretName }),
  };
}

/** Each once in each namespace whose services call it: others don't see it. */
function buildExternalHosts({ homes }: RegionNamespaces, options: pulumi.ComponentResourceOptions): void {
  for (const { namespaceName: namespace, services, prefix } of homes) {
    for (const [host, callers] of externalHosts(services)) {
      new ExternalHost(`${prefix}${host}`, { namespace, host, callers }, options);
    }
  }
}

/** Each host outside the mesh once, with all services that call it. */
function externalHosts(services: ServiceSection[]): Map<string, Caller[]> {
  const callers = new Map<string, Caller[]>();
  for (const service of services) {
    for (const host of new Set(service.externalHosts.map((external) => external.host))) {
      const calls = service.externalHosts.filter((external) => external.host === host);
      callers.set(host, [...(callers.get(host) ?? []), { service: service.name, calls }]);
    }
  }
  return callers;
}
