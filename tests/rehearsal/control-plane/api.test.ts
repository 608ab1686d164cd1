import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ApiRequest, KubernetesApi } from "../../../rehearsal/control-plane/api";
import { CertificateAuthority } from "../../certificates";

const folder = mkdtempSync(join(tmpdir(), "api-"));
const authority = new CertificateAuthority(folder);
const { key, certificate: cert } = authority.issue("IP:127.0.0.1");
rmSync(folder, { recursive: true });

/** An API server whose answers to the first requests are lost after it has done what they ask. */
async function losing(answers: number, use: (api: KubernetesApi) => Promise<unknown>): Promise<string[]> {
  const received: string[] = [];
  const server: Server = createServer({ key, cert }, (request, response) => {
    received.push(`${request.method} ${request.url}`);
    if (received.length <= answers) request.socket.destroy();
    else response.writeHead(request.method === "POST" && received.length > 1 ? 409 : 200).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await use(new KubernetesApi(`https://127.0.0.1:${port}`, { ca: authority.certificate }));
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return received;
}

const node = { apiVersion: "v1", kind: "Node", metadata: { name: "a-1" } };

test("what is asked for again does no harm when the answer was lost", async () => {
  expect(await losing(1, (api) => api.request("/api/v1/nodes"))).toEqual(["GET /api/v1/nodes", "GET /api/v1/nodes"]);
  const put: ApiRequest = { method: "PUT", body: node };
  expect(await losing(1, (api) => api.request("/api/v1/nodes/a-1", put))).toHaveLength(2);
});

test("an object that was made before its answer was lost exists, which is as good", async () => {
  const created = await losing(1, async (api) => expect(await api.createIfMissing("/nodes", node)).toBe("exists"));
  expect(created).toEqual(["POST /nodes", "POST /nodes"]);
});

test("a create of which nobody knows whether it was done is not sent again", async () => {
  const create = (api: KubernetesApi) =>
    expect(api.request("/nodes", { method: "POST", body: node })).rejects.toThrow(/gone before it answered/);
  expect(await losing(1, create)).toHaveLength(1);
});
