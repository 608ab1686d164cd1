import { edgeHeaders, tenantHeader, tierHeader } from "../../gateway/headers";
import type { EdgeSettings } from "./bindings";
import { problem } from "./problems";

/** A request as the edge reads it: one way to write each. */
export interface EdgeRequest {
  method: string;
  /** In small letters, without a port. */
  host: string;
  path: string;
  /** With its question mark, or empty. */
  query: string;
}

const methods = new Set(["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]);

/**
 * What two readers of a path could read differently: encoded slashes, backslashes, dots, percent signs and control characters,
 * empty segments, path parameters, and whatever RFC 3986 has no place for in a path.
 */
const ambiguous = /%(?:2[ef5]|5c|[01][0-9a-f]|7f)|%(?![0-9a-f]{2})|\/\/|\/\.{1,2}(?:\/|$)|[^\w.~!$&'()*+,=:@%/-]/i;

/** Says who sent the visitor, and nothing of what is asked for. */
const tracking =
  /^(?:utm_[a-z_]+|gclid|dclid|gbraid|wbraid|gclsrc|fbclid|msclkid|yclid|ttclid|twclid|li_fat_id|igshid|mc_cid|mc_eid|_ga|_gl)$/i;

/** The request in its one form, or why it is refused. */
export function readRequest(request: Request, limits: EdgeSettings["limits"]): EdgeRequest | Response {
  const { method, url } = request;
  if (!methods.has(method)) {
    return problem(405, "method-not-allowed", `${method} is not answered here.`, { Allow: [...methods].join(", ") });
  }
  if (url.length > limits.urlBytes) return problem(414, "address-too-long", `At most ${limits.urlBytes} bytes.`);
  const start = url.indexOf("/", url.indexOf("//") + 2);
  const authority = url.slice(url.indexOf("//") + 2, start < 0 ? undefined : start);
  const target = start < 0 ? "/" : url.slice(start);
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  if (ambiguous.test(path)) return problem(400, "ambiguous-path", "The path can be read in more than one way.");
  const length = request.headers.get("content-length");
  if (length !== null && Number(length) > limits.bodyBytes) {
    return problem(413, "body-too-large", `At most ${limits.bodyBytes} bytes.`);
  }
  const host = authority.toLowerCase().replace(/:\d+$/, "");
  return { method, host, path, query: mark < 0 ? "" : normalQuery(target.slice(mark + 1)) };
}

/**
 * Without what only says who sent the visitor, and sorted by name; what has one name stays in its order. The region gets it
 * like this too: an answer can't depend on what its key leaves out.
 */
export function normalQuery(query: string): string {
  const nameOf = (field: string) => field.split("=", 1)[0] ?? "";
  const kept = query.split("&").filter((field) => field !== "" && !tracking.test(nameOf(field)));
  if (kept.length === 0) return "";
  const compare = (one: string, other: string) => (one < other ? -1 : Number(one > other));
  return `?${kept.sort((one, other) => compare(nameOf(one), nameOf(other))).join("&")}`;
}

/** Whether sending it twice does what sending it once does. */
export function isRepeatable({ method, headers }: Pick<Request, "method" | "headers">): boolean {
  return method !== "POST" && method !== "PATCH" ? true : headers.has("idempotency-key");
}

/** Taken away from all: they name another address than the one that is asked, or are ours to say. */
const neverForwarded = [
  "forwarded",
  "x-forwarded-host",
  "x-forwarded-server",
  "x-forwarded-prefix",
  "x-forwarded-scheme",
  "x-original-url",
  "x-original-host",
  "x-rewrite-url",
  "x-host",
  "x-http-method",
  "x-http-method-override",
  "x-method-override",
  "true-client-ip",
  "client-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  tenantHeader,
  tierHeader,
  ...edgeHeaders,
];

/** For logs. No answer that is kept for others may depend on any header, so negotiation has no place on such a route. */
const keptForAll = ["cf-connecting-ip", "x-forwarded-for"];

/**
 * Headers for a region.
 *
 * @param isShared whether the answer may be kept for others: then only such headers go along that no answer depends on
 */
export function forwardedHeaders(request: Request, host: string, isShared: boolean): Headers {
  const headers = isShared ? new Headers() : new Headers(request.headers);
  if (isShared) {
    for (const name of keptForAll) {
      const value = request.headers.get(name);
      if (value !== null) headers.set(name, value);
    }
  } else {
    for (const name of neverForwarded) headers.delete(name);
    // How proxies of the region talk to each other.
    for (const name of [...headers.keys()]) if (name.startsWith("x-envoy-")) headers.delete(name);
  }
  headers.set("x-forwarded-host", host);
  headers.set("x-forwarded-proto", "https");
  return headers;
}

export function headerBytes(headers: Headers): number {
  let bytes = 0;
  headers.forEach((value, name) => (bytes += name.length + value.length + 4));
  return bytes;
}
