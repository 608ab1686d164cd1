/** Cloudflare's plan of a zone; the free one has no managed rules. What a plan lacks is left out, and said where it is. */
export enum CloudflarePlan {
  Pro = "pro",
  Business = "business",
  Enterprise = "enterprise",
}

export interface PlanLimits {
  /** Least seconds between two health checks of a region; load balancing is bought beside any plan. */
  monitorSeconds: number;
  /** Whether a cache's key may hold a header, and whether regional tiers can be had. */
  hasCustomCacheKeys: boolean;
}

/**
 * https://developers.cloudflare.com/load-balancing/monitors/ (the architecture's 5 s can't be had on any plan),
 * https://developers.cloudflare.com/cache/how-to/cache-rules/settings/#cache-key
 */
export const planLimits: Readonly<Record<CloudflarePlan, PlanLimits>> = {
  [CloudflarePlan.Pro]: {
    ...{ monitorSeconds: 60, hasCustomCacheKeys: false },
  },
  [CloudflarePlan.Business]: {
    ...{ monitorSeconds: 15, hasCustomCacheKeys: false },
  },
  [CloudflarePlan.Enterprise]: {
    ...{ monitorSeconds: 10, hasCustomCacheKeys: true },
  },
};
