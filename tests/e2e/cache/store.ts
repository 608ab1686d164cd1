import { createServer as createTlsServer, type Server } from "node:tls";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis, type RedisOptions } from "ioredis";
import { isPortFree } from "../../../rehearsal/control-plane/credentials";
import { provideTools } from "../../../rehearsal/toolchain";
import { CertificateAuthority } from "../../certificates";
import { freePort } from "../data-plane/ports";
import { RunningProgram } from "../data-plane/processes";
import type { DeclaredCache } from "./declared";

/** Redis' name of a setting of Dragonfly, and what it makes of its value. */
const settings: Record<string, (value: string) => string[]> = {
  maxmemory: (value) => ["--maxmemory", value],
  cache_mode: (value) => ["--maxmemory-policy", value === "true" ? "allkeys-lru" : "noeviction"],
  // Without a name no snapshot is written.
  dbfilename: (value) => (value === "" ? ["--save", ""] : ["--dbfilename", value]),
  // Of Dragonfly alone, whose data is divided over its threads.
  proactor_threads: () => [],
};

/**
 * Redis in the place of Dragonfly, which is in no registry: the same protocol, with what the component declares, in the words
 * that Redis has for it. Before it stands what the server itself does in a cluster, TLS, which no build of Redis that a
 * registry carries can: with a certificate for the names that are declared.
 */
export class StandInStore {
  readonly authority: CertificateAuthority;
  private readonly folder = mkdtempSync(join(tmpdir(), "omega-cache-"));
  private readonly entrance: Server;
  private program: RunningProgram | undefined;
  private port = 0;
  private entrancePort = 0;

  /** @param maxmemory in place of the declared one, for tests that fill it */
  constructor(
    private readonly declared: DeclaredCache,
    private readonly maxmemory?: string,
  ) {
    this.authority = new CertificateAuthority(this.folder);
    const { certificate, key } = this.authority.issue(declared.dnsNames.map((name) => `DNS:${name}`).join(","));
    this.entrance = createTlsServer({ cert: certificate, key, minVersion: "TLSv1.2" }, (client) => {
      const server = connect(this.port, "127.0.0.1");
      for (const socket of [client, server]) socket.on("error", () => void [client.destroy(), server.destroy()]);
      client.pipe(server).pipe(client);
    });
    // Clients that give up are part of the tests.
    this.entrance.on("tlsClientError", () => undefined);
  }

  async start(): Promise<this> {
    const { "redis-server": command } = await provideTools(["redis-server"]);
    this.port = await freePort();
    const { maxmemory, ...flags } = this.declared.flags;
    const declared = Object.entries({ ...flags, maxmemory: this.maxmemory ?? maxmemory ?? "" }).flatMap(
      ([flag, value]) => {
        const translate = settings[flag];
        if (translate === undefined) throw new Error(`Redis has no word for --${flag}`);
        return translate(value);
      },
    );
    const own = ["--port", String(this.port), "--bind", "127.0.0.1", "--requirepass", this.declared.password];
    this.program = new RunningProgram({
      command,
      args: [...declared, ...own],
      folder: this.folder,
      logFile: join(this.folder, "log"),
    });
    await this.program.until(async () => !(await isPortFree(this.port)));
    this.entrancePort = await freePort();
    await new Promise<void>((resolve) => this.entrance.listen(this.entrancePort, "127.0.0.1", resolve));
    return this;
  }

  /** As a service connects by what it is told. @param changes what it would do otherwise */
  async connect(changes: Pick<RedisOptions, "username" | "password" | "tls"> = {}): Promise<Redis> {
    const { CACHE_HOST, CACHE_USERNAME, CACHE_PASSWORD } = this.declared.environment;
    const client = new Redis({
      // The address of CACHE_HOST here.
      host: "127.0.0.1",
      port: this.entrancePort,
      username: CACHE_USERNAME ?? "",
      password: CACHE_PASSWORD ?? "",
      tls: { ca: this.authority.certificate, servername: CACHE_HOST ?? "" },
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      ...changes,
    });
    let failure: unknown;
    client.on("error", (error: unknown) => (failure = error));
    try {
      await client.connect();
      return client;
    } catch (error) {
      client.disconnect();
      throw failure ?? error;
    }
  }

  async remove(): Promise<void> {
    this.entrance.close();
    await this.program?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
