import { Agent, request, type RequestOptions } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";

export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; annotations?: Record<string, string>; labels?: Record<string, string> };
  [field: string]: unknown;
}

/** The API server said no. */
export class ApiError extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    /** Paths of the fields that it complains about. */
    readonly fields: string[] = [],
  ) {
    super(message);
  }
}

export interface ApiRequest {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  query?: Record<string, string>;
  body?: unknown;
  contentType?: string;
  accept?: string;
  /** Whether it may be sent again when its answer was lost; by default all but POST. */
  isIdempotent?: boolean;
}

/** How long to go on when the API server can't be reached or isn't ready: a restart takes a few seconds. */
const patienceMilliseconds = 15_000;
/** The API server itself ends a request after 60 s (--request-timeout) and says so, however slow its disk is. */
const answerMilliseconds = 65_000;

/** An API server, without the weight of a client library, whose loading alone takes longer than most uses of this. */
export class KubernetesApi {
  private readonly server: URL;
  private readonly options: RequestOptions;

  /** @param credentials the server's certificate authority, and who asks: a header or a certificate. */
  constructor(server: string, credentials: RequestOptions) {
    this.server = new URL(server);
    const { ca, cert, key, rejectUnauthorized = true, servername } = credentials;
    // A connection for each request would spend most of an update on handshakes.
    const agent = new Agent({ ca, cert, key, rejectUnauthorized, servername, keepAlive: true, maxSockets: 16 });
    this.options = { ...credentials, agent, timeout: answerMilliseconds };
  }

  async request<Result = Record<string, unknown>>(path: string, asked: ApiRequest = {}): Promise<Result> {
    const deadline = Date.now() + patienceMilliseconds;
    let isUnanswered = false;
    for (let wait = 200; ; wait = Math.min(wait * 2, 2000)) {
      try {
        const result: Result = JSON.parse(await this.send(path, asked));
        return result;
      } catch (error) {
        isUnanswered ||= mayBeDone(error, asked);
        if (Date.now() > deadline || !mayRepeat(error, asked)) {
          throw isUnanswered && !(error instanceof ApiError) ? unanswered(error) : error;
        }
      }
      await sleep(wait);
    }
  }

  /** Answers undefined where there is nothing at this path. */
  async find<Result>(path: string, accept?: string): Promise<Result | undefined> {
    try {
      return await this.request<Result>(path, accept === undefined ? {} : { accept });
    } catch (error) {
      if (error instanceof ApiError && error.code === 404) return undefined;
      throw error;
    }
  }

  async createIfMissing(collection: string, object: KubernetesObject): Promise<"created" | "exists"> {
    try {
      await this.request(collection, { method: "POST", body: object, isIdempotent: true });
      return "created";
    } catch (error) {
      if (error instanceof ApiError && error.code === 409) return "exists";
      throw error;
    }
  }

  /** Not server-side apply, which takes three times as long for definitions and refuses fields that are unknown. */
  async createOrReplace(collection: string, object: KubernetesObject): Promise<void> {
    if ((await this.createIfMissing(collection, object)) === "created") return;
    const path = `${collection}/${object.metadata.name}`;
    const existing = await this.find<{ metadata: { resourceVersion: string } }>(path);
    const metadata = { ...object.metadata, resourceVersion: existing?.metadata.resourceVersion };
    await this.request(path, { method: "PUT", body: { ...object, metadata } });
  }

  async delete(path: string): Promise<void> {
    await this.request(path, { method: "DELETE" });
  }

  async isReady(): Promise<boolean> {
    return this.send("/readyz", { accept: "*/*" }).then(
      () => true,
      () => false,
    );
  }

  private send(path: string, asked: ApiRequest): Promise<string> {
    const { method = "GET", query = {}, body, contentType = "application/json", accept = "application/json" } = asked;
    const url = new URL(`${this.server.pathname.replace(/\/$/, "")}${path}`, this.server);
    url.search = new URLSearchParams(query).toString();
    const content = body === undefined ? "" : JSON.stringify(body);
    const headers = {
      ...this.options.headers,
      accept,
      "content-type": contentType,
      // Node leaves the length out of a DELETE, whose body would be taken for the next request.
      "content-length": Buffer.byteLength(content),
    };
    return new Promise((resolve, reject) => {
      const sent = request(url, { ...this.options, method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve(text);
          else reject(refusal(`${method} ${path}`, status, text));
        });
      });
      sent.on("timeout", () => sent.destroy(new Error(`${method} ${path}: no answer in ${answerMilliseconds} ms`)));
      sent.on("error", reject);
      sent.end(content);
    });
  }
}

interface Status {
  message?: string;
  reason?: string;
  details?: { causes?: { field?: string }[] };
}

function refusal(what: string, code: number, text: string): ApiError {
  let status: Status;
  try {
    status = JSON.parse(text);
  } catch {
    status = { message: text.trim() };
  }
  const fields = status.details?.causes?.map(({ field = "" }) => field);
  return new ApiError(code, status.reason ?? "", status.message || `${what}: status ${code}`, fields);
}

function mayRepeat(error: unknown, { method = "GET", isIdempotent = method !== "POST" }: ApiRequest): boolean {
  // Too busy, or the storage of a kind that was just installed is not there yet.
  if (error instanceof ApiError) return error.code === 429;
  const code = codeOf(error);
  // A create may have been done already, unless the connection was refused.
  return code === "ECONNREFUSED" || (isIdempotent && (code === "ECONNRESET" || code === "EPIPE"));
}

/** Nothing was sent when the connection was refused. */
function mayBeDone(error: unknown, { method = "GET", query = {} }: ApiRequest): boolean {
  const writes = method !== "GET" && query.dryRun === undefined;
  return writes && !(error instanceof ApiError) && codeOf(error) !== "ECONNREFUSED";
}

/** What looks for creates that may have been done knows this text. */
function unanswered(cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Error(`the API server was gone before it answered: ${reason}`, { cause });
}

function codeOf(error: unknown): unknown {
  // Not an Error of this realm where jest runs it.
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}
