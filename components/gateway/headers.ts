/**
 * Request headers by which a region knows whose request it serves. The gateway sets them from the token's claims, and takes
 * away what a client sent under these names.
 */
export const tenantHeader = "x-omega-tenant";
/** Tier of the tenant: free, pro or enterprise. */
export const tierHeader = "x-omega-tier";
/**
 * Whose request it is by the host that the visitor asked for, which the edge alone knows. A gateway believes it where its
 * callers show the edge's own certificate.
 */
export const edgeTenantHeader = "x-omega-edge-tenant";
export const edgeTierHeader = "x-omega-edge-tier";
/** What tells one of the Worker's kept answers from another, for the zone's cache: version, purge, host. */
export const edgeKeyHeader = "x-omega-edge-key";
/** Only the Worker may say them. */
export const edgeHeaders = [edgeTenantHeader, edgeTierHeader, edgeKeyHeader];
