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

/** As long as all regions together have by default. */
const mostFlightMilliseconds = 10_000;

/** The first two of the edge's places for answers: an isolate's memory, and the cache of the data centre behind it. */
export class EdgeCache {
  private readonly memory: Memory<KeptAnswer>;
  private readonly flights = new Map<string, { over: Promise<void>; until: number }>();

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

  /**
   * The fetch that is under way for it, to which others wait: over when its answer is kept, or can't be. The runtime may end
   * a request without a word, so that none is waited for longer than a region may take.
   */
  flightOf(key: string): Promise<void> | undefined {
    const flight = this.flights.get(key);
    return flight === undefined || flight.until <= Date.now() ? undefined : flight.over;
  }

  /** Others wait for it until it is over. */
  begin(key: string): () => void {
    let end = () => {};
    const flight = {
      over: new Promise<void>((resolve) => (end = resolve)),
      until: Date.now() + mostFlightMilliseconds,
    };
    this.flights.set(key, flight);
    return () => {
      if (this.flights.get(key) === flight) this.flights.delete(key);
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
    const read = await wholeIfSmall(body);
    const entry = entryOf(response, read, times);
    const kept = answerOf(entry);
    if (kept !== undefined) this.remember(key, { ...kept, body: read });
    await this.centre.put(key, entry);
  }

  private remember(key: string, kept: KeptAnswer): void {
    // A stream is read once.
    if (!(kept.body instanceof ArrayBuffer)) return;
    const bytes = key.length + kept.body.byteLength;
    this.memory.set(key, kept, Date.now() + 1000 * this.settings.memorySeconds, bytes);
  }
}

/** All of a body that fits into memory; a larger one goes on as a stream. */
async function wholeIfSmall(
  body: ReadableStream<Uint8Array> | null,
): Promise<ArrayBuffer | ReadableStream<Uint8Array>> {
  if (body === null) return new ArrayBuffer(0);
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return joined(chunks, bytes);
    chunks.push(value);
    bytes += value.byteLength;
    if (bytes > mostBytesInMemory) break;
  }
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = chunks.length > 0 ? { done: false, value: chunks.shift() } : await reader.read();
      if (done || value === undefined) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

function joined(chunks: readonly Uint8Array[], bytes: number): ArrayBuffer {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole.buffer;
}
