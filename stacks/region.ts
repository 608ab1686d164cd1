import * as aws from "@pulumi/aws";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { AgenticService, Cluster, MeshNamespace, Network, ServiceMesh } from "../components";
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
  const namespace = new MeshNamespace(
    config.namespace,
    {
      name: config.namespace,
      labels: { "omega-platform/environment": config.environment, "omega-platform/region": region.name },
      ...(config.imageRegistry === undefined ? {} : { imageRegistry: config.imageRegistry }),
    },
    { ...options, dependsOn: [mesh] },
  );
  const services = config.services.map((service) => {
    const { host } = new AgenticService(
      service.name,
      serviceArgs(service, config.services, namespace),
      // A pod that starts before its namespace denies and encrypts would start outside the mesh.
      { ...options, dependsOn: [namespace] },
    );
    return [service.name, host] as const;
  });
  return { region: region.name, cluster, namespace: namespace.namespaceName, services: Object.fromEntries(services) };
}

function serviceArgs(service: ServiceSection, all: ServiceSection[], namespace: MeshNamespace) {
  const { image, port, protocol, replicas, autoscaling, resources, bulkhead, breaker, rolloutSeconds, ...contract } =
    service;
  const callers = all.filter(({ dependencies }) => dependencies.some((called) => called.service === service.name));
  return {
    namespace: namespace.namespaceName,
    ...{ contract, image, port, protocol, replicas, autoscaling, resources, bulkhead, breaker, rolloutSeconds },
    callers: callers.map(({ name }) => name),
    ...(namespace.imagePullSecretName === undefined ? {} : { imagePullSecretName: namespace.imagePullSecretName }),
  };
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
