import type { EdgeSettings } from "./bindings";
import { Breaker } from "./breaker";
import { askRegions } from "./origin";
import { decodeBase64, isSettled, type QueuedWrite, retryDelaySeconds } from "./retries";

export interface RetryBatch {
  messages: readonly {
    body: QueuedWrite;
    /** From 1. */
    attempts: number;
    ack(): void;
    retry(options: { delaySeconds: number }): void;
  }[];
}

/**
 * Sends queued writes again, in their order. What a region refuses is settled: the same request would be refused again. What
 * fails too often goes to the dead-letter queue, by the consumer's own settings.
 */
export async function replay({ messages }: RetryBatch, { regions, timeouts, breaker }: EdgeSettings): Promise<void> {
  const circuits = new Breaker(breaker);
  for (const message of messages) {
    const { method, target, headers, body, host, regions: names } = message.body;
    const sent = { method, target, circuit: "", headers: new Headers(headers), body: decodeBase64(body) };
    sent.headers.set("x-forwarded-host", host);
    const order = names.flatMap((name) => regions.filter((region) => region.name === name));
    const { answered } = await askRegions(sent, order, timeouts, circuits, true);
    await answered?.response.body?.cancel();
    const status = answered?.response.status;
    console.log(JSON.stringify({ replayed: true, method, host, attempts: message.attempts, status: status ?? null }));
    if (status !== undefined && isSettled(status)) message.ack();
    else message.retry({ delaySeconds: retryDelaySeconds(message.attempts + 1) });
  }
}
