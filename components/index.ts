export { AssetStore, type AssetStoreArgs } from "./edge/asset-store";
export { Cluster, type ClusterArgs } from "./foundation/cluster";
export { Network, type NetworkArgs } from "./foundation/network";
export { type BreakerArgs } from "./mesh/breaker";
export { Bulkhead, Protocol } from "./mesh/bulkheads";
export {
  AuthorizationPolicy,
  type AuthorizationPolicyArgs,
  type ConnectionPool,
  DestinationRule,
  type DestinationRuleArgs,
  MutualTlsMode,
  type OutlierDetection,
  PeerAuthentication,
  type PeerAuthenticationArgs,
} from "./mesh/istio";
export { type ImageRegistry, MeshNamespace, type MeshNamespaceArgs } from "./mesh/mesh-namespace";
export { ServiceMesh, type ServiceMeshArgs } from "./mesh/service-mesh";
export { AgenticService, type AgenticServiceArgs, type Autoscaling, type Replicas } from "./service/agentic-service";
export type { HealthCheck, ServiceContract, ServiceDependency } from "./service/contract";
export type { ContainerResources } from "./service/pod";
