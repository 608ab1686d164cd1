import type { LimiterNamespace } from "./bindings";
import { Memory } from "./memory";
import { leaseSeconds, SlidingWindow } from "./sliding-window";

interface Lease {
  tokens: number;
  /** Milliseconds since 1970, counted from when it was asked for: later than that it can't have been given. */
  until: number;
}

export interface Admission {
  isAdmitted: boolean;
  /** 0 for who is admitted. */
  retrySeconds: number;
}

const admitted: Admission = { isAdmitted: true, retrySeconds: 0 };

/** Tokens that are leased at once: a second's. */
export const leaseSize = (requestsPerMinute: number): number => Math.max(1, Math.ceil(requestsPerMinute / 60));

/**
 * Holds tenants to their limits with leases from the one that counts for the whole world. While that one is away an isolate
 * counts for itself: a tenant may then have its limit once in each isolate, and nobody is turned away for our fault.
 */
export class LimitKeeper {
  private readonly leases = new Memory<Lease>(10_000);
  private readonly refusals = new Memory<true>(10_000);
  private readonly alone = new Memory<SlidingWindow>(1000);

  async admit(limiters: LimiterNamespace, tenant: string, requestsPerMinute: number): Promise<Admission> {
    const now = Date.now();
    const lease = this.leases.get(tenant, now);
    if (lease !== undefined && lease.tokens > 0) {
      lease.tokens--;
      return admitted;
    }
    if (this.refusals.get(tenant, now) !== undefined) return { isAdmitted: false, retrySeconds: 1 };
    try {
      const limiter = limiters.get(limiters.idFromName(tenant));
      const { granted, retrySeconds } = await limiter.lease(leaseSize(requestsPerMinute), requestsPerMinute);
      if (granted === 0) {
        this.refusals.set(tenant, true, Date.now() + 1000);
        return { isAdmitted: false, retrySeconds };
      }
      // Another request may have come back with a lease meanwhile: together they end with the one that ends first.
      const other = this.leases.get(tenant, Date.now());
      const until = Math.min(now + 1000 * leaseSeconds, other?.until ?? Infinity);
      this.leases.set(tenant, { tokens: granted - 1 + (other?.tokens ?? 0), until }, until);
      return admitted;
    } catch {
      const window = this.alone.last(tenant) ?? new SlidingWindow();
      this.alone.set(tenant, window, now + 120_000);
      const granted = window.take(1, requestsPerMinute, now);
      return granted > 0 ? admitted : { isAdmitted: false, retrySeconds: window.retrySeconds(requestsPerMinute, now) };
    }
  }
}
