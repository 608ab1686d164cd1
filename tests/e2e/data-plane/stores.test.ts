import { once } from "node:events";
import { connect as connectTcp, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { ExternalStore, type StoreConnection, type StoreEndpoint } from "../../../components";
import { adapt } from "./adapt";
import { CertificateAuthority } from "../../certificates";
import { emitted } from "./emitted";
import type { Envoy } from "./envoy";
import { Mesh, type MeshObject } from "./mesh";
import { freePort } from "./ports";
import { startCallers } from "./services";

jest.setTimeout(240_000);

/** Stands for brokers and a database outside the cluster: proxies see no more of them than connections. */
const mesh = new Mesh();
const servers: Server[] = [];
const clients: Socket[] = [];
const brokers = ["b-1.events.example.com", "b-2.events.example.com"];
const database = "writer.database.example.com";
let port: { brokers: number; database: number };
let proxies: { order: Envoy; cart: Envoy };
let addresses: { order: string; cart: string };
let databaseServer: Server;

afterAll(async () => {
  clients.forEach((client) => client.destroy());
  servers.forEach((server) => server.close());
  await mesh.stop();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  const own = await freePort();
  await new Promise<void>((resolve) => server.listen(own, "127.0.0.1", resolve));
  return own;
}

interface ServiceEntryObject extends MeshObject {
  spec: { ports: { name: string }[]; endpoints?: object[] };
}

/** The emitted ServiceEntry of a store with a port of loopback for what DNS would answer. */
function at(object: MeshObject, own: number): MeshObject {
  if (object.kind !== "ServiceEntry") return object;
  return adapt(object as ServiceEntryObject, ({ spec }) => {
    spec.endpoints = [{ address: "127.0.0.1", ports: Object.fromEntries(spec.ports.map(({ name }) => [name, own])) }];
  });
}

async function externalStore(name: string, endpoint: StoreEndpoint, own: number): Promise<MeshObject[]> {
  const objects = await emitted(() => {
    new ExternalStore(name, { namespace: "shop", endpoint });
  });
  return objects.map((object) => at(object, own));
}

beforeAll(async () => {
  await mesh.start();
  const authority = new CertificateAuthority(mesh.folder("authority"));
  const brokerPorts = await Promise.all(
    brokers.map((host) => {
      const { certificate: cert, key } = authority.issue(`DNS:${host}`);
      return listen(createTlsServer({ cert, key }, (socket) => socket.on("error", () => undefined).write(host)));
    }),
  );
  databaseServer = createTcpServer((socket) => socket.on("error", () => undefined).write("ready"));
  const databasePort = await listen(databaseServer);
  port = { brokers: await freePort(), database: await freePort() };

  const empty = { environment: {}, secrets: [] };
  const brokerEndpoints = brokers.map((host) => ({ host, port: port.brokers, startsWithTls: true }));
  const events: StoreConnection = { name: "events", endpoints: brokerEndpoints, connectionsPerReplica: 20, ...empty };
  const databaseEndpoint = { host: database, port: port.database };
  const writer: StoreConnection = {
    ...{ name: "database", endpoints: [databaseEndpoint], connectionsPerReplica: 3, ...empty },
  };
  // One after the other: a program under mocks has the engine's settings to itself.
  for (const [index, endpoint] of brokerEndpoints.entries()) {
    mesh.apply(await externalStore(`events-${index}`, endpoint, brokerPorts[index] as number));
  }
  mesh.apply(await externalStore("database-0", databaseEndpoint, databasePort));
  addresses = { order: mesh.address(), cart: mesh.address() };
  const start = async (name: "order" | "cart", store: StoreConnection, listener: number) => {
    const proxy = await startCallers(
      mesh,
      [{ name, stores: [store] }],
      { [name]: { address: addresses[name] } },
      [],
      {},
      listener,
    );
    return proxy[name]?.proxy as Envoy;
  };
  proxies = { order: await start("order", events, port.brokers), cart: await start("cart", writer, port.database) };
});

/** What the broker of this name says, through the service's proxy. */
async function greeting(servername: string): Promise<string> {
  const options = { host: addresses.order, port: port.brokers, servername, rejectUnauthorized: false };
  const client = connectTls(options);
  clients.push(client);
  const [answer] = (await once(client, "data")) as [Buffer];
  client.destroy();
  return answer.toString();
}

/** A connection to the database: open once the database has greeted. */
async function open(): Promise<Socket | "refused"> {
  const client = connectTcp({ host: addresses.cart, port: port.database });
  clients.push(client);
  client.on("error", () => undefined);
  const answer = await Promise.race([once(client, "data"), once(client, "close").then(() => undefined)]);
  return answer === undefined ? "refused" : client;
}

test("hosts at one port are told apart by the name in the TLS greeting", async () => {
  expect(await Promise.all(brokers.map(greeting))).toEqual(brokers);
});

test("a host of the same kind that is none of the stores is not reached", async () => {
  await expect(greeting("b-3.events.example.com")).rejects.toThrow();
});

test("a service reaches no other service's stores", async () => {
  const client = connectTcp({ host: addresses.order, port: port.database });
  await expect(once(client, "connect")).rejects.toThrow("ECONNREFUSED");
});

test("one connection more than the service declared is refused at once, and let in when one has ended", async () => {
  const held = [await open(), await open(), await open()];
  expect(held).not.toContain("refused");
  expect(await open()).toBe("refused");
  (held[0] as Socket).destroy();
  await proxies.cart.until(async () => (await open()) !== "refused");
});

test("a store that refuses five connections in a row is left alone for a while", async () => {
  clients.splice(0).forEach((client) => client.destroy());
  databaseServer.close();
  const cluster = `cluster.outbound|${port.database}||${database};`;
  await proxies.cart.until(async () => {
    await open();
    return (await proxies.cart.stat(`${cluster}.outlier_detection.ejections_active`)) === 1;
  });
  expect(await open()).toBe("refused");
});
