import * as omega from "omega-platform";

/**
 * Those whose arguments other languages can say: values, lists, maps, enumerations. Why the others aren't here is in
 * docs/reuse.md.
 */
export const components = [
  omega.AgenticService,
  omega.AssetStore,
  omega.CertificateIssuer,
  omega.ChaosExperiments,
  omega.Cluster,
  omega.ContractRegistry,
  omega.CounterStore,
  omega.DatabaseEdge,
  omega.DataNamespace,
  omega.EdgeLoadBalancer,
  omega.EdgeZone,
  omega.EventArchive,
  omega.ExternalHost,
  omega.ExternalStore,
  omega.Gateway,
  omega.InternalAuthority,
  omega.LogAgent,
  omega.MeshNamespace,
  omega.Network,
  omega.Observability,
  omega.OriginTrust,
  omega.PodRole,
  omega.PriorityClasses,
  omega.RateLimiter,
  omega.RetryQueue,
  omega.SchemaRegistry,
  omega.ServiceMesh,
  omega.ServiceTraffic,
  omega.TcpBoundary,
  omega.TelemetryCollector,
  omega.TenantDirectory,
];
