import { evaluate } from "./evaluate";
import type { FlagAnswer, FlagContext, FlagSet } from "./flag";

const base = "/ofrep/v1/evaluate/flags";
const mostBytes = 65_536;

/** As OFREP 0.2 names them: https://github.com/open-feature/protocol/blob/main/service/openapi.yaml */
enum ErrorCode {
  Parse = "PARSE_ERROR",
  InvalidContext = "INVALID_CONTEXT",
  FlagNotFound = "FLAG_NOT_FOUND",
}

export const isOfrepPath = (path: string): boolean => path === base || path.startsWith(`${base}/`);

/**
 * Evaluates for whoever speaks OpenFeature's remote evaluation protocol: one flag, or all of them. `targetingKey` of the
 * context is the user; `tenant` and `tier` are whose user that is.
 *
 * @param version of everything that an answer depends on: it is the entity tag
 */
export async function answerOfrep(request: Request, set: FlagSet): Promise<Response> {
  const path = new URL(request.url).pathname;
  if (!isOfrepPath(path)) return problem(404, { errorDetails: "There is no such path." });
  if (request.method !== "POST")
    return problem(405, { errorDetails: "Only POST is answered here." }, { Allow: "POST" });
  const key = decode(path.slice(base.length + 1));
  const text = await readBounded(request);
  if (text === undefined)
    return problem(413, { errorCode: ErrorCode.Parse, errorDetails: `More than ${mostBytes} bytes.` });
  const context = contextOf(text);
  if (typeof context === "string")
    return problem(400, { ...named(key), errorCode: context, errorDetails: details[context] });
  return key === "" ? answerAll(request, set, context) : answerOne(set, key, context);
}

function answerOne(set: FlagSet, key: string, context: FlagContext): Response {
  const answer = evaluate(set, key, context);
  if (answer !== undefined) return Response.json(evaluation(key, answer, set.version), { headers: uncached });
  return problem(404, { key, errorCode: ErrorCode.FlagNotFound, errorDetails: `There is no flag ${key}.` });
}

function answerAll(request: Request, set: FlagSet, context: FlagContext): Response {
  const flags = Object.keys(set.flags).flatMap((key) => {
    const answer = evaluate(set, key, context);
    return answer === undefined ? [] : [evaluation(key, answer, set.version)];
  });
  // The same question under the same version: who asks names the context anew each time, so it is in the tag.
  const tag = `"${set.version}-${[context.tenant, context.tier, context.user].map((each) => encodeURIComponent(each ?? "")).join("-")}"`;
  const headers = { ...uncached, ETag: tag };
  if (request.headers.get("if-none-match") === tag) return new Response(null, { status: 304, headers });
  return Response.json({ flags, metadata: { version: set.version } }, { headers });
}

function evaluation(key: string, { value, variant, reason, layer }: FlagAnswer, version: string) {
  return { key, value, variant, reason, metadata: { layer, version } };
}

/** No tier may keep it: it is asked by POST, and answers whoever the body names. */
const uncached = { "Cache-Control": "no-store" };

const details: Readonly<Record<ErrorCode.Parse | ErrorCode.InvalidContext, string>> = {
  [ErrorCode.Parse]: "The body must be a JSON object.",
  [ErrorCode.InvalidContext]: "context must be an object whose targetingKey, tenant and tier are texts.",
};

function contextOf(text: string): FlagContext | ErrorCode.Parse | ErrorCode.InvalidContext {
  const body = parse(text === "" ? "{}" : text);
  if (!isRecord(body)) return ErrorCode.Parse;
  const { context = {} } = body;
  if (!isRecord(context)) return ErrorCode.InvalidContext;
  const { targetingKey: user, tenant, tier } = context;
  const isText = (value: unknown): value is string | undefined => value === undefined || typeof value === "string";
  if (!isText(user) || !isText(tenant) || !isText(tier)) return ErrorCode.InvalidContext;
  return {
    ...(user === undefined || user === "" ? {} : { user }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(tier === undefined ? {} : { tier }),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

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

const named = (key: string) => (key === "" ? {} : { key });

/** Undefined for a body that is larger than any context: it isn't read to its end. */
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

function problem(status: number, body: Record<string, string>, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { ...uncached, ...headers } });
}
