import { evaluate } from "./evaluate";
import { type FlagAnswer, type FlagContext, type FlagSet, RolloutUnit } from "./flag";

const base = "/ofrep/v1/evaluate/flags";
/** Of a request: many times any context. */
const mostBytes = 65_536;

/** Those of OFREP 0.3 that are answered with: https://github.com/open-feature/protocol/blob/main/service/openapi.yaml */
enum ErrorCode {
  Parse = "PARSE_ERROR",
  InvalidContext = "INVALID_CONTEXT",
  TargetingKeyMissing = "TARGETING_KEY_MISSING",
  FlagNotFound = "FLAG_NOT_FOUND",
}

interface Failure {
  errorCode: ErrorCode;
  errorDetails: string;
}

export const isOfrepPath = (path: string): boolean => path === base || path.startsWith(`${base}/`);

/**
 * Evaluates for whoever speaks OpenFeature's remote evaluation protocol: one flag, or all of them. `targetingKey` of the
 * context is the user; `tenant` and `tier` are whose user that is. Services need no library of ours: OpenFeature's own SDK
 * with its OFREP provider is three lines.
 */
export async function answerOfrep(request: Request, set: FlagSet): Promise<Response> {
  const path = new URL(request.url).pathname;
  if (!isOfrepPath(path)) return answer(404, { errorDetails: "There is no such path." });
  if (request.method !== "POST") {
    return answer(405, { errorDetails: "Only POST is answered here." }, { Allow: "POST" });
  }
  const key = decode(path.slice(base.length + 1));
  const named = key === "" ? {} : { key };
  const text = await readBounded(request);
  if (text === undefined) {
    return answer(413, {
      ...named,
      errorCode: ErrorCode.Parse,
      errorDetails: `The body has more than ${mostBytes} bytes.`,
    });
  }
  const read = contextOf(text);
  if ("errorCode" in read) return answer(400, { ...named, ...read });
  return key === "" ? answerAll(request, set, read.context) : answerOne(set, key, read.context);
}

function answerOne(set: FlagSet, key: string, context: FlagContext): Response {
  const found = evaluate(set, key, context);
  if (found === undefined) {
    return answer(404, { key, errorCode: ErrorCode.FlagNotFound, errorDetails: `There is no flag ${key}.` });
  }
  const failure = failureOf(found);
  return failure === undefined ? answer(200, evaluation(key, found, set.version)) : answer(400, { key, ...failure });
}

/** A flag that can't be told says so in its place: the others can. */
async function answerAll(request: Request, set: FlagSet, context: FlagContext): Promise<Response> {
  const headers = { ETag: await tagOf(set.version, context) };
  if (hasTag(request.headers.get("if-none-match"), headers.ETag)) {
    return new Response(null, { status: 304, headers: { ...uncached, ...headers } });
  }
  const flags = Object.keys(set.flags).flatMap((key) => {
    const found = evaluate(set, key, context);
    if (found === undefined) return [];
    const failure = failureOf(found);
    return [failure === undefined ? evaluation(key, found, set.version) : { key, ...failure }];
  });
  return answer(200, { flags, metadata: { version: set.version } }, headers);
}

/**
 * The reason DEFAULT is OpenFeature's and in use by OFREP's own decision records, though its schema doesn't list it:
 * https://github.com/open-feature/protocol/blob/main/service/adrs/0006-optional-value-for-code-defaults.md
 */
function evaluation(key: string, { value, variant, reason, layer }: FlagAnswer, version: string) {
  return { key, value, variant, reason, metadata: { layer, version } };
}

/** To leave out who asks is a mistake of the caller, which a default would hide. */
function failureOf({ unnamed }: FlagAnswer): Failure | undefined {
  switch (unnamed) {
    case undefined:
      return undefined;
    case RolloutUnit.User:
      return {
        errorCode: ErrorCode.TargetingKeyMissing,
        errorDetails: "It is rolled out by user: the context needs targetingKey, or else tenant.",
      };
    case RolloutUnit.Tenant:
      return {
        errorCode: ErrorCode.InvalidContext,
        errorDetails: "It is rolled out by tenant: the context needs tenant.",
      };
  }
}

/** The same flags may be asked for another user next: who asks is in the tag. */
async function tagOf(version: string, { tenant, tier, user }: FlagContext): Promise<string> {
  const text = JSON.stringify([version, tenant, tier, user]);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `"${[...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}"`;
}

/** By RFC 9110 a weak tag will do here, which is what a proxy that compresses makes of a strong one. */
const hasTag = (header: string | null, tag: string): boolean =>
  (header ?? "").split(",").some((each) => each.trim() === "*" || each.trim().replace(/^W\//, "") === tag);

/** No tier may keep it: it is asked by POST, and answers whoever the body names. */
const uncached = { "Cache-Control": "no-store" };

function contextOf(text: string): { context: FlagContext } | Failure {
  const body = parse(text === "" ? "{}" : text);
  if (!isRecord(body)) return { errorCode: ErrorCode.Parse, errorDetails: "The body must be a JSON object." };
  const { context = {} } = body;
  if (!isRecord(context)) return { errorCode: ErrorCode.InvalidContext, errorDetails: "context must be an object." };
  const { targetingKey, tenant, tier } = context;
  for (const [name, value] of Object.entries({ targetingKey, tenant, tier })) {
    if (value === undefined || typeof value === "string") continue;
    return { errorCode: ErrorCode.InvalidContext, errorDetails: `${name} must be a text.` };
  }
  return { context: { ...textIn("user", targetingKey), ...textIn("tenant", tenant), ...textIn("tier", tier) } };
}

/** An empty text names nobody. */
const textIn = (name: keyof FlagContext, value: unknown): FlagContext =>
  typeof value === "string" && value !== "" ? { [name]: value } : {};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decode(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** @returns undefined for a body that is larger than any context: it isn't read to its end */
async function readBounded(request: Request): Promise<string | undefined> {
  if (Number(request.headers.get("content-length") ?? 0) > mostBytes) return undefined;
  const reader = request.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > mostBytes) {
      await reader?.cancel();
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}

function answer(status: number, body: object, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { ...uncached, ...headers } });
}
