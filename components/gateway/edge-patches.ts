import { beforeRouter } from "../mesh/envoy-filters";
import type { EnvoyPatch } from "../mesh/istio";
import { edgeTenantHeader, edgeTierHeader, tenantHeader, tierHeader } from "./headers";

/** What the edge said, while what everybody may have said under the platform's names is taken away. */
const kept: Readonly<Record<string, string>> = {
  [edgeTenantHeader]: "omega-edge-tenant",
  [edgeTierHeader]: "omega-edge-tier",
};
const told: Readonly<Record<string, string>> = { "omega-edge-tenant": tenantHeader, "omega-edge-tier": tierHeader };

interface HeaderMutation {
  remove?: string;
  append?: { header: { key: string; value: string }; append_action: string };
}

const copy = (from: string, to: string, append_action: string): HeaderMutation => ({
  append: { header: { key: to, value: `%REQ(${from})%` }, append_action },
});

/** Before the platform's names are taken away: only what the edge itself says goes on. */
export const keepsEdgeTenant: HeaderMutation[] = Object.entries(kept).flatMap(([from, to]) => [
  { remove: to },
  copy(from, to, "OVERWRITE_IF_EXISTS_OR_ADD"),
]);

/**
 * Whose request it is by its host, as the edge found out: where no token says it. After the tokens, which set the same
 * headers, and before the limits, which read them.
 */
export function edgeTenantPatch(): EnvoyPatch {
  return beforeRouter("GATEWAY", {
    name: "envoy.filters.http.header_mutation.edge_tenant",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
      mutations: {
        request_mutations: Object.entries(told).flatMap(([from, to]) => [
          copy(from, to, "ADD_IF_ABSENT"),
          { remove: from },
        ]),
      },
    },
  });
}
