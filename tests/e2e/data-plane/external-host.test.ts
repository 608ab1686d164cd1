import { createServer, type Server } from "node:https";
import type { TLSSocket } from "node:tls";
import { Bulkhead, ExternalHost } from "../../../components";
import { adapt } from "./adapt";
import { type Certificate, CertificateAuthority } from "../../certificates";
import { emitted } from "./emitted";
import type { Envoy } from "./envoy";
import { type Answer, send } from "./http";
import { Mesh, type MeshObject } from "./mesh";
import { freePort } from "./ports";
import { SecretServer } from "./secrets";
import { startCallers } from "./services";

jest.setTimeout(240_000);

const mesh = new Mesh();
const host = "api.example.com";
const servers: Server[] = [];
let secrets: SecretServer;
let ports: { http: number; genuine: number; impostor: number };
let address: string;
let payment: Envoy;

afterAll(async () => {
  servers.forEach((server) => server.close());
  secrets.stop();
  await mesh.stop();
});

/** A host outside the mesh: it answers with the name that the caller's TLS asked for. */
async function outside({ certificate, key }: Certificate): Promise<number> {
  const port = await freePort();
  const server = createServer({ cert: certificate, key }, ({ socket }, response) => {
    const { servername } = socket as TLSSocket & { servername: string };
    response.end(`TLS for ${servername}`);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return port;
}

interface ServiceEntryObject extends MeshObject {
  spec: { ports: { name: string; number: number }[]; endpoints?: object[] };
}

/** The emitted ServiceEntry with a port that needs no privilege, and a port of loopback for what DNS would answer. */
function at(object: MeshObject, number: number, port: number): MeshObject {
  if (object.kind !== "ServiceEntry") return object;
  return adapt(object as ServiceEntryObject, ({ spec }) => {
    for (const each of spec.ports) each.number = number;
    spec.endpoints = [{ address: "127.0.0.1", ports: Object.fromEntries(spec.ports.map(({ name }) => [name, port])) }];
  });
}

let external: MeshObject[];

beforeAll(async () => {
  await mesh.start();
  const authority = new CertificateAuthority(mesh.folder("authority"));
  const genuine = await outside(authority.issue(`DNS:${host}`));
  const impostor = await outside(authority.issue("DNS:elsewhere.example.com"));
  ports = { http: await freePort(), genuine, impostor };
  secrets = new SecretServer({ "file-root:system": { authority: authority.certificate } });
  const secretsPort = await secrets.start();

  const calls = [{ host, bulkhead: Bulkhead.Standard }];
  external = await emitted(() => {
    new ExternalHost(host, { namespace: "shop", host, callers: [{ service: "payment", calls }] });
  });
  address = mesh.address();
  mesh.apply(external.map((object) => at(object, ports.http, ports.genuine)));
  ({
    payment: { proxy: payment },
  } = await startCallers(
    mesh,
    [{ name: "payment", externalHosts: calls }],
    { payment: { address } },
    [],
    { secretsPort },
    ports.http,
  ));
});

const call = (name: string): Promise<Answer> =>
  send(ports.http, { address, headers: { host: `${name}:${ports.http}` } });

test("a plain request to a declared host leaves as TLS to that host", async () => {
  expect(await call(host)).toMatchObject({ status: 200, body: `TLS for ${host}` });
});

test("a host that nobody declared is refused", async () => {
  expect(await call("other.example.com")).toMatchObject({ status: 502 });
});

test("a host that shows another host's certificate gets no request", async () => {
  mesh.apply(external.map((object) => at(object, ports.http, ports.impostor)));
  await payment.until(async () => {
    await call(host);
    return payment.accessLog().some((entry) => entry.upstream_transport_failure_reason?.includes("verify") ?? false);
  });
  expect(await call(host)).toMatchObject({ status: 503 });
});
