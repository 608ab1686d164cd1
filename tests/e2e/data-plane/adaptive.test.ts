import { servicePort, workloads } from "./adapt";
import { Mesh } from "./mesh";
import { type Caller, startCallers } from "./services";
import type { Upstream } from "./upstream";

jest.setTimeout(240_000);

const mesh = new Mesh();
afterAll(() => mesh.stop());

const names = ["catalog", "search"] as const;
type Name = (typeof names)[number];

let services: Record<Name, Caller>;
let applications: Record<Name, Upstream>;

beforeAll(async () => {
  await mesh.start();
  applications = { catalog: await mesh.upstream("catalog"), search: await mesh.upstream("search") };
  const listening = (name: Name) => {
    const inbound = { application: applications[name].port, protocol: "HTTP" as const };
    return { address: mesh.address(), inbound };
  };
  const addresses = { catalog: listening("catalog"), search: listening("search") };
  services = await startCallers(
    mesh,
    [
      { name: "catalog", adaptive: { admissionControl: true } },
      { name: "search", adaptive: { adaptiveConcurrency: true } },
    ],
    addresses,
    names.map((name) => workloads(name, "HTTP", [{ address: addresses[name].address, port: servicePort }])),
  );
});

/** Sum of the counters with this name, whatever the listener. */
async function counted(name: Name, counter: string): Promise<number> {
  const found = await services[name].proxy.stats(`${counter}$`);
  return Object.values(found).reduce((sum, value) => sum + value, 0);
}

test.each(names)("the proxy of %s takes the filter", async (name) => {
  expect((await services[name].call(name)).status).toBe(200);
  expect(await counted(name, "lds\\.update_rejected")).toBe(0);
  const { body } = await services[name].proxy.admin("/config_dump?resource=dynamic_listeners");
  expect(body).toContain({ catalog: "admission_control", search: "adaptive_concurrency" }[name]);
});

test("admission control refuses nobody while the service is well", async () => {
  for (let times = 0; times < 20; times++) {
    const statuses = (await Promise.all(services.catalog.burst(10, "catalog"))).map(({ status }) => status);
    expect(statuses).toEqual(Array(10).fill(200));
  }
  expect(await counted("catalog", "admission_control\\.rq_rejected")).toBe(0);
});

test("and sheds some of the requests, never all, while it fails", async () => {
  const { catalog } = services;
  const before = applications.catalog.requests.length;
  applications.catalog.behaviour = { kind: "answer", status: 500 };
  let sent = 0;
  await catalog.proxy.until(async () => {
    sent += (await Promise.all(catalog.burst(10, "catalog"))).length;
    return (await counted("catalog", "admission_control\\.rq_rejected")) > 100;
  });
  const denied = () =>
    catalog.proxy.accessLog().filter((entry) => entry.response_code_details === "denied_by_admission_control");
  await catalog.proxy.until(async () => denied().length > 100);
  expect(new Set(denied().map((entry) => entry.response_code))).toEqual(new Set([503]));
  const reached = applications.catalog.requests.length - before;
  expect(reached + (await counted("catalog", "admission_control\\.rq_rejected"))).toBe(sent);
  const still = applications.catalog.requests.length;
  await catalog.proxy.until(async () => {
    await Promise.all(catalog.burst(10, "catalog"));
    return applications.catalog.requests.length > still;
  });
});

test("adaptive concurrency measures the best latency with the first calls, and raises its limit of calls at once after that", async () => {
  const { search } = services;
  const gauge = (name: string) => counted("search", `gradient_controller\\.${name}`);
  expect(await gauge("min_rtt_calculation_active")).toBe(1);
  const whileMeasuring = await gauge("concurrency_limit");
  await search.proxy.until(async () => {
    expect((await search.call("search")).status).toBe(200);
    return (await gauge("concurrency_limit")) > whileMeasuring;
  });
  expect(await gauge("min_rtt_calculation_active")).toBe(0);
});
