import { ApiError, KubernetesApi } from "../../control-plane/api";
import { messageOf } from "../../errors";
import type { Properties } from "../stand-in";
import { isObject, listAt, stringAt } from "./objects";

export class KindMissingError extends Error {
  constructor(apiVersion: string, kind: string) {
    super(`no matches for kind "${kind}" in version "${apiVersion}"`);
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof KindMissingError || (error instanceof ApiError && error.code === 404);
}

interface ResourceType {
  plural: string;
  namespaced: boolean;
}

/** An API server whose objects are named by their kind. */
export class KubernetesClient extends KubernetesApi {
  private readonly types = new Map<string, Promise<Map<string, ResourceType>>>();

  /** Path of an object, or of its collection when `name` is undefined. */
  async path(apiVersion: string, kind: string, namespace: string, name?: string): Promise<string> {
    const type = await this.type(apiVersion, kind);
    if (type === undefined) throw new KindMissingError(apiVersion, kind);
    const folder = type.namespaced ? `/namespaces/${namespace === "" ? "default" : namespace}` : "";
    return `${root(apiVersion)}${folder}/${type.plural}${name === undefined ? "" : `/${name}`}`;
  }

  pathOf(object: Properties): Promise<string> {
    const namespace = stringAt(object, "metadata", "namespace");
    const name = stringAt(object, "metadata", "name");
    return this.path(stringAt(object, "apiVersion"), stringAt(object, "kind"), namespace, name);
  }

  async listByLabels(apiVersion: string, kind: string, namespace: string, labels: Properties): Promise<Properties[]> {
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
    const all = listAt(await this.find(root(apiVersion)), "resources").filter(isObject);
    // Those with a slash are subresources.
    const resources = all.filter((each) => !stringAt(each, "name").includes("/"));
    const type = (each: Properties) => ({ plural: stringAt(each, "name"), namespaced: each.namespaced === true });
    return new Map(resources.map((each) => [stringAt(each, "kind"), type(each)]));
  }
}

function root(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** The server's own message; those about a Secret may quote its values, so only the fields are told. */
export function explain(error: unknown, kind: string): string {
  if (!(error instanceof ApiError)) return messageOf(error);
  const quotesValues = kind === "Secret" && [400, 422, 500].includes(error.code);
  return quotesValues
    ? `${error.reason}: ${error.fields.join(", ") || "the request"} (the message is withheld: it may quote the Secret)`
    : error.message;
}
