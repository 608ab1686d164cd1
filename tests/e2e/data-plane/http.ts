import { type Agent, type ClientRequest, type IncomingHttpHeaders, request } from "node:http";

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Call {
  /** Default 127.0.0.1. */
  address?: string;
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** One HTTP/1.1 request to loopback, on a connection of its own unless an agent is given. */
export function send(
  port: number,
  { address = "127.0.0.1", path = "/", method = "GET", headers = {}, body }: Call,
  agent?: Agent,
): Promise<Answer> {
  return answerTo(request({ host: address, port, path, method, headers, agent: agent ?? false }), body);
}

/** Ends a request, over TLS or not, and reads the answer. */
export function answerTo(sent: ClientRequest, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    sent.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

export const get = (port: number, path: string): Promise<Answer> => send(port, { path });
