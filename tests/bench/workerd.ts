import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Miniflare's own, which is in no list of ours. */
const { default: binary } = createRequire(require.resolve("miniflare"))("workerd") as { default: string };

/** A Worker in a workerd of its own, without miniflare's before it: what its process uses is the Worker's. */
export interface WorkerdOptions {
  /** Module. */
  script: string;
  /** As Cap'n Proto text, e.g. `(name = "A", text = "1")`. */
  bindings?: readonly string[];
  /** Further services of its configuration, as Cap'n Proto text. */
  services?: readonly string[];
  /** Further fields of the Worker, as Cap'n Proto text. */
  fields?: readonly string[];
}

/** For Cap'n Proto's text format, which reads JSON's escapes. */
export const quoted = (text: string): string => JSON.stringify(text);

export const moduleService = (name: string, script: string, rest = ""): string => `(name = ${quoted(name)}, worker = (
  modules = [(name = "main", esModule = ${quoted(script)})], compatibilityDate = "2026-04-01"${rest}))`;

export class Workerd {
  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    readonly port: number,
  ) {}

  static async start({ script, bindings = [], services = [], fields = [] }: WorkerdOptions): Promise<Workerd> {
    const folder = mkdtempSync(join(tmpdir(), "omega-bench-"));
    const port = await freePort();
    const rest = [`bindings = [${bindings.join(", ")}]`, ...fields].map((field) => `, ${field}`).join("");
    // Origins are on this machine, which workerd counts as private.
    const network = `(name = "internet", network = (allow = ["public", "private", "local"]))`;
    const configuration = `using Workerd = import "/workerd/workerd.capnp";
      const config :Workerd.Config = (
        services = [${[moduleService("main", script, rest), network, ...services].join(",\n")}],
        sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]);`;
    writeFileSync(join(folder, "config.capnp"), configuration);
    const child = spawn(binary, ["serve", "--experimental", join(folder, "config.capnp")], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let complaints = "";
    child.stderr?.on("data", (chunk: Buffer) => (complaints += String(chunk)));
    const started = new Workerd(child, folder, port);
    for (let tries = 0; tries < 200; tries++) {
      if (child.exitCode !== null) throw new Error(`workerd ended: ${complaints}`);
      const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
      await answer?.arrayBuffer();
      if (answer !== undefined) return started;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`workerd doesn't answer: ${complaints}`);
  }

  /** Of all threads of the process since it began, in milliseconds, by the scheduler's nanoseconds. */
  get cpuMilliseconds(): number {
    const nanoseconds = readdirSync(`/proc/${this.process.pid}/task`).map((task) =>
      Number(this.read(`task/${task}/schedstat`).split(" ")[0]),
    );
    return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6;
  }

  /** Resident memory of the process, in MiB. */
  get residentMegabytes(): number {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(this.read("status"))?.[1]) / 1024;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill();
    await ended;
    rmSync(this.folder, { recursive: true });
  }

  private read(name: string): string {
    return readFileSync(`/proc/${this.process.pid}/${name}`, "utf8");
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
