import * as pulumi from "@pulumi/pulumi";
import {
  type AgenticServiceArgs,
  type Caller,
  DedicatedNodes,
  dedicatedPlacement,
  Isolation,
  isolationLabel,
  MeshNamespace,
} from "../components";
import type { RegionCloud } from "./cluster";
import type { PlatformConfig } from "./config";
import { dedicatedNamespace, dedicatedServices, isDedicated, namespaceOf, namespacesOfDedicated } from "./isolation";
import type { RegionSection, ServiceSection } from "./schema";

/** A namespace, and who is in it. */
export interface NamespaceHome {
  namespaceName: pulumi.Output<string>;
  services: ServiceSection[];
  /** Before the names of what each namespace has for itself: empty for the shared one. */
  prefix: string;
}

/** Where the services of a region are. */
export interface RegionNamespaces {
  /** Of all that are not dedicated, and of what belongs to no service. */
  shared: MeshNamespace;
  /** Of each dedicated service, by its name. */
  dedicated: ReadonlyMap<string, MeshNamespace>;
  of(service: string): MeshNamespace;
  /** Each of them with the services that are in it. */
  homes: NamespaceHome[];
  /** All of them, with their nodes. */
  resources: pulumi.Resource[];
}

/** The namespace of the services, and for each dedicated one a namespace and, where AWS runs the cluster, nodes. */
export function buildNamespaces(
  config: PlatformConfig,
  region: RegionSection,
  cloud: RegionCloud | undefined,
  options: pulumi.ComponentResourceOptions,
): RegionNamespaces {
  const labels = { "omega-platform/environment": config.environment, "omega-platform/region": region.name };
  const registry = config.imageRegistry === undefined ? {} : { imageRegistry: config.imageRegistry };
  const shared = new MeshNamespace(
    config.namespace,
    { name: config.namespace, labels, allowsExperiments: config.chaos?.enabled === true, ...registry },
    options,
  );
  const dedicated = new Map<string, MeshNamespace>();
  const nodes: DedicatedNodes[] = [];
  for (const { name: service } of dedicatedServices(config.services)) {
    const name = dedicatedNamespace(config.namespace, service);
    const own = { ...labels, [isolationLabel]: Isolation.Dedicated };
    dedicated.set(service, new MeshNamespace(name, { name, labels: own, ...registry }, options));
    if (cloud !== undefined) nodes.push(new DedicatedNodes(name, { service }, options));
  }
  return {
    shared,
    dedicated,
    of: (service) => dedicated.get(service) ?? shared,
    homes: [
      {
        ...{ namespaceName: shared.namespaceName, prefix: "" },
        services: config.services.filter(({ name }) => !dedicated.has(name)),
      },
      ...[...dedicated].map(([service, { namespaceName }]) => ({
        ...{ namespaceName, prefix: `${service}-` },
        services: config.services.filter(({ name }) => name === service),
      })),
    ],
    resources: [shared, ...dedicated.values(), ...nodes],
  };
}

/** Callers as a service in its own namespace must name them: those of other namespaces with theirs. */
export function callersFrom(
  callee: string,
  callers: Caller[],
  config: Pick<PlatformConfig, "namespace" | "services">,
): Caller[] {
  const own = namespaceOf(callee, config);
  return callers.map((caller) => {
    const namespace = caller.namespace ?? namespaceOf(caller.service, config);
    return namespace === own ? caller : { ...caller, namespace };
  });
}

/** What an `AgenticService` must know of where it and the services that it calls are. */
export function placeOf(
  service: ServiceSection,
  called: readonly string[],
  config: PlatformConfig,
  cloud: RegionCloud | undefined,
): Pick<AgenticServiceArgs, "dependencyNamespaces" | "isolation" | "placement"> {
  const own = namespaceOf(service.name, config);
  const elsewhere = called
    .map((name) => [name, namespaceOf(name, config)] as const)
    .filter(([, namespace]) => namespace !== own);
  const hasNodes = cloud !== undefined || config.cluster.dedicatedNodes;
  return {
    isolation: service.isolation,
    ...(elsewhere.length === 0 ? {} : { dependencyNamespaces: Object.fromEntries(elsewhere) }),
    ...(isDedicated(service) && hasNodes ? { placement: dedicatedPlacement(service.name) } : {}),
  };
}

/** For the bus. */
export function clientNamespaces(config: PlatformConfig): { clientNamespaces?: Record<string, string> } {
  const namespaces = namespacesOfDedicated(config);
  return Object.keys(namespaces).length === 0 ? {} : { clientNamespaces: namespaces };
}
