import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import * as edge from "omega-platform/edge";

const config = new pulumi.Config();
const accountId = config.require("accountId");
const zone = { id: config.require("zoneId"), name: config.require("zone") };
const hosts = [`www.${zone.name}`];
const options = { providers: [new cloudflare.Provider("cloudflare")] };

// The site as a region of its own; more of them, and visitors get the nearest that works.
const regions = [{ name: "main", latitude: 50.1, longitude: 8.7, address: config.require("origin") }];

// Encryption, firewall, limits of one address, and Cloudflare's cache.
const rules = new edge.EdgeZone("edge", { zone, originHosts: [`origin-main.${zone.name}`] }, options);
// The site can tell the edge from others by its client certificate.
const trust = new edge.OriginTrust("edge", { zone }, options);
const guarded = { ...options, dependsOn: [rules, trust] };
new edge.EdgeLoadBalancer("edge", { accountId, zone, hosts, regions, healthPath: "/" }, guarded);

// What the Worker reads and writes. It serves a site without tenants and flags just so.
const tenants = new edge.TenantDirectory(
  "tenants",
  { accountId, zone, hosts, tenants: [], regions: regions.map(({ name }) => name) },
  guarded,
);
const flags = new edge.FlagStore("flags", { accountId, flags: {} }, options);
const assets = new edge.AssetStore("assets", { accountId, bucketName: `${pulumi.getStack()}-assets` }, options);
const retries = new edge.RetryQueue("retries", { accountId, queueName: `${pulumi.getStack()}-retries` }, options);

const worker = new edge.EdgeWorker(
  "edge",
  {
    accountId,
    zone,
    hosts,
    regions,
    scriptName: `${pulumi.getStack()}-edge`,
    // Pages that are the same for everybody are kept; anything else is passed on.
    routes: [{ path: "/blog", cached: true, readsNearest: true, queuesWrites: false }],
    tenantsNamespaceId: tenants.namespaceId,
    flagsNamespaceId: flags.namespaceId,
    assetsBucket: assets.bucketName,
    retries,
  },
  guarded,
);

/** Of the Worker: what a canary of the next update keeps most requests at. */
export const version = worker.versionId;
