import { explain, isNotFound } from "./client";
import { Cluster } from "./cluster";
import { checkConfiguration, diffConfiguration, readConfiguration, type Configuration } from "./configuration";
import { connect, loadKubeconfig } from "./connection";
import { difference } from "./difference";
import { checkRelease, diffRelease, HelmReleases, previewOutputs, releaseType } from "./helm";
import { kindOf } from "./kinds";
import { uniqueName, withName } from "./naming";
import { isNodePool, provideNodes, removeNodes } from "./node-pools";
import { identifier, stringAt, valueAt, withMetadata } from "./objects";
import { adviceFor, checkKind, inputsNow, inputsOfImported, pathOf } from "./resources";
import { isAwaitSkipped, NotReadyError, waitUntilGone, waitUntilReady } from "./waits";
import {
  InitializationError,
  type CheckFailure,
  type Difference,
  type ExistingResource,
  type Operation,
  type Properties,
  type ResourceReference,
  type StandIn,
} from "../stand-in";
import { hasUnknown, secret } from "../wire";

export function createStandIn(): StandIn {
  return new KubernetesStandIn();
}

/** The `kubernetes` provider against a real API server, with server-side apply as by default. */
class KubernetesStandIn implements StandIn {
  readonly package = "kubernetes";
  private configuration: Configuration = readConfiguration({});
  private namespace = "default";
  private connected: Cluster | undefined;
  private unreachable = "the provider is not configured yet";

  async checkConfig(given: Properties): Promise<CheckFailure[]> {
    return checkConfiguration(given);
  }

  async diffConfig(olds: Properties, news: Properties): Promise<Difference> {
    return diffConfiguration(olds, news);
  }

  /** A cluster that can't be reached is no error yet: it may be about to be made, or gone for good. */
  async configure(given: Properties): Promise<void> {
    this.configuration = readConfiguration(given);
    if (hasUnknown(given)) {
      this.unreachable = "its address is not known yet";
      return;
    }
    try {
      const kubeconfig = loadKubeconfig(this.configuration);
      const ambient = kubeconfig.getContextObject(kubeconfig.getCurrentContext())?.namespace;
      this.namespace = this.configuration.namespace || ambient || "default";
      this.connected = new Cluster(await connect(kubeconfig), this.configuration.enablePatchForce);
    } catch (error) {
      this.unreachable = explain(error, "");
    }
  }

  async check(
    { type, name }: ResourceReference,
    olds: Properties | undefined,
    news: Properties,
    randomSeed: Uint8Array,
  ): Promise<{ inputs: Properties; failures: CheckFailure[] }> {
    if (type === releaseType) return checkRelease(name, olds, news, this.namespace, randomSeed);
    const failures = checkKind(type, news);
    const named = withName(news, olds, name, randomSeed);
    if (failures.length > 0 || valueAt(named, "metadata", "namespace") !== undefined) {
      return { inputs: named, failures };
    }
    const known = await this.connected?.client.type(stringAt(news, "apiVersion"), stringAt(news, "kind"));
    // Of a kind that isn't installed yet one can't tell; creation puts it right.
    const namespaced = known?.namespaced ?? true;
    return { inputs: namespaced ? withMetadata(named, { namespace: this.namespace }) : named, failures };
  }

  async diff(resource: ExistingResource, news: Properties, ignoreChanges: string[]): Promise<Difference> {
    if (resource.type === releaseType) return diffRelease(resource, news, ignoreChanges);
    return difference(resource, news, ignoreChanges, this.configuration.enableConfigMapMutable);
  }

  async create(
    resource: ResourceReference,
    inputs: Properties,
    operation: Operation,
  ): Promise<{ id: string; outputs: Properties }> {
    if (resource.type === releaseType) {
      return operation.preview
        ? { id: "", outputs: previewOutputs(inputs) }
        : new HelmReleases(this.cluster.client).install(inputs, operation);
    }
    const fieldManager = uniqueName("pulumi-kubernetes");
    if (operation.preview) {
      const dryRun = (cluster: Cluster) => cluster.previewCreate(inputs, operation);
      return { id: "", outputs: this.outputs(await this.preview(resource, inputs, operation, dryRun), fieldManager) };
    }
    const created = await this.explained(resource, inputs, () => this.cluster.create(inputs, fieldManager, operation));
    if (isNodePool(inputs)) await provideNodes(this.cluster.client, inputs);
    const outputs = await this.awaited(resource, inputs, created, fieldManager, operation);
    return { id: identifier(created), outputs };
  }

  async update(resource: ExistingResource, news: Properties, operation: Operation): Promise<{ outputs: Properties }> {
    if (resource.type === releaseType) {
      return operation.preview
        ? { outputs: previewOutputs(news) }
        : new HelmReleases(this.cluster.client).upgrade(resource, news, operation);
    }
    const fieldManager = stringAt(resource.outputs, "__fieldManager") || uniqueName("pulumi-kubernetes");
    if (operation.preview) {
      const dryRun = (cluster: Cluster) => cluster.previewUpdate(news, fieldManager, operation);
      return { outputs: this.outputs(await this.preview(resource, news, operation, dryRun), fieldManager) };
    }
    const updated = await this.explained(resource, news, () => this.cluster.update(news, fieldManager, operation));
    return { outputs: await this.awaited(resource, news, updated, fieldManager, operation) };
  }

  async read(resource: ExistingResource): Promise<{ id: string; inputs: Properties; outputs: Properties } | undefined> {
    if (this.connected === undefined && this.configuration.deleteUnreachable) return undefined;
    const { client } = this.cluster;
    if (resource.type === releaseType) return new HelmReleases(client).read(resource);
    try {
      const live = await client.request(await pathOf(client, resource));
      const fieldManager = stringAt(resource.outputs, "__fieldManager") || uniqueName("pulumi-kubernetes");
      const imported = Object.keys(resource.inputs).length === 0;
      const inputs = imported ? inputsOfImported(live) : inputsNow(resource, live);
      return { id: resource.id, inputs, outputs: this.outputs(live, fieldManager) };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async delete(resource: ExistingResource, operation: Operation): Promise<void> {
    if (this.connected === undefined && this.configuration.deleteUnreachable) return;
    const { client } = this.cluster;
    if (resource.type === releaseType) return new HelmReleases(client).uninstall(resource, operation);
    try {
      if (isNodePool(resource.inputs)) await removeNodes(client, resource.inputs);
      const path = await pathOf(client, resource);
      const options = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Foreground" };
      await client.request(path, { method: "DELETE", body: options });
      if (!isAwaitSkipped(resource.inputs)) await waitUntilGone(client, path, resource.outputs, operation);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async invoke(token: string): Promise<Properties> {
    throw new Error(`${token} is not rehearsed: use typed resources or kubernetes:helm.sh/v3:Release`);
  }

  private get cluster(): Cluster {
    if (this.connected === undefined) {
      throw new Error(
        `configured Kubernetes cluster is unreachable: ${this.unreachable}. If it was deleted, PULUMI_K8S_DELETE_UNREACHABLE=true removes its resources from the state`,
      );
    }
    return this.connected;
  }

  /** What the API server would make of the object, else the object itself. */
  private async preview(
    resource: ResourceReference,
    object: Properties,
    operation: Operation,
    dryRun: (cluster: Cluster) => Promise<Properties | undefined>,
  ): Promise<Properties> {
    const cluster = this.connected;
    if (cluster === undefined) {
      operation.report(`not validated: ${this.unreachable}`);
      return object;
    }
    return (await this.explained(resource, object, () => dryRun(cluster))) ?? object;
  }

  private async explained<Result>(
    { urn }: ResourceReference,
    object: Properties,
    write: () => Promise<Result>,
  ): Promise<Result> {
    try {
      return await write();
    } catch (error) {
      throw new Error(`resource "${urn}": ${adviceFor(error)}${explain(error, kindOf(object).kind)}`);
    }
  }

  private async awaited(
    { urn }: ResourceReference,
    inputs: Properties,
    written: Properties,
    fieldManager: string,
    operation: Operation,
  ): Promise<Properties> {
    try {
      return this.outputs(await waitUntilReady(this.cluster.client, written, operation), fieldManager);
    } catch (error) {
      const { object, reasons } =
        error instanceof NotReadyError ? error : { object: written, reasons: [explain(error, kindOf(written).kind)] };
      throw new InitializationError(identifier(written), inputs, this.outputs(object, fieldManager), [
        `resource "${urn}" exists, but the Kubernetes API server reported that it failed to fully initialize or become live`,
        ...reasons,
      ]);
    }
  }

  private outputs(live: Properties, fieldManager: string): Properties {
    // Who manages which field would be most of the state, and is read from the server when needed.
    const object = withMetadata(live, { managedFields: undefined });
    const outputs = { ...object, __fieldManager: fieldManager };
    return live.kind === "Secret" && live.data !== undefined ? { ...outputs, data: secret(live.data) } : outputs;
  }
}
