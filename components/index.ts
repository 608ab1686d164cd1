export { AssetStore, type AssetStoreArgs } from "./edge/asset-store";
export { ChaosExperiments, type ChaosExperimentsArgs, type ChaosTarget } from "./chaos/chaos-experiments";
export { Experiment } from "./chaos/experiment";
export { requestFaults, type RequestFaultArgs } from "./chaos/faults";
export type { ChaosLimits } from "./chaos/limits";
export type { ChaosWindow } from "./chaos/workflow";
export type { SecretVariable, StoreConnection, StoreEndpoint, StorePods } from "./data/connection";
export { DataNamespace, type DataNamespaceArgs } from "./data/data-namespace";
export { InternalAuthority, type InternalAuthorityArgs } from "./data/internal-authority";
export type { ProtectionArgs } from "./data/protection";
export type { RecoveryObjectives } from "./data/recovery";
export { AutoModeDefaults } from "./foundation/auto-mode-defaults";
export { Cluster, type ClusterArgs } from "./foundation/cluster";
export { Network, type NetworkArgs } from "./foundation/network";
export { Operators, type OperatorsArgs } from "./foundation/operators";
export { PodRole, type PodRoleArgs } from "./foundation/pod-role";
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
export type { RedisAddress, SecretKey } from "./gateway/rate-limiter-pod";
export type { AdaptiveArgs } from "./mesh/adaptive";
export type { BreakerArgs } from "./mesh/breaker";
export { Bulkhead, Protocol, type ReplicaRange } from "./mesh/bulkheads";
export type { CallPolicyArgs } from "./mesh/call-policy";
export { ExternalHost, type ExternalHostArgs } from "./mesh/external-host";
export { ExternalStore, type ExternalStoreArgs } from "./mesh/external-store";
export * from "./mesh/istio";
export { type ImageRegistry, MeshNamespace, type MeshNamespaceArgs } from "./mesh/mesh-namespace";
export { PriorityClasses } from "./mesh/priority-classes";
export type { Caller, RequestFault } from "./mesh/routing";
export { ServiceMesh, type ServiceMeshArgs } from "./mesh/service-mesh";
export { ServiceTraffic, type ServiceTrafficArgs } from "./mesh/service-traffic";
export { TcpBoundary, type TcpBoundaryArgs } from "./mesh/tcp-boundary";
export { TelemetryCollector, type TelemetryCollectorArgs, type TelemetryBackend } from "./observability/collector";
export { LogAgent, type LogAgentArgs } from "./observability/log-agent";
export { AccessLogs, type MeshTelemetryArgs } from "./observability/mesh-telemetry";
export { latencyBounds, type ServiceObjective } from "./observability/objectives";
export { Observability, type ObservabilityArgs } from "./observability/observability";
export * from "./observability/prometheus-operator";
export { AgenticService, type AgenticServiceArgs } from "./service/agentic-service";
export {
  type Autoscaling,
  type ConsumerLag,
  type Replicas,
  ScaledObject,
  type ScaledObjectArgs,
} from "./service/autoscaling";
export type { ExternalDependency, HealthCheck, ServiceContract, ServiceDependency } from "./service/contract";
export { callersOf } from "./service/contract-graph";
export { ContractRegistry, type ContractRegistryArgs, type RegisteredService } from "./service/contract-registry";
export { Size } from "./service/size";
