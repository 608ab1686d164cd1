import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type TLSSocket } from "node:tls";
import { CertificateAuthority } from "../../certificates";

/** Of Kafka's protocol: https://kafka.apache.org/protocol#protocol_api_keys */
const api = { saslHandshake: 17, versions: 18, saslAuthenticate: 36 };
const authenticationFailed = 58;

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
const text = (value: string) => Buffer.concat([int16(value.length), Buffer.from(value)]);

function answerTo(key: number, version: number): Buffer {
  switch (key) {
    case api.versions: {
      const supported = [
        [api.versions, 0, 2],
        [api.saslHandshake, 0, 1],
        [api.saslAuthenticate, 0, 0],
      ];
      const list = [int32(supported.length), ...supported.flat().map(int16)];
      return Buffer.concat([int16(0), ...list, ...(version > 0 ? [int32(0)] : [])]);
    }
    case api.saslHandshake:
      return Buffer.concat([int16(0), int32(1), text("OAUTHBEARER")]);
    case api.saslAuthenticate:
      return Buffer.concat([int16(authenticationFailed), text("refused by the test"), int32(0)]);
    default:
      throw new Error(`The client asked for API ${key} before it had signed in`);
  }
}

/** What a client sends to sign in, behind TLS; it is refused then. */
export async function listenAsBroker() {
  const folder = mkdtempSync(join(tmpdir(), "broker-"));
  const authority = new CertificateAuthority(folder);
  const { key, certificate } = authority.issue("DNS:localhost");
  rmSync(folder, { recursive: true });
  let received: (text: string) => void;
  const authentication = new Promise<string>((resolve) => (received = resolve));
  const sockets: TLSSocket[] = [];
  const server = createServer({ key, cert: certificate }, (socket) => {
    sockets.push(socket);
    let waiting: Buffer = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      waiting = Buffer.concat([waiting, chunk]);
      while (waiting.length >= 4 && waiting.length >= 4 + waiting.readInt32BE(0)) {
        const request = waiting.subarray(4, 4 + waiting.readInt32BE(0));
        waiting = waiting.subarray(4 + request.length);
        const asked = request.readInt16BE(0);
        if (asked === api.saslAuthenticate) received(request.toString("latin1"));
        const answer = Buffer.concat([request.subarray(4, 8), answerTo(asked, request.readInt16BE(2))]);
        socket.write(Buffer.concat([int32(answer.length), answer]));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `localhost:${port}`,
    trusted: { certificateAuthority: authority.certificate },
    authentication,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
