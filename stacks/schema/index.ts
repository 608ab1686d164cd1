import { z } from "zod";
import { clusterNames } from "../../components/foundation/cluster-problems";
import type { TenantTier } from "../../components";
import { cacheSchema } from "./cache";
import { chaosSchema } from "./chaos";
import { dnsLabel } from "./common";
import { databaseSchema } from "./database";
import { edgeSchema } from "./edge";
import { entitiesSchema } from "./entities";
import { eventArchiveSchema } from "./event-archive";
import { eventsSchema } from "./events";
import { flagsSchema } from "./flags";
import { costSchema, foundationSchema, networkSchema } from "./foundation";
import { gatewaySchema } from "./gateway";
import { observabilitySchema } from "./observability";
import { operatorsSchema } from "./operators";
import { sagasSchema } from "./sagas";
import { schemaRegistrySchema } from "./schema-registry";
import { serviceSchema } from "./service";
import { tenancySchema, tenantsSchema } from "./tenants";

const regionSchema = z.strictObject({
  name: dnsLabel.describe("Name of the region, e.g. us-east"),
  aws: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be an AWS region such as us-east-1")
    .optional()
    .describe("AWS region; needed where the platform makes the cluster"),
  cidrBlock: z
    .string()
    .optional()
    .describe("IPv4 block of the region's VPC, /16 to /20, not shared with another region"),
  network: networkSchema.exactOptional(),
  clusterName: z
    .string()
    .regex(clusterNames, "must be 1 to 100 letters, digits, _ and -")
    .exactOptional()
    .describe(
      "Name of the EKS cluster; another one makes another cluster. Default: <environment>-<name of the region>",
    ),
  location: z
    .strictObject({ latitude: z.number(), longitude: z.number() })
    .exactOptional()
    .describe("In degrees north and east; the edge sends visitors to the nearest region"),
});

/** What a stack is: everything in one, one region of several, or what regions share. */
export enum Scope {
  Single = "single",
  Region = "region",
  Global = "global",
}

/** Where a region's cluster comes from. */
export enum ClusterSource {
  /** One that is there: a context of the kubeconfig. */
  Existing = "existing",
  Eks = "eks",
}

/** One entry for each key of the stack file, without its `omega:`. A new section is a new entry. */
export const sections = {
  scope: z.enum(Scope).describe("single: everything in one stack; region: one region; global: what the regions share"),
  environment: dnsLabel.describe("Name of the environment: labels and tags"),
  inherits: dnsLabel.optional().describe("Stack whose file gives all sections that this one leaves out"),
  region: dnsLabel.optional().describe("The region that a stack of scope region is"),
  namespace: dnsLabel.default("shop").describe("Namespace of the services"),
  regions: z.array(regionSchema).min(1).describe("All regions of the platform"),
  cluster: z
    .strictObject({
      source: z.enum(ClusterSource),
      context: z.string().optional().describe("Context of the kubeconfig; default: its current one"),
      kubernetesVersion: z
        .string()
        .regex(/^1\.\d+$/, "must be a minor version such as 1.35")
        .optional()
        .describe("EKS only"),
      dedicatedNodes: z
        .boolean()
        .default(false)
        .describe(
          "existing only: whether it has nodes with the label and the taint (NoSchedule) omega-platform/dedicated-to=<service> for each dedicated service; on eks they are made",
        ),
    })
    .default({ source: ClusterSource.Existing, dedicatedNodes: false })
    .describe("Where each region's Kubernetes cluster comes from"),
  foundation: foundationSchema.optional(),
  cost: costSchema.optional(),
  imageRegistry: z
    .strictObject({ server: z.string().min(1), username: z.string().min(1) })
    .optional()
    .describe("Private registry of the images; its password is imageRegistryPassword"),
  operators: operatorsSchema,
  observability: observabilitySchema.optional(),
  gateway: gatewaySchema.optional(),
  edge: edgeSchema.optional(),
  flags: flagsSchema,
  tenancy: tenancySchema,
  tenants: tenantsSchema,
  cache: cacheSchema.optional(),
  database: databaseSchema.optional(),
  services: z.array(serviceSchema).default([]).describe("The services and their contracts"),
  events: eventsSchema.optional(),
  eventArchive: eventArchiveSchema.optional(),
  schemaRegistry: schemaRegistrySchema.optional(),
  entities: entitiesSchema,
  sagas: sagasSchema,
  chaos: chaosSchema.optional(),
  allowDataDeletion: z
    .boolean()
    .optional()
    .describe(
      "Whether an update may delete or replace what holds data; default: only where scope is single. Takes effect with the update after the one that sets it",
    ),
  cloudflareAccountId: z
    .string()
    .regex(/^[0-9a-f]{32}$/, "must be 32 hexadecimal digits")
    .optional()
    .describe("Cloudflare account of the edge"),
};

/** The secrets among the sections: they are never parsed, only passed on. */
export const secretKeys = {
  imageRegistryPassword: "Password of imageRegistry",
  edgeClientKey: "PEM of the private key of edge.clientCertificate",
  edgeDatabasePassword: "Password of edge.database",
  edgeLogsKey: "Secret access key of edge.logs",
} as const;
export type SecretKey = keyof typeof secretKeys;

export const platformSchema = z.strictObject(sections);
/** A service of the file, or a pool of one for the tenants of a tier (stacks/tier-pools.ts), which no file has. */
export type ServiceSection = z.output<typeof serviceSchema> & { pool?: { of: string; tier: TenantTier } };
export type PlatformSections = Omit<z.output<typeof platformSchema>, "services"> & { services: ServiceSection[] };
export type RegionSection = z.output<typeof regionSchema>;
export type CacheSection = z.output<typeof cacheSchema>;
export type ChaosSection = z.output<typeof chaosSchema>;
export type DatabaseSection = z.output<typeof databaseSchema>;
export type EventsSection = z.output<typeof eventsSchema>;
export type EventArchiveSection = z.output<typeof eventArchiveSchema>;
export type SchemaRegistrySection = z.output<typeof schemaRegistrySchema>;
export type FoundationSection = z.output<typeof foundationSchema>;
export type GatewaySection = z.output<typeof gatewaySchema>;
export type { EdgeSection } from "./edge";
