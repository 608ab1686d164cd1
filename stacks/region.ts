import * as pulumi from "@pulumi/pulumi";
import {
  CacheEngine,
  ChaosExperiments,
  EventBusEngine,
  monitoringNamespace,
  Observability,
  Operators,
  PriorityClasses,
  ServiceMesh,
} from "../components";
import { chaosArgs } from "./chaos";
import { regionCluster, type RegionCluster } from "./cluster";
import type { PlatformConfig } from "./config";
import { buildGateway } from "./gateway";
import { namespaceOf } from "./isolation";
import { buildNamespaces } from "./namespaces";
import type { RegionSection } from "./schema";
import { layoutOutput, type LayoutOutput } from "./previous";
import { protectsData } from "./protection";
import { buildSagas } from "./sagas";
import { buildSchemaRegistry } from "./schema-registry";
import { buildServices } from "./services";
import { buildStores } from "./stores";
import { buildTiers } from "./tier-pools";

export interface RegionOutputs {
  region: string;
  cluster: RegionCluster["name"];
  namespace: pulumi.Output<string>;
  /** Host names inside the cluster, by service. */
  services: Record<string, pulumi.Output<string>>;
  /** Name in DNS or IP address of the gateway's load balancer, for the edge. */
  gateway?: pulumi.Output<string>;
  /** Diagrams of the sagas, as Mermaid has them. */
  sagas?: Record<string, string>;
  /** How data is divided: the next update reads it. */
  [layoutOutput]: LayoutOutput;
}

/** Everything that one region runs. */
export function buildRegion(config: PlatformConfig, region: RegionSection): RegionOutputs {
  const regional = regionCluster(config, region);
  const { name: cluster, options, withCloudObjects, defaults, cloud } = regional;
  const after = (...dependsOn: pulumi.Resource[]) => ({ ...options, dependsOn });
  const operators = new Operators(
    "operators",
    {
      ...config.operators,
      chaosMesh: config.chaos !== undefined,
      strimzi: config.events?.engine === EventBusEngine.Strimzi,
      dragonfly: config.cache?.engine === CacheEngine.Dragonfly,
    },
    after(...defaults),
  );
  const mesh = new ServiceMesh(
    "mesh",
    config.observability === undefined ? {} : { observabilityNamespace: monitoringNamespace },
    options,
  );
  const priorities = new PriorityClasses("priorities", {}, options);
  const namespaces = buildNamespaces(config, region, cloud, after(mesh));
  const namespace = namespaces.shared;
  // A pod that starts before its namespace denies and encrypts would start outside the mesh.
  const stores = buildStores(config, region, regional, namespaces, operators);
  const tiers = buildTiers(config, namespace, after(namespace));
  const beforeServices = [...namespaces.resources, priorities, ...tiers, ...operators.keda];
  const services = buildServices(config, namespaces, stores, cloud, after(...beforeServices));
  if (config.schemaRegistry !== undefined && stores.events !== undefined) {
    buildSchemaRegistry(config.schemaRegistry, config, {
      ...{ namespace: namespace.namespaceName, events: stores.events, protectData: protectsData(config) },
      inCluster: after(namespace, priorities),
    });
  }
  const sagas = buildSagas(config, namespace.namespaceName, after(namespace, ...operators.prometheus));
  if (config.observability !== undefined) {
    new Observability(
      "observability",
      {
        ...config.observability,
        namespace: monitoringNamespace,
        objectives: config.services.map(({ name, objective, bulkhead }) => ({
          ...objective,
          bulkhead,
          service: name,
          namespace: namespaceOf(name, config),
        })),
      },
      after(mesh, ...operators.prometheus),
    );
  }
  if (config.chaos?.enabled === true) {
    new ChaosExperiments(
      "chaos",
      { ...chaosArgs(config.chaos, config.services), targetNamespace: namespace.namespaceName },
      after(mesh, ...operators.chaosMesh),
    );
  }
  const gateway =
    config.gateway === undefined
      ? {}
      : {
          gateway: buildGateway(config.gateway, config, region, namespace.namespaceName, {
            inCluster: after(mesh, priorities),
            withCloudObjects,
            operators: [...operators.gatewayApi, ...operators.certManager],
            ...(stores.caches === undefined ? {} : { caches: stores.caches }),
          }),
        };
  return {
    ...{ region: region.name, cluster, namespace: namespace.namespaceName, services, ...gateway },
    ...(config.sagas.length === 0 ? {} : { sagas }),
    [layoutOutput]: stores.layout,
  };
}
