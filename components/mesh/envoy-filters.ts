import type * as pulumi from "@pulumi/pulumi";
import type { EnvoyPatch } from "./istio";

const connectionManager = "envoy.filters.network.http_connection_manager";

/** Which listeners of a proxy a patch is for: those of a service's own requests, or all of a gateway's. */
type ListenerContext = "SIDECAR_INBOUND" | "GATEWAY";

/** Last of the HTTP filters, so after those that know who calls; of several, the first one patched comes first. */
export function beforeRouter(context: ListenerContext, filter: pulumi.Inputs): EnvoyPatch {
  const subFilter = { name: "envoy.filters.http.router" };
  return {
    applyTo: "HTTP_FILTER",
    match: { context, listener: { filterChain: { filter: { name: connectionManager, subFilter } } } },
    patch: { operation: "INSERT_BEFORE", value: filter },
  };
}

/** Adds to how HTTP connections are handled, whatever their filters. */
export function connectionManagerPatch(context: ListenerContext, settings: pulumi.Inputs): EnvoyPatch {
  const type = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
  return {
    applyTo: "NETWORK_FILTER",
    match: { context, listener: { filterChain: { filter: { name: connectionManager } } } },
    patch: { operation: "MERGE", value: { name: connectionManager, typed_config: { "@type": type, ...settings } } },
  };
}
