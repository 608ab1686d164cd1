import { edgeMetadata } from "./edge-metadata";
import { definePolicy, type Finding } from "./policy";

/**
 * Types of @pulumi/cloudflare 6 that it, or Cloudflare itself, is about to drop, and what takes their place. Those of
 * Zero Trust alone, which is no edge, aren't among them.
 */
const replacements: Record<string, string> = {
  "filter:Filter": "Ruleset",
  "firewallRule:FirewallRule": "Ruleset",
  "rateLimit:RateLimit": "Ruleset of phase http_ratelimit",
  "pageRule:PageRule": "Ruleset",
  "managedHeaders:ManagedHeaders": "ManagedTransforms",
  "record:Record": "DnsRecord",
  "workerCronTrigger:WorkerCronTrigger": "WorkersCronTrigger",
  "workerDomain:WorkerDomain": "WorkersCustomDomain",
  "workerScript:WorkerScript": "Worker with WorkerVersion and WorkersDeployment",
  "workersForPlatformsNamespace:WorkersForPlatformsNamespace": "WorkersForPlatformsDispatchNamespace",
  "tunnel:Tunnel": "ZeroTrustTunnelCloudflared",
  "tunnelConfig:TunnelConfig": "ZeroTrustTunnelCloudflaredConfig",
};

const byToken = new Map(Object.entries(replacements).map(([type, next]) => [`cloudflare:index/${type}`, next]));

export const supportedTypes = definePolicy<object>({
  metadata: edgeMetadata.supportedTypes,
  settings: {},
  resource: (resource): Finding[] => {
    const next = byToken.get(resource.type);
    return next === undefined ? [] : [{ resource, path: "type", reason: `is deprecated, in favour of ${next}` }];
  },
});
