import { Agent, request } from "node:https";
import { Bulkhead, MeshNamespace } from "../../../components";
import { onLoopback, servicePort, workloads } from "./adapt";
import { type Certificate, CertificateAuthority } from "../../certificates";
import { emitted } from "./emitted";
import { send } from "./http";
import { Mesh } from "./mesh";
import { SecretServer } from "./secrets";
import { Caller, servicesObjects } from "./services";
import type { Upstream } from "./upstream";

jest.setTimeout(240_000);

const mesh = new Mesh();
const secretServers: SecretServer[] = [];

afterAll(async () => {
  secretServers.forEach((server) => server.stop());
  await mesh.stop();
});

let application: Upstream;
let address: string;
let cart: Caller;
/** Of services whose names are the same; order has not declared that it calls the catalog. */
let certificates: Record<"cart" | "catalog" | "order", Certificate>;

beforeAll(async () => {
  await mesh.start();
  application = await mesh.upstream("catalog");
  const authority = new CertificateAuthority(mesh.folder("authority"));
  const issue = (service: string) => authority.issue(`URI:spiffe://cluster.local/ns/shop/sa/${service}`);
  certificates = { cart: issue("cart"), catalog: issue("catalog"), order: issue("order") };

  address = mesh.address();
  const addresses = {
    cart: { address: mesh.address() },
    catalog: { address, inbound: { application: application.port, protocol: "HTTP" as const } },
  };
  const services = await servicesObjects([
    { name: "catalog" },
    { name: "order" },
    { name: "cart", dependencies: [{ service: "catalog", bulkhead: Bulkhead.Standard }] },
  ]);
  const namespace = await emitted(() => void new MeshNamespace("shop", { name: "shop" }));
  const endpoint = { address, port: servicePort, encrypted: true };
  mesh.apply([...onLoopback(services, addresses), ...namespace, workloads("catalog", "HTTP", [endpoint])]);

  const start = async (name: keyof typeof addresses) => {
    const server = new SecretServer({ default: certificates[name], ROOTCA: { authority: authority.certificate } });
    secretServers.push(server);
    const secretsPort = await server.start();
    const own = addresses[name].address;
    return new Caller(await mesh.proxy({ name, secretsPort }, `${own}:${servicePort}`), own);
  };
  await start("catalog");
  cart = await start("cart");
});

/** Calls the catalog's proxy directly over TLS: the status, or that there was no connection. */
function callAs(identity?: Certificate): Promise<number | "refused"> {
  const client = identity === undefined ? {} : { cert: identity.certificate, key: identity.key };
  const agent = new Agent({ ...client, rejectUnauthorized: false, checkServerIdentity: () => undefined });
  return new Promise((resolve) => {
    const sent = request({ host: address, port: servicePort, agent }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", () => resolve("refused"));
    sent.end();
  });
}

test("a service that declared the dependency is let in, by its certificate", async () => {
  expect(await cart.call("catalog")).toMatchObject({ status: 200, body: "catalog" });
  expect(await callAs(certificates.cart)).toBe(200);
  expect(application.requests).toHaveLength(2);
});

test("a service that did not is denied", async () => {
  application.forget();
  expect(await callAs(certificates.order)).toBe(403);
  expect(await callAs(certificates.catalog)).toBe(403);
  expect(application.requests).toEqual([]);
});

test("who has no certificate gets no connection, encrypted or not", async () => {
  application.forget();
  expect(await callAs()).toBe("refused");
  await expect(send(servicePort, { address })).rejects.toThrow();
  expect(application.requests).toEqual([]);
  expect(await cart.call("catalog")).toMatchObject({ status: 200 });
});
