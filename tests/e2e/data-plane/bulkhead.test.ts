import { Bulkhead, Protocol } from "../../../components";
import { workloads } from "./adapt";
import type { Answer } from "./http";
import { Mesh } from "./mesh";
import { type Caller, startCallers } from "./services";
import type { Upstream } from "./upstream";

jest.setTimeout(240_000);

const mesh = new Mesh();
afterAll(() => mesh.stop());

const protocols = ["http1", "http2"] as const;
type Protocols = (typeof protocols)[number];
const portProtocol = { http1: "HTTP", http2: "HTTP2" } as const;

/** Of the services named like their protocol. */
let replicas: Record<Protocols, Upstream[]>;
/** The service itself, behind its own proxy. */
let applications: Record<Protocols, Upstream>;
let callers: Record<"order" | "cart" | "proxied-http1" | "proxied-http2", Caller>;

beforeAll(async () => {
  await mesh.start();
  const two = async (protocol: Protocols) => [await mesh.upstream("1", protocol), await mesh.upstream("2", protocol)];
  replicas = { http1: await two("http1"), http2: await two("http2") };
  applications = { http1: await mesh.upstream("1", "http1"), http2: await mesh.upstream("1", "http2") };

  // Nothing may end by its timeout here.
  const bounds = { timeoutMilliseconds: 600_000, retries: 0 };
  const names = protocols.flatMap((protocol) => [protocol, `proxied-${protocol}`]);
  const dependencies = names.flatMap((service) => [
    { ...bounds, service, bulkhead: Bulkhead.Critical },
    ...(service.startsWith("proxied") ? [] : [{ ...bounds, service, bulkhead: Bulkhead.Background }]),
  ]);
  const protocolOf = (name: string) => (name.endsWith("1") ? Protocol.Http1 : Protocol.Http2);
  const addresses = {
    order: { address: mesh.address() },
    cart: { address: mesh.address() },
    "proxied-http1": proxied("http1"),
    "proxied-http2": proxied("http2"),
  };
  callers = await startCallers(
    mesh,
    [
      ...names.map((name) => ({ name, protocol: protocolOf(name), bulkhead: Bulkhead.Critical })),
      ...["order", "cart"].map((name) => ({ name, bulkhead: Bulkhead.Critical, dependencies })),
    ],
    addresses,
    [
      ...protocols.map((protocol) => workloads(protocol, portProtocol[protocol], replicas[protocol])),
      ...protocols.map((protocol) => {
        const { address } = addresses[`proxied-${protocol}`];
        return workloads(`proxied-${protocol}`, portProtocol[protocol], [{ address, port: 8080 }]);
      }),
    ],
  );
});

// What a failed test left waiting would keep the pools of the next one full.
afterEach(() => release([...replicas.http1, ...replicas.http2, applications.http1, applications.http2]));

function proxied(protocol: Protocols) {
  const inbound = { application: applications[protocol].port, protocol: portProtocol[protocol] };
  return { address: mesh.address(), inbound };
}

const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);
const inFlight = (upstreams: Upstream[]) => sum(upstreams.map((each) => each.inFlight));
const statuses = async (answers: Promise<Answer>[]) => (await Promise.all(answers)).map(({ status }) => status);

function hang(upstreams: Upstream[]): void {
  for (const upstream of upstreams) {
    upstream.forget();
    upstream.behaviour = { kind: "hang" };
  }
}

const release = (upstreams: Upstream[]) => upstreams.forEach((upstream) => upstream.release());

/**
 * Opens all connections that a pool may have: one that still opens them refuses a few calls earlier. More calls than
 * places, as Envoy picks an endpoint first, and the call then waits for a connection to that one.
 */
async function warm(caller: Caller, service: string, upstreams: Upstream[], connections: number): Promise<void> {
  hang(upstreams);
  const answers = caller.burst(3 * connections, service);
  const open = () => caller.pool(service, Bulkhead.Critical, "upstream_cx_active");
  await caller.proxy.until(async () => (await open()) === connections && inFlight(upstreams) === connections);
  release(upstreams);
  expect(new Set(await statuses(answers))).toEqual(new Set([200]));
}

const pending = (caller: Caller, service: string, bulkhead = Bulkhead.Critical) =>
  caller.pool(service, bulkhead, "upstream_rq_pending_active");

const lastFlags = (caller: Caller) => caller.proxy.accessLog().at(-1)?.response_flags;

describe.each(protocols)("critical calls to two %s endpoints", (protocol) => {
  test("from one caller: 20 run, the next 100 queue, the 121st is refused at once, and all others are answered", async () => {
    const { order } = callers;
    const upstreams = replicas[protocol];
    await warm(order, protocol, upstreams, 20);
    hang(upstreams);
    const accepted = order.burst(120, protocol);
    await order.proxy.until(async () => (await pending(order, protocol)) === 100 && inFlight(upstreams) === 20);

    const refused = await order.call(protocol);
    expect(refused).toMatchObject({ status: 503, headers: { "x-envoy-overloaded": "true" } });
    await order.proxy.until(async () => lastFlags(order) === "UO");
    expect(inFlight(upstreams)).toBe(20);

    release(upstreams);
    expect(await statuses(accepted)).toEqual(Array(120).fill(200));
    expect(sum(upstreams.map(({ requests }) => requests.length))).toBe(120);
  });

  test("from two callers: the limit is for each client proxy", async () => {
    const { order, cart } = callers;
    const upstreams = replicas[protocol];
    await warm(cart, protocol, upstreams, 20);
    hang(upstreams);
    const accepted = [order, cart].flatMap((caller) => caller.burst(120, protocol));
    for (const caller of [order, cart]) {
      await caller.proxy.until(async () => (await pending(caller, protocol)) === 100);
      expect(await caller.call(protocol)).toMatchObject({ status: 503 });
    }
    await order.proxy.until(async () => inFlight(upstreams) === 40);
    release(upstreams);
    expect(await statuses(accepted)).toEqual(Array(240).fill(200));
  });

  test("are untouched by a background pool that is full, and so are calls to another dependency", async () => {
    const { order } = callers;
    const upstreams = replicas[protocol];
    const background = { headers: { "x-omega-bulkhead": "background" } };
    await warm(order, protocol, upstreams, 20);
    for (const upstream of upstreams) {
      upstream.forget();
      upstream.behaviour = (headers) => ({ kind: headers["x-omega-bulkhead"] === "background" ? "hang" : "answer" });
    }
    const saturating = order.burst(1010, protocol, background);
    await order.proxy.until(async () => (await pending(order, protocol, Bulkhead.Background)) === 1000);
    const running = await order.pool(protocol, Bulkhead.Background, "upstream_rq_active");
    await order.proxy.until(async () => inFlight(upstreams) === running);
    // Envoy allows one connection to each endpoint: the sixth if the other one has all five.
    expect([5, 6]).toContain(running);
    expect(await order.call(protocol, background)).toMatchObject({ status: 503 });

    const other = protocol === "http1" ? "http2" : "http1";
    expect(await statuses(order.burst(50, protocol))).toEqual(Array(50).fill(200));
    expect(await statuses(order.burst(50, other))).toEqual(Array(50).fill(200));
    expect(inFlight(upstreams)).toBe(running);

    release(upstreams);
    expect((await statuses(saturating)).filter((status) => status === 200)).toHaveLength(1000 + running);
  });
});

describe.each(protocols)("one replica of an %s service, by its own proxy", (protocol) => {
  const service = `proxied-${protocol}` as const;

  test("runs 20 of the 40 critical calls that two callers have in flight", async () => {
    const { order, cart } = callers;
    const application = applications[protocol];
    hang([application]);
    const accepted = [order, cart].flatMap((caller) => caller.burst(20, service));
    for (const caller of [order, cart]) {
      const active = () => caller.pool(service, Bulkhead.Critical, "upstream_rq_active");
      await caller.proxy.until(async () => (await active()) === 20);
    }
    await callers[service].proxy.until(async () => application.inFlight === 20);
    release([application]);
    expect(await statuses(accepted)).toEqual(Array(40).fill(200));
    expect(application.mostInFlight).toBe(20);
  });

  test("queues 100 more and refuses the next, whoever calls", async () => {
    const callee = callers[service];
    const application = applications[protocol];
    hang([application]);
    const queued = () => callee.proxy.stat(`cluster.inbound|8080||;.upstream_rq_pending_active`);
    const accepted = callee.burst(120, service);
    await callee.proxy.until(async () => (await queued()) === 100);
    expect(await callee.call(service)).toMatchObject({ status: 503, headers: { "x-envoy-overloaded": "true" } });
    release([application]);
    expect(await statuses(accepted)).toEqual(Array(120).fill(200));
    expect(application.mostInFlight).toBe(20);
  });
});
