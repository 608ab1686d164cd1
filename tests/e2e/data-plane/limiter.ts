import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CounterStore, RateLimiter, type RateLimiterArgs } from "../../../components";
import { isPortFree } from "../../../rehearsal/control-plane/credentials";
import { provideTools } from "../../../rehearsal/toolchain";
import { isOfMesh } from "./adapt";
import { emittedObjects } from "./emitted";
import { get } from "./http";
import type { Mesh, MeshObject } from "./mesh";
import { freePort } from "./ports";
import { RunningProgram } from "./processes";

interface Container {
  args?: string[];
  env?: { name: string; value: string }[];
}

/** What a region gets that limits its gateway: Istio's objects, and how the limiter and its store are run. */
export interface LimiterObjects {
  mesh: MeshObject[];
  limiter: Container;
  store: Container;
  /** Files of the limiter's ConfigMap. */
  files: Record<string, string>;
}

export async function limiterObjects(args: Omit<RateLimiterArgs, "redis">): Promise<LimiterObjects> {
  const objects = await emittedObjects(() => {
    const { redis } = new CounterStore("counter-store", { namespace: args.namespace });
    new RateLimiter("rate-limiter", { ...args, redis });
  });
  const named = (kind: string, name: string): unknown =>
    objects.find((each) => each.kind === kind && each.metadata.name === name);
  const container = (name: string) => {
    const { spec } = named("Deployment", name) as { spec: { template: { spec: { containers: [Container] } } } };
    return spec.template.spec.containers[0];
  };
  const { data: files } = named("ConfigMap", "rate-limiter") as { data: Record<string, string> };
  return {
    mesh: objects.filter(({ apiVersion }) => isOfMesh(apiVersion)),
    limiter: container("rate-limiter"),
    store: container("counter-store"),
    files,
  };
}

/** Stands for the limiter's Service and its EndpointSlices, which refuse addresses of loopback. */
export function limiterWorkloads(namespace: string, ports: number[]): MeshObject {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name: "limiter-workloads", namespace },
    spec: {
      hosts: [`rate-limiter.${namespace}.svc.cluster.local`],
      ports: [{ number: 8081, name: "grpc", protocol: "GRPC" }],
      location: "MESH_INTERNAL",
      resolution: "STATIC",
      endpoints: ports.map((port) => ({ address: "127.0.0.1", ports: { grpc: port } })),
    },
  };
}

/** A program of the platform that can be killed and started again, on the same ports. */
export class Restartable {
  private running: RunningProgram | undefined;

  constructor(private readonly run: () => Promise<RunningProgram>) {}

  async start(): Promise<this> {
    this.running = await this.run();
    return this;
  }

  async stop(): Promise<void> {
    await this.running?.stop();
    this.running = undefined;
  }
}

/** The store with the component's settings, at a port of loopback. */
export async function startStore(mesh: Mesh, { store }: LimiterObjects, port: number): Promise<Restartable> {
  const { "redis-server": command } = await provideTools(["redis-server"]);
  const folder = mesh.folder("store");
  const args = [...(store.args ?? []), "--port", String(port), "--bind", "127.0.0.1"];
  return new Restartable(async () => {
    const running = new RunningProgram({ command, args, folder, logFile: join(folder, "log") });
    await running.until(async () => !(await isPortFree(port)));
    return running;
  }).start();
}

/** One replica of the limiter with the component's environment and files, but for addresses and ports. */
export async function startLimiter(
  mesh: Mesh,
  { limiter, files }: LimiterObjects,
  storePort: number,
): Promise<{ replica: Restartable; port: number }> {
  const { ratelimit: command } = await provideTools(["ratelimit"]);
  const [port, http, metrics, debug] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const folder = mesh.folder(`limiter-${port}`);
  mountConfigMap(join(folder, "config"), files);
  const given = (limiter.env ?? []).map(({ name, value }) => [name, value] as const);
  const environment = {
    ...Object.fromEntries(given),
    ...{ HOST: "127.0.0.1", PORT: String(http), GRPC_HOST: "127.0.0.1", GRPC_PORT: String(port) },
    ...{ DEBUG_PORT: String(debug), PROMETHEUS_ADDR: `127.0.0.1:${metrics}` },
    ...{ RUNTIME_ROOT: folder, REDIS_URL: `127.0.0.1:${storePort}` },
  };
  const replica = new Restartable(async () => {
    const running = new RunningProgram({ command, args: [], folder, logFile: join(folder, "log"), environment });
    await running.until(() =>
      get(http, "/healthcheck").then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
    return running;
  });
  return { replica: await replica.start(), port };
}

/** As the kubelet does: the files are links into a folder whose name begins with two dots. */
function mountConfigMap(folder: string, files: Record<string, string>): void {
  const data = "..2026_11_25";
  mkdirSync(join(folder, data), { recursive: true });
  symlinkSync(data, join(folder, "..data"));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, data, name), text);
    symlinkSync(join("..data", name), join(folder, name));
  }
}
