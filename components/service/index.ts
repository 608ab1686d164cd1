/** Services that look after themselves, and the mesh between them. Needs @pulumi/kubernetes alone. */

export type { AdaptiveArgs } from "../mesh/adaptive";
export type { BreakerArgs } from "../mesh/breaker";
export { Bulkhead, Protocol, type ReplicaRange } from "../mesh/bulkheads";
export type { CallPolicyArgs } from "../mesh/call-policy";
export { ExternalHost, type ExternalHostArgs } from "../mesh/external-host";
export { ExternalStore, type ExternalStoreArgs } from "../mesh/external-store";
export * from "../mesh/istio";
export { type ImageRegistry, MeshNamespace, type MeshNamespaceArgs } from "../mesh/mesh-namespace";
export { PriorityClasses, type PriorityClassesArgs } from "../mesh/priority-classes";
export type { Caller, RequestFault } from "../mesh/routing";
export { ServiceMesh, type ServiceMeshArgs } from "../mesh/service-mesh";
export { ServiceTraffic, type ServiceTrafficArgs } from "../mesh/service-traffic";
export { TcpBoundary, type TcpBoundaryArgs } from "../mesh/tcp-boundary";
export { AgenticService, type AgenticServiceArgs } from "./agentic-service";
export {
  type Autoscaling,
  type ConsumedTopic,
  type ConsumerLag,
  type Replicas,
  ScaledObject,
  type ScaledObjectArgs,
} from "./autoscaling";
export type { ExternalDependency, HealthCheck, ServiceContract, ServiceDependency } from "./contract";
export { callersOf } from "./contract-graph";
export { ContractRegistry, type ContractRegistryArgs, type RegisteredService } from "./contract-registry";
export { dedicatedPlacement, type DedicatedPlacement, Isolation, isolationLabel } from "./isolation";
export { Size } from "./size";
