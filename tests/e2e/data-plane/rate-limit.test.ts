import { Agent } from "node:https";
import { createServer, type Server } from "node:net";
import { gatewayWorkload } from "../../../components";
import { type GatewayCall, securityHeaders, TokenIssuer } from "./gateway-client";
import { GatewayFixture, gatewayNamespace, type GatewayReplica } from "./gateway-fixture";
import type { Answer } from "./http";
import { limiterObjects, limiterWorkloads, type Restartable, startLimiter, startStore } from "./limiter";
import { freePort } from "./ports";

jest.setTimeout(400_000);

const fixture = new GatewayFixture();
const { mesh } = fixture;
const audience = "shop";
const tokens = new TokenIssuer("https://login.example.com");
const agent = new Agent({ keepAlive: true, maxSockets: 4 });
const limiterCluster = `outbound|8081||rate-limiter.${gatewayNamespace}.svc.cluster.local`;
const args = { namespace: gatewayNamespace, gateway: gatewayWorkload() };

let gateways: GatewayReplica[];
let limiters: Restartable[];
let limiterPorts: number[];
let store: Restartable;

beforeAll(async () => {
  await fixture.start(["order", "catalog"]);
  const objects = await limiterObjects(args);
  const storePort = await freePort();
  store = await startStore(mesh, objects, storePort);
  const replicas = [await startLimiter(mesh, objects, storePort), await startLimiter(mesh, objects, storePort)];
  limiters = replicas.map(({ replica }) => replica);
  limiterPorts = replicas.map(({ port }) => port);

  mesh.apply([...objects.mesh, limiterWorkloads(gatewayNamespace, limiterPorts)]);
  gateways = await fixture.pair("gateway", {
    hosts: ["api.example.com"],
    routes: [
      { name: "order", path: "/orders", backends: [{ service: "order" }] },
      { name: "catalog", path: "/catalog", isPublic: true, backends: [{ service: "catalog" }] },
    ],
    authentication: { issuer: tokens.name, audiences: [audience], jwks: tokens.jwks },
  });
  for (const { proxy } of gateways) {
    await proxy.until(async () => (await proxy.stat("cluster_manager.warming_clusters")) === 0);
  }
});

afterAll(async () => {
  agent.destroy();
  await Promise.all([...(limiters ?? []), store].map((each) => each?.stop()));
  await fixture.stop();
});

/** Who sends requests, and what they have. */
type Sender = Pick<GatewayCall, "token" | "headers" | "body">;

/** Answers that the limiter had no part in: it was away, too late, or not asked. */
let undecided = 0;

/** One request to the first or the second gateway: of a tenant with its token, or of nobody to a public route. */
async function call(index: number, sender: Sender): Promise<Answer> {
  const gateway = gateways[index % gateways.length];
  if (gateway === undefined) throw new Error("there is no gateway");
  const path = sender.token === undefined ? "/catalog" : "/orders";
  const method = sender.body === undefined ? "GET" : "POST";
  const answer = await gateway.client.send({ path, method, ...sender }, agent);
  if (!isDecided(answer)) undecided++;
  return answer;
}

const isDecided = ({ headers }: Answer) => "x-ratelimit-limit" in headers;

/** So many requests in turn to both gateways, or all to one of them. */
function calls(count: number, sender: Sender, only?: number): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => call(only ?? index, sender)));
}

const statuses = (answers: Answer[]) => answers.map(({ status }) => status);
const limited = (answers: Answer[]) => answers.filter(({ status }) => status === 429);

const maximumTries = 20;
let tenants = 0;

/** Requests for a tenant that nobody else has, with the claims of its tier. */
function newTenant(claims: object): Sender {
  return { token: tokens.sign({ aud: audience, tenant: `tenant-${++tenants}`, ...claims }) };
}

const of = (tier: string) => newTenant({ tier });

/**
 * The limiter's minutes are those of the clock: what falls into two of them proves nothing, and is done once more. So is
 * what the limiter was too late for, as on a busy machine: such requests pass and aren't counted. A gateway that had many of
 * them asks no more for a while, which is waited for.
 *
 * @param failures counts what makes a try prove nothing; by default requests that were not decided
 */
async function withinOneMinute<Result>(run: () => Promise<Result>, failures = () => undecided): Promise<Result> {
  const now = () => [Math.floor(Date.now() / 60_000), failures()].join();
  const before = undecided;
  for (let tries = 0; tries < maximumTries; tries++) {
    const began = now();
    const result = await run();
    if (now() === began) return result;
    await untilAsked(true);
  }
  throw new Error(
    `none of ${maximumTries} tries was decided within a minute; ${undecided - before} requests were not at all`,
  );
}

/** Waits until both gateways get answers from the limiter, or no longer do. */
async function untilAsked(isAsked: boolean): Promise<void> {
  for (const [index, { proxy }] of gateways.entries()) {
    await proxy.until(async () => {
      const answers = await calls(4, of("enterprise"), index);
      return answers.every(({ headers }) => "x-ratelimit-limit" in headers === isAsked);
    }, 200);
  }
}

test("the gateways take the filters as they are emitted, in an order that knows the tenant first and reads the body last", async () => {
  await untilAsked(true);
  const filters = ["header_mutation", "jwt_authn", "rbac", "ratelimit", "local_ratelimit", "buffer", "router"];
  for (const { proxy } of gateways) {
    expect(await proxy.stat("listener_manager.lds.update_rejected")).toBe(0);
    const { body } = await proxy.admin("/config_dump?resource=dynamic_listeners");
    const order = filters.map((name) => body.indexOf(`"envoy.filters.http.${name}"`));
    expect(order[0]).toBeGreaterThan(0);
    expect(order).toEqual([...order].sort((left, right) => left - right));
  }
});

describe("while the limiter answers", () => {
  test("two gateways share one tenant's limit and answer 429 past it; another tenant is untouched", async () => {
    const { within, past, other } = await withinOneMinute(async () => {
      const tenant = of("free");
      return { within: await calls(60, tenant), past: await calls(2, tenant), other: await calls(60, of("free")) };
    });
    expect(statuses(within)).toEqual(Array(60).fill(200));
    expect(statuses(past)).toEqual([429, 429]);
    expect(statuses(other)).toEqual(Array(60).fill(200));
  });

  test("each tier has its own limit", async () => {
    let unlimited = 0;
    const { answers, past } = await withinOneMinute(
      async () => {
        const [tenant, answers]: [Sender, Answer[]] = [of("pro"), []];
        while (limited(answers).length === 0 && answers.length < 2000) answers.push(...(await calls(20, tenant)));
        if (limited(answers).length === 0) unlimited++;
        return { answers, past: await calls(20, tenant) };
      },
      () => unlimited,
    );
    // Of so many, some may be decided too late: they pass, and may have been counted.
    const admitted = answers.filter((answer) => isDecided(answer) && answer.status === 200).length;
    const late = answers.filter((answer) => !isDecided(answer)).length;
    expect(admitted).toBeLessThanOrEqual(600);
    expect(admitted + late).toBeGreaterThanOrEqual(600);
    expect(new Set(statuses(past.filter(isDecided)))).toEqual(new Set([429]));
    const { headers } = await call(0, of("enterprise"));
    expect(headers["x-ratelimit-limit"]).toBe("6000, 6000;w=60");
  });

  test("answers say what is left, and a refusal when to come back", async () => {
    const { first, past } = await withinOneMinute(async () => {
      const tenant = of("free");
      const [first, ...others] = [await call(0, tenant), ...(await calls(59, tenant)), await call(1, tenant)];
      return { first, past: others.at(-1) };
    });
    expect(first.headers).toMatchObject({ "x-ratelimit-limit": "60, 60;w=60", "x-ratelimit-remaining": "59" });
    expect(first.headers).not.toHaveProperty("retry-after");
    expect(past?.headers).toMatchObject({ "x-ratelimit-remaining": "0", "x-envoy-ratelimited": "true" });
    expect(past?.headers["retry-after"]).toMatch(/^\d+$/);
    expect(past?.headers["retry-after"]).toBe(past?.headers["x-ratelimit-reset"]);
  });

  test("a gRPC call is refused as gRPC refuses", async () => {
    const past = await withinOneMinute(async () => {
      const tenant = { ...of("free"), headers: { "content-type": "application/grpc" } };
      await calls(60, tenant);
      return call(0, tenant);
    });
    expect(past).toMatchObject({ status: 200, headers: { "grpc-status": "8" } });
  });

  test.each([
    { what: "a tier that nobody knows", sender: () => of("platinum") },
    { what: "an empty tier", sender: () => of("") },
    { what: "no tier", sender: () => newTenant({}) },
    { what: "the tier's name in capitals", sender: () => of("Enterprise") },
  ])("a tenant with $what gets the lowest limit", async ({ sender }) => {
    const { within, past } = await withinOneMinute(async () => {
      const tenant = sender();
      return { within: await calls(60, tenant), past: await calls(2, tenant) };
    });
    expect(statuses(within)).toEqual(Array(60).fill(200));
    expect(statuses(past)).toEqual([429, 429]);
  });

  test("a request without a tenant is not counted, whatever the client claims", async () => {
    const answers = await calls(200, { headers: { "x-omega-tenant": "tenant", "x-omega-tier": "free" } });
    expect(statuses(answers)).toEqual(Array(200).fill(200));
    expect(answers.filter(isDecided)).toEqual([]);
  });

  test("what a token says counts, whatever the client claims", async () => {
    const { within, past } = await withinOneMinute(async () => {
      const tenant = of("free");
      const claiming = (index: number): Sender => ({
        ...tenant,
        headers: { "x-omega-tenant": `other-${index}`, "x-omega-tier": "enterprise", x_omega_tier: "enterprise" },
      });
      const within = await Promise.all(Array.from({ length: 60 }, (_, index) => call(index, claiming(index))));
      return { within, past: [await call(0, claiming(60)), await call(1, claiming(61))] };
    });
    expect(statuses(within)).toEqual(Array(60).fill(200));
    for (const refused of past) {
      expect(refused).toMatchObject({
        status: 429,
        headers: { ...securityHeaders, "x-ratelimit-limit": "60, 60;w=60" },
      });
    }
  });

  test("a request whose token is not the issuer's is refused and takes nothing from the tenant", async () => {
    const { forged, within } = await withinOneMinute(async () => {
      const tenant = `tenant-${++tenants}`;
      const claims = { aud: audience, tenant, tier: "free" };
      const forger = new TokenIssuer(tokens.name);
      const forged = await Promise.all(
        gateways.map(({ client }) => client.send({ path: "/orders", token: forger.sign(claims) })),
      );
      return { forged, within: await calls(60, { token: tokens.sign(claims) }) };
    });
    expect(statuses(forged)).toEqual([401, 401]);
    expect(statuses(within)).toEqual(Array(60).fill(200));
  });

  test("past the limit, a body that is too long is not read; within it, it is refused and counts", async () => {
    const { within, past } = await withinOneMinute(async () => {
      const tenant = { ...of("free"), body: "x".repeat(1_048_577) };
      return { within: await calls(60, tenant), past: await calls(2, tenant) };
    });
    expect(statuses(within)).toEqual(Array(60).fill(413));
    expect(statuses(past)).toEqual([429, 429]);
  });

  test("a tenant that floods a gateway takes nothing from the others' room", async () => {
    // A tier for which a gateway has no bucket of the tenant: what passes is from the room of all.
    const [flooding, tenant] = [of("platinum"), of("pro")];
    await calls(2000, flooding, 0);
    expect(statuses(await calls(100, tenant, 0))).toEqual(Array(100).fill(200));
  });
});

/** Of a tenant's own bucket: two minutes' requests, and one more each second while they are sent. */
async function expectBackstop(): Promise<void> {
  const tenant = of("free");
  const began = Date.now();
  const answers = await calls(200, tenant, 0);
  const seconds = (Date.now() - began) / 1000;
  const passed = answers.filter(({ status }) => status === 200).length;
  expect(passed).toBeGreaterThanOrEqual(120);
  expect(passed).toBeLessThanOrEqual(120 + seconds + 1);
  const refused = limited(answers);
  expect(passed + refused.length).toBe(200);
  expect(refused[0]?.headers).toMatchObject({ ...securityHeaders, "retry-after": "1" });
  // The other instance knows nothing of it, nor does it count for others.
  expect(statuses(await calls(60, tenant, 1))).toEqual(Array(60).fill(200));
  expect(statuses(await calls(60, of("free"), 0))).toEqual(Array(60).fill(200));
}

describe("with a limiter that hangs", () => {
  const servers: Server[] = [];

  beforeAll(async () => {
    await Promise.all(limiters.map((limiter) => limiter.stop()));
    for (const port of limiterPorts) servers.push(createServer().listen(port, "127.0.0.1"));
  });

  afterAll(() => servers.forEach((server) => server.close()));

  test("requests go on without its answer", async () => {
    const answers = await calls(20, of("pro"));
    expect(statuses(answers)).toEqual(Array(20).fill(200));
    expect(answers.filter(isDecided)).toEqual([]);
    const [first] = gateways;
    expect(await first?.proxy.stat(`cluster.${limiterCluster};.upstream_rq_timeout`)).toBeGreaterThan(0);
  });
});

describe("without the limiter", () => {
  beforeAll(() => Promise.all(limiters.map((limiter) => limiter.stop())));

  test("requests pass, within each gateway's own bucket for the tenant", async () => {
    await untilAsked(false);
    await expectBackstop();
  });

  test("and within the gateway's own bucket for all requests", async () => {
    const lower = await limiterObjects({ ...args, backstopRequestsPerSecond: 20 });
    mesh.apply(lower.mesh.filter(({ kind }) => kind === "EnvoyFilter"));
    const [first] = gateways;
    await first?.proxy.until(async () => limited(await calls(100, {}, 0)).length > 0);
    const answers = await calls(100, {}, 0);
    expect(new Set(statuses(answers))).toEqual(new Set([200, 429]));
    mesh.apply((await limiterObjects(args)).mesh.filter(({ kind }) => kind === "EnvoyFilter"));
    await first?.proxy.until(async () => limited(await calls(100, {}, 0)).length === 0);
  });

  test("once it is back, it is asked again", async () => {
    for (const limiter of limiters) await limiter.start();
    await untilAsked(true);
  });
});

describe("without the limiter's store", () => {
  beforeAll(() => store.stop());

  test("requests pass, within each gateway's own buckets", async () => {
    await untilAsked(false);
    await expectBackstop();
  });

  test("once it is back, tenants are limited again", async () => {
    await store.start();
    await untilAsked(true);
    const past = await withinOneMinute(async () => {
      const tenant = of("free");
      await calls(60, tenant);
      return calls(2, tenant);
    });
    expect(statuses(past)).toEqual([429, 429]);
  });
});
