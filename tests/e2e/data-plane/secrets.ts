import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import { BinaryReader, BinaryWriter } from "google-protobuf";

/** PEM texts that Envoy knows by a name. */
type Secret = { authority: string } | { certificate: string; key: string };

/** What istio-agent is to a proxy in a pod: the server of its certificates and of the authorities that it trusts. */
export class SecretServer {
  private readonly server = new Server();

  constructor(private readonly secrets: Record<string, Secret>) {
    const method = {
      path: "/envoy.service.secret.v3.SecretDiscoveryService/StreamSecrets",
      requestStream: true,
      responseStream: true,
      requestSerialize: (bytes: Buffer) => bytes,
      requestDeserialize: (bytes: Buffer) => bytes,
      responseSerialize: (bytes: Buffer) => bytes,
      responseDeserialize: (bytes: Buffer) => bytes,
    };
    this.server.addService({ streamSecrets: method }, { streamSecrets: this.stream });
  }

  /** Answers the port of loopback. */
  start(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  }

  stop(): void {
    this.server.forceShutdown();
  }

  private readonly stream = (call: ServerDuplexStream<Buffer, Buffer>): void => {
    call.on("error", () => undefined);
    call.on("end", () => call.end());
    call.on("data", (request: Buffer) => {
      const { names, isAnswer } = readRequest(request);
      const known = names.flatMap((name) => {
        const secret = this.secrets[name];
        return secret === undefined ? [] : [secretMessage(name, secret)];
      });
      if (!isAnswer && known.length > 0) call.write(response(known));
    });
  };
}

const secretType = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";

/** Of a DiscoveryRequest; it is an answer if it acknowledges a response. */
function readRequest(bytes: Buffer): { names: string[]; isAnswer: boolean } {
  const reader = new BinaryReader(new Uint8Array(bytes));
  const names: string[] = [];
  let isAnswer = false;
  while (reader.nextField() && !reader.isEndGroup()) {
    if (reader.getFieldNumber() === 3) names.push(reader.readString());
    else if (reader.getFieldNumber() === 5) isAnswer = reader.readString() !== "";
    else reader.skipField();
  }
  return { names, isAnswer };
}

type Fields = [number, string | Uint8Array][];

function message(fields: Fields): Uint8Array {
  const writer = new BinaryWriter();
  for (const [field, value] of fields) {
    if (typeof value === "string") writer.writeString(field, value);
    else writer.writeBytes(field, value);
  }
  return writer.getResultBuffer();
}

const inline = (text: string) => message([[3, text]]);

function secretMessage(name: string, secret: Secret): Uint8Array {
  const content: Fields =
    "authority" in secret
      ? [[4, message([[1, inline(secret.authority)]])]]
      : [
          [
            2,
            message([
              [1, inline(secret.certificate)],
              [2, inline(secret.key)],
            ]),
          ],
        ];
  return message([[1, name], ...content]);
}

function response(secrets: Uint8Array[]): Buffer {
  const resources = secrets.map((secret): Fields[number] => [
    2,
    message([
      [1, secretType],
      [2, secret],
    ]),
  ]);
  return Buffer.from(message([[1, "1"], ...resources, [4, secretType], [5, "1"]]));
}
