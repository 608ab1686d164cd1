import { Bulkhead, Protocol } from "../../../components";
import { workloads } from "./adapt";
import { Mesh } from "./mesh";
import { type Caller, startCallers } from "./services";
import type { Upstream } from "./upstream";

jest.setTimeout(240_000);

const mesh = new Mesh();
afterAll(() => mesh.stop());

const protocols = ["http1", "http2"] as const;
type Protocols = (typeof protocols)[number];

/** A dependency and what is called instead of it, with one, two and three times its timeout of two seconds. */
const escalating = ["primary", "first-fallback", "second-fallback"];

let cart: Caller;
let upstreams: Record<Protocols, Upstream>;
let slow: Upstream;

beforeAll(async () => {
  await mesh.start();
  upstreams = { http1: await mesh.upstream("1", "http1"), http2: await mesh.upstream("1", "http2") };
  slow = await mesh.upstream("slow");
  const always = { value: 100 };
  const faults = [
    { name: "failure", fault: { abort: { percentage: always, httpStatus: 500 } } },
    { name: "latency", fault: { delay: { percentage: always, fixedDelay: "0.05s" } } },
  ];
  // The breaker has proofs of its own, and would end these.
  const target = { faults, breaker: { consecutiveFailures: 1000 } };
  ({ cart } = await startCallers(
    mesh,
    [
      { ...target, name: "http1", protocol: Protocol.Http1 },
      { ...target, name: "http2", protocol: Protocol.Http2 },
      ...escalating.map((name) => ({ name })),
      {
        name: "cart",
        dependencies: [
          {
            service: "primary",
            bulkhead: Bulkhead.Standard,
            timeoutMilliseconds: 2000,
            fallbacks: ["first-fallback", "second-fallback"],
          },
          ...protocols.flatMap((service) => [
            { service, bulkhead: Bulkhead.Standard, timeoutMilliseconds: 500 },
            { service, bulkhead: Bulkhead.Background, timeoutMilliseconds: 60_000, idempotent: true },
          ]),
        ],
      },
    ],
    { cart: { address: mesh.address() } },
    [
      workloads("http1", "HTTP", [upstreams.http1]),
      workloads("http2", "HTTP2", [upstreams.http2]),
      ...escalating.map((name) => workloads(name, "HTTP", [slow])),
    ],
  ));
});

beforeEach(() => {
  for (const protocol of protocols) {
    upstreams[protocol].release();
    upstreams[protocol].forget();
  }
});

/** The class whose calls may be repeated. */
const repeatable = { headers: { "x-omega-bulkhead": "background" } };

describe.each(protocols)("calls to an %s service", (protocol) => {
  /** Of the access log's entry of a request with a path of its own. */
  async function flagsOf(path: string): Promise<string | undefined> {
    const entry = () => cart.proxy.accessLog().find((each) => each.path === path);
    await cart.proxy.until(async () => entry() !== undefined);
    return entry()?.response_flags;
  }

  test("a fault is injected into the requests that ask for it by header", async () => {
    const upstream = upstreams[protocol];
    const failure = { path: `/${protocol}/failure`, headers: { "x-omega-chaos": "failure" } };
    expect(await cart.call(protocol, failure)).toMatchObject({ status: 500 });
    expect(await flagsOf(failure.path)).toBe("FI");
    expect(upstream.requests).toHaveLength(0);

    const latency = { path: `/${protocol}/latency`, headers: { "x-omega-chaos": "latency" } };
    expect(await cart.call(protocol, latency)).toMatchObject({ status: 200 });
    expect(await flagsOf(latency.path)).toBe("DI");
  });

  test("and into no others", async () => {
    const plain = { path: `/${protocol}/plain` };
    const other = { path: `/${protocol}/other`, headers: { "x-omega-chaos": "another" } };
    for (const call of [plain, other]) {
      expect(await cart.call(protocol, call)).toMatchObject({ status: 200 });
      expect(await flagsOf(call.path)).toBe("-");
    }
  });

  test("one that hangs ends by its timeout", async () => {
    upstreams[protocol].behaviour = { kind: "hang" };
    const call = { path: `/${protocol}/hang` };
    expect(await cart.call(protocol, call)).toMatchObject({ status: 504 });
    expect(await flagsOf(call.path)).toBe("UT");
  });

  test.each([
    { failing: "answers 503", behaviour: { kind: "answer", status: 503 } as const },
    { failing: "resets", behaviour: { kind: "reset" } as const },
  ])("to a callee that $failing: three tries if it may be repeated, else one", async ({ behaviour }) => {
    const upstream = upstreams[protocol];
    upstream.behaviour = behaviour;
    expect(await cart.call(protocol)).toMatchObject({ status: 503 });
    expect(upstream.requests).toHaveLength(1);
    upstream.forget();
    expect(await cart.call(protocol, repeatable)).toMatchObject({ status: 503 });
    expect(upstream.requests).toHaveLength(3);
  });

  test("many failing ones at once are retried no more than the budget allows", async () => {
    const upstream = upstreams[protocol];
    upstream.behaviour = { kind: "answer", status: 503, afterMilliseconds: 20 };
    const answers = await Promise.all(cart.burst(100, protocol, repeatable));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    expect(await cart.pool(protocol, Bulkhead.Background, "upstream_rq_retry_overflow")).toBeGreaterThan(0);
    expect(upstream.requests.length).toBeGreaterThan(100);
    expect(upstream.requests.length).toBeLessThan(200);
  });
});

test.each([
  { milliseconds: 3000, statuses: [504, 200, 200] },
  { milliseconds: 5000, statuses: [504, 504, 200] },
])("an answer after $milliseconds ms is too late for a primary, its fallbacks have more time", async (expected) => {
  slow.behaviour = { kind: "answer", afterMilliseconds: expected.milliseconds };
  const answers = await Promise.all(escalating.map((service) => cart.call(service)));
  expect(answers.map(({ status }) => status)).toEqual(expected.statuses);
});
