import { createHash } from "node:crypto";
import type { CacheTiers } from "./tiers";

/** An answer of a service, as the tiers know it. */
export interface CachedAnswer {
  /** Name of the service. */
  service: string;
  /** Version of the service: another one may write another form. */
  version: string;
  /** What tells it from the service's other answers: path and query, and for private ones whose it is. */
  key: string;
  /** What it was made from, e.g. `product-42`: a purge of any of these reaches it. */
  tags: string[];
}

/**
 * Of each tag that the store knows. A generation begins as the moment in which somebody first asked for it, and a purge is one
 * more: so one that was lost begins higher than it ever was. `SET <key> <now> NX`, and for a purge `INCR` in the same
 * transaction.
 */
export type Generations = Readonly<Record<string, number>>;

/**
 * By which a purge finds an answer, in every tier: of its service, and of what it was made from. Cloudflare's take no spaces
 * and commas and don't know small letters from capitals; two that become one are purged together.
 */
export function cacheTags({ service, tags }: Pick<CachedAnswer, "service" | "tags">): string[] {
  const own = tags.map((tag) => `${service}.${tag}`.toLowerCase().replace(/[^a-z0-9._-]+/g, "-"));
  return [...new Set([service.toLowerCase(), ...own])].sort();
}

/**
 * Key of an answer in the region's store and in a service's memory. A purge or another version makes it another one, under
 * which the old copy is found no more, not even by a caller that was late to write it.
 *
 * @param nowMilliseconds since 1970: the generation of tags that the store doesn't know
 */
export function storeKey(answer: CachedAnswer, generations: Generations, nowMilliseconds: number): string {
  // The store drops what is used least: a generation that went with it must not bring back what was purged.
  const made = cacheTags(answer).map((tag) => `${tag}@${generations[tag] ?? nowMilliseconds}`);
  return [answer.service, answer.version, digest(made.join(",")), answer.key].join(":");
}

/** Of what was answered, not of its generation: a browser that asks must not be told that its copy holds when it doesn't. */
export function entityTag(version: string, body: string): string {
  // Weak: proxies compress.
  return `W/"${digest(`${version}\n${body}`)}"`;
}

/** What a service says of its answer to the tiers before it. */
export function responseHeaders(tiers: CacheTiers, answer: CachedAnswer, body: string): Record<string, string> {
  return {
    "Cache-Control": tiers.browser.cacheControl,
    "Cloudflare-CDN-Cache-Control": tiers.edge.cacheControl,
    ...(tiers.edge.seconds === 0 ? {} : { "Cache-Tag": cacheTags(answer).join(",") }),
    ETag: entityTag(answer.version, body),
  };
}

/** What a service's containers are told, so that all of them do the same. */
export function tierEnvironment({ profile, browser, edge, regional, origin }: CacheTiers): Record<string, string> {
  return {
    CACHE_PROFILE: profile,
    CACHE_TTL_SECONDS: String(regional.seconds),
    CACHE_STALE_SECONDS: String(regional.staleSeconds),
    CACHE_LOCK_MILLISECONDS: String(regional.lockMilliseconds),
    CACHE_JITTER_PERCENT: String(regional.jitterPercent),
    CACHE_EARLY_REFRESH: String(regional.earlyRefresh),
    CACHE_ORIGIN_TTL_SECONDS: String(origin.seconds),
    CACHE_GENERATION_SECONDS: String(origin.generationSeconds),
    CACHE_BROWSER_CONTROL: browser.cacheControl,
    CACHE_EDGE_CONTROL: edge.cacheControl,
  };
}

const digest = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 16);
