/** The Worker's bindings, by the names under which the program declares them. */
export interface Bindings {
  SETTINGS: EdgeSettings;
  /** `host:<host>` and `tenant:<id>` give a TenantRecord, `cache-generation` a number. */
  TENANTS: KeyValueStore;
  /** `flags` gives a FlagSet. */
  FLAGS: KeyValueStore;
  ASSETS: ObjectStore;
  RETRIES: MessageQueue;
  LIMITERS: LimiterNamespace;
}

/** What the Worker is told at its deployment: JSON, without secrets. */
export interface EdgeSettings {
  /** Of this deployment: part of all cache keys, so another one starts with nothing cached. */
  version: string;
  /** The platform's own host names. */
  hosts: readonly string[];
  /** Host at which services evaluate flags by OFREP; default none. */
  flagsHost?: string;
  /** SHA-256, in small hexadecimal digits, of the bearer tokens by which services evaluate flags. */
  flagTokens: readonly string[];
  /** In the order of who is asked first by visitors of whom nothing is known. */
  regions: readonly EdgeRegion[];
  /** The longest path that matches counts. */
  routes: readonly EdgeRoute[];
  /** Path, with a slash at both ends, under which answers come from the bucket. */
  assetsPath: string;
  timeouts: { regionMilliseconds: number; deadlineMilliseconds: number };
  breaker: BreakerSettings;
  cache: EdgeCacheSettings;
  limits: { urlBytes: number; headerBytes: number; bodyBytes: number };
  /** Of the region's gateway, which checks tokens again. Default: none is checked here. */
  authentication?: TokenSettings;
  /**
   * Requests that a region was asked for, and failures, are logged one by one; of cache hits, assets, flags and refusals of
   * each kind one in so many.
   */
  hitLogSampling: number;
}

export interface EdgeRegion {
  name: string;
  /** Without a path, e.g. `https://us-east.origin.shop.example`. */
  origin: string;
  /** Degrees. */
  latitude: number;
  longitude: number;
}

export interface EdgeRoute {
  /** Prefix of whole segments, e.g. `/products`. */
  path: string;
  /** Whether answers to readers without a token may be kept for others. */
  cached: boolean;
  /** Whether a tenant's reads go to the region that is nearest to the reader, instead of the tenant's own. */
  readsNearest: boolean;
  /** Whether a write that no region took is kept and tried again. */
  queuesWrites: boolean;
}

export interface BreakerSettings {
  /** Failures in a row after which a region is asked no more. */
  consecutiveFailures: number;
  /** Until one request tries it again. */
  openSeconds: number;
}

export interface EdgeCacheSettings {
  /** Of answers that say they are public and not for how long. */
  apiSeconds: number;
  /** At most. */
  edgeSeconds: number;
  /** For which what expired is answered while one request fetches it anew. */
  staleSeconds: number;
  /** For which what expired is answered while all regions fail. */
  staleIfErrorSeconds: number;
  /** In the memory of an isolate, from which no purge takes it. */
  memorySeconds: number;
  memoryBytes: number;
}

export interface TokenSettings {
  issuer: string;
  audiences: readonly string[];
  /** One of the two. */
  jwksUri?: string;
  jwks?: string;
  tenantClaim: string;
}

export interface KeyValueStore {
  /** Values are written by the program alone, so that their form is known. */
  get<Value>(key: string, type: "json"): Promise<Value | null>;
}

export interface StoredObject {
  /** In quotes. */
  httpEtag: string;
  size: number;
  range?: { offset?: number; length?: number; suffix?: number };
  /** Without it the condition of the request didn't hold. */
  body?: ReadableStream<Uint8Array>;
  writeHttpMetadata(headers: Headers): void;
}

export interface ObjectStore {
  head(key: string): Promise<StoredObject | null>;
  get(key: string, options: { onlyIf?: Headers; range?: Headers }): Promise<StoredObject | null>;
}

export interface MessageQueue {
  send(message: unknown, options?: { delaySeconds?: number }): Promise<unknown>;
}

export interface Limiter {
  lease(tokens: number, requestsPerMinute: number): Promise<{ granted: number; retrySeconds: number }>;
}

export interface LimiterNamespace {
  idFromName(name: string): unknown;
  get(id: unknown): Limiter;
}

/** Of one invocation. */
export interface Invocation {
  waitUntil(promise: Promise<unknown>): void;
}
