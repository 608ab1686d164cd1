/**
 * Request headers by which a region knows whose request it serves. The gateway sets them from the token's claims, and takes
 * away what a client sent under these names.
 */
export const tenantHeader = "x-omega-tenant";
/** Tier of the tenant: free, pro or enterprise. */
export const tierHeader = "x-omega-tier";
