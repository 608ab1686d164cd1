import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import {
  AssetStore,
  DatabaseEdge,
  EdgeLoadBalancer,
  EdgeWorker,
  EdgeZone,
  OriginTrust,
  RetryQueue,
} from "../components";
import { originHost } from "../components/edge/region";
import type { PlatformConfig } from "./config";
import { behaviourOf, located, ownHosts } from "./edge-plan";
import { buildFlags } from "./flags";
import { protectsData } from "./protection";
import type { EdgeSection } from "./schema";
import { buildTenants } from "./tenants";

export interface EdgeOutputs {
  /** Name of the bucket of static assets. */
  assets: pulumi.Output<string>;
  /** Of the Worker, for `edge.canary.stableVersion` of the next update. */
  edgeVersion?: pulumi.Output<string>;
}

/** All that stands before the regions. @param addressOf a region's gateway, by its name in DNS or its IP address */
export function buildEdge(
  edge: EdgeSection,
  config: PlatformConfig,
  accountId: string,
  addressOf: (region: string) => pulumi.Input<string>,
): EdgeOutputs {
  const { environment, tenancy, tenants, secrets } = config;
  const protectData = protectsData(config);
  const { zone, plan, assetsHost, canary, logs, shedPercent, drained, notificationEmail, clientCertificate } = edge;
  const options = { providers: [new cloudflare.Provider("cloudflare", {})] };
  const behaviour = behaviourOf(edge, config);
  const hosts = [...behaviour.hosts];
  const regions = located(config);
  const assets = buildAssets(config, accountId, options, edge);
  const { requestsPerTenSeconds, robots, healthPath } = edge;
  const takesCustomDomains = tenants.some(({ customDomains }) => customDomains.length > 0);
  const edgeZone = new EdgeZone(
    "edge",
    {
      ...{ zone, plan, requestsPerTenSeconds, robots },
      originHosts: regions.map(({ name }) => originHost(name, zone)),
      machineHosts: edge.flagsHost === undefined ? [] : [edge.flagsHost],
      takesCustomDomains,
      ...(edge.workersDomain === undefined ? {} : { workersDomain: edge.workersDomain }),
      ...(assetsHost === undefined ? {} : { assetsHost }),
    },
    options,
  );
  const { edgeClientKey, edgeDatabasePassword: password, edgeLogsKey } = secrets;
  const client =
    clientCertificate === undefined || edgeClientKey === undefined
      ? {}
      : { client: { certificate: clientCertificate, privateKey: edgeClientKey } };
  const trust = new OriginTrust("edge", { zone, ...client }, options);
  // Nobody is let in before the zone's rules are there.
  const guarded = { ...options, dependsOn: [edgeZone, trust] };
  new EdgeLoadBalancer(
    "edge",
    {
      ...{ accountId, zone, plan, hosts, healthPath },
      regions: regions.map((region) => ({
        ...region,
        address: addressOf(region.name),
        isDrained: drained.includes(region.name),
        shedPercent: shedPercent[region.name] ?? 0,
      })),
      ...(notificationEmail === undefined ? {} : { notificationEmail }),
    },
    guarded,
  );
  const directory = buildTenants(config, { accountId, zone, hosts: ownHosts(edge, hosts, config.regions) }, guarded);
  const flags = buildFlags(config, accountId, options);
  const retries = new RetryQueue("retries", { accountId, queueName: `${environment}-retries`, protectData }, options);
  const database =
    edge.database === undefined || password === undefined
      ? undefined
      : new DatabaseEdge(`${environment}-readers`, { ...edge.database, accountId, password }, options);
  const worker = new EdgeWorker(
    "edge",
    {
      ...behaviour,
      ...{ accountId, zone, scriptName: `${environment}-edge`, retries, isRouted: !edge.isBypassed },
      tenantsNamespaceId: directory.namespaceId,
      flagsNamespaceId: flags.namespaceId,
      assetsBucket: assets.bucketName,
      takesCustomDomains,
      ...(tenancy.domain === undefined ? {} : { tenantDomain: tenancy.domain }),
      bypassedHosts: [...(assetsHost === undefined ? [] : [assetsHost]), ...edge.otherHosts],
      ...(database === undefined ? {} : { databaseConfigurationId: database.configurationId }),
      ...(canary === undefined ? {} : { canary }),
      ...(logs === undefined || edgeLogsKey === undefined ? {} : { logs: { ...logs, secretAccessKey: edgeLogsKey } }),
    },
    guarded,
  );
  return { assets: assets.bucketName, edgeVersion: worker.versionId };
}

/** The bucket of static assets, which a platform without an edge has too. */
export function buildAssets(
  config: PlatformConfig,
  accountId: string,
  options: pulumi.ComponentResourceOptions,
  edge?: EdgeSection,
): AssetStore {
  const publicHost = edge?.assetsHost === undefined ? {} : { publicHost: { zone: edge.zone, host: edge.assetsHost } };
  const bucket = { accountId, bucketName: `${config.environment}-assets`, protectData: protectsData(config) };
  return new AssetStore("assets", { ...bucket, ...publicHost }, options);
}
