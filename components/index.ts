export {
  cacheTags,
  type CachedAnswer,
  entityTag,
  type Generations,
  responseHeaders,
  storeKey,
  tierEnvironment,
} from "./cache/answers";
export { CacheEngine, EvictionPolicy } from "./cache/engines/engine";
export type { CachePlacement } from "./cache/engines/elasticache";
export { type CacheMonitoring, type CacheUse, RegionalCache, type RegionalCacheArgs } from "./cache/regional-cache";
export type { Snapshots } from "./cache/snapshots";
export {
  maximumStaleness,
  purgeReach,
  purgeSteps,
  type PurgeStep,
  Reach,
  type Staleness,
  Tier,
  type TierReach,
} from "./cache/staleness";
export {
  type BrowserTier,
  CacheProfile,
  type CacheTiers,
  cacheTiers,
  type EdgeCacheRule,
  type EdgeTier,
  type OriginTier,
  type RegionalTier,
  type TierSettings,
} from "./cache/tiers";
export { ChaosExperiments, type ChaosExperimentsArgs, type ChaosTarget } from "./chaos/chaos-experiments";
export { DedicatedNodes, type DedicatedNodesArgs } from "./foundation/dedicated-nodes";
export { Experiment } from "./chaos/experiment";
export { requestFaults, type RequestFaultArgs } from "./chaos/faults";
export type { ChaosLimits } from "./chaos/limits";
export type { ChaosWindow } from "./chaos/workflow";
export type { SecretVariable, StoreConnection, StoreEndpoint, StorePods } from "./data/connection";
export type { AwsPlacement } from "./data/placement";
export type { ProtectionArgs } from "./data/protection";
export type { RecoveryObjectives } from "./data/recovery";
export { AuroraCluster, type AuroraClusterArgs, type AuroraConnection } from "./database/aurora/aurora-cluster";
export type { BackupArgs, SecretKeyReference } from "./database/backups";
export {
  type Capabilities,
  capabilitiesOf,
  Consistency,
  DatabaseEngine,
  ExternalProduct,
  Failover,
  ReadPreference,
  Sharding,
} from "./database/capabilities";
export type { ShardedDatabaseArgs, VitessSettings } from "./database/database-args";
export { DatabaseEdge, type DatabaseEdgeArgs } from "./database/database-edge";
export { Dialect } from "./database/dialect";
export type { DatabaseClient, Keyspace } from "./database/engines/engine";
export type { ExternalReader, ExternalSettings } from "./database/engines/external";
export { ShardedDatabase } from "./database/sharded-database";
export { type ColumnDefinition, ColumnType, type IndexDefinition, type TableDefinition } from "./database/tables";
export { KeyspaceIsolation, TenantIsolation, type TenantIsolations } from "./database/tenancy";
export type { DatabaseAdministration } from "./database/engines/administration";
export { Durability } from "./database/vitess/topology";
export { VitessCluster, type VitessClusterArgs } from "./database/vitess/vitess-cluster";
export { type EntityDefinition, EntityHook, type EntityHookDeclaration } from "./entities/entity";
export { AccountGuards, type AccountGuardsArgs, type TrailArgs } from "./foundation/account-guards";
export { AutoModeDefaults } from "./foundation/auto-mode-defaults";
export { Backups, type BackupsArgs } from "./foundation/backups";
export { Budget, type BudgetArgs } from "./foundation/budget";
export { Cluster, type ClusterArgs } from "./foundation/cluster";
export { AccessLevel, type ClusterAccess } from "./foundation/cluster-access";
export { DataClass, DataKeys, type DataKeysArgs } from "./foundation/data-keys";
export { FlowLogs, type FlowLogsArgs } from "./foundation/flow-logs";
export type { LogKeeping } from "./foundation/log-retention";
export { KeyUser } from "./foundation/key-policy";
export { Network, type NetworkArgs } from "./foundation/network";
export { Operators, type OperatorsArgs } from "./foundation/operators";
export { PodRole, type PodRoleArgs } from "./foundation/pod-role";
export { VpcEndpoints, type VpcEndpointsArgs } from "./foundation/vpc-endpoints";
export { type MetricsStorage, monitoringNamespace, prometheusUrl } from "./foundation/operators/monitoring";
export { CertificateIssuer, type AcmeAuthority, type CertificateIssuerArgs } from "./certificates/certificate-issuer";
export {
  Certificate,
  ClusterIssuer,
  type CertificateArgs,
  Issuer,
  type IssuerArgs,
  IssuerKind,
  type IssuerReference,
} from "./certificates/certificates";
export type { TokenAuthentication } from "./gateway/authentication";
export { Gateway, type GatewayArgs, gatewayCaller, type LoadBalancer } from "./gateway/gateway";
export type { RequestLimits } from "./gateway/limits";
export { gatewayPodLabels, gatewayWorkload } from "./gateway/proxy";
export { type CrossOriginAccess, type GatewayRoute, type RouteBackend, versionHeader } from "./gateway/routes";
export { CounterStore, type CounterStoreArgs } from "./gateway/counter-store";
export { RateLimiter, type RateLimiterArgs } from "./gateway/rate-limiter";
export type { GatewayWorkload } from "./gateway/rate-limiter-access";
export type { RedisAddress } from "./gateway/rate-limiter-pod";
export type { SecretKey } from "./secret-key";
export { AlertReceiverKind, type AlertReceiver } from "./observability/alert-receivers";
export { TelemetryCollector, type TelemetryCollectorArgs, type TelemetryBackend } from "./observability/collector";
export { LogAgent, type LogAgentArgs } from "./observability/log-agent";
export { AccessLogs, type MeshTelemetryArgs } from "./observability/mesh-telemetry";
export { latencyBounds, type ServiceObjective } from "./observability/objectives";
export { Observability, type ObservabilityArgs } from "./observability/observability";
export * from "./observability/prometheus-operator";
export { TenantTiers, type TenantTiersArgs, type TierQuota } from "./tenancy/tenant-tiers";
export * from "./edge";
export * from "./events";
export * from "./service";
