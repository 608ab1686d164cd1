import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { type CachedAnswer, cacheTags, storeKey } from "../../../components/cache/answers";
import { EvictionPolicy } from "../../../components/cache/engines/engine";
import { purgeSteps, Tier } from "../../../components/cache/staleness";
import { CacheProfile, cacheTiers } from "../../../components/cache/tiers";
import { type DeclaredCache, declaredCache } from "./declared";
import { StandInStore } from "./store";

jest.setTimeout(120_000);

let declared: DeclaredCache;
let store: StandInStore;
let client: Redis;
const stores: StandInStore[] = [];

async function started(cache: DeclaredCache, maxmemory?: string): Promise<StandInStore> {
  const made = new StandInStore(cache, maxmemory);
  stores.push(made);
  return made.start();
}

beforeAll(async () => {
  declared = await declaredCache(CacheProfile.Shared, { gibibytes: 2 });
  store = await started(declared);
  client = await store.connect();
});

afterAll(async () => {
  client?.disconnect();
  await Promise.all(stores.map((each) => each.remove()));
});

describe("the store as it is declared, Redis in the place of Dragonfly", () => {
  test("has three quarters of a replica's memory for data, and drops what is least used", async () => {
    expect(await client.config("GET", "maxmemory")).toEqual(["maxmemory", String(1.5 * 2 ** 30)]);
    expect(await client.config("GET", "maxmemory-policy")).toEqual(["maxmemory-policy", "allkeys-lru"]);
    expect(await client.config("GET", "save")).toEqual(["save", ""]);
  });

  test("lets in who has the password, and nobody else", async () => {
    expect(await client.ping()).toBe("PONG");
    await expect(store.connect({ password: "guessed" })).rejects.toThrow(/WRONGPASS/);
    await expect(store.connect({ username: "somebody" })).rejects.toThrow(/WRONGPASS/);
    await expect(store.connect({ username: "", password: "" })).rejects.toThrow(/NOAUTH/);
  });

  test("is known by the names that services are told, and by the authority that they trust", async () => {
    const { CACHE_HOST: writer, CACHE_READER_HOST: reader, CACHE_TLS, CACHE_PORT } = declared.environment;
    expect({ CACHE_TLS, CACHE_PORT }).toEqual({ CACHE_TLS: "true", CACHE_PORT: "6379" });
    const ca = store.authority.certificate;
    for (const servername of [writer, reader]) {
      const connected = await store.connect({ tls: { ca, servername: servername ?? "" } });
      expect(await connected.ping()).toBe("PONG");
      connected.disconnect();
    }
    const other = { ca, servername: "cache.elsewhere.svc.cluster.local" };
    await expect(store.connect({ tls: other })).rejects.toThrow(/altnames/);
    await expect(store.connect({ tls: { servername: writer ?? "" } })).rejects.toThrow(/unable to verify/);
  });
});

/** Milliseconds for which the store keeps a copy, by what a service is told. */
function lifetime({ environment }: DeclaredCache): number {
  return 1000 * (Number(environment.CACHE_TTL_SECONDS) + Number(environment.CACHE_STALE_SECONDS));
}

describe("lifetimes", () => {
  test("are the architecture's hour, and what the table allows after it", async () => {
    const { seconds, staleSeconds } = cacheTiers(CacheProfile.Shared).regional;
    await client.set("copy", "text", "PX", lifetime(declared));
    const left = await client.pttl("copy");
    expect(left).toBeGreaterThan(1000 * seconds);
    expect(left).toBeLessThanOrEqual(1000 * (seconds + staleSeconds));
  });

  test("end", async () => {
    const tiers = {
      ...{ regionalSeconds: 1, originSeconds: 1, staleSeconds: 1, generationSeconds: 1, lockMilliseconds: 100 },
    };
    const short = await declaredCache(CacheProfile.Shared, { tiers });
    await client.set("short", "text", "PX", lifetime(short));
    expect(await client.get("short")).toBe("text");
    for (let read: string | null = "text"; read !== null; read = await client.get("short")) await sleep(100);
    expect(await client.exists("short")).toBe(0);
  });
});

/** Writes a MiB each, until there are so many or one is refused. */
async function fill(connected: Redis, mebibytes: number): Promise<void> {
  for (let number = 0; number < mebibytes; number++) await connected.set(`fill-${number}`, "x".repeat(2 ** 20));
}

async function evicted(connected: Redis): Promise<number> {
  return Number(/evicted_keys:(\d+)/.exec(await connected.info("stats"))?.[1]);
}

describe("a full store", () => {
  test("drops old copies for new ones", async () => {
    const full = await (await started(declared, "16mb")).connect();
    await fill(full, 64);
    expect(await evicted(full)).toBeGreaterThan(0);
    expect(await full.exists("fill-63")).toBe(1);
    expect(await full.dbsize()).toBeLessThan(17);
    full.disconnect();
  });

  test("refuses new ones where all must stay", async () => {
    const kept = await declaredCache(CacheProfile.Private, { evictionPolicy: EvictionPolicy.Never });
    const full = await (await started(kept, "16mb")).connect();
    await expect(fill(full, 64)).rejects.toThrow(/OOM command not allowed/);
    expect(await evicted(full)).toBe(0);
    expect(await full.exists("fill-0")).toBe(1);
    full.disconnect();
  });
});

describe("a purge", () => {
  const product = (number: number, version = "1.0.0"): CachedAnswer => ({
    ...{ service: "catalog", version, key: `/products/${number}`, tags: [`product-${number}`, "prices"] },
  });
  const generationKey = (tag: string) => `generation:${tag}`;

  /** As a service does it: the generations of an answer's tags first. */
  async function generationsOf(answer: CachedAnswer): Promise<Record<string, number>> {
    const tags = cacheTags(answer);
    for (const tag of tags) await client.set(generationKey(tag), Date.now(), "NX");
    const found = await client.mget(tags.map(generationKey));
    return Object.fromEntries(tags.map((tag, index) => [tag, Number(found[index])]));
  }
  const read = async (answer: CachedAnswer) => client.get(storeKey(answer, await generationsOf(answer), Date.now()));
  const write = async (answer: CachedAnswer, body: string) =>
    client.set(storeKey(answer, await generationsOf(answer), Date.now()), body, "PX", lifetime(declared));

  async function purge(tags: string[]): Promise<void> {
    const inRegion = purgeSteps(cacheTiers(CacheProfile.Shared), tags).filter(({ tier }) => tier === Tier.Regional);
    for (const tag of inRegion.flatMap((step) => step.tags)) {
      await client.multi().set(generationKey(tag), Date.now(), "NX").incr(generationKey(tag)).exec();
    }
  }

  beforeEach(async () => {
    await client.flushall();
    for (const number of [1, 2]) await write(product(number), `product ${number}`);
  });

  test("by a tag reaches the answers that were made from it, and no others", async () => {
    const [tag = ""] = cacheTags({ service: "catalog", tags: ["product-1"] }).filter((each) => each !== "catalog");
    await purge([tag]);
    expect(await read(product(1))).toBeNull();
    expect(await read(product(2))).toBe("product 2");
    await write(product(1), "product 1, anew");
    expect(await read(product(1))).toBe("product 1, anew");
  });

  test.each([
    ["what all were made from", "catalog.prices"],
    ["the service", "catalog"],
  ])("by %s reaches all", async (_, tag) => {
    await purge([tag]);
    expect([await read(product(1)), await read(product(2))]).toEqual([null, null]);
  });

  test("is not undone by who was about to write the old answer", async () => {
    const before = storeKey(product(1), await generationsOf(product(1)), Date.now());
    await purge(["catalog.product-1"]);
    await client.set(before, "late", "PX", lifetime(declared));
    expect(await read(product(1))).toBeNull();
  });

  test("is not undone by a store that has lost a tag's generation", async () => {
    await purge(["catalog.product-1"]);
    await client.del(generationKey("catalog.product-1"));
    expect(await read(product(1))).toBeNull();
    expect(await read(product(2))).toBe("product 2");
  });

  test("is what another version of the service is, too", async () => {
    expect(await read(product(1, "1.1.0"))).toBeNull();
    expect(await read(product(1))).toBe("product 1");
  });
});
