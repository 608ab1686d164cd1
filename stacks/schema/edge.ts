import { z } from "zod";
import { CloudflarePlan, Dialect, RobotAction } from "../../components";
import { path } from "./common";

const hostName = z.string().regex(/^[a-z0-9.-]+\.[a-z0-9-]+$/, "must be a host name such as shop.example");

export const edgeSchema = z
  .strictObject({
    zone: z
      .strictObject({
        name: hostName,
        id: z.string().regex(/^[0-9a-f]{32}$/, "must be 32 hexadecimal digits: the dashboard shows it beside the zone"),
      })
      .describe("Zone of the platform in Cloudflare; its settings and rulesets become the platform's"),
    plan: z
      .enum(CloudflarePlan)
      .default(CloudflarePlan.Pro)
      .describe("What the zone can do, and how often health is asked"),
    assetsHost: hostName
      .exactOptional()
      .describe("Host of the static assets' bucket; default: it is read by the Worker alone"),
    assetsPath: path.default("/assets/").describe("Under which the Worker answers from the bucket"),
    flagsHost: hostName.exactOptional().describe("Host at which services evaluate flags (OFREP); default: none do"),
    flagTokens: z
      .array(z.string())
      .default([])
      .describe(
        "SHA-256 of the bearer tokens by which they do, one a region; the tokens themselves are the services' secrets",
      ),
    otherHosts: z
      .array(hostName)
      .default([])
      .describe("Hosts of the zone that aren't the platform's, such as a status page's: no wildcard takes them"),
    workersDomain: hostName
      .exactOptional()
      .describe("<account>.workers.dev, from which queued writes are sent again; needed with queuedPaths"),
    regionMilliseconds: z
      .int()
      .default(1000)
      .describe("For which the first region may think; fallback i has (i + 2) times as many"),
    deadlineMilliseconds: z.int().default(10_000).describe("For all regions together"),
    breaker: z
      .strictObject({
        consecutiveFailures: z
          .int()
          .default(5)
          .describe("Failures in a row after which a region is left out for a route"),
        openSeconds: z.int().default(30).describe("Until one request tries it again"),
      })
      .prefault({}),
    queuedPaths: z
      .array(path)
      .default([])
      .describe(
        "Routes whose writes are kept when no region takes them, answered 202 and sent again; with Idempotency-Key",
      ),
    apiSeconds: z.int().default(3600).describe("For which a public answer is kept that says nothing of time"),
    bodyBytes: z.int().default(1_048_576).describe("Of a request at most"),
    requestsPerTenSeconds: z.int().default(500).describe("Of one address, in each data centre"),
    robots: z
      .enum(RobotAction)
      .default(RobotAction.Block)
      .describe("What happens to what is surely one, and no good one"),
    hitLogSampling: z.int().default(100).describe("Of answers from a cache, one in so many is logged"),
    healthPath: path.default("/healthz").describe("What health checks ask of each gateway"),
    notificationEmail: z.string().exactOptional().describe("Who is told by mail that a region is down"),
    drained: z
      .array(z.string())
      .default([])
      .describe("Regions that get no requests: `make evacuate REGION=<name>` adds one"),
    shedPercent: z
      .record(z.string(), z.int())
      .default({})
      .describe("By region: percent of its visitors who go to the next one, where no Worker stands before it"),
    canary: z
      .strictObject({
        stableVersion: z.string().describe("Output edgeVersion of the update before: it keeps the rest"),
        percent: z.int().describe("Of the requests for the new version of the Worker"),
      })
      .exactOptional()
      .describe("Default: the new version gets all"),
    isBypassed: z
      .boolean()
      .default(false)
      .describe(
        "Takes the Worker away from its hosts: visitors reach the nearest region, without caches, limits and tenants",
      ),
    clientCertificate: z
      .string()
      .exactOptional()
      .describe(
        "PEM of the zone's own client certificate, of the authority that is gateway.clientAuthority; its key is edgeClientKey",
      ),
    database: z
      .strictObject({
        dialect: z.enum(Dialect),
        host: hostName.describe("Of its readers, reachable from the internet by TLS"),
        port: z.int().min(1).max(65_535).exactOptional().describe("Default: the dialect's own"),
        database: z.string().min(1),
        username: z.string().min(1).describe("May read what Workers may read, and nothing else"),
        cacheSeconds: z
          .int()
          .default(0)
          .describe("For which an answer may be given again; default: each query is asked"),
        connections: z.int().default(20).describe("To the database from everywhere: part of its budget"),
      })
      .exactOptional()
      .describe(
        "An external database's readers for code of the Worker, by Hyperdrive; its password is edgeDatabasePassword",
      ),
    logs: z
      .strictObject({ bucket: z.string().min(3), accessKeyId: z.string().min(1) })
      .exactOptional()
      .describe("R2 bucket that the Worker's logs are pushed to; its secret key is edgeLogsKey"),
  })
  .describe("What stands before the regions, at Cloudflare: zone, Worker, load balancer, cache; default: nothing");

export type EdgeSection = z.output<typeof edgeSchema>;
