import { gunzipSync, gzipSync } from "node:zlib";
import {
  applyCustomResourceDefinitions,
  selectChanged,
  selectMissing,
} from "../../control-plane/custom-resource-definitions";
import { applyStages, stagesOfGroups } from "../../control-plane/stages";
import { chartName, definitionsOf } from "./charts";
import { explain, isNotFound, type KubernetesClient } from "./client";
import { numberAt, objectAt, parseIdentifier, stringAt } from "./objects";
import { uniqueName } from "./naming";
import { waitUntilGone } from "./waits";
import { changesOf } from "../property-path";
import {
  UNKNOWN,
  type CheckFailure,
  type Difference,
  type ExistingResource,
  type Operation,
  type Properties,
} from "../stand-in";

export const releaseType = "kubernetes:helm.sh/v3:Release";
const fieldManager = "helm";
const defaultTimeoutSeconds = 300;

/** Helm's own record of a release, so that `helm list` and a deletion behind our back work as with Helm. */
interface ReleaseRecord {
  name: string;
  namespace: string;
  version: number;
  info: { status: string; description: string; first_deployed: string; last_deployed: string };
  chart: { metadata: { name: string; version: string; appVersion: string } };
  config: Properties;
}

export function checkRelease(
  name: string,
  olds: Properties | undefined,
  news: Properties,
  namespace: string,
  seed: Uint8Array,
): { inputs: Properties; failures: CheckFailure[] } {
  const failures: CheckFailure[] = [];
  if (!news.chart) {
    failures.push({ property: "chart", reason: "a release needs a chart" });
  }
  try {
    definitionsOf(stringAt(news, "chart"));
  } catch (error) {
    failures.push({ property: "chart", reason: explain(error, releaseType) });
  }
  if (!news.version) {
    failures.push({
      property: "version",
      reason: "no chart repository is asked in a rehearsal: set the chart's version",
    });
  }
  const defaults = {
    name: olds?.name ?? uniqueName(name, seed),
    namespace,
    ...(news.skipAwait === true ? {} : { timeout: defaultTimeoutSeconds }),
  };
  const given = Object.entries(news).filter(([key, value]) => value !== "" && key !== "resourceNames");
  return { inputs: { ...defaults, ...Object.fromEntries(given) }, failures };
}

export function diffRelease(resource: ExistingResource, news: Properties, ignoreChanges: string[]): Difference {
  const changed = changesOf(resource.inputs, news, ignoreChanges);
  return { changed, replaces: changed.filter((path) => path === "name" || path === "namespace") };
}

export class HelmReleases {
  constructor(private readonly client: KubernetesClient) {}

  async install(inputs: Properties, operation: Operation): Promise<{ id: string; outputs: Properties }> {
    const namespace = stringAt(inputs, "namespace");
    const name = stringAt(inputs, "name");
    if (inputs.createNamespace === true) {
      await this.client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }, fieldManager);
    }
    if ((await this.records(namespace, name)).length > 0) throw new Error("cannot re-use a name that is still in use");
    await this.installDefinitions(inputs, operation);
    const record = await this.write(inputs, 1);
    return { id: `${namespace}/${name}`, outputs: releaseOutputs(inputs, record) };
  }

  async upgrade(resource: ExistingResource, news: Properties, operation: Operation): Promise<{ outputs: Properties }> {
    const namespace = stringAt(news, "namespace");
    const name = stringAt(news, "name");
    const previous = await this.records(namespace, name);
    if (definitionsOf(stringAt(news, "chart"))?.upgraded === true) await this.installDefinitions(news, operation);
    const record = await this.write(news, numberAt(resource.outputs, "status", "revision") + 1);
    for (const secret of previous) {
      await this.remove(secret);
    }
    return { outputs: releaseOutputs(news, record) };
  }

  async read(resource: ExistingResource): Promise<{ id: string; inputs: Properties; outputs: Properties } | undefined> {
    const { namespace, name } = parseIdentifier(resource.id);
    const record = (await this.records(namespace, name)).map(decode).sort((a, b) => b.version - a.version)[0];
    if (record === undefined) return undefined;
    const { name: chart, version } = record.chart.metadata;
    const inputs = {
      chart,
      name,
      namespace,
      ...resource.inputs,
      version,
      ...(Object.keys(record.config).length > 0 || "values" in resource.inputs ? { values: record.config } : {}),
    };
    return { id: resource.id, inputs, outputs: releaseOutputs(inputs, record) };
  }

  /** CRDs stay, as with Helm: removing them would remove every object of their kinds. */
  async uninstall(resource: ExistingResource, operation: Operation): Promise<void> {
    const { namespace, name } = parseIdentifier(resource.id);
    for (const secret of await this.records(namespace, name)) {
      await this.remove(secret);
      await waitUntilGone(this.client, await this.client.pathOf(secret), secret, operation);
    }
  }

  private async records(namespace: string, name: string): Promise<Properties[]> {
    return this.client.listByLabels("v1", "Secret", namespace, { owner: "helm", name });
  }

  private async remove(secret: Properties): Promise<void> {
    try {
      await this.client.request(await this.client.pathOf(secret), { method: "DELETE" });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  private async write(inputs: Properties, revision: number): Promise<ReleaseRecord> {
    const { namespace, name, version } = inputs;
    const now = new Date().toISOString();
    const record: ReleaseRecord = {
      name: String(name),
      namespace: String(namespace),
      version: revision,
      info: { status: "deployed", description: "rehearsed", first_deployed: now, last_deployed: now },
      chart: {
        metadata: { name: chartName(stringAt(inputs, "chart")), version: String(version), appVersion: "" },
      },
      config: objectAt(inputs, "values"),
    };
    await this.client.apply(
      {
        apiVersion: "v1",
        kind: "Secret",
        type: "helm.sh/release.v1",
        metadata: {
          name: `sh.helm.release.v1.${record.name}.v${revision}`,
          namespace,
          labels: { owner: "helm", name, status: "deployed", version: String(revision) },
        },
        stringData: { release: gzipSync(JSON.stringify(record)).toString("base64") },
      },
      fieldManager,
    );
    return record;
  }

  private async installDefinitions(inputs: Properties, operation: Operation): Promise<void> {
    const definitions = inputs.skipCrds === true ? undefined : definitionsOf(stringAt(inputs, "chart"));
    const select = definitions?.upgraded === true ? selectChanged : selectMissing;
    const folders = definitions === undefined ? [] : [definitions.folder];
    const installed = await applyCustomResourceDefinitions(this.client, folders, select);
    // Whoever waits for an object of these kinds waits for what an operator would make of it. Other groups are left to the
    // releases that bring them, which run at the same time.
    const groups = new Set(installed.map((name) => name.slice(name.indexOf(".") + 1)));
    await applyStages(this.client, stagesOfGroups(groups));
    operation.report(`recorded, with ${installed.length} new or changed kinds; nothing else inside it is rehearsed`);
  }
}

function decode(secret: Properties): ReleaseRecord {
  const packed = Buffer.from(stringAt(secret, "data", "release"), "base64").toString();
  return JSON.parse(gunzipSync(Buffer.from(packed, "base64")).toString()) as ReleaseRecord;
}

export function previewOutputs(inputs: Properties): Properties {
  return { ...inputs, status: UNKNOWN, resourceNames: UNKNOWN };
}

function releaseOutputs(inputs: Properties, record: ReleaseRecord): Properties {
  const { name: chart, version, appVersion } = record.chart.metadata;
  const { name, namespace, version: revision } = record;
  const status = { name, namespace, revision, status: record.info.status, chart, version, appVersion };
  return { ...inputs, status, resourceNames: {} };
}
