import { isIP } from "node:net";
import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, refuse, wholeNumberProblems } from "../arguments";
import { healthPath as gatewayHealthPath } from "../gateway/requests";
import type { PlatformZone } from "../tenancy/tenant-directory";
import { CloudflarePlan, planLimits } from "./plan";
import { type EdgeRegionSettings, originHost, regionProblems } from "./region";

export interface BalancedRegion extends EdgeRegionSettings {
  /** Name in DNS or IP address of its gateway. */
  address: pulumi.Input<string>;
  /** Whether it gets no requests: it is watched on, and takes over only when every other region seems down. Default false. */
  isDrained?: boolean;
  /** Percent of its visitors who are sent to the next region. Default 0, from 0 to 50. */
  shedPercent?: number;
}

export interface EdgeLoadBalancerArgs {
  accountId: pulumi.Input<string>;
  zone: PlatformZone;
  /** Of which the time between two health checks depends. Default pro. */
  plan?: CloudflarePlan;
  /** The platform's own hosts. */
  hosts: string[];
  /** In the order in which they are asked where nobody is nearest. */
  regions: BalancedRegion[];
  /** What a gateway answers with 2xx while it works. Default `/healthz`, which a `Gateway` answers itself. */
  healthPath?: string;
  /** Who is told by mail that a region is down. Default nobody: the alerts of the regions are. */
  notificationEmail?: string;
}

/** Seconds for which a region may think before a check of it fails. */
const checkSeconds = 5;

/**
 * The platform's hosts, answered by the nearest region that is healthy. Where a Worker stands on a host, that one answers and
 * picks the region by itself; this is what is behind it, and all there is once its routes are taken away.
 */
export class EdgeLoadBalancer extends pulumi.ComponentResource {
  constructor(name: string, args: EdgeLoadBalancerArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:EdgeLoadBalancer", name, {}, options);
    refuse(`EdgeLoadBalancer "${name}"`, balancerProblems(args));
    const { zone, hosts, regions } = args;
    const pools = regions.map((region) => ({ region, id: this.makeRegion(name, region, args) }));
    const serving = pools.filter(({ region }) => region.isDrained !== true);
    const [first] = serving.length > 0 ? serving : pools;
    if (first === undefined) throw new Error("regions were checked to be there");
    for (const host of hosts) {
      new cloudflare.LoadBalancer(
        `${name}-${host}`,
        {
          zoneId: zone.id,
          name: host,
          proxied: true,
          enabled: true,
          defaultPools: serving.map(({ id }) => id),
          fallbackPool: first.id,
          steeringPolicy: "proximity",
          locationStrategy: { mode: "pop", preferEcs: "proximity" },
          adaptiveRouting: { failoverAcrossPools: true },
          sessionAffinity: "none",
        },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }

  private makeRegion(
    name: string,
    region: BalancedRegion,
    {
      accountId,
      zone,
      plan = CloudflarePlan.Pro,
      healthPath = gatewayHealthPath,
      notificationEmail,
    }: EdgeLoadBalancerArgs,
  ): pulumi.Output<string> {
    const child = { parent: this };
    const host = originHost(region.name, zone);
    const address = pulumi.output(region.address);
    new cloudflare.DnsRecord(
      `${name}-${region.name}-origin`,
      {
        zoneId: zone.id,
        name: host,
        type: address.apply(recordType),
        content: address,
        proxied: true,
        ttl: 1,
        comment: `Gateway of ${region.name}, asked by the Worker`,
      },
      child,
    );
    const monitor = new cloudflare.LoadBalancerMonitor(
      `${name}-${region.name}-monitor`,
      {
        accountId,
        type: "https",
        method: "GET",
        path: healthPath,
        port: 443,
        expectedCodes: "2xx",
        header: { Host: [host] },
        // As a visitor of the zone, with the certificate that the gateway asks for.
        probeZone: zone.name,
        followRedirects: false,
        allowInsecure: false,
        interval: planLimits[plan].monitorSeconds,
        timeout: checkSeconds,
        retries: 2,
        description: `Gateway of ${region.name}`,
      },
      child,
    );
    const { latitude, longitude, shedPercent = 0 } = region;
    const pool = new cloudflare.LoadBalancerPool(
      `${name}-${region.name}-pool`,
      {
        ...{ accountId, latitude, longitude, name: `${name}-${region.name}`, enabled: true, minimumOrigins: 1 },
        monitor: monitor.id,
        // The host that the visitor asked for goes along: the gateway has it too.
        origins: [{ name: region.name, address, enabled: true, weight: 1, flattenCname: true }],
        loadShedding: {
          ...{ defaultPercent: shedPercent, defaultPolicy: "random", sessionPercent: 0, sessionPolicy: "hash" },
        },
        ...(notificationEmail === undefined
          ? {}
          : { notificationEmail, notificationFilter: { pool: { healthy: false } } }),
      },
      child,
    );
    return pool.id;
  }
}

function recordType(address: string): string {
  return { 0: "CNAME", 4: "A", 6: "AAAA" }[isIP(address)] ?? "CNAME";
}

/** What is wrong with a load balancer, all of it. */
export function balancerProblems({
  hosts,
  regions,
  healthPath = gatewayHealthPath,
  zone,
}: Pick<EdgeLoadBalancerArgs, "hosts" | "healthPath"> & {
  regions: Omit<BalancedRegion, "address">[];
  zone: Pick<PlatformZone, "name">;
}): ArgumentProblem[] {
  const isServing = regions.some(({ isDrained }) => isDrained !== true);
  return [
    ...regionProblems(regions),
    ...regions.flatMap(({ shedPercent }, index) =>
      wholeNumberProblems(`regions[${index}].shedPercent`, shedPercent, 0, 50),
    ),
    ...(regions.length > 0 && !isServing ? [{ path: "regions", reason: "are all drained: nobody would answer" }] : []),
    ...(hosts.length > 0 ? [] : [{ path: "hosts", reason: "must have one at least" }]),
    ...hosts.flatMap((host, index) =>
      host === zone.name || host.endsWith(`.${zone.name}`)
        ? []
        : [{ path: `hosts[${index}]`, reason: `${host} must be in the zone ${zone.name}` }],
    ),
    ...(healthPath.startsWith("/") ? [] : [{ path: "healthPath", reason: `"${healthPath}" must begin with /` }]),
  ];
}
