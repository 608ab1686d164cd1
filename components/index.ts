export { AssetStore, type AssetStoreArgs } from "./edge/asset-store";
export { Cluster, type ClusterArgs } from "./foundation/cluster";
export { Network, type NetworkArgs } from "./foundation/network";
export type { AdaptiveArgs } from "./mesh/adaptive";
export type { BreakerArgs } from "./mesh/breaker";
export { Bulkhead, Protocol, type ReplicaRange } from "./mesh/bulkheads";
export type { CallPolicyArgs } from "./mesh/call-policy";
export { ExternalHost, type ExternalHostArgs } from "./mesh/external-host";
export * from "./mesh/istio";
export { type ImageRegistry, MeshNamespace, type MeshNamespaceArgs } from "./mesh/mesh-namespace";
export { PriorityClasses } from "./mesh/priority-classes";
export type { Caller, RequestFault } from "./mesh/routing";
export { ServiceMesh, type ServiceMeshArgs } from "./mesh/service-mesh";
export { ServiceTraffic, type ServiceTrafficArgs } from "./mesh/service-traffic";
export { TcpBoundary, type TcpBoundaryArgs } from "./mesh/tcp-boundary";
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
