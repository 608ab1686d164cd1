interface Entry<Value> {
  value: Value;
  bytes: number;
  /** Milliseconds since 1970. */
  until: number;
}

/** What an isolate remembers: bounded, and what was used least recently goes first. */
export class Memory<Value> {
  private readonly entries = new Map<string, Entry<Value>>();
  private bytes = 0;

  /** @param mostBytes of all keys and values; where values have no size to speak of, their number */
  constructor(private readonly mostBytes: number) {}

  get(key: string, now: number): Value | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined || entry.until <= now) return undefined;
    // A map keeps the order of insertion.
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry.value;
  }

  /** Also of what is over: better than nothing where its source fails. */
  last(key: string): Value | undefined {
    return this.entries.get(key)?.value;
  }

  set(key: string, value: Value, until: number, bytes = 1): void {
    this.delete(key);
    if (bytes > this.mostBytes) return;
    this.entries.set(key, { value, bytes, until });
    this.bytes += bytes;
    for (const oldest of this.entries.keys()) {
      if (this.bytes <= this.mostBytes) return;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const entry = this.entries.get(key);
    if (entry === undefined) return;
    this.entries.delete(key);
    this.bytes -= entry.bytes;
  }
}
