import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConnection } from "node:net";
import { connect, createServer, type Server } from "node:tls";
import { CacheEngine, EvictionPolicy, IssuerKind, RateLimiter, RegionalCache } from "../../../components";
import { isPortFree } from "../../../rehearsal/control-plane/credentials";
import { provideTools } from "../../../rehearsal/toolchain";
import { CertificateAuthority } from "../../certificates";
import { emittedObjects } from "./emitted";
import { get, send } from "./http";
import { freePort } from "./ports";
import { RunningProgram } from "./processes";

jest.setTimeout(300_000);

const namespace = "gateway";
const perMinute = 3;
const folder = mkdtempSync(join(tmpdir(), "omega-counters-"));
const running: RunningProgram[] = [];

interface Emitted {
  environment: Record<string, string>;
  /** Keys of the Secret that the limiter's password comes from. */
  access: Record<string, string>;
  limits: string;
}
let emitted: Emitted;
let authority: CertificateAuthority;
let storePort: number;
let front: Server;

/** What the components emit, but for addresses, ports and folders. */
async function emit(): Promise<Emitted> {
  const objects = await emittedObjects(() => {
    const counters = new RegionalCache("counters", {
      ...{ engine: CacheEngine.Dragonfly, namespace: "cache", evictionPolicy: EvictionPolicy.Never },
      ...{ clientsNamespace: namespace, clients: ["rate-limiter"] },
      issuer: { kind: IssuerKind.ClusterIssuer, name: "stores" },
    });
    new RateLimiter("rate-limiter", {
      namespace,
      gateway: { labels: { "app.kubernetes.io/name": "gateway" }, serviceAccount: "gateway" },
      redis: counters.rateLimitAddress(),
      requestsPerMinute: { free: perMinute },
    });
  });
  const named = (kind: string, name: string): unknown =>
    objects.find((each) => each.kind === kind && each.metadata.name === name);
  const { spec } = named("Deployment", "rate-limiter") as {
    spec: { template: { spec: { containers: [{ env: Variable[] }] } } };
  };
  const secret = named("Secret", "counters-access") as { stringData: Record<string, string> };
  const access = secret.stringData;
  const { data } = named("ConfigMap", "rate-limiter") as { data: Record<string, string> };
  const environment = spec.template.spec.containers[0].env.map(({ name, value, valueFrom }) => {
    expect(valueFrom?.secretKeyRef.name ?? "counters-access").toBe("counters-access");
    return [name, value ?? access[valueFrom?.secretKeyRef.key ?? ""] ?? ""] as const;
  });
  return { environment: Object.fromEntries(environment), access, limits: data["limits.yaml"] ?? "" };
}

interface Variable {
  name: string;
  value?: string;
  valueFrom?: { secretKeyRef: { name: string; key: string } };
}

beforeAll(async () => {
  emitted = await emit();
  mkdirSync(join(folder, "authority"));
  authority = new CertificateAuthority(join(folder, "authority"));
  const { certificate, key } = authority.issue("DNS:localhost");
  const plainPort = await freePort();
  const { "redis-server": command } = await provideTools(["redis-server"]);
  // By a file: what is on a command line everybody can read.
  const settings = [`port ${plainPort}`, "bind 127.0.0.1", 'save ""', `requirepass ${emitted.access.password ?? ""}`];
  writeFileSync(join(folder, "redis.conf"), settings.join("\n"), { mode: 0o600 });
  const store = new RunningProgram({ command, args: ["redis.conf"], folder, logFile: join(folder, "store.log") });
  running.push(store);
  await store.until(async () => !(await isPortFree(plainPort)));
  // This build of Redis knows no TLS: something before it does.
  storePort = await freePort();
  front = createServer({ cert: certificate, key }, (client) => {
    const server = createConnection(plainPort, "127.0.0.1");
    client.pipe(server).pipe(client);
    for (const socket of [client, server]) socket.on("error", () => [client, server].map((each) => each.destroy()));
  });
  await new Promise<void>((resolve) => front.listen(storePort, "127.0.0.1", resolve));
});

afterAll(async () => {
  for (const program of running) await program.stop();
  await new Promise((resolve) => front.close(resolve));
  rmSync(folder, { recursive: true });
});

/** @param change what is other than the components say. */
async function startLimiter(change: Record<string, string> = {}): Promise<{ program: RunningProgram; http: number }> {
  const { ratelimit: command } = await provideTools(["ratelimit"]);
  const [grpc, http, metrics, debug] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const own = join(folder, `limiter-${http}`);
  mkdirSync(join(own, "config"), { recursive: true });
  writeFileSync(join(own, "config", "limits.yaml"), emitted.limits);
  const environment = {
    ...emitted.environment,
    ...{ HOST: "127.0.0.1", PORT: String(http), GRPC_HOST: "127.0.0.1", GRPC_PORT: String(grpc) },
    ...{ DEBUG_PORT: String(debug), PROMETHEUS_ADDR: `127.0.0.1:${metrics}`, RUNTIME_ROOT: own },
    ...{ REDIS_URL: `localhost:${storePort}`, REDIS_TLS_CACERT: join(folder, "authority", "ca.crt") },
    ...change,
  };
  const program = new RunningProgram({ command, args: [], folder: own, logFile: join(own, "log"), environment });
  running.push(program);
  return { program, http };
}

const isWell = (http: number) =>
  get(http, "/healthcheck").then(
    ({ status }) => status === 200,
    () => false,
  );

/** Asks the store itself. */
function ask(...commands: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(
      { host: "127.0.0.1", servername: "localhost", port: storePort, ca: authority.certificate },
      () => {
        socket.write([`AUTH default ${emitted.access.password ?? ""}`, ...commands, "QUIT", ""].join("\r\n"));
      },
    );
    let answer = "";
    socket.on("data", (data: Buffer) => (answer += data.toString()));
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}

test("the limiter counts by TLS, with user and password, in keys that outlive their minute by little", async () => {
  const { program, http } = await startLimiter();
  await program.until(() => isWell(http));
  const [, domain = ""] = /^domain: "?([^"\n]+)"?$/m.exec(emitted.limits) ?? [];
  const entries = [
    { key: "tier", value: "free" },
    { key: "tenant", value: "acme" },
  ];
  const question = JSON.stringify({ domain, descriptors: [{ entries }] });
  const count = async () => (await send(http, { path: "/json", method: "POST", body: question })).status;
  const answers: number[] = [];
  // Twice as many, for the minute may end between two of them.
  for (let each = 0; each < 2 * perMinute + 2; each++) answers.push(await count());
  expect(answers.slice(0, perMinute)).toEqual(Array(perMinute).fill(200));
  expect(answers).toContain(429);
  const keys = /\r\n([^\r\n]*acme[^\r\n]*)\r\n/.exec(await ask("KEYS *acme*"))?.[1];
  const seconds = Number(/:(-?\d+)\r\n/.exec(await ask(`TTL ${keys}`))?.[1]);
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(60 + 30);
});

test.each<[string, () => Record<string, string>]>([
  ["the wrong password", () => ({ REDIS_AUTH: "default:wrong" })],
  ["no authority to check the certificate against", () => ({ REDIS_TLS_CACERT: "" })],
  ["plain text", () => ({ REDIS_TLS: "false" })],
])("with %s it gets no store", async (_, change) => {
  const { program, http } = await startLimiter(change());
  await expect(program.until(() => isWell(http), 5)).rejects.toThrow(/ended|is not ready/);
});
