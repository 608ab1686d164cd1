import type { Readable } from "node:stream";
import { Miniflare, type Response } from "miniflare";
import type { EdgeSettings } from "../../../components/edge/worker/bindings";
import { type PlannedResource, planStack } from "../../../rehearsal/engine/plan";
import { projectRoot } from "../../../rehearsal/paths";
import { Region, until } from "./fixture";

/** The bundle, the bindings and the stores' contents as the dev stack declares them, in the Workers runtime. */

jest.setTimeout(120_000);

interface DeclaredBinding {
  name: string;
  type: string;
  json?: string;
  namespaceId?: unknown;
  bucketName?: unknown;
  queueName?: unknown;
  className?: string;
}

const region = new Region("us-east");
let runtime: Miniflare;
let declared: PlannedResource[];

const only = (type: string): PlannedResource => {
  const [found, ...more] = declared.filter((resource) => resource.type.endsWith(`:${type}`));
  if (found === undefined || more.length > 0) throw new Error(`${1 + more.length} resources of type ${type}`);
  return found;
};
const named = (name: string): PlannedResource => {
  const found = declared.find((resource) => resource.name === name);
  if (found === undefined) throw new Error(`no resource ${name}`);
  return found;
};

beforeAll(async () => {
  await region.start();
  ({ resources: declared } = await planStack(projectRoot, "dev"));
  const { props } = only("WorkerVersion");
  const bindings = props.bindings as DeclaredBinding[];
  const of = (type: string) => bindings.filter((binding) => binding.type === type);
  const settings = JSON.parse(of("json")[0]?.json ?? "") as EdgeSettings;
  expect(settings.regions.map(({ origin }) => origin)).toEqual(["https://origin-us-east.shop.example"]);
  // What differs from the declared: the region is on this machine, and its key set isn't on the internet.
  const local = { ...settings, regions: settings.regions.map((each) => ({ ...each, origin: region.origin })) };
  const [module] = props.modules as { contentBase64: string }[];
  const consumer = only("QueueConsumer").props.settings as { maxRetries: number };
  runtime = new Miniflare({
    ...{ host: "127.0.0.1", modules: true, compatibilityDate: String(props.compatibilityDate) },
    // What it logs is no part of this.
    handleRuntimeStdio: (output: Readable) => output.resume(),
    script: Buffer.from(module?.contentBase64 ?? "", "base64").toString(),
    bindings: Object.fromEntries(of("json").map(({ name }) => [name, local])),
    // Identifiers aren't known in a plan: each store is told apart by its binding.
    kvNamespaces: of("kv_namespace").map(({ name }) => name),
    r2Buckets: of("r2_bucket").map(({ name }) => name),
    queueProducers: Object.fromEntries(of("queue").map(({ name, queueName }) => [name, String(queueName)])),
    queueConsumers: { [String(of("queue")[0]?.queueName)]: { maxBatchTimeout: 0, maxRetries: consumer.maxRetries } },
    durableObjects: Object.fromEntries(
      of("durable_object_namespace").map(({ name, className }) => [name, { className: className ?? "" }]),
    ),
  });
  for (const [binding, store] of [
    ["TENANTS", "TenantDirectory::tenants"],
    ["FLAGS", "FlagStore::flags"],
  ] as const) {
    const values = declared.filter(
      ({ type, parent }) => type.endsWith(":WorkersKv") && parent?.endsWith(store) === true,
    );
    expect(values.length).toBeGreaterThan(0);
    const namespace = await runtime.getKVNamespace(binding);
    for (const { props: entry } of values) await namespace.put(String(entry.keyName), String(entry.value));
  }
});

afterAll(async () => {
  await runtime.dispose();
  await region.kill();
});

const get = (url: string): Promise<Response> => runtime.dispatchFetch(url) as unknown as Promise<Response>;

test("all bindings that the Worker reads are declared, and no other", () => {
  const names = (only("WorkerVersion").props.bindings as DeclaredBinding[]).map(({ name }) => name);
  expect(names.sort()).toEqual(["ASSETS", "FLAGS", "LIMITERS", "RETRIES", "SETTINGS", "TENANTS"]);
});

test("a public route is answered at the edge the second time", async () => {
  region.handler = (_, response) => response.setHeader("cache-control", "public, max-age=60").end("all products");
  expect(await (await get("https://api.shop.example/products")).text()).toBe("all products");
  // It is kept beside the answer, not before it.
  await until(async () => {
    const before = region.seen.length;
    await (await get("https://api.shop.example/products")).text();
    return region.seen.length === before;
  });
  const seen = region.seen.length;
  expect(await (await get("https://api.shop.example/products")).text()).toBe("all products");
  expect(region.seen).toHaveLength(seen);
});

test("a tenant is known by its host in the tenants' domain and by its custom domain, and a stranger isn't", async () => {
  region.handler = (_, response) => response.end("ok");
  for (const host of ["acme.shop.example", "shop.acme-tenant.net"]) {
    expect((await get(`https://${host}/carts`)).status).toBe(200);
    expect(region.seen.at(-1)?.headers).toMatchObject({
      "x-omega-edge-tenant": "acme",
      "x-omega-edge-tier": "enterprise",
    });
  }
  const seen = region.seen.length;
  expect((await get("https://nobody.shop.example/carts")).status).toBe(404);
  expect(region.seen).toHaveLength(seen);
});

test("an asset comes from the bucket, for a year", async () => {
  const bucket = await runtime.getR2Bucket("ASSETS");
  await bucket.put("assets/app.4f2a.js", "let app;");
  const answer = await get("https://api.shop.example/assets/app.4f2a.js");
  expect([answer.status, await answer.text()]).toEqual([200, "let app;"]);
  expect(answer.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
});

test("a write that no region takes is queued where the stack says so, and nowhere else", async () => {
  await region.kill();
  const write = (path: string) =>
    runtime.dispatchFetch(`https://api.shop.example${path}`, {
      method: "POST",
      headers: { "idempotency-key": "1", "content-length": "2" },
      body: "{}",
    });
  const [queued, refused] = [await write("/orders"), await write("/carts")];
  expect([queued.status, refused.status]).toEqual([202, 503]);
  await region.restart();
  await until(() => Promise.resolve(region.seen.some(({ url, method }) => url === "/orders" && method === "POST")));
});

test("what else is declared belongs together", () => {
  const { queueName } = named("retries-dead-letters").props;
  expect(only("QueueConsumer").props.deadLetterQueue).toEqual(queueName);
  expect(only("WorkersDeployment").props.scriptName).toBe(only("Worker").props.name);
});
