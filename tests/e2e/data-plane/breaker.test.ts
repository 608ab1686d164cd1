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

let cart: Caller;
let replicas: Record<Protocols, { good: Upstream; bad: Upstream }>;

beforeAll(async () => {
  await mesh.start();
  const pair = async (protocol: Protocols) => ({
    good: await mesh.upstream("good", protocol),
    bad: await mesh.upstream("bad", protocol),
  });
  replicas = { http1: await pair("http1"), http2: await pair("http2") };
  const { http1, http2 } = replicas;
  ({ cart } = await startCallers(
    mesh,
    [
      { name: "http1", protocol: Protocol.Http1 },
      { name: "http2", protocol: Protocol.Http2 },
      { name: "cart", dependencies: protocols.map((service) => ({ service, bulkhead: Bulkhead.Standard })) },
    ],
    { cart: { address: mesh.address() } },
    [workloads("http1", "HTTP", [http1.good, http1.bad]), workloads("http2", "HTTP2", [http2.good, http2.bad])],
  ));
});

const ejected = (service: string) => cart.pool(service, Bulkhead.Standard, "outlier_detection.ejections_active");

/** Calls until the bad replica had this many requests more. */
async function callBad(protocol: Protocols, times: number, status: number): Promise<void> {
  const { bad } = replicas[protocol];
  bad.behaviour = { kind: "answer", status };
  for (const wanted = bad.requests.length + times; bad.requests.length < wanted;) await cart.call(protocol);
}

describe.each(protocols)("with two %s endpoints", (protocol) => {
  test("four failures in a row leave the breaker closed, and a success starts the count anew", async () => {
    await callBad(protocol, 4, 500);
    await callBad(protocol, 1, 200);
    await callBad(protocol, 4, 503);
    expect(await ejected(protocol)).toBe(0);
  });

  test("the fifth failure in a row opens it, and the other endpoint gets all", async () => {
    await callBad(protocol, 1, 500);
    await cart.proxy.until(async () => (await ejected(protocol)) === 1);
    replicas[protocol].bad.forget();
    const answers = await Promise.all(cart.burst(10, protocol));
    expect(answers.map(({ status, body }) => [status, body])).toEqual(Array(10).fill([200, "good"]));
    expect(replicas[protocol].bad.requests).toEqual([]);
  });
});

test.each(protocols)("its %s configuration keeps an endpoint out for 30 s", async (protocol) => {
  const { body } = await cart.proxy.admin("/config_dump?resource=dynamic_active_clusters&name_regex=.*standard.*");
  const { configs } = JSON.parse(body) as { configs: { cluster: { name: string; outlier_detection: object } }[] };
  const found = configs.find(({ cluster }) => cluster.name.includes(`|standard|${protocol}.`));
  expect(found?.cluster.outlier_detection).toMatchObject({ base_ejection_time: "30s", max_ejection_percent: 100 });
});

test("endpoints stay left out until their time is over, whatever they would answer, and are tried again then", async () => {
  const comeBack = async (protocol: Protocols) => {
    const { bad } = replicas[protocol];
    bad.release();
    const requestsWhileOut: number[] = [];
    await cart.proxy.until(async () => {
      await cart.call(protocol);
      const count = bad.requests.length;
      if ((await ejected(protocol)) === 0) return true;
      requestsWhileOut.push(count);
      return false;
    });
    await callBad(protocol, 1, 200);
    return requestsWhileOut;
  };
  for (const requestsWhileOut of await Promise.all(protocols.map(comeBack))) {
    expect(requestsWhileOut.length).toBeGreaterThan(0);
    expect(new Set(requestsWhileOut)).toEqual(new Set([0]));
  }
});
