import type { Metadata } from "./metadata";

/** Of the policies for tenants. */
export const tenantMetadata = {
  boundedTiers: {
    name: "bounded-tiers",
    principle: "Ω6",
    severity: "high",
    description: "Pods that serve the tenants of one tier alone are counted by a quota of CPU and memory.",
    protects: "tenants whose neighbours of another tier have taken the cluster's room",
    fix: "give the pods the tier's PriorityClass, and a ResourceQuota of their namespace that is scoped to it with requests.cpu and requests.memory",
    url: "https://kubernetes.io/docs/concepts/policy/resource-quotas/#resource-quota-per-priorityclass",
  },
  tenantLimits: {
    name: "tenant-limits",
    principle: "Ω6",
    severity: "high",
    description: "Every tenant that the edge knows has a limit of requests a minute.",
    protects: "all tenants from one that sends without end",
    fix: "give its tier a limit in gateway.rateLimits.requestsPerMinute",
    url: "https://docs.aws.amazon.com/wellarchitected/latest/saas-lens/noisy-neighbor.html",
  },
} as const satisfies Record<string, Metadata>;
