import { z } from "zod";
import { CacheEngine, CacheProfile } from "../../components";
import { defaultTiers } from "../../components/cache/tiers";
import { dnsLabel } from "./common";

const seconds = (most: number) => z.int().min(1).max(most);
const year = 31_536_000;

const tiersSchema = z
  .strictObject({
    browserSeconds: seconds(year)
      .default(defaultTiers.browserSeconds)
      .describe("In a browser, where no purge reaches it; edgeSeconds at most"),
    edgeSeconds: seconds(year).default(defaultTiers.edgeSeconds).describe("At the edge"),
    regionalSeconds: seconds(year)
      .default(defaultTiers.regionalSeconds)
      .describe("In the region's store; edgeSeconds at most"),
    originSeconds: seconds(year)
      .default(defaultTiers.originSeconds)
      .describe("In a service's own memory; regionalSeconds at most"),
    staleSeconds: seconds(86_400)
      .default(defaultTiers.staleSeconds)
      .describe("For which edge and region still answer with what expired, while one caller fetches anew"),
    staleIfErrorSeconds: z
      .int()
      .min(0)
      .max(604_800)
      .default(defaultTiers.staleIfErrorSeconds)
      .describe("For which the edge still answers with what expired, while the service fails"),
    jitterPercent: z
      .int()
      .min(0)
      .max(50)
      .default(defaultTiers.jitterPercent)
      .describe("By which lifetimes in region and service are cut at random"),
    earlyRefresh: z
      .number()
      .min(0)
      .max(10)
      .default(defaultTiers.earlyRefresh)
      .describe("Beta of probabilistic early expiration; 0: never before the time is over"),
    lockMilliseconds: z
      .int()
      .min(100)
      .max(86_400_000)
      .default(defaultTiers.lockMilliseconds)
      .describe("For which one caller alone may fetch what is missing; staleSeconds at most"),
    generationSeconds: seconds(3600)
      .default(defaultTiers.generationSeconds)
      .describe("After which a service asks again what was purged; originSeconds at most"),
  })
  .prefault({})
  .describe("How long copies live in browsers, at the edge, in the region and in the services");

export const cacheSchema = z
  .strictObject({
    engine: z
      .enum(CacheEngine)
      .default(CacheEngine.Dragonfly)
      .describe("dragonfly: in the cluster; elasticache: ElastiCache Serverless for Valkey, with cluster.source eks"),
    namespace: dnsLabel.default("cache").describe("Namespace that is made for the caches alone"),
    gibibytes: z
      .int()
      .min(1)
      .max(512)
      .default(2)
      .describe("Memory of each replica, three quarters of it for data; elasticache: up to which data grows"),
    replicas: z
      .int()
      .min(1)
      .max(10)
      .default(3)
      .describe("Of dragonfly, the primary among them; in production two at least"),
    snapshots: z
      .strictObject({
        everyMinutes: z
          .int()
          .min(5)
          .max(1440)
          .exactOptional()
          .describe("They divide an hour or a day; default 30; elasticache takes one a day, which is 1440"),
        storageClassName: z
          .string()
          .min(1)
          .exactOptional()
          .describe("Of their volumes; default: the cluster's own default"),
      })
      .exactOptional()
      .describe("Copies on disks, for a start that isn't cold; default none"),
    ecpuPerSecond: z
      .int()
      .min(1000)
      .max(15_000_000)
      .exactOptional()
      .describe("Of elasticache at most: one reads or writes 1 KB; default 100,000"),
    protectData: z
      .boolean()
      .default(false)
      .describe("Whether an update that would delete it is refused; nothing is in a cache alone"),
    tiers: tiersSchema,
  })
  .describe("The region's cache, and the table of all four tiers; the gateway's limits are then counted beside it");

export const serviceCacheSchema = z
  .strictObject({
    profile: z
      .enum(CacheProfile)
      .default(CacheProfile.Private)
      .describe(
        "Who may be given one copy: shared everybody, private one user or tenant, versioned at its own address",
      ),
    connectionsPerReplica: z.int().min(1).max(1000).default(10).describe("To the region's cache, at most"),
  })
  .exactOptional()
  .describe("Its use of the region's cache; default none");
