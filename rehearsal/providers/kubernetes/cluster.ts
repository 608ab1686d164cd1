import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, explain, isNotFound, KindMissingError, type KubernetesClient } from "./client";
import { withoutInvented } from "./difference";
import { kindOf } from "./kinds";
import { isObject, listAt, objectAt, hasUnknown, stringAt, valueAt, withMetadata, annotation } from "./objects";
import { validate } from "./schema";
import type { Operation, Properties } from "../stand-in";

/** Who creates: objects are made by a plain create and taken over by the resource's own manager at the first update. */
const creator = "pulumi-kubernetes";
/** Managers whose fields an update takes over, so that `kubectl apply` and earlier versions cause no conflict. */
const adopted = new Set(
  ["kubectl/Apply", "kubectl/Update", "before-first-apply/Update"].concat(
    [creator, `${creator}.exe`, "pulumi-resource-kubernetes"].map((name) => `${name}/Update`),
  ),
);
const dryRun = { dryRun: "All" };
const customResourceDefinition = "CustomResourceDefinition";

export interface WriteOptions {
  /** Create may update what exists already under the same name. */
  upsert: boolean;
  /** Take fields away from other managers. */
  force: boolean;
}

/** Writes objects as the real provider does, and says what would become of them. */
export class Cluster {
  private readonly documents = new Map<string, Promise<Properties>>();

  constructor(
    readonly client: KubernetesClient,
    private readonly options: WriteOptions,
  ) {}

  /** A missing namespace or kind may be on its way: a CRD that an operator installs, say. */
  async create(object: Properties, fieldManager: string, operation: Operation): Promise<Properties> {
    for (let wait = 1; ; wait *= 2) {
      try {
        return await this.write(await this.scoped(object), fieldManager, {});
      } catch (error) {
        if (!isNotFound(error) || wait > 16 || operation.signal.aborted) throw error;
        operation.report(`Retry: creation failed: ${explain(error, kindOf(object).kind)}`);
        await sleep(wait * 1000);
      }
    }
  }

  async update(object: Properties, fieldManager: string): Promise<Properties> {
    const live = await this.client.request(await this.client.pathOf(object));
    if (object.kind === customResourceDefinition) {
      return this.replaceDefinition(object, live, fieldManager, {});
    }
    await this.adoptFields(live, fieldManager);
    return this.apply(object, fieldManager, this.isForced(object), {});
  }

  /** What create would give; undefined where only the update can tell. */
  async previewCreate(object: Properties, fieldManager: string, operation: Operation): Promise<Properties | undefined> {
    if (!(await this.canDryRun(object, operation))) return undefined;
    const scoped = await this.scoped(object);
    try {
      return withoutInvented(await this.write(scoped, fieldManager, dryRun), object);
    } catch (error) {
      // A replacement of the same name, or an object that is somebody else's: the update will tell.
      if (error instanceof ApiError && error.reason === "AlreadyExists") return undefined;
      if (!isNotFound(error)) throw error;
    }
    // The namespace is made in the same update: another one stands for it.
    const namespace = stringAt(object, "metadata", "namespace");
    const result = await this.write(withMetadata(scoped, { namespace: "default" }), fieldManager, dryRun);
    operation.report(`validated in namespace default, because ${namespace} doesn't exist yet`);
    return withMetadata(withoutInvented(result, object), { namespace });
  }

  async previewUpdate(object: Properties, fieldManager: string, operation: Operation): Promise<Properties | undefined> {
    if (!(await this.canDryRun(object, operation))) return undefined;
    const live = await this.client.request(await this.client.pathOf(object));
    if (object.kind === customResourceDefinition) return this.replaceDefinition(object, live, fieldManager, dryRun);
    // The update itself takes these over before it applies.
    const adoptable = managers(live).some((entry) => isAdopted(entry));
    return this.apply(object, fieldManager, adoptable || this.isForced(object), dryRun);
  }

  private async canDryRun(object: Properties, operation: Operation): Promise<boolean> {
    const { kind } = kindOf(object);
    const apiVersion = stringAt(object, "apiVersion");
    if ((await this.client.type(apiVersion, kind)) === undefined) {
      operation.report(`not validated: ${apiVersion} ${kind} isn't installed yet`);
      return false;
    }
    if (!hasUnknown(object)) return true;
    const failures = validate(await this.openApi(apiVersion), kindOf(object), object);
    if (failures !== undefined && failures.length > 0) {
      const list = failures.map(({ property, reason }) => `${property}: ${reason}`).join("; ");
      throw new Error(`${kind} does not match the API server's schema: ${list}`);
    }
    operation.report(failures ? "validated by schema only: some values aren't known yet" : "not validated: no schema");
    return false;
  }

  private openApi(apiVersion: string): Promise<Properties> {
    const known = this.documents.get(apiVersion);
    const document =
      known ?? this.client.request(`/openapi/v3/api${apiVersion.includes("/") ? "s" : ""}/${apiVersion}`);
    this.documents.set(apiVersion, document);
    return document;
  }

  private write(object: Properties, fieldManager: string, options: Record<string, string>): Promise<Properties> {
    if (this.options.upsert) {
      return this.apply(object, fieldManager, this.isForced(object) || "dryRun" in options, options);
    }
    return this.createNew(object, options);
  }

  private async createNew(object: Properties, options: Record<string, string>): Promise<Properties> {
    const namespace = stringAt(object, "metadata", "namespace");
    return this.client.request(
      await this.client.path(stringAt(object, "apiVersion"), stringAt(object, "kind"), namespace),
      { method: "POST", query: { fieldManager: creator, fieldValidation: "Strict", ...options }, body: object },
    );
  }

  private async apply(
    object: Properties,
    fieldManager: string,
    force: boolean,
    options: Record<string, string>,
  ): Promise<Properties> {
    return this.client.apply(await this.scoped(object), fieldManager, { force: String(force), ...options });
  }

  /** CRDs are replaced whole, like the real provider's, so that dropped versions and fields really go. */
  private async replaceDefinition(
    object: Properties,
    live: Properties,
    fieldManager: string,
    options: Record<string, string>,
  ): Promise<Properties> {
    const { resourceVersion } = objectAt(live, "metadata");
    return this.client.request(await this.client.pathOf(object), {
      method: "PUT",
      query: { fieldManager, fieldValidation: "Strict", ...options },
      body: withMetadata(object, { resourceVersion }),
    });
  }

  private async adoptFields(live: Properties, fieldManager: string): Promise<void> {
    const entries = managers(live);
    const ours = entries.filter((entry) => isAdopted(entry) || isManager(entry, fieldManager));
    if (!ours.some(isAdopted)) return;
    const merged = {
      ...ours[0],
      manager: fieldManager,
      operation: "Apply",
      fieldsV1: ours.map((entry) => objectAt(entry, "fieldsV1")).reduce(union, {}),
    };
    const { resourceVersion } = objectAt(live, "metadata");
    await this.client.request(await this.client.pathOf(live), {
      method: "PATCH",
      contentType: "application/json-patch+json",
      body: [
        {
          op: "replace",
          path: "/metadata/managedFields",
          value: [...entries.filter((e) => !ours.includes(e)), merged],
        },
        { op: "replace", path: "/metadata/resourceVersion", value: resourceVersion },
      ],
    });
  }

  private isForced(object: Properties): boolean {
    return this.options.force || annotation(object, "pulumi.com/patchForce") === "true";
  }

  /** Before its CRD exists a custom resource is taken for namespaced; if it isn't, the namespace goes. */
  private async scoped(object: Properties): Promise<Properties> {
    const type = await this.client.type(stringAt(object, "apiVersion"), stringAt(object, "kind"));
    if (type === undefined) throw new KindMissingError(stringAt(object, "apiVersion"), stringAt(object, "kind"));
    return type.namespaced ? object : withMetadata(object, { namespace: undefined });
  }
}

function managers(object: Properties): Properties[] {
  return listAt(object, "metadata", "managedFields").filter(isObject);
}

function isAdopted(entry: Properties): boolean {
  return adopted.has(`${String(entry.manager)}/${String(entry.operation)}`) && entry.subresource === undefined;
}

function isManager(entry: Properties, fieldManager: string): boolean {
  return entry.manager === fieldManager && entry.operation === "Apply" && entry.subresource === undefined;
}

function union(one: Properties, other: Properties): Properties {
  const merged = { ...one };
  for (const [key, value] of Object.entries(other)) {
    merged[key] = isObject(value) ? union(objectAt(one, key), value) : (valueAt(one, key) ?? value);
  }
  return merged;
}
