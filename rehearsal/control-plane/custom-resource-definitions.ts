import { createHash } from "node:crypto";
import type { KubernetesApi, KubernetesObject } from "./api";
import { readManifests } from "./manifests";
import { waitFor } from "./wait";

const collection = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const hashAnnotation = "rehearsal.omega.dev/hash";
const metadataOnly = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

export interface Definition extends KubernetesObject {
  spec: { group: string; versions: { name: string; served: boolean }[]; conversion?: { strategy: string } };
}

/** A definition as it is installed: recognizable, and served without its operator. */
export function toInstalled({ apiVersion, kind, metadata, spec }: Definition): Definition {
  const { name, labels = {}, annotations = {} } = metadata;
  const hash = createHash("sha256").update(JSON.stringify({ labels, annotations, spec })).digest("hex");
  return {
    apiVersion,
    kind,
    metadata: { name, labels, annotations: { ...annotations, [hashAnnotation]: hash } },
    // No operator runs, so that its conversion webhook would never answer.
    spec: { ...spec, conversion: { strategy: "None" } },
  };
}

type Select = (definitions: Definition[], installed: KubernetesObject[]) => Definition[];

/** Those that are not installed at all: Helm leaves an older form as it is. */
export const selectMissing: Select = (definitions, installed) => {
  const names = new Set(installed.map(({ metadata }) => metadata.name));
  return definitions.filter(({ metadata }) => !names.has(metadata.name));
};

/** Those that are not installed in this very form. */
export const selectChanged: Select = (definitions, installed) => {
  const hashOf = ({ metadata }: KubernetesObject) => `${metadata.name} ${metadata.annotations?.[hashAnnotation]}`;
  const hashes = new Set(installed.map(hashOf));
  return definitions.filter((definition) => !hashes.has(hashOf(definition)));
};

/**
 * Installs the definitions in these files or folders and waits until they are served; other kinds are left out.
 * Answers the names of those that were selected.
 */
export async function applyCustomResourceDefinitions(
  api: KubernetesApi,
  paths: string[],
  select: Select = selectChanged,
): Promise<string[]> {
  const definitions = paths.flatMap((path) => readManifests<Definition>(path, "CustomResourceDefinition"));
  const installed = await api.find<{ items: KubernetesObject[] }>(collection, metadataOnly);
  const changed = select(definitions.map(toInstalled), installed?.items ?? []);
  await Promise.all(changed.map((definition) => api.createOrReplace(collection, definition)));
  const groupVersions = [...new Set(changed.flatMap(groupVersionsOf))];
  const allServed = async () => {
    const served = (await Promise.all(groupVersions.map((groupVersion) => servedIn(api, groupVersion)))).flat();
    return changed.every(({ metadata }) => served.includes(metadata.name));
  };
  await waitFor("the custom resources to be served", allServed, 180);
  return changed.map(({ metadata }) => metadata.name);
}

function groupVersionsOf({ spec }: Definition): string[] {
  return spec.versions.filter(({ served }) => served).map(({ name }) => `${spec.group}/${name}`);
}

/** Names of definitions, which are `<plural>.<group>`. */
async function servedIn(api: KubernetesApi, groupVersion: string): Promise<string[]> {
  const found = await api.find<{ resources: { name: string }[] }>(`/apis/${groupVersion}`);
  return found?.resources.map(({ name }) => `${name}.${groupVersion.split("/")[0]}`) ?? [];
}
