import { Agent, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { Connection } from "./kubeconfig";

export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; annotations?: Record<string, string>; labels?: Record<string, string> };
  [field: string]: unknown;
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

interface Content {
  accept?: string;
  body?: unknown;
}

/** The few calls that a control plane's start needs, without a client library's weight. */
export class KubernetesApi {
  private readonly agent: Agent;

  constructor(private readonly connection: Connection) {
    this.agent = new Agent({ ca: connection.certificateAuthority, keepAlive: true, maxSockets: 8 });
  }

  /** Answers undefined where there is nothing at this path. */
  async find<Result>(path: string, accept = "application/json"): Promise<Result | undefined> {
    try {
      const found: Result = JSON.parse(await this.call("GET", path, { accept }));
      return found;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  async list<Item>(path: string, accept?: string): Promise<Item[]> {
    return (await this.find<{ items: Item[] }>(path, accept))?.items ?? [];
  }

  async createIfMissing(collection: string, object: KubernetesObject): Promise<"created" | "exists"> {
    try {
      await this.call("POST", collection, { body: object });
      return "created";
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) return "exists";
      throw error;
    }
  }

  /** Not server-side apply, which takes three times as long for definitions and refuses fields that are unknown. */
  async createOrReplace(collection: string, object: KubernetesObject): Promise<void> {
    if ((await this.createIfMissing(collection, object)) === "created") return;
    const path = `${collection}/${object.metadata.name}`;
    const existing = await this.find<{ metadata: { resourceVersion: string } }>(path);
    const metadata = { ...object.metadata, resourceVersion: existing?.metadata.resourceVersion };
    await this.call("PUT", path, { body: { ...object, metadata } });
  }

  async delete(path: string): Promise<void> {
    await this.call("DELETE", path);
  }

  async isReady(): Promise<boolean> {
    return this.send("GET", "/readyz", { accept: "*/*" }).then(
      () => true,
      () => false,
    );
  }

  private async call(method: string, path: string, content: Content = {}): Promise<string> {
    for (const deadline = Date.now() + 15_000; ; await sleep(200)) {
      try {
        return await this.send(method, path, content);
      } catch (error) {
        // The storage of a kind that was just installed is not there at once.
        if (!(error instanceof ApiError && error.status === 429 && Date.now() < deadline)) throw error;
      }
    }
  }

  private send(method: string, path: string, { accept = "application/json", body }: Content): Promise<string> {
    const headers = {
      accept,
      authorization: `Bearer ${this.connection.token}`,
      "content-type": "application/json",
    };
    return new Promise((resolve, reject) => {
      const options = { method, agent: this.agent, headers, timeout: 30_000 };
      const sent = request(new URL(path, this.connection.server), options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          const status = response.statusCode ?? 0;
          if (status < 300) resolve(text);
          else reject(new ApiError(status, `${method} ${path}: ${messageOf(text) ?? `status ${status}`}`));
        });
      });
      sent.on("timeout", () => sent.destroy(new Error(`${method} ${path}: no answer in 30 seconds`)));
      sent.on("error", reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function messageOf(text: string): string | undefined {
  try {
    const status: { message?: string } = JSON.parse(text);
    return status.message;
  } catch {
    return undefined;
  }
}
