import * as aws from "@pulumi/aws";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  AgenticService,
  type AgenticServiceArgs,
  type Caller,
  callersOf,
  Cluster,
  ContractRegistry,
  ExternalHost,
  MeshNamespace,
  Network,
  PriorityClasses,
  type ServiceContract,
  ServiceMesh,
} from "../components";
import type { PlatformConfig } from "./config";
import { ClusterSource, type RegionSection, type ServiceSection } from "./schema";

export interface RegionOutputs {
  region: string;
  /** Name of the EKS cluster, or the kubeconfig's context. */
  cluster: pulumi.Output<string> | string;
  namespace: pulumi.Output<string>;
  /** Host names inside the cluster, by service. */
  services: Record<string, pulumi.Output<string>>;
}

/** Everything that one region runs. */
export function buildRegion(config: PlatformConfig, region: RegionSection): RegionOutputs {
  const { name: cluster, options } = regionCluster(config, region);
  const mesh = new ServiceMesh("mesh", {}, options);
  const priorities = new PriorityClasses("priorities", options);
  const namespace = new MeshNamespace(
    config.namespace,
    {
      name: config.namespace,
      labels: { "omega-platform/environment": config.environment, "omega-platform/region": region.name },
      ...(config.imageRegistry === undefined ? {} : { imageRegistry: config.imageRegistry }),
    },
    { ...options, dependsOn: [mesh] },
  );
  // A pod that starts before its namespace denies and encrypts would start outside the mesh.
  const inNamespace = { ...options, dependsOn: [namespace, priorities] };
  const services = config.services.map((service) => {
    const { host } = new AgenticService(service.name, serviceArgs(service, config.services, namespace), inNamespace);
    return [service.name, host] as const;
  });
  for (const [host, callers] of externalHosts(config.services)) {
    new ExternalHost(host, { namespace: namespace.namespaceName, host, callers }, inNamespace);
  }
  new ContractRegistry(
    "registry",
    {
      namespace: namespace.namespaceName,
      services: config.services.map((service) => ({ ...service, contract: contractOf(service) })),
    },
    inNamespace,
  );
  return { region: region.name, cluster, namespace: namespace.namespaceName, services: Object.fromEntries(services) };
}

function contractOf(service: ServiceSection): ServiceContract {
  const { name, version, capabilities, owns, publishes, consumes, dependencies, externalHosts, health } = service;
  return { name, version, capabilities, owns, publishes, consumes, dependencies, externalHosts, health };
}

function serviceArgs(
  service: ServiceSection,
  all: ServiceSection[],
  { namespaceName, imagePullSecretName }: MeshNamespace,
): AgenticServiceArgs {
  return {
    ...service,
    namespace: namespaceName,
    contract: contractOf(service),
    callers: callersOf(service.name, all),
    ...(imagePullSecretName === undefined ? {} : { imagePullSecretName }),
  };
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

interface RegionCluster {
  name: RegionOutputs["cluster"];
  /** For everything that lives in the cluster. */
  options: pulumi.ComponentResourceOptions;
}

function regionCluster(config: PlatformConfig, region: RegionSection): RegionCluster {
  const { source, context, kubernetesVersion } = config.cluster;
  if (source === ClusterSource.Existing) {
    const provider = clusterProvider(context === undefined ? {} : { context });
    return { name: context ?? "current context", options: { providers: [provider] } };
  }
  const { aws: awsRegion, cidrBlock } = region;
  if (awsRegion === undefined || cidrBlock === undefined) {
    throw new pulumi.RunError(`regions: ${region.name} needs aws and cidrBlock where cluster.source is eks`);
  }
  const tags = { "omega-platform:environment": config.environment, "omega-platform:region": region.name };
  const awsOptions = {
    providers: [new aws.Provider("aws", { region: awsRegion, defaultTags: { tags } })],
  };
  const network = new Network(region.name, { cidrBlock }, awsOptions);
  const cluster = new Cluster(
    region.name,
    {
      region: awsRegion,
      privateSubnetIds: network.privateSubnetIds,
      ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }),
    },
    awsOptions,
  );
  const provider = clusterProvider({ kubeconfig: cluster.kubeconfig });
  return { name: cluster.clusterName, options: { providers: [provider], deletedWith: cluster.cluster } };
}

/** The configuration is the truth: a field of ours that somebody patched is taken back, not left in conflict. */
function clusterProvider(args: kubernetes.ProviderArgs): kubernetes.Provider {
  return new kubernetes.Provider("kubernetes", { ...args, enablePatchForce: true });
}
