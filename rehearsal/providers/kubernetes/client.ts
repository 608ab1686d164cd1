import https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubeConfig } from "@kubernetes/client-node";
import { listAt, isObject, objectAt, stringAt, valueAt } from "./objects";
import type { Properties } from "../stand-in";

/** The API server said no. */
export class ApiError extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    /** Paths of the fields that it complains about. */
    readonly fields: string[],
  ) {
    super(message);
  }
}

export class KindMissingError extends Error {
  constructor(apiVersion: string, kind: string) {
    super(`no matches for kind "${kind}" in version "${apiVersion}"`);
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof KindMissingError || (error instanceof ApiError && error.code === 404);
}

export interface Request {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  query?: Record<string, string>;
  body?: unknown;
  contentType?: string;
}

interface Answer {
  code: number;
  retryAfter: string | undefined;
  text: string;
}

interface ResourceType {
  plural: string;
  namespaced: boolean;
}

/** How long to go on when the API server can't be reached: a restart takes a few seconds. */
const patienceSeconds = 10;

export class KubernetesClient {
  private readonly server: URL;
  private readonly types = new Map<string, Promise<Map<string, ResourceType>>>();
  private connection: Promise<https.RequestOptions> | undefined;

  constructor(private readonly kubeconfig: KubeConfig) {
    this.server = new URL(kubeconfig.getCurrentCluster()?.server ?? "");
  }

  async request(path: string, request: Request = {}): Promise<Properties> {
    const deadline = Date.now() + patienceSeconds * 1000;
    for (let wait = 200; ; wait = Math.min(wait * 2, 2000)) {
      try {
        const answer = await this.send(path, request);
        if (answer.retryAfter === undefined || Date.now() > deadline) return parse(answer);
        await sleep(Number(answer.retryAfter) * 1000 || wait);
      } catch (error) {
        if (Date.now() > deadline || !mayRepeat(error, request)) throw error;
        await sleep(wait);
      }
    }
  }

  /** Path of an object, or of its collection when `name` is undefined. */
  async path(apiVersion: string, kind: string, namespace: string, name?: string): Promise<string> {
    const type = await this.type(apiVersion, kind);
    if (type === undefined) throw new KindMissingError(apiVersion, kind);
    const folder = type.namespaced ? `/namespaces/${namespace === "" ? "default" : namespace}` : "";
    return `${root(apiVersion)}${folder}/${type.plural}${name === undefined ? "" : `/${name}`}`;
  }

  pathOf(object: Properties): Promise<string> {
    const { namespace, name } = objectAt(object, "metadata");
    return this.path(
      stringAt(object, "apiVersion"),
      stringAt(object, "kind"),
      String(namespace ?? ""),
      String(name ?? ""),
    );
  }

  async get(apiVersion: string, kind: string, namespace: string, name: string): Promise<Properties> {
    return this.request(await this.path(apiVersion, kind, namespace, name));
  }

  async list(apiVersion: string, kind: string, namespace: string, labels: Properties): Promise<Properties[]> {
    const labelSelector = Object.entries(labels)
      .map(([key, value]) => `${key}=${String(value)}`)
      .join(",");
    const answer = await this.request(await this.path(apiVersion, kind, namespace), { query: { labelSelector } });
    // Items of a list don't carry their kind.
    return listAt(answer, "items")
      .filter(isObject)
      .map((item) => ({ apiVersion, kind, ...item }));
  }

  /** Server-side apply. */
  async apply(object: Properties, fieldManager: string, options: Record<string, string> = {}): Promise<Properties> {
    return this.request(await this.pathOf(object), {
      method: "PATCH",
      contentType: "application/apply-patch+yaml",
      query: { fieldManager, fieldValidation: "Strict", ...options },
      body: object,
    });
  }

  /** Undefined: the kind doesn't exist, e.g. because its CRD isn't installed yet. */
  async type(apiVersion: string, kind: string): Promise<ResourceType | undefined> {
    const known = await (this.types.get(apiVersion) ?? this.rediscover(apiVersion));
    return known.get(kind) ?? (await this.rediscover(apiVersion)).get(kind);
  }

  private rediscover(apiVersion: string): Promise<Map<string, ResourceType>> {
    const found = this.discover(apiVersion);
    this.types.set(apiVersion, found);
    found.catch(() => this.types.delete(apiVersion));
    return found;
  }

  private async discover(apiVersion: string): Promise<Map<string, ResourceType>> {
    try {
      const all = listAt(await this.request(root(apiVersion)), "resources").filter(isObject);
      // Those with a slash are subresources.
      const resources = all.filter((each) => !stringAt(each, "name").includes("/"));
      const type = (each: Properties) => ({ plural: stringAt(each, "name"), namespaced: each.namespaced === true });
      return new Map(resources.map((each) => [stringAt(each, "kind"), type(each)]));
    } catch (error) {
      if (isNotFound(error)) return new Map();
      throw error;
    }
  }

  private async connect(): Promise<https.RequestOptions> {
    const options: https.RequestOptions = {};
    await this.kubeconfig.applyToHTTPSOptions(options);
    const { ca, cert, key, rejectUnauthorized = true, servername } = options;
    // A connection for each request would spend most of an update on handshakes.
    const agent = new https.Agent({ ca, cert, key, rejectUnauthorized, servername, keepAlive: true, maxSockets: 16 });
    return { ...options, agent };
  }

  private async send(path: string, { method = "GET", query = {}, body, contentType }: Request): Promise<Answer> {
    this.connection ??= this.connect();
    const options = await this.connection;
    const url = new URL(`${this.server.pathname.replace(/\/$/, "")}${path}`, this.server);
    url.search = new URLSearchParams(query).toString();
    const text = body === undefined ? "" : JSON.stringify(body);
    const headers = {
      ...options.headers,
      Accept: "application/json",
      "Content-Type": contentType ?? "application/json",
      // Node leaves the length out of a DELETE, whose body would be taken for the next request.
      "Content-Length": Buffer.byteLength(text),
    };
    return new Promise((resolve, reject) => {
      const request = https.request(url, { ...options, method, headers, timeout: 60_000 }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            code: response.statusCode ?? 0,
            retryAfter: response.headers["retry-after"],
            text: Buffer.concat(chunks).toString(),
          }),
        );
      });
      request.on("timeout", () => request.destroy(new Error("no answer within 60 s")));
      request.on("error", reject);
      request.end(text);
    });
  }
}

function root(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function mayRepeat(error: unknown, { method = "GET" }: Request): boolean {
  const code = valueAt(error, "code");
  // Nothing was sent when the connection was refused; otherwise a create may have been done already.
  return code === "ECONNREFUSED" || (method !== "POST" && (code === "ECONNRESET" || code === "EPIPE"));
}

function parse({ code, text }: Answer): Properties {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = { message: text.trim() };
  }
  if (code >= 200 && code < 300) {
    return isObject(answer) ? answer : {};
  }
  const fields = listAt(answer, "details", "causes").map((cause) => stringAt(cause, "field"));
  throw new ApiError(code, stringAt(answer, "reason"), stringAt(answer, "message") || `HTTP status ${code}`, fields);
}

/** The server's own message; those about a Secret may quote its values, so only the fields are told. */
export function explain(error: unknown, kind: string): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  const quotesValues = kind === "Secret" && [400, 422, 500].includes(error.code);
  return quotesValues
    ? `${error.reason}: ${error.fields.join(", ") || "the request"} (the message is withheld: it may quote the Secret)`
    : error.message;
}
