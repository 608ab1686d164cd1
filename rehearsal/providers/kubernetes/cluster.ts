import { setTimeout as sleep } from "node:timers/promises";
import { ApiError } from "../../control-plane/api";
import { segments, withValueOf } from "../property-path";
import type { Operation, Properties } from "../stand-in";
import { hasUnknown } from "../wire";
import { explain, isNotFound, KindMissingError, type KubernetesClient } from "./client";
import { withoutInvented } from "./difference";
import { kindOf } from "./kinds";
import { objectAt, stringAt, withMetadata } from "./objects";

const dryRun = { dryRun: "All" };

/** Writes objects by server-side apply, and says what would become of them. */
export class Cluster {
  constructor(
    readonly client: KubernetesClient,
    /** Take fields away from other managers. */
    private readonly force: boolean,
  ) {}

  /** A missing namespace or kind may be on its way: a CRD that an operator installs, say. */
  async create(object: Properties, fieldManager: string, operation: Operation): Promise<Properties> {
    for (let wait = 1; ; wait *= 2) {
      try {
        const scoped = await this.scoped(object);
        // Apply by itself would take over what exists already.
        await this.tryCreation(scoped);
        return await this.apply(scoped, fieldManager);
      } catch (error) {
        if (!isNotFound(error) || wait > 16 || operation.signal.aborted) throw error;
        operation.report(`Retry: creation failed: ${explain(error, kindOf(object).kind)}`);
        await sleep(wait * 1000);
      }
    }
  }

  async update(object: Properties, fieldManager: string, operation: Operation): Promise<Properties> {
    return this.apply(await this.withIgnored(object, operation), fieldManager);
  }

  /** What create would give; undefined where only the update can tell. */
  async previewCreate(object: Properties, operation: Operation): Promise<Properties | undefined> {
    if (!(await this.canDryRun(object, operation))) return undefined;
    const scoped = await this.scoped(object);
    try {
      return withoutInvented(await this.tryCreation(scoped), object);
    } catch (error) {
      // A replacement of the same name, or an object that is somebody else's: the update will tell.
      if (error instanceof ApiError && error.reason === "AlreadyExists") return undefined;
      if (!isNotFound(error)) throw error;
    }
    // The namespace is made in the same update: another one stands for it.
    const namespace = stringAt(object, "metadata", "namespace");
    const result = await this.tryCreation(withMetadata(scoped, { namespace: "default" }));
    operation.report(`validated in namespace default, because ${namespace} doesn't exist yet`);
    return withMetadata(withoutInvented(result, object), { namespace });
  }

  async previewUpdate(object: Properties, fieldManager: string, operation: Operation): Promise<Properties | undefined> {
    if (!(await this.canDryRun(object, operation))) return undefined;
    return this.apply(await this.withIgnored(object, operation), fieldManager, dryRun);
  }

  private async canDryRun(object: Properties, operation: Operation): Promise<boolean> {
    const { kind } = kindOf(object);
    const apiVersion = stringAt(object, "apiVersion");
    const isInstalled = (await this.client.type(apiVersion, kind)) !== undefined;
    if (!isInstalled) operation.report(`not validated: ${apiVersion} ${kind} isn't installed yet`);
    else if (hasUnknown(object)) operation.report("not validated: some values aren't known yet");
    else return true;
    return false;
  }

  private async tryCreation(object: Properties): Promise<Properties> {
    const namespace = stringAt(object, "metadata", "namespace");
    const path = await this.client.path(stringAt(object, "apiVersion"), stringAt(object, "kind"), namespace);
    return this.client.request(path, { method: "POST", query: { fieldValidation: "Strict", ...dryRun }, body: object });
  }

  private async apply(object: Properties, fieldManager: string, options = {}): Promise<Properties> {
    return this.client.apply(await this.scoped(object), fieldManager, { force: String(this.force), ...options });
  }

  /** Repeats what others made of ignored fields: left out, they would be reset; as last written, they would conflict. */
  private async withIgnored(object: Properties, { ignoreChanges = [] }: Operation): Promise<Properties> {
    if (ignoreChanges.length === 0) return object;
    const live = await this.client.request(await this.client.pathOf(object));
    const merged = ignoreChanges.reduce<unknown>((each, path) => withValueOf(each, live, segments(path)), object);
    return objectAt({ merged }, "merged");
  }

  /** Before its CRD exists a custom resource is taken for namespaced; if it isn't, the namespace goes. */
  private async scoped(object: Properties): Promise<Properties> {
    const [apiVersion, kind] = [stringAt(object, "apiVersion"), stringAt(object, "kind")];
    const type = await this.client.type(apiVersion, kind);
    if (type === undefined) throw new KindMissingError(apiVersion, kind);
    return type.namespaced ? object : withMetadata(object, { namespace: undefined });
  }
}
