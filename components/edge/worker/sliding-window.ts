/** A lease that is older is worth nothing. */
export const leaseSeconds = 2;

/**
 * Seconds over which leases are counted: a minute, and as long as a lease may lie before it is used. So in no minute more is
 * used than the limit, wherever; a tenant that asks without pause gets 60 parts in 62 of it, less what lies in leases.
 */
const windowSeconds = 60 + leaseSeconds;

/** Counts by the second what was taken in the last 62. */
export class SlidingWindow {
  private readonly counts = new Map<number, number>();

  /** @returns how many of the tokens there were */
  take(tokens: number, perMinute: number, nowMilliseconds: number): number {
    const second = Math.floor(nowMilliseconds / 1000);
    const granted = Math.min(tokens, Math.max(0, perMinute - this.taken(second)));
    if (granted > 0) this.counts.set(second, (this.counts.get(second) ?? 0) + granted);
    return granted;
  }

  /** Until there is a token again. */
  retrySeconds(perMinute: number, nowMilliseconds: number): number {
    const now = Math.floor(nowMilliseconds / 1000);
    let taken = this.taken(now);
    if (taken < perMinute) return 0;
    for (const [second, count] of [...this.counts].sort(([one], [other]) => one - other)) {
      taken -= count;
      if (taken < perMinute) return second + windowSeconds + 1 - now;
    }
    return windowSeconds;
  }

  private taken(now: number): number {
    let sum = 0;
    for (const [second, count] of this.counts) {
      // A second that has begun counts whole.
      if (second < now - windowSeconds) this.counts.delete(second);
      else sum += count;
    }
    return sum;
  }
}
