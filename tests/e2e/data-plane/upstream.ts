import {
  createServer as createHttp1,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { createServer as createHttp2, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { Server, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./ports";

export type UpstreamProtocol = "http1" | "http2";

/** How an upstream behaves; it can be changed at any time. */
type Behaviour =
  | { kind: "answer"; afterMilliseconds?: number; status?: number }
  | { kind: "reset" }
  /** Until `release`. */
  | { kind: "hang" };

/** An HTTP/1.1 or cleartext HTTP/2 server on loopback that misbehaves as it is told, and counts. */
export class Upstream {
  behaviour: Behaviour | ((headers: IncomingHttpHeaders) => Behaviour) = { kind: "answer" };
  port = 0;
  /** Requests that came, and what each of them had in its headers. */
  readonly requests: Record<string, unknown>[] = [];
  /** Of these requests, in their order. */
  readonly paths: string[] = [];
  inFlight = 0;
  mostInFlight = 0;
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private waiting: (() => void)[] = [];

  constructor(
    /** Is the body of its answers. */
    readonly name: string,
    private readonly protocol: UpstreamProtocol,
  ) {}

  async start(): Promise<this> {
    this.port ||= await freePort();
    type Handler = (
      request: IncomingMessage | Http2ServerRequest,
      response: ServerResponse | Http2ServerResponse,
    ) => void;
    const handle: Handler = (request, response) => void this.handle(request, response);
    // Idle connections stay, so that a test alone decides when one ends.
    const server: Server =
      this.protocol === "http1" ? createHttp1({ keepAliveTimeout: 0 }, handle) : createHttp2(handle);
    server.on("connection", (socket: Socket) => {
      this.sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => this.sockets.delete(socket));
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, "127.0.0.1", resolve));
    return this;
  }

  /** As if the process died: connections are cut, and new ones refused. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    for (const socket of this.sockets) socket.destroy();
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  /** Lets all that hang be answered, and those that come. */
  release(): void {
    this.behaviour = { kind: "answer" };
    for (const go of this.waiting.splice(0)) go();
  }

  /** Forgets what it counted. */
  forget(): void {
    this.requests.length = this.paths.length = 0;
    this.mostInFlight = this.inFlight;
  }

  private async handle(
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ): Promise<void> {
    this.requests.push({ ...request.headers });
    this.paths.push(request.url ?? "");
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    response.once("close", () => this.inFlight--);
    const behaviour = typeof this.behaviour === "function" ? this.behaviour(request.headers) : this.behaviour;
    if (behaviour.kind === "reset") {
      if (response instanceof Object && "stream" in response) response.stream.close(2);
      else request.socket.destroy();
      return;
    }
    if (behaviour.kind === "hang") await new Promise<void>((resolve) => this.waiting.push(resolve));
    else if (behaviour.afterMilliseconds !== undefined) await sleep(behaviour.afterMilliseconds);
    response.statusCode = behaviour.kind === "answer" ? (behaviour.status ?? 200) : 200;
    response.end(this.name);
  }
}
