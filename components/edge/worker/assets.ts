import type { ObjectStore, StoredObject } from "./bindings";
import { problem } from "./problems";

/** At an address with a version in it, so that it never changes there. A year: RFC 9111's caches take no more for granted. */
const immutable = "public, max-age=31536000, immutable";

/** A file of the bucket, whole or in part. @param key of the file, without a slash at its start */
export async function answerAsset(store: ObjectStore, request: Request, key: string): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return problem(405, "method-not-allowed", "Assets are read here.", { Allow: "GET, HEAD" });
  }
  const object =
    request.method === "HEAD"
      ? await store.head(key)
      : await store.get(key, { onlyIf: request.headers, range: request.headers });
  if (object === null) return problem(404, "no-such-asset", "There is no such file.");
  const headers = new Headers();
  object.writeHttpMetadata(headers);
  headers.set("etag", object.httpEtag);
  headers.set("cache-control", immutable);
  headers.set("accept-ranges", "bytes");
  headers.set("x-content-type-options", "nosniff");
  if (request.method === "HEAD") {
    headers.set("content-length", String(object.size));
    return new Response(null, { headers });
  }
  if (object.body === undefined) {
    // Only If-Match and If-Unmodified-Since ask that something be as it was.
    const status = ["if-match", "if-unmodified-since"].some((name) => request.headers.has(name)) ? 412 : 304;
    return new Response(null, { status, headers });
  }
  const part = request.headers.has("range") ? rangeOf(object) : undefined;
  if (part === undefined) return new Response(object.body, { headers });
  headers.set("content-range", `bytes ${part.start}-${part.end}/${object.size}`);
  return new Response(object.body, { status: 206, headers });
}

function rangeOf({ range, size }: StoredObject): { start: number; end: number } | undefined {
  if (range === undefined) return undefined;
  const { offset, length, suffix } = range;
  if (suffix !== undefined) return { start: Math.max(0, size - suffix), end: size - 1 };
  const start = offset ?? 0;
  return { start, end: Math.min(size, start + (length ?? size)) - 1 };
}
