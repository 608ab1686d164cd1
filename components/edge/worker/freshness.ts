import type { EdgeCacheSettings } from "./bindings";

/** For how long an answer may be given to others. */
export interface Lifetime {
  /** Seconds that are left, at the edge. */
  freshSeconds: number;
  /** Seconds after that in which it is given while one request fetches it anew. */
  staleSeconds: number;
  /** Seconds after that in which it is given while all regions fail. */
  staleIfErrorSeconds: number;
  /** Seconds that it was old when it came. */
  ageSeconds: number;
  /** Of a browser's copy; undefined where the header isn't meant for the edge alone, and so tells both. */
  browserSeconds: number | undefined;
}

export type Directives = ReadonlyMap<string, string>;

/** Of Cache-Control and its like. Names in small letters; the first of two that are the same counts. */
export function directivesOf(header: string | null): Directives {
  const directives = new Map<string, string>();
  for (const part of (header ?? "").split(",")) {
    const [name = "", value = ""] = part.split("=", 2).map((text) => text.trim());
    const key = name.toLowerCase();
    if (key !== "" && !directives.has(key)) directives.set(key, value.replaceAll('"', ""));
  }
  return directives;
}

/** RFC 9111, 3: those whose answer is the whole answer. */
const keptStatuses = new Set([200, 203, 301, 308, 404, 410]);

/**
 * For how long the edge may keep an answer, by the header that is meant for it, else for shared caches, else for all.
 *
 * @returns undefined if it may not be kept for others
 */
export function lifetimeOf(
  response: Pick<Response, "status" | "headers">,
  settings: EdgeCacheSettings,
): Lifetime | undefined {
  const { status, headers } = response;
  if (!keptStatuses.has(status) || headers.has("set-cookie") || !variesByEncodingAlone(headers.get("vary")))
    return undefined;
  const targeted = headers.get("cloudflare-cdn-cache-control") ?? headers.get("cdn-cache-control");
  const forAll = directivesOf(headers.get("cache-control"));
  const directives = targeted === null ? forAll : directivesOf(targeted);
  if (["private", "no-store", "no-cache"].some((name) => directives.has(name))) return undefined;
  const said = secondsOf(directives, "s-maxage") ?? secondsOf(directives, "max-age");
  // Only what says so is everybody's; that something is not there is not kept on a guess.
  const isPublic = directives.has("public") || said !== undefined;
  if (!isPublic || (said === undefined && status !== 200)) return undefined;
  const ageSeconds = Math.max(0, Number(headers.get("age") ?? 0) || 0);
  const freshSeconds = Math.min(said ?? settings.apiSeconds, settings.edgeSeconds) - ageSeconds;
  if (freshSeconds <= 0) return undefined;
  const mustAsk = ["must-revalidate", "proxy-revalidate"].some((name) => directives.has(name));
  const stale = (name: string, byDefault: number) => (mustAsk ? 0 : (secondsOf(directives, name) ?? byDefault));
  return {
    freshSeconds,
    staleSeconds: stale("stale-while-revalidate", settings.staleSeconds),
    staleIfErrorSeconds: stale("stale-if-error", settings.staleIfErrorSeconds),
    ageSeconds,
    browserSeconds: targeted === null && said !== undefined ? undefined : browserSeconds(forAll, settings),
  };
}

function browserSeconds(forAll: Directives, { apiSeconds }: EdgeCacheSettings): number {
  if (["private", "no-store", "no-cache"].some((name) => forAll.has(name))) return 0;
  return secondsOf(forAll, "max-age") ?? apiSeconds;
}

function secondsOf(directives: Directives, name: string): number | undefined {
  const text = directives.get(name);
  // RFC 9111, 1.2.2: what can't be read is over at once.
  return text === undefined ? undefined : /^\d{1,10}$/.test(text) ? Number(text) : 0;
}

function variesByEncodingAlone(vary: string | null): boolean {
  return (vary ?? "").split(",").every((name) => ["", "accept-encoding"].includes(name.trim().toLowerCase()));
}

/**
 * Cache-Control for a browser. A browser counts from the answer's age, which at the edge can be a day: what it may keep for an
 * hour must say a day and an hour.
 *
 * @param leftSeconds until the edge's copy is over; a browser's never outlives it
 */
export function browserControl(allowed: number, leftSeconds: number, ageSeconds: number, isImmutable: boolean): string {
  const seconds = Math.max(0, Math.min(allowed, leftSeconds));
  if (seconds === 0) return "no-cache";
  return `public, max-age=${seconds + ageSeconds}, ${isImmutable ? "immutable" : "must-revalidate"}`;
}
