import { join } from "node:path";
import type { KubernetesApi, KubernetesObject } from "./api";
import { readManifests } from "./manifests";
import { readyStages } from "./ready-stages";
import { waitFor } from "./wait";

const stageCollection = "/apis/kwok.x-k8s.io/v1alpha1/stages";

export interface Stage extends KubernetesObject {
  spec: { resourceRef: { apiGroup: string; kind: string } };
}

/** What of the KWOK module is used: its nodes and pods. */
const moduleFolders = ["node/fast", "node/heartbeat-with-lease", "pod/fast"];

export function stageDefinition(kwokManifests: string): string {
  return join(kwokManifests, "crd/bases/kwok.x-k8s.io_stages.yaml");
}

/** Those of the KWOK module that are used, and ours. */
export function allStages(kwokManifests: string): Stage[] {
  const folders = moduleFolders.map((folder) => join(kwokManifests, "stage", folder));
  return [...folders.flatMap((folder) => readManifests<Stage>(folder, "Stage")), ...ownStages()];
}

/** Those of this project: for operators' kinds, among others. */
const ownStages = (): Stage[] => [...readManifests<Stage>(join(__dirname, "stages"), "Stage"), ...readyStages()];

export function stagesOfGroups(groups: Set<string>): Stage[] {
  return ownStages().filter(({ spec }) => groups.has(spec.resourceRef.apiGroup.split("/")[0] ?? ""));
}

const groupPath = (apiGroup: string) => (apiGroup.includes("/") ? `apis/${apiGroup}` : `api/${apiGroup}`);

/** Those whose kind is served: `served` holds `<group>/<version>/<kind>`. */
export function selectStages(stages: Stage[], served: Set<string>): Stage[] {
  return stages.filter(({ spec: { resourceRef: ref } }) => served.has(`${ref.apiGroup}/${ref.kind}`));
}

async function servedKinds(api: KubernetesApi, apiGroup: string): Promise<string[]> {
  const found = await api.find<{ resources: { kind: string }[] }>(`/${groupPath(apiGroup)}`);
  return found?.resources.map(({ kind }) => `${apiGroup}/${kind}`) ?? [];
}

/** KWOK reads a kind's OpenAPI schema once, when its first stage arrives; the API server publishes it with a delay. */
async function waitForSchema(api: KubernetesApi, { apiGroup, kind }: Stage["spec"]["resourceRef"]): Promise<void> {
  const isPublished = async () => {
    const document = await api.find(`/openapi/v3/${groupPath(apiGroup)}`);
    return JSON.stringify(document ?? "").includes(`"kind":"${kind}"`);
  };
  await waitFor(`the schema of ${kind} in ${apiGroup}`, isPublished, 180);
}

const namesOfStages = async (api: KubernetesApi): Promise<string[] | undefined> =>
  (await api.find<{ items: Stage[] }>(stageCollection))?.items.map(({ metadata }) => metadata.name);

/** Gives KWOK, which watches them, those stages whose kinds are installed. Does nothing where no KWOK runs. */
export async function applyStages(api: KubernetesApi, stages: Stage[]): Promise<void> {
  const existing = await namesOfStages(api);
  if (existing === undefined) return;
  const groups = [...new Set(stages.map(({ spec }) => spec.resourceRef.apiGroup))];
  const served = (await Promise.all(groups.map((group) => servedKinds(api, group)))).flat();
  const wanted = selectStages(stages, new Set(served));
  const added = wanted.filter(({ metadata }) => !existing.includes(metadata.name));
  await Promise.all(added.map(({ spec }) => waitForSchema(api, spec.resourceRef)));
  await Promise.all(wanted.map((stage) => api.createOrReplace(stageCollection, stage)));
}

/** Takes away what an earlier version of this project left. */
export async function removeOtherStages(api: KubernetesApi, stages: Stage[]): Promise<void> {
  const obsolete = (await namesOfStages(api))?.filter((name) => !stages.some(({ metadata }) => metadata.name === name));
  await Promise.all((obsolete ?? []).map((name) => api.delete(`${stageCollection}/${name}`)));
}
