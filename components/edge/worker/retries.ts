import type { MessageQueue } from "./bindings";

/** A write that no region took. Its body is text in base64, since a queue's message is JSON. */
export interface QueuedWrite {
  method: string;
  host: string;
  target: string;
  headers: [string, string][];
  body: string;
  /** Regions that may take it, in their order. */
  regions: readonly string[];
  /** When it came, in milliseconds since 1970. */
  receivedAt: number;
}

/** Of a queue's message there are 128 KiB, and base64 makes four bytes of three. https://developers.cloudflare.com/queues/platform/limits/ */
export const mostQueuedBytes = 65_536;

/** Those that a replay needs; the token too, which the region checks again when it gets it. */
const queuedHeaders = ["authorization", "content-type", "idempotency-key", "traceparent", "accept-language"];

export async function queueWrite(
  queue: MessageQueue,
  write: Omit<QueuedWrite, "headers" | "body" | "receivedAt"> & { headers: Headers; body: ArrayBuffer },
): Promise<Response> {
  const { method, host, target, headers, regions } = write;
  const message: QueuedWrite = {
    ...{ method, host, target, regions },
    headers: [...headers].filter(([name]) => queuedHeaders.includes(name) || name.startsWith("x-omega-")),
    body: encodeBase64(write.body),
    receivedAt: Date.now(),
  };
  await queue.send(message, { delaySeconds: retryDelaySeconds(1) });
  const status = { status: "queued", idempotencyKey: headers.get("idempotency-key") };
  return Response.json(status, { status: 202, headers: { "Cache-Control": "no-store" } });
}

/** 10 s, 20 s, 40 s and so on, at most an hour. @param attempts from 1 */
export const retryDelaySeconds = (attempts: number): number => Math.min(3600, 5 * 2 ** attempts);

/**
 * Whether a region had its say, so that asking again changes nothing. Too many requests pass, and so does a conflict with an
 * earlier try; a token that ended meanwhile and a host that nobody knows don't, but what was promised to be done goes to the
 * dead letters, not away.
 */
export const isSettled = (status: number): boolean =>
  status < 500 && ![401, 403, 404, 408, 409, 425, 429].includes(status);

function encodeBase64(buffer: ArrayBuffer): string {
  let text = "";
  for (const byte of new Uint8Array(buffer)) text += String.fromCharCode(byte);
  return btoa(text);
}

export function decodeBase64(text: string): ArrayBuffer {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer;
}
