/** What stands before a site: Cloudflare's zone and Worker, tenants and flags. Needs @pulumi/cloudflare alone. */

export { AssetStore, type AssetStoreArgs, type PublicHost } from "./asset-store";
export { EdgeLoadBalancer, type EdgeLoadBalancerArgs, type BalancedRegion } from "./edge-load-balancer";
export { EdgeWorker, type EdgeWorkerArgs, type EdgeCanary, type LogDestination } from "./edge-worker";
export type { EdgeBehaviour } from "./edge-settings";
export type { EdgeRoute, EdgeSettings, TokenSettings } from "./worker/bindings";
export type { EdgeRegionSettings } from "./region";
export { EdgeZone, type EdgeZoneArgs, RobotAction } from "./edge-zone";
export { OriginTrust, type OriginTrustArgs, type ClientCertificate } from "./origin-trust";
export { CloudflarePlan } from "./plan";
export { RetryQueue, type RetryQueueArgs } from "./retry-queue";
export { FlagStore, type FlagStoreArgs } from "../flags/flag-store";
export { type Flag, type FlagValue, type RolloutShare, RolloutUnit } from "../flags/flag";
export { type PlatformZone, TenantDirectory, type TenantDirectoryArgs } from "../tenancy/tenant-directory";
export { hasFeature, type Tenant, type TenantRecord, TenantTier } from "../tenancy/tenant";
