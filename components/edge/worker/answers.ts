import { browserControl, type Lifetime } from "./freshness";

/** An answer that is kept for others. Times are milliseconds since 1970. */
export interface KeptAnswer {
  status: number;
  /** Without those that are said anew each time. */
  headers: [string, string][];
  body: ArrayBuffer | ReadableStream<Uint8Array> | null;
  times: KeptTimes;
}

export interface KeptTimes {
  /** When the service made it. */
  madeAt: number;
  freshUntil: number;
  staleUntil: number;
  errorUntil: number;
  /** Undefined where Cache-Control is the service's own. */
  browserSeconds?: number;
}

/** Said of the edge's own copy, and nobody else's concern. */
const edgeHeaders = ["cloudflare-cdn-cache-control", "cdn-cache-control", "age", "cf-cache-status"];

export const timesHeader = "x-omega-kept";
const tagHeader = "cache-tag";

export function timesOf(lifetime: Lifetime, now: number): KeptTimes {
  const freshUntil = now + 1000 * lifetime.freshSeconds;
  return {
    madeAt: now - 1000 * lifetime.ageSeconds,
    freshUntil,
    staleUntil: freshUntil + 1000 * lifetime.staleSeconds,
    errorUntil: freshUntil + 1000 * Math.max(lifetime.staleSeconds, lifetime.staleIfErrorSeconds),
    ...(lifetime.browserSeconds === undefined ? {} : { browserSeconds: lifetime.browserSeconds }),
  };
}

/** Headers of an answer for the reader: those that are meant for the edge are not passed on. */
export function readerHeaders(headers: Headers): Headers {
  const passed = new Headers(headers);
  for (const name of [...edgeHeaders, tagHeader]) passed.delete(name);
  return passed;
}

/** As a data centre's cache takes it: whole for as long as it may be used at all. Tags stay, by which Cloudflare purges. */
export function entryOf(response: Response, body: BodyInit | null, times: KeptTimes): Response {
  const headers = new Headers(response.headers);
  for (const name of edgeHeaders) headers.delete(name);
  headers.set(`${timesHeader}-control`, headers.get("cache-control") ?? "");
  headers.set("cache-control", `public, max-age=${Math.ceil((times.errorUntil - Date.now()) / 1000)}`);
  headers.set(timesHeader, JSON.stringify(times));
  return new Response(body, { status: response.status, headers });
}

/** Undefined for an entry that isn't ours to read. */
export function answerOf(entry: Response): KeptAnswer | undefined {
  const times = entry.headers.get(timesHeader);
  if (times === null) return undefined;
  const headers = readerHeaders(entry.headers);
  const control = headers.get(`${timesHeader}-control`) ?? "";
  for (const name of [timesHeader, `${timesHeader}-control`]) headers.delete(name);
  if (control === "") headers.delete("cache-control");
  else headers.set("cache-control", control);
  // Written by this Worker alone, under a key with its version.
  return { status: entry.status, headers: [...headers], body: entry.body, times: JSON.parse(times) };
}

/** The kept answer for one reader. */
export function answerFrom(kept: KeptAnswer, request: Request, now: number): Response {
  const { status, times } = kept;
  const headers = new Headers(kept.headers);
  const age = Math.max(0, Math.floor((now - times.madeAt) / 1000));
  headers.set("age", String(age));
  if (times.browserSeconds !== undefined) {
    const left = Math.floor((times.freshUntil - now) / 1000);
    const isImmutable = headers.get("cache-control")?.includes("immutable") ?? false;
    headers.set("cache-control", browserControl(times.browserSeconds, left, age, isImmutable));
  }
  if (isKnown(request, headers.get("etag"))) {
    for (const name of ["content-length", "content-encoding"]) headers.delete(name);
    return new Response(null, { status: 304, headers });
  }
  return new Response(request.method === "HEAD" ? null : kept.body, { status, headers });
}

/** RFC 9110, 13.1.2, by weak comparison. */
function isKnown({ headers }: Request, tag: string | null): boolean {
  const given = headers.get("if-none-match");
  if (given === null || tag === null) return false;
  const bare = (text: string) => text.trim().replace(/^W\//, "");
  return given.trim() === "*" || given.split(",").some((each) => bare(each) === bare(tag));
}
