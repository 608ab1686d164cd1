import type { Readable } from "node:stream";
import { Miniflare, type RequestInit, type Response } from "miniflare";
import type { EdgeRegion, EdgeSettings } from "../../../components/edge/worker/bindings";
import { type PlannedResource, planStack } from "../../../rehearsal/engine/plan";
import { projectRoot } from "../../../rehearsal/paths";
import { Region } from "./fixture";

export interface DeclaredBinding {
  name: string;
  type: string;
  json?: string;
  bucketName?: unknown;
  queueName?: unknown;
  className?: string;
}

const stores = { TENANTS: "TenantDirectory::tenants", FLAGS: "FlagStore::flags" };

/**
 * The bundle, the bindings and the stores' contents as a stack declares them, in the Workers runtime. What differs: each
 * region is a server on this machine, and a store is told by its binding, for a plan knows no identifiers.
 */
export class DeclaredEdge {
  regions: Region[] = [];
  private declared: PlannedResource[] = [];
  private runtime!: Miniflare;
  private places: readonly EdgeRegion[] = [];

  async start(stack: string): Promise<this> {
    ({ resources: this.declared } = await planStack(projectRoot, stack));
    const { props } = this.only("WorkerVersion");
    const of = (type: string) => this.bindings.filter((binding) => binding.type === type);
    const settings = JSON.parse(of("json")[0]?.json ?? "") as EdgeSettings;
    this.places = settings.regions;
    this.regions = settings.regions.map(({ name }) => new Region(name));
    for (const region of this.regions) await region.start();
    const regions = settings.regions.map((each) => ({ ...each, origin: this.region(each.name).origin }));
    const [module] = props.modules as { contentBase64: string }[];
    const queue = String(of("queue")[0]?.queueName);
    const { maxRetries } = this.only("QueueConsumer").props.settings as { maxRetries: number };
    this.runtime = new Miniflare({
      ...{ host: "127.0.0.1", modules: true, compatibilityDate: String(props.compatibilityDate) },
      // What it logs has tests of its own.
      handleRuntimeStdio: (output: Readable) => output.resume(),
      script: Buffer.from(module?.contentBase64 ?? "", "base64").toString(),
      bindings: Object.fromEntries(of("json").map(({ name }) => [name, { ...settings, regions }])),
      kvNamespaces: of("kv_namespace").map(({ name }) => name),
      r2Buckets: of("r2_bucket").map(({ name }) => name),
      queueProducers: Object.fromEntries(of("queue").map(({ name }) => [name, queue])),
      queueConsumers: { [queue]: { maxBatchTimeout: 0, maxRetries } },
      durableObjects: Object.fromEntries(
        of("durable_object_namespace").map(({ name, className }) => [name, { className: className ?? "" }]),
      ),
    });
    for (const [binding, store] of Object.entries(stores)) {
      const namespace = await this.runtime.getKVNamespace(binding);
      const values = this.declared.filter(
        ({ type, parent }) => type.endsWith(":WorkersKv") && parent?.endsWith(store) === true,
      );
      for (const { props: entry } of values) await namespace.put(String(entry.keyName), String(entry.value));
    }
    return this;
  }

  get bindings(): DeclaredBinding[] {
    return this.only("WorkerVersion").props.bindings as DeclaredBinding[];
  }

  /** The only resource of its type. */
  only(type: string): PlannedResource {
    const [found, ...more] = this.declared.filter((resource) => resource.type.endsWith(`:${type}`));
    if (found === undefined || more.length > 0) throw new Error(`not one resource of type ${type}`);
    return found;
  }

  named(name: string): PlannedResource {
    const found = this.declared.find((resource) => resource.name === name);
    if (found === undefined) throw new Error(`no resource ${name}`);
    return found;
  }

  region(name: string): Region {
    const found = this.regions.find((region) => region.name === name);
    if (found === undefined) throw new Error(`no region ${name}`);
    return found;
  }

  /** @param near name of the region that the visitor is at; default: nobody knows where */
  fetch(url: string, init: RequestInit = {}, near?: string): Promise<Response> {
    const place = this.places.find(({ name }) => name === near);
    const cf = place && { latitude: String(place.latitude), longitude: String(place.longitude) };
    return this.runtime.dispatchFetch(url, { ...init, ...(cf && { cf }) } as RequestInit) as Promise<Response>;
  }

  bucket(): ReturnType<Miniflare["getR2Bucket"]> {
    return this.runtime.getR2Bucket("ASSETS");
  }

  async stop(): Promise<void> {
    await this.runtime.dispose();
    for (const region of this.regions) await region.kill();
  }
}
