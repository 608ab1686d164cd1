import { z } from "zod";
import { Bulkhead, Isolation, Protocol, Size } from "../../components";
import { serviceCacheSchema } from "./cache";
import { dnsLabel, eventType, path, percent } from "./common";
import { serviceDatabaseSchema } from "./database";
import { routeSchema } from "./gateway";
import { objectiveSchema } from "./observability";

const milliseconds = z.int().min(10).max(600_000).exactOptional();

const callSchema = {
  bulkhead: z.enum(Bulkhead).default(Bulkhead.Standard).describe("Class of these calls: they have a pool of their own"),
  timeoutMilliseconds: milliseconds.describe(
    "For queue, tries and answer together; default 2000 critical, 5000 standard, 60000 background",
  ),
  retries: z.int().min(0).max(5).default(2).describe("Further tries after the first one"),
  perTryMilliseconds: milliseconds.describe("For each try; default, where idempotent: the timeout in equal parts"),
  idempotent: z.boolean().default(false).describe("Whether a call may be repeated that the callee may have done"),
};

const tierPool = z
  .strictObject({
    replicas: z
      .strictObject({
        min: z.int().min(2).max(10_000).default(2).describe("Replicas at least"),
        max: z.int().min(2).max(10_000).default(10).describe("Replicas at most"),
      })
      .prefault({}),
    size: z.enum(Size).exactOptional().describe("Of a replica; default: the service's"),
  })
  .exactOptional();

export const serviceSchema = z.strictObject({
  name: dnsLabel.describe("Name of the service"),
  version: z
    .string()
    .regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, "must be a semantic version such as 2.1.0")
    .describe("Semantic version of the service's contract"),
  image: z.string().min(1).describe("Container image, by digest where it must not change"),
  capabilities: z.array(dnsLabel).min(1).describe("What the service can do"),
  owns: z.array(dnsLabel).default([]).describe("Data that no other service writes"),
  publishes: z.array(eventType).default([]).describe("Event types that it publishes"),
  consumes: z.array(eventType).default([]).describe("Event types that it subscribes to"),
  dependencies: z
    .array(
      z.strictObject({
        service: dnsLabel.describe("Service that is called"),
        ...callSchema,
        fallbacks: z
          .array(dnsLabel)
          .default([])
          .describe("Services called instead, in this order; fallback i gets (i + 2) times the timeout"),
        deadlineMilliseconds: z
          .int()
          .min(10)
          .max(3_600_000)
          .exactOptional()
          .describe("For the call and its fallbacks together; default: the sum of their timeouts"),
      }),
    )
    .default([])
    .describe("Services that it calls and waits for; nothing else may call them"),
  externalHosts: z
    .array(z.strictObject({ host: z.string().describe("Name in public DNS"), ...callSchema }))
    .default([])
    .describe("Hosts outside the mesh that it calls as http://<host>; its proxy encrypts. No other can be reached"),
  routes: z.array(routeSchema).default([]).describe("Requests that the gateway lets in for it; default: none"),
  port: z.int().min(1).max(65535).default(8080).describe("TCP port it listens on"),
  protocol: z.enum(Protocol).default(Protocol.Http1).describe("What the port speaks"),
  replicas: z
    .strictObject({
      min: z.int().min(2).max(10_000).default(2).describe("Replicas at least"),
      max: z.int().min(2).max(10_000).default(100).describe("Replicas at most"),
    })
    .default({ min: 2, max: 100 }),
  autoscaling: z
    .strictObject({
      cpuPercent: percent.default(70).describe("Use of the requested CPU that adds replicas"),
      memoryPercent: percent.default(80).describe("Use of the requested memory that adds replicas"),
    })
    .default({ cpuPercent: 70, memoryPercent: 80 }),
  consumerLag: z
    .strictObject({
      messagesPerReplica: z.int().min(1).max(1_000_000).default(100).describe("Messages behind that add a replica"),
    })
    .exactOptional()
    .describe("Adds replicas by how far it is behind in the topics that it consumes; default: by CPU and memory alone"),
  isolation: z
    .enum(Isolation)
    .default(Isolation.Shared)
    .describe("dedicated: namespace, nodes and database cluster of its own, and no routes; what PCI DSS is about"),
  size: z
    .enum(Size)
    .default(Size.Small)
    .describe("A replica: small 0.25 vCPU and 256 MiB, medium 1 and 1 GiB, large 4 and 8 GiB; scale out before up"),
  configuration: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be a name of an environment variable"), z.string())
    .exactOptional()
    .describe("Environment variables; a change rolls the replicas. No secrets"),
  bulkhead: z.enum(Bulkhead).default(Bulkhead.Standard).describe("Class of the requests that it serves"),
  tierPools: z
    .strictObject({ free: tierPool, pro: tierPool, enterprise: tierPool })
    .prefault({})
    .describe("Replicas for the tenants of one tier alone, e.g. enterprise: {}; default: all tenants share them"),
  breaker: z
    .strictObject({
      consecutiveFailures: z.int().min(1).max(1000).default(5).describe("Failures in a row that eject a replica"),
      ejectionSeconds: z.int().min(1).max(3600).default(30).describe("How long it stays ejected, times the ejections"),
    })
    .default({ consecutiveFailures: 5, ejectionSeconds: 30 }),
  adaptive: z
    .strictObject({
      admissionControl: z.boolean().default(false).describe("Refuse a share while less than 95 % succeed"),
      adaptiveConcurrency: z.boolean().default(false).describe("Find the number in flight that keeps latency low"),
    })
    .default({ admissionControl: false, adaptiveConcurrency: false }),
  objective: objectiveSchema,
  database: serviceDatabaseSchema,
  cache: serviceCacheSchema,
  rolloutSeconds: z
    .int()
    .min(1)
    .max(3600)
    .default(600)
    .describe("Seconds after which a rollout that is not complete has failed"),
  health: z
    .strictObject({
      startupPath: path.default("/health/startup"),
      readinessPath: path.default("/health/ready"),
      livenessPath: path.default("/health/live"),
      port: z
        .int()
        .min(1)
        .max(65535)
        .exactOptional()
        .describe("That answers checks and Prometheus by HTTP/1.1; default: the service's; http2 needs one"),
      intervalSeconds: z.int().min(1).max(300).default(5),
    })
    .default({
      startupPath: "/health/startup",
      readinessPath: "/health/ready",
      livenessPath: "/health/live",
      intervalSeconds: 5,
    }),
});
