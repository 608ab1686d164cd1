import { writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { bundleWorker } from "../../components/edge/worker/bundle";
import { moduleService, quoted, Workerd } from "./workerd";

/** `make bench-edge`: what the edge's Worker costs beside one that only forwards, in rounds that take turns. */

const rounds = 8;
const requestsPerRound = 800;
const concurrency = 8;
/** One after the other, each with its own reading of the process' CPU. */
const singleRequests = 400;
const distinctAddresses = 10_000;

const body = JSON.stringify({ items: Array.from({ length: 40 }, (_, id) => ({ id, name: `product ${id}` })) });

/** Answers without delay, in a process that isn't measured. */
const originScript = `const body = ${JSON.stringify(body)};
  export default { fetch: (request) => new Response(body, { headers: {
    "content-type": "application/json", etag: '"1"',
    "cache-control": request.url.includes("/private") ? "private" : "public, max-age=3600" } }) };`;

const forwardScript = `export default { fetch(request, { ORIGIN }) {
    const url = new URL(request.url);
    return fetch(ORIGIN + url.pathname + url.search, request);
  } };`;

/** What workerd itself costs: no Worker can be cheaper. */
const constantScript = `const body = ${JSON.stringify(body)};
  export default { fetch: () => new Response(body, { headers: { "content-type": "application/json" } }) };`;

/** In place of Cloudflare's: finds nothing and keeps nothing, since in workerd it would count as the Worker's CPU. */
const noCache = `export default { async fetch(request) {
    if (request.method !== "PUT") return new Response(null, { status: 504, headers: { "cf-cache-status": "MISS" } });
    await request.body?.pipeTo(new WritableStream());
    return new Response(null, { status: 204 });
  } };`;

const tenant = {
  ...{ id: "acme", tier: "enterprise", features: [], dataRegion: "us-east", staysInRegion: false },
  ...{ isolation: "shared-database", requestsPerMinute: 6_000_000, suspended: false },
};

const noStore = `import { WorkerEntrypoint } from "cloudflare:workers";
  export class Store extends WorkerEntrypoint {
    get(key) { return key === "host:acme.test" ? ${JSON.stringify(tenant)} : null; }
  }
  export default { fetch: () => new Response() };`;

const settings = (origin: string) => ({
  ...{ version: "1", hosts: ["shop.test"], flagTokens: [], assetsPath: "/assets/", hitLogSampling: 1000 },
  regions: [{ name: "us-east", origin, latitude: 38.9, longitude: -77.4 }],
  routes: [{ path: "/products", cached: true, readsNearest: true, queuesWrites: false }],
  timeouts: { regionMilliseconds: 2000, deadlineMilliseconds: 10_000 },
  breaker: { consecutiveFailures: 5, openSeconds: 30 },
  cache: {
    ...{ apiSeconds: 3600, edgeSeconds: 86_400, staleSeconds: 60, staleIfErrorSeconds: 86_400 },
    ...{ memorySeconds: 600, memoryBytes: 16 * 2 ** 20 },
  },
  limits: { urlBytes: 8192, headerBytes: 16_384, bodyBytes: 1_048_576 },
});

const startEdge = (origin: string): Promise<Workerd> =>
  Workerd.start({
    script: bundleWorker(),
    bindings: [
      `(name = "SETTINGS", json = ${quoted(JSON.stringify(settings(origin)))})`,
      ...["TENANTS", "FLAGS"].map((name) => `(name = "${name}", service = (name = "store", entrypoint = "Store"))`),
      `(name = "LIMITERS", durableObjectNamespace = "TenantLimiter")`,
    ],
    fields: [
      `durableObjectNamespaces = [(className = "TenantLimiter", uniqueKey = "limiter")]`,
      `durableObjectStorage = (inMemory = void)`,
      `cacheApiOutbound = "cache"`,
    ],
    services: [moduleService("store", noStore), moduleService("cache", noCache)],
  });

interface Kind {
  name: string;
  process: Workerd;
  host: string;
  path(index: number): string;
}

/** Of a browser, so that copying headers costs what it would. */
const headers = {
  accept: "application/json",
  "accept-encoding": "gzip, br",
  "accept-language": "en-GB,en;q=0.9",
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Safari/537.36",
  cookie: "session=0123456789abcdef0123456789abcdef; theme=dark",
  "cf-connecting-ip": "192.0.2.1",
};

/** Idle for less than workerd, which ends connections after five seconds. */
const agent = new Agent({ keepAlive: true, maxSockets: concurrency, timeout: 2000 });

/** @returns milliseconds until the answer has ended */
function ask({ process: { port }, host, path }: Kind, index: number): Promise<number> {
  const start = performance.now();
  return new Promise((resolve, reject) =>
    get({ host: "127.0.0.1", port, path: path(index), agent, headers: { ...headers, host } }, (response) => {
      let bytes = 0;
      response.on("data", (chunk: Buffer) => (bytes += chunk.length));
      response.on("end", () =>
        response.statusCode === 200 && bytes === body.length
          ? resolve(performance.now() - start)
          : reject(new Error(`${host}${path(index)}: ${response.statusCode}, ${bytes} bytes`)),
      );
    }).on("error", reject),
  );
}

async function together(kind: Kind, from: number, count: number): Promise<void> {
  let next = from;
  const one = async () => {
    while (next < from + count) await ask(kind, next++);
  };
  await Promise.all(Array.from({ length: concurrency }, one));
}

const quantile = (values: readonly number[], part: number): number =>
  [...values].sort((one, other) => one - other)[Math.floor(part * values.length)] ?? NaN;
const median = (values: readonly number[]) => quantile(values, 0.5);

/** What was measured of one kind; all in microseconds. */
interface Measures {
  /** Mean of each round. */
  cpu: number[];
  /** Of each request alone. */
  cpuSingle: number[];
  latency: number[];
}

async function measure(kinds: readonly Kind[]): Promise<Map<string, Measures>> {
  const measures = new Map(kinds.map(({ name }) => [name, { cpu: [], cpuSingle: [], latency: [] } as Measures]));
  let index = 0;
  for (let round = -1; round < rounds; round++) {
    // Who is first takes turns too.
    const order = [
      ...kinds.slice(Math.max(round, 0) % kinds.length),
      ...kinds.slice(0, Math.max(round, 0) % kinds.length),
    ];
    for (const kind of order) {
      const before = kind.process.cpuMilliseconds;
      await together(kind, index, requestsPerRound);
      index += requestsPerRound;
      // The first round only warms up.
      if (round < 0) continue;
      const used = (1000 * (kind.process.cpuMilliseconds - before)) / requestsPerRound;
      measures.get(kind.name)?.cpu.push(used);
    }
  }
  for (let request = 0; request < singleRequests; request++) {
    for (const kind of kinds) {
      const before = kind.process.cpuMilliseconds;
      const latency = await ask(kind, index++);
      measures.get(kind.name)?.cpuSingle.push(1000 * (kind.process.cpuMilliseconds - before));
      measures.get(kind.name)?.latency.push(1000 * latency);
    }
  }
  return measures;
}

/** Resident memory before and after many addresses more than an isolate keeps, in MiB. */
async function memoryOf(kind: Kind): Promise<{ before: number; half: number; after: number }> {
  const before = kind.process.residentMegabytes;
  await together(kind, 10_000_000, distinctAddresses / 2);
  const half = kind.process.residentMegabytes;
  await together(kind, 20_000_000, distinctAddresses / 2);
  return { before, half, after: kind.process.residentMegabytes };
}

const rounded = (value: number): number => Math.round(value * 10) / 10;

async function main(): Promise<void> {
  const origin = await Workerd.start({ script: originScript });
  const address = `http://127.0.0.1:${origin.port}`;
  const bare = await Workerd.start({
    script: forwardScript,
    bindings: [`(name = "ORIGIN", text = ${quoted(address)})`],
  });
  const constant = await Workerd.start({ script: constantScript });
  const edge = await startEdge(address);
  const fixed = () => "/products/1?page=2&utm_source=mail";
  const miss: Kind = { name: "miss, kept", process: edge, host: "shop.test", path: (index) => `/products/${index}` };
  const kinds: Kind[] = [
    { name: "bare forward", process: bare, host: "shop.test", path: fixed },
    { name: "constant", process: constant, host: "shop.test", path: fixed },
    { name: "hit", process: edge, host: "shop.test", path: fixed },
    { name: "hit of a tenant", process: edge, host: "acme.test", path: fixed },
    miss,
    { name: "pass, not kept", process: edge, host: "shop.test", path: () => "/private/1?page=2" },
  ];
  try {
    const measures = await measure(kinds);
    const memory = await memoryOf({ ...miss, name: "memory" });
    const forward = median(measures.get("bare forward")?.cpu ?? []);
    const rows = [...measures].map(([name, { cpu, cpuSingle, latency }]) => ({
      kind: name,
      cpu: rounded(median(cpu)),
      timesForward: Math.round((100 * median(cpu)) / forward) / 100,
      cpuAloneP50: rounded(median(cpuSingle)),
      cpuAloneP99: rounded(quantile(cpuSingle, 0.99)),
      latencyP50: rounded(median(latency)),
      latencyP99: rounded(quantile(latency, 0.99)),
    }));
    console.table(rows);
    console.log("memory, MiB:", memory);
    const machine = { cpus: cpus().length, model: cpus()[0]?.model, node: process.version, loadAverage: loadavg()[0] };
    const setup = { rounds, requestsPerRound, concurrency, singleRequests, bodyBytes: body.length, distinctAddresses };
    const raw = Object.fromEntries(
      [...measures].map(([name, each]) => [
        name,
        { cpu: each.cpu.map(rounded), cpuSingle: each.cpuSingle.map(rounded), latency: each.latency.map(rounded) },
      ]),
    );
    const file = join(__dirname, "../../docs/bench-edge.json");
    writeFileSync(file, `${JSON.stringify({ machine, setup, rows, memory, raw })}\n`);
  } finally {
    agent.destroy();
    await Promise.all([origin, bare, constant, edge].map((each) => each.stop()));
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
