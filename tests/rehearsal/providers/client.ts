import { once } from "node:events";
import { type AddressInfo, connect as connectSocket, createServer, type Socket } from "node:net";
import { connectivityState, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type { Operation } from "../../../rehearsal/providers/stand-in";

export const connect = (port: number): ResourceProviderClient =>
  new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());

type Reply<Response> = (error: ServiceError | null, response: Response) => void;

/** A unary call as a promise. */
export const ask = <Response>(call: (reply: Reply<Response>) => unknown): Promise<Response> =>
  new Promise((resolve, reject) => {
    call((error, response) => (error ? reject(error) : resolve(response)));
  });

/** A client behind a proxy that cuts its connection, without asking either side; the client makes a new one. */
export async function connectThroughProxy(target: number) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const onward = connectSocket(target, "127.0.0.1");
    for (const end of [socket, onward]) sockets.add(end.on("error", () => undefined));
    socket.pipe(onward).pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect((server.address() as AddressInfo).port);
  const destroy = () => sockets.forEach((socket) => socket.destroy());
  const cut = async () => {
    destroy();
    // The client must have seen the cut, or the next call goes down with the old connection.
    await new Promise((resolve) => {
      client.getChannel().watchConnectivityState(connectivityState.READY, Date.now() + 2000, resolve);
    });
  };
  const close = () => {
    client.close();
    destroy();
    server.close();
  };
  return { client, cut, close };
}

/** For a call that a new connection must carry. */
export const whenConnected = new Metadata({ waitForReady: true });

export const operation = (rest: Partial<Operation> = {}): Operation => ({
  preview: false,
  timeoutSeconds: 0,
  report: () => undefined,
  signal: new AbortController().signal,
  ...rest,
});
