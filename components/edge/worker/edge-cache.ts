import { type KeptAnswer, answerOf, entryOf, readerHeaders, timesOf } from "./answers";
import type { EdgeCacheSettings, Invocation } from "./bindings";
import { lifetimeOf } from "./freshness";
import { Memory } from "./memory";

/** The data centre's cache, as the Workers runtime has it. */
export interface CentreCache {
  match(key: string): Promise<Response | undefined>;
  put(key: string, entry: Response): Promise<void>;
}

/** Larger ones are the data centre's alone. */
const mostBytesInMemory = 65_536;

/** The first two of the edge's places for answers: an isolate's memory, and the cache of the data centre behind it. */
export class EdgeCache {
  private readonly memory: Memory<KeptAnswer>;
  private readonly flights = new Map<string, Promise<void>>();

  constructor(
    private readonly settings: EdgeCacheSettings,
    private readonly centre: CentreCache,
  ) {
    this.memory = new Memory(settings.memoryBytes);
  }

  /** Without a wait, what an isolate gives again and again. Fresh or not: see its times. */
  remembered(key: string, now: number): KeptAnswer | undefined {
    return this.memory.get(key, now);
  }

  async find(key: string): Promise<KeptAnswer | undefined> {
    const entry = await this.centre.match(key);
    const kept = entry && answerOf(entry);
    if (kept === undefined) {
      await entry?.body?.cancel();
      return undefined;
    }
    if (Number(entry?.headers.get("content-length") ?? Infinity) > mostBytesInMemory || entry === undefined)
      return kept;
    const whole = { ...kept, body: await entry.arrayBuffer() };
    this.remember(key, whole);
    return whole;
  }

  /** The fetch that is under way for it, to which others wait: over when its answer is kept, or can't be. */
  flightOf(key: string): Promise<void> | undefined {
    return this.flights.get(key);
  }

  /** Others wait for it until it is over. */
  begin(key: string): () => void {
    let end = () => {};
    this.flights.set(key, new Promise((resolve) => (end = resolve)));
    return () => {
      this.flights.delete(key);
      end();
    };
  }

  /**
   * Keeps an answer while it goes on to its reader, if it may be kept.
   *
   * @param ended called when it is kept, or when it is known that it isn't
   */
  keep(key: string, response: Response, ended: () => void, { waitUntil }: Invocation): Response {
    const lifetime = lifetimeOf(response, this.settings);
    const headers = readerHeaders(response.headers);
    const { status } = response;
    if (lifetime === undefined) {
      ended();
      return new Response(response.body, { status, headers });
    }
    const times = timesOf(lifetime, Date.now());
    const [forReader, forOthers] = response.body?.tee() ?? [null, null];
    waitUntil(
      this.store(key, response, forOthers, times)
        .catch(() => undefined)
        .finally(ended),
    );
    return new Response(forReader, { status, headers });
  }

  private async store(
    key: string,
    response: Response,
    body: ReadableStream<Uint8Array> | null,
    times: KeptAnswer["times"],
  ): Promise<void> {
    const length = Number(response.headers.get("content-length") ?? (body === null ? 0 : Infinity));
    if (length > mostBytesInMemory) return this.centre.put(key, entryOf(response, body, times));
    const bytes = await new Response(body).arrayBuffer();
    const entry = entryOf(response, bytes, times);
    const kept = answerOf(entry);
    if (kept !== undefined) this.remember(key, { ...kept, body: bytes });
    await this.centre.put(key, entry);
  }

  private remember(key: string, kept: KeptAnswer): void {
    const bytes = key.length + (kept.body instanceof ArrayBuffer ? kept.body.byteLength : 0);
    this.memory.set(key, kept, Date.now() + 1000 * this.settings.memorySeconds, bytes);
  }
}
