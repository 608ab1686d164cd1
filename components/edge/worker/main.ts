import { DurableObject } from "cloudflare:workers";
import type { Bindings, Invocation } from "./bindings";
import type { CentreCache } from "./edge-cache";
import { Edge } from "./edge";
import { problem } from "./problems";
import { replay, type RetryBatch } from "./replay";
import { SlidingWindow } from "./sliding-window";

declare const caches: { default: CentreCache };

let edge: Edge | undefined;

export default {
  async fetch(request: Request, bindings: Bindings, invocation: ExecutionContext): Promise<Response> {
    edge ??= new Edge(bindings, caches.default);
    try {
      return await edge.answer(request, { waitUntil: (promise) => invocation.waitUntil(promise) });
    } catch (error) {
      console.error(JSON.stringify({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }));
      return problem(500, "edge-failed", "The edge failed.");
    }
  },
  async queue(batch: RetryBatch, { SETTINGS }: Bindings): Promise<void> {
    await replay(batch, SETTINGS);
  },
};

type ExecutionContext = Invocation;

/** One of each tenant, in the whole world: what it counts is what the tenant has had. Losing it forgets one minute. */
export class TenantLimiter extends DurableObject {
  private readonly window = new SlidingWindow();

  lease(tokens: number, requestsPerMinute: number): { granted: number; retrySeconds: number } {
    const now = Date.now();
    const granted = this.window.take(tokens, requestsPerMinute, now);
    return { granted, retrySeconds: granted > 0 ? 0 : this.window.retrySeconds(requestsPerMinute, now) };
  }
}
