import * as aws from "@pulumi/aws";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { AutoModeDefaults, Cluster, DataClass, type DataKeys } from "../components";
import type { PlatformConfig } from "./config";
import { awsTags, buildDataKeys, buildSafeguards, regionId, regionNetwork } from "./foundation";
import { protectsData } from "./protection";
import { ClusterSource, type RegionSection } from "./schema";

export interface RegionCluster {
  /** Name of the EKS cluster, or the kubeconfig's context. */
  name: pulumi.Output<string> | string;
  /** For everything that lives in the cluster, and goes with it. */
  options: pulumi.ComponentResourceOptions;
  /** For what the cloud keeps something for outside the cluster, e.g. a load balancer, which must be deleted before it. */
  withCloudObjects: pulumi.ComponentResourceOptions;
  /** What the cluster must have before anything else. */
  defaults: pulumi.Resource[];
  /** Where the platform made the cluster, for stores that AWS runs. */
  cloud?: RegionCloud;
}

export interface RegionCloud {
  /** With the region's AWS provider. */
  options: pulumi.ComponentResourceOptions;
  /** AWS region. */
  region: string;
  /** IPv4 block of the VPC. */
  cidrBlock: string;
  vpcId: pulumi.Output<string>;
  /** One for each zone, without a route to the internet. */
  dataSubnetIds: pulumi.Output<string>[];
  /** Of EKS. */
  clusterName: pulumi.Output<string>;
  /** By class of data; undefined where the configuration asks for none. */
  keys?: DataKeys;
}

/** The cluster that a region runs in, made or found. */
export function regionCluster(config: PlatformConfig, region: RegionSection): RegionCluster {
  const { source, context, kubernetesVersion } = config.cluster;
  if (source === ClusterSource.Existing) {
    const provider = clusterProvider(context === undefined ? {} : { context });
    const options = { providers: [provider] };
    return { name: context ?? "current context", options, withCloudObjects: options, defaults: [] };
  }
  const { aws: awsRegion, cidrBlock } = region;
  if (awsRegion === undefined || cidrBlock === undefined) {
    throw new pulumi.RunError(`regions: ${region.name} needs aws and cidrBlock where cluster.source is eks`);
  }
  const awsOptions = {
    providers: [new aws.Provider("aws", { region: awsRegion, defaultTags: { tags: awsTags(config, region) } })],
  };
  const keys = buildDataKeys(config, region, awsOptions);
  const network = regionNetwork(config, region, keys, awsOptions);
  const logKeyArn = keys?.keyArns[DataClass.Internal];
  const cluster = new Cluster(
    region.name,
    {
      region: awsRegion,
      clusterName: region.clusterName ?? regionId(config, region.name),
      privateSubnetIds: network.privateSubnetIds,
      access: config.foundation?.access ?? [],
      deletionProtection: protectsData(config),
      logs: {
        ...(config.foundation === undefined ? {} : { retentionDays: config.foundation.clusterLogRetentionDays }),
        ...(logKeyArn === undefined ? {} : { keyArn: logKeyArn }),
      },
      ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }),
    },
    awsOptions,
  );
  const { clusterName } = cluster;
  buildSafeguards(config, region, { clusterName, keys }, awsOptions);
  const providers = [clusterProvider({ kubeconfig: cluster.kubeconfig })];
  const options = { providers, deletedWith: cluster.cluster };
  const defaults = new AutoModeDefaults("auto-mode", options);
  const { vpcId, dataSubnetIds } = network;
  return {
    name: clusterName,
    options,
    withCloudObjects: { providers },
    defaults: [defaults],
    cloud: {
      ...{ options: awsOptions, region: awsRegion, cidrBlock, vpcId, dataSubnetIds, clusterName },
      ...(keys === undefined ? {} : { keys }),
    },
  };
}

/**
 * The configuration is the truth: a field of ours that somebody patched is taken back, not left in conflict. ConfigMaps are
 * changed, not made anew: between the two, no pod that reads one could start.
 */
function clusterProvider(args: kubernetes.ProviderArgs): kubernetes.Provider {
  return new kubernetes.Provider("kubernetes", { ...args, enablePatchForce: true, enableConfigMapMutable: true });
}
