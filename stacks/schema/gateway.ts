import { z } from "zod";
import { Size } from "../../components";
import { dnsLabel, path } from "./common";

const secretKey = z.strictObject({ secretName: dnsLabel, key: z.string().min(1) });
const bodyBytes = z.int().min(1024).max(67_108_864);

export const routeSchema = z.strictObject({
  name: dnsLabel.exactOptional().describe("Default: made from service, path and version; no other route has it"),
  hosts: z.array(z.string()).min(1).exactOptional().describe("Hosts of the gateway; default: all"),
  path: path.describe("Whole segments that the path starts with, e.g. /products"),
  version: z
    .string()
    .min(1)
    .exactOptional()
    .describe("Of the header x-api-version; default: what no other route answers"),
  backends: z
    .array(
      z.strictObject({
        service: dnsLabel,
        weight: z.int().min(0).max(100).exactOptional().describe("Percent of the requests; they add up to 100"),
      }),
    )
    .min(1)
    .exactOptional()
    .describe("Services that share the requests, e.g. with a canary; default: this service"),
  isPublic: z.boolean().default(false).describe("Whether it needs no token"),
  timeoutMilliseconds: z.int().min(10).max(600_000).default(10_000).describe("For everything behind the gateway"),
  maxBodyBytes: bodyBytes.exactOptional().describe("Default: the gateway's own limit"),
  cors: z
    .strictObject({
      origins: z
        .array(z.string())
        .min(1)
        .describe("Web sites whose scripts may call it, e.g. https://shop.example.com"),
      methods: z.array(z.string()).min(1).exactOptional(),
      headers: z.array(z.string()).exactOptional().describe("Request headers that scripts may send"),
      exposedHeaders: z.array(z.string()).exactOptional().describe("Response headers that scripts may read"),
      allowsCredentials: z.boolean().default(false),
      maxAgeSeconds: z.int().min(1).max(86_400).default(600),
    })
    .exactOptional(),
});

/** Proxies take each dot for a step into what is nested, so that a claim with a host in its name is never found. */
const claim = z
  .string()
  .regex(/^[^./]+(\.[^./]+)*$/, "must be names with dots between them, outermost first, and no slash")
  .describe("With a dot between nested ones");

export const gatewaySchema = z
  .strictObject({
    namespace: dnsLabel.default("gateway").describe("Namespace that is made for the gateway alone"),
    hosts: z.array(z.string()).min(1).describe("Hosts that it answers for, e.g. api.example.com"),
    sources: z.array(z.string()).min(1).describe("CIDRs of the edge: nobody else reaches it"),
    acme: z
      .strictObject({
        email: z.email(),
        server: z
          .url({ protocol: /^https$/, error: "must be a URL with https" })
          .exactOptional()
          .describe("Directory of the authority; default Let's Encrypt"),
        cloudflareToken: secretKey.describe(
          "Secret of the gateway's namespace with a token that may edit the zones' DNS",
        ),
        zones: z.array(z.string()).min(1).exactOptional(),
      })
      .exactOptional()
      .describe("Public authority that issues its certificate; default: one of its own, for development"),
    clientAuthority: z.string().exactOptional().describe("PEM of the authority whose certificates callers must have"),
    authentication: z
      .strictObject({
        issuer: z.string().min(1).describe("The tokens' iss, exactly"),
        audiences: z.array(z.string().min(1)).min(1).describe("A token has one of these in its aud"),
        jwksUri: z.url().exactOptional().describe("The issuer's public keys, by https; or jwks"),
        jwks: z.string().exactOptional().describe("The public keys themselves; or jwksUri"),
        tenantClaim: claim.default("tenant"),
        tierClaim: claim.default("tier"),
        forwardsToken: z.boolean().default(false).describe("Whether services get the token too"),
      })
      .exactOptional()
      .describe("Tokens of the protected routes, which are all that aren't public"),
    limits: z
      .strictObject({
        maxBodyBytes: bodyBytes.default(1_048_576),
        maxHeaderKibibytes: z.int().min(4).max(96).default(16),
        maxHeaders: z.int().min(20).max(1000).default(100),
        headerSeconds: z.int().min(1).max(60).default(10).describe("In which the headers must have come"),
        requestSeconds: z.int().min(1).max(3600).default(60).describe("In which the whole request must have come"),
      })
      .prefault({}),
    rateLimits: z
      .strictObject({
        requestsPerMinute: z
          .record(z.string(), z.int().min(1).max(10_000_000))
          .default({ free: 60, pro: 600, enterprise: 6000 })
          .describe("Of each tenant, by its tier"),
        backstopRequestsPerSecond: z
          .int()
          .min(1)
          .max(10_000_000)
          .exactOptional()
          .describe("Of one instance, whoever asks; default: ten tenants of the highest tier"),
        redis: z
          .strictObject({
            host: z.string().min(1),
            port: z.int().min(1).max(65535).default(6379),
            tls: z.boolean().default(false),
            passwordSecret: secretKey.exactOptional(),
          })
          .exactOptional()
          .describe(
            "Replicated store of the counters; default: beside the cache, where there is one, else one of its own in one replica",
          ),
      })
      .prefault({}),
    loadBalancer: z
      .strictObject({
        annotations: z.record(z.string(), z.string()).exactOptional(),
        className: z.string().min(1).exactOptional(),
        healthCheckSources: z
          .array(z.string())
          .min(1)
          .exactOptional()
          .describe("CIDRs that its health checks come from"),
      })
      .exactOptional()
      .describe("How the cloud makes it; it must keep the callers' addresses"),
    trustedProxies: z.int().min(0).max(10).default(1).describe("In front of it, that append to x-forwarded-for"),
    replicas: z
      .strictObject({ min: z.int().min(2).max(1000).default(2), max: z.int().min(2).max(1000).default(20) })
      .prefault({}),
    size: z.enum(Size).default(Size.Medium),
  })
  .describe("Where a region's requests come in, from the edge alone; without it nothing does");
