import type { Invocation, KeyValueStore } from "./bindings";
import { Memory } from "./memory";

/** A store failed of which nothing is known yet. */
export class StoreUnavailable extends Error {}

/** A key-value store behind the memory of an isolate. */
export class Lookup<Value> {
  private readonly known: Memory<{ value: Value | null; until: number }>;
  private readonly asked = new Set<string>();

  /**
   * @param seconds for which an answer is taken without asking again, also that there is none
   * @param most keys
   */
  constructor(
    private readonly seconds: number,
    most: number,
  ) {
    this.known = new Memory(most);
  }

  /**
   * What has been over for no longer than it lasted is still answered, and asked for anew beside the request: nobody waits for
   * the store but who asks first, or after a pause.
   *
   * @returns null if the store has no such key
   * @throws StoreUnavailable if the store fails and nothing is known
   */
  async get(store: KeyValueStore, key: string, { waitUntil }: Invocation): Promise<Value | null> {
    const now = Date.now();
    const fresh = this.known.get(key, now);
    if (fresh !== undefined) return fresh.value;
    const last = this.known.last(key);
    if (last === undefined) return this.load(store, key);
    if (now > last.until + 1000 * this.seconds) {
      // Where the store fails, what was known is better than nothing.
      return this.load(store, key).catch(() => last.value);
    }
    if (!this.asked.has(key)) {
      this.asked.add(key);
      // A store that fails is asked again with the next request.
      waitUntil(
        this.load(store, key)
          .catch(() => undefined)
          .finally(() => this.asked.delete(key)),
      );
    }
    return last.value;
  }

  private async load(store: KeyValueStore, key: string): Promise<Value | null> {
    const value = await store.get<Value>(key, "json").catch((error: unknown) => {
      throw new StoreUnavailable(`${key}: ${String(error)}`);
    });
    const until = Date.now() + 1000 * this.seconds;
    this.known.set(key, { value, until }, until);
    return value;
  }
}
