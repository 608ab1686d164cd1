import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

const metadataKey = 3;
const apiVersionsKey = 18;
const unsupportedVersion = 35;

export interface Broker {
  /** `host:port` */
  address: string;
  close(): void;
}

/**
 * One broker that knows its topics, of one partition each, and answers nothing else: enough for a client to connect, as
 * KEDA does before it makes an autoscaler.
 */
export async function startKafkaMetadata(topics: string[]): Promise<Broker> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // A client that goes away in the middle is none of our business.
    socket.on("error", () => undefined);
    let received = Buffer.alloc(0);
    socket.on("data", (data) => {
      received = Buffer.concat([received, data]);
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
        const end = 4 + received.readInt32BE(0);
        answer(socket, received.subarray(4, end), topics, portOf(server));
        received = received.subarray(end);
      }
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { address: `127.0.0.1:${portOf(server)}`, close };
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

function answer(socket: Socket, request: Buffer, topics: string[], port: number): void {
  const [key, version] = [request.readInt16BE(0), request.readInt16BE(2)];
  const body = key === apiVersionsKey ? apiVersions(version) : key === metadataKey ? metadata(topics, port) : undefined;
  if (body === undefined) return void socket.destroy();
  const correlation = request.subarray(4, 8);
  socket.write(Buffer.concat([int32(4 + body.length), correlation, body]));
}

const int16 = (value: number) => {
  const buffer = Buffer.alloc(2);
  buffer.writeInt16BE(value);
  return buffer;
};
const int32 = (value: number) => {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
};
const text = (value: string) => Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
const missing = int16(-1);
const list = (items: Buffer[]) => Buffer.concat([int32(items.length), ...items]);

/** In version 0, which clients fall back to. */
function apiVersions(asked: number): Buffer {
  const served = [
    [metadataKey, 5],
    [apiVersionsKey, 0],
  ].map(([key = 0, most = 0]) => Buffer.concat([int16(key), int16(0), int16(most)]));
  return Buffer.concat([int16(asked === 0 ? 0 : unsupportedVersion), list(served)]);
}

/** In version 5, which a client of Kafka 1.0 asks for. */
function metadata(topics: string[], port: number): Buffer {
  const id = int32(1);
  const broker = Buffer.concat([id, text("127.0.0.1"), int32(port), missing]);
  const partition = Buffer.concat([int16(0), int32(0), id, list([id]), list([id]), list([])]);
  const known = topics.map((topic) => Buffer.concat([int16(0), text(topic), Buffer.from([0]), list([partition])]));
  const throttle = int32(0);
  return Buffer.concat([throttle, list([broker]), missing, id, list(known)]);
}
