import { isDeepStrictEqual } from "node:util";
import { Bulkhead } from "../../../components";
import { workloads } from "./adapt";
import { Mesh } from "./mesh";
import { type Caller, startCallers } from "./services";
import type { Upstream } from "./upstream";

jest.setTimeout(240_000);

const mesh = new Mesh();
afterAll(() => mesh.stop());

const region = "us-east-1";
const near = { region, zone: "us-east-1a" };
const far = { region, zone: "us-east-1b" };

let cart: Caller;
let inNear: Upstream[];
let inFar: Upstream[];

beforeAll(async () => {
  await mesh.start();
  inNear = [await mesh.upstream("near-1"), await mesh.upstream("near-2")];
  inFar = [await mesh.upstream("far-1"), await mesh.upstream("far-2")];
  const at = (locality: typeof near, upstreams: Upstream[]) => upstreams.map(({ port }) => ({ port, locality }));
  ({ cart } = await startCallers(
    mesh,
    [{ name: "catalog" }, { name: "cart", dependencies: [{ service: "catalog", bulkhead: Bulkhead.Standard }] }],
    { cart: { address: mesh.address() } },
    [workloads("catalog", "HTTP", [...at(near, inNear), ...at(far, inFar)])],
    { locality: near },
  ));
});

/** The replicas that answer 20 calls; a failure is named by its status. */
async function answering(): Promise<string[]> {
  const answers = await Promise.all(cart.burst(20, "catalog"));
  return [...new Set(answers.map(({ status, body }) => (status === 200 ? body : String(status))))].sort();
}

/** Envoy spreads a second change of an endpoint's health to its workers up to a second later. */
const untilAnswering = (names: string[]) => cart.proxy.until(async () => isDeepStrictEqual(await answering(), names));

const ejected = () => cart.pool("catalog", Bulkhead.Standard, "outlier_detection.ejections_active");

test("calls stay in the caller's zone", async () => {
  for (let times = 0; times < 5; times++) expect(await answering()).toEqual(["near-1", "near-2"]);
});

test("a killed zone's traffic moves to the other zone", async () => {
  for (const upstream of inNear) await upstream.stop();
  await untilAnswering(["far-1", "far-2"]);
  expect(await ejected()).toBe(2);
  for (let times = 0; times < 5; times++) expect(await answering()).toEqual(["far-1", "far-2"]);
});

test("and comes back with the zone, without a failure", async () => {
  for (const upstream of inNear) await upstream.start();
  const seen = new Set<string>();
  await cart.proxy.until(async () => {
    for (const name of await answering()) seen.add(name);
    return (await ejected()) === 0;
  });
  expect([...seen].filter((name) => /^\d+$/.test(name))).toEqual([]);
  await untilAnswering(["near-1", "near-2"]);
});
