import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Readable } from "node:stream";
import { Miniflare, type RequestInit, type Response } from "miniflare";
import type { EdgeSettings } from "../../../components/edge/worker/bindings";
import { bundleWorker } from "../../../components/edge/worker/bundle";
import { type Tenant, tenantEntries } from "../../../components/tenancy/tenant";
import type { FlagSet } from "../../../components/flags/flag";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A region's gateway: a real server, which can be killed and started again at the same port. */
export class Region {
  readonly seen: IncomingMessage[] = [];
  handler: Handler = (_, response) => response.end("ok");
  private server: Server | undefined;
  private port = 0;

  constructor(readonly name: string) {}

  async start(): Promise<void> {
    this.server = createServer((request, response) => {
      this.seen.push(request);
      response.setHeader("x-region", this.name);
      this.handler(request, response);
    });
    await new Promise<void>((resolve) => this.server?.listen(this.port, "127.0.0.1", resolve));
    ({ port: this.port } = this.server.address() as AddressInfo);
  }

  /** Open connections too. */
  async kill(): Promise<void> {
    const { server } = this;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server?.listening === true ? server.close(() => resolve()) : resolve()));
  }

  async restart(): Promise<void> {
    if (this.server?.listening !== true) await this.start();
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }
}

const places = {
  "us-east": { latitude: 38.9, longitude: -77.4 },
  "eu-west": { latitude: 53.3, longitude: -6.3 },
  "ap-south": { latitude: 19.1, longitude: 72.9 },
  "ap-north": { latitude: 35.7, longitude: 139.7 },
};

export type RegionName = keyof typeof places;

export interface EdgeOptions {
  tenants?: readonly Tenant[];
  flags?: FlagSet;
  settings?: Partial<EdgeSettings>;
  /** Whether the key-value stores fail, until `storesFail` says otherwise. Default false. */
  storesFail?: boolean;
}

/** Stands before the real stores, so that they can be made to fail as Cloudflare's do: with an error of the call. */
const stores = `import { WorkerEntrypoint } from "cloudflare:workers";
  const front = (name) => class extends WorkerEntrypoint {
    async get(key, type) {
      if ((await this.env.CONTROL.get("fail")) === "true") throw new Error("KV GET failed: 503 Service Unavailable");
      return this.env[name].get(key, type);
    }
  };
  export class Tenants extends front("TENANTS") {}
  export class Flags extends front("FLAGS") {}
  export default { fetch: () => new Response(null, { status: 404 }) };`;

/** The bundle in a real Workers runtime, in front of four real regions. */
export class TestEdge {
  readonly regions = Object.keys(places).map((name) => new Region(name));
  /** Everything that the Worker logged. */
  logged = "";
  private runtime!: Miniflare;
  private isStopped = false;

  region(name: RegionName): Region {
    const found = this.regions.find((region) => region.name === name);
    if (found === undefined) throw new Error(`no region ${name}`);
    return found;
  }

  async start({ tenants = [], flags, settings = {}, storesFail = false }: EdgeOptions = {}): Promise<this> {
    for (const region of this.regions) await region.start();
    const all: EdgeSettings = {
      version: "1",
      hosts: ["shop.test"],
      flagsHost: "flags.test",
      flagTokens: [],
      regions: this.regions.map(({ name, origin }) => ({ name, origin, ...places[name as RegionName] })),
      routes: [
        { path: "/products", cached: true, readsNearest: true, queuesWrites: false },
        { path: "/orders", cached: false, readsNearest: false, queuesWrites: true },
      ],
      assetsPath: "/assets/",
      timeouts: { regionMilliseconds: 1000, deadlineMilliseconds: 10_000 },
      breaker: { consecutiveFailures: 5, openSeconds: 30 },
      cache: {
        apiSeconds: 3600,
        edgeSeconds: 86_400,
        staleSeconds: 60,
        staleIfErrorSeconds: 86_400,
        memorySeconds: 1,
        memoryBytes: 16 * 2 ** 20,
      },
      limits: { urlBytes: 8192, headerBytes: 16_384, bodyBytes: 1_048_576 },
      hitLogSampling: 1000,
      ...settings,
    };
    const worker = {
      name: "edge",
      modules: true as const,
      script: bundleWorker(),
      compatibilityDate: "2026-04-01",
      host: "127.0.0.1",
      bindings: { SETTINGS: all },
      serviceBindings: {
        TENANTS: { name: "stores", entrypoint: "Tenants" },
        FLAGS: { name: "stores", entrypoint: "Flags" },
      },
      r2Buckets: ["ASSETS"],
      queueProducers: { RETRIES: "retries" },
      queueConsumers: { retries: { maxBatchTimeout: 0, maxRetries: 1, deadLetterQueue: "dead" } },
      durableObjects: { LIMITERS: { className: "TenantLimiter" } },
    };
    const deadLetters = {
      name: "dead-letters",
      modules: true as const,
      script: `export default { async queue({ messages }, { DEAD }) {
        for (const { body } of messages) await DEAD.put(body.target, JSON.stringify(body));
      } };`,
      kvNamespaces: ["DEAD"],
      queueConsumers: { dead: { maxBatchTimeout: 0 } },
    };
    const front = {
      name: "stores",
      modules: true as const,
      script: stores,
      compatibilityDate: "2026-04-01",
      kvNamespaces: ["TENANTS", "FLAGS", "CONTROL"],
    };
    const log = (chunk: Buffer) => (this.logged += String(chunk));
    this.runtime = new Miniflare({
      host: "127.0.0.1",
      workers: [worker, front, deadLetters],
      // What it logs is its own; a test that reads it takes it from here.
      handleRuntimeStdio: (...outputs: Readable[]) => outputs.forEach((output) => output.on("data", log)),
    });
    await this.storesFail(storesFail);
    const directory = await this.store("TENANTS");
    for (const { key, value } of tenantEntries(tenants, "tenants.test", { free: 60, pro: 600, enterprise: 6000 })) {
      await directory.put(key, JSON.stringify(value));
    }
    if (flags !== undefined) await (await this.store("FLAGS")).put("flags", JSON.stringify(flags));
    return this;
  }

  /** From near a region, as Cloudflare tells the Worker where a visitor is. */
  fetch(url: string, init: RequestInit & { near?: RegionName } = {}): Promise<Response> {
    const { near = "us-east", ...rest } = init;
    const { latitude, longitude } = places[near];
    const cf = { latitude: String(latitude), longitude: String(longitude) };
    return this.runtime.dispatchFetch(url, { ...rest, cf } as RequestInit) as Promise<Response>;
  }

  store(name: "TENANTS" | "FLAGS") {
    return this.runtime.getKVNamespace(name, "stores");
  }

  async storesFail(fail: boolean): Promise<void> {
    await (await this.runtime.getKVNamespace("CONTROL", "stores")).put("fail", String(fail));
  }

  get miniflare(): Miniflare {
    return this.runtime;
  }

  /** All that was asked of any region. */
  get seen(): string[] {
    return this.regions.flatMap(({ name, seen }) => seen.map(({ url }) => `${name} ${url ?? ""}`));
  }

  reset(): void {
    for (const region of this.regions) {
      region.seen.length = 0;
      region.handler = (_, response) => response.end("ok");
    }
  }

  /** Whoever stopped it already. */
  async stop(): Promise<void> {
    if (this.isStopped) return;
    this.isStopped = true;
    await this.runtime.dispose();
    for (const region of this.regions) await region.kill();
  }
}

/** Tries again until it is so; the test's own time is the limit. */
export async function until<Value>(probe: () => Promise<Value | undefined | null | false>): Promise<Value> {
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== null && value !== false) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
