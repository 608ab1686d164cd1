import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { RehearsalPaths } from "../paths";
import { KubernetesApi, type KubernetesObject } from "./api";
import {
  certificateAuthorityFile,
  type ComponentName,
  componentNames,
  type ComponentTools,
  componentsFor,
  componentUsers,
  servingCertificateFile,
} from "./components";
import { certificateAuthorityIn, ensureSettings, isPortFree, readSettings, type Settings } from "./credentials";
import { applyCustomResourceDefinitions } from "./custom-resource-definitions";
import { readFileIfExists, writePrivateFile } from "../files";
import { writeKubeconfig } from "./kubeconfig";
import { nodesOf, storageClass } from "./nodes";
import { ProcessGroup, withLock } from "./processes";
import { allStages, applyStages, removeOtherStages, stageDefinition } from "./stages";
import { waitFor } from "./wait";

/** Absolute paths of what a control plane is made of. */
export interface ControlPlaneTools extends ComponentTools {
  kubectl: string;
  /** The KWOK module's `kustomize` folder: its stages and the CRD of stages. */
  kwokManifests: string;
  /** Files or folders with the CustomResourceDefinitions of the operators. */
  customResourceDefinitions: string[];
}

export interface ControlPlaneOptions {
  tools: ControlPlaneTools;
  paths: RehearsalPaths;
}

export interface ControlPlane {
  region: string;
  /** Components that this call started: none where everything was running. */
  started: ComponentName[];
}

interface Node extends KubernetesObject {
  spec: { taints?: { key: string }[] };
  status: { conditions?: { type: string; status: string }[] };
}

const nodeLeases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";

/** Of one region's processes, so that stacks start theirs side by side; without one, of what all regions share. */
const lockFile = (paths: RehearsalPaths, region?: string) =>
  join(paths.controlPlanes, region === undefined ? "lock" : `${region}.lock`);

/**
 * One control plane a region, side by side. What runs is kept; what was killed is started again on its data, its port
 * and its credentials. The current context of `paths.kubeconfig` becomes the first region.
 */
export async function startControlPlanes(regions: string[], options: ControlPlaneOptions): Promise<ControlPlane[]> {
  const { paths } = options;
  const invalid = regions.filter((region) => !/^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/.test(region));
  if (invalid.length > 0) {
    throw new Error(`A region's name has lower-case letters, digits and hyphens: not "${invalid.join('", "')}".`);
  }
  const settings = await withLock(lockFile(paths), async () => {
    const found = new Map<string, Settings>();
    for (const region of regions) {
      found.set(region, await ensureSettings(join(paths.controlPlanes, region), portsIn(paths)));
    }
    return found;
  });
  // All are awaited, so that none goes on starting after this has ended.
  const results = await Promise.allSettled(
    [...settings].map(([region, its]) =>
      withLock(lockFile(paths, region), () => startControlPlane(region, its, options)),
    ),
  );
  const failures = results.flatMap((result) => (result.status === "rejected" ? [String(result.reason.message)] : []));
  if (failures.length > 0) throw new Error(failures.join("\n"));
  await withLock(lockFile(paths), async () => writeSharedKubeconfig(paths, regions));
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}

async function startControlPlane(
  region: string,
  { port, tokens }: Settings,
  { tools, paths }: ControlPlaneOptions,
): Promise<ControlPlane> {
  const folder = join(paths.controlPlanes, region);
  const processes = new ProcessGroup(folder);
  const components = componentsFor(tools, port);
  const started: ComponentName[] = [];
  const ensure = async (name: ComponentName, start = () => processes.start(components[name])) => {
    if (processes.isRunning(name)) return;
    await start();
    started.push(name);
  };
  const wait = (what: string, condition: () => boolean | Promise<boolean>, repair = async () => {}) => {
    const unlessEnded = async () => {
      await repair();
      processes.assertRunning();
      return condition();
    };
    return waitFor(`${what} in ${region} (logs: ${folder})`, unlessEnded, 60);
  };

  try {
    await ensure("etcd");
    // A killed process' threads keep its port for a moment; a stranger may have taken it while it was stopped.
    const portIsReady = async () => processes.isRunning("kube-apiserver") || isPortFree(port);
    await waitFor(`port ${port} of ${region}'s API server, which another program uses`, portIsReady, 10);
    await ensure("kube-apiserver");
    let certificateAuthority = "";
    await wait("the API server's certificate", () => {
      certificateAuthority = certificateAuthorityIn(readFileIfExists(join(folder, servingCertificateFile)) ?? "");
      return certificateAuthority !== "";
    });
    writePrivateFile(join(folder, certificateAuthorityFile), certificateAuthority);
    const server = serverAt(port);
    for (const [name, user] of componentUsers) {
      const connection = { name: region, server, certificateAuthority, token: tokens[user] };
      writeKubeconfig(join(folder, `${name}.kubeconfig`), [connection], region);
    }
    const headers = { authorization: `Bearer ${tokens.admin}` };
    const api = new KubernetesApi(server, { ca: certificateAuthority, headers });
    await wait("a ready API server", () => api.isReady());

    await ensure("kube-controller-manager");
    await ensure("kube-scheduler");
    const definitions = [stageDefinition(tools.kwokManifests), ...tools.customResourceDefinitions];
    await applyCustomResourceDefinitions(api, definitions);
    const startKwok = async () => {
      // A new KWOK would leave the nodes alone until the leases of the one before it expire.
      await api.delete(nodeLeases);
      await processes.start(components.kwok);
    };
    await ensure("kwok", startKwok);
    const stages = allStages(tools.kwokManifests);
    await applyStages(api, stages);
    await removeOtherStages(api, stages);
    await api.createOrReplace("/apis/storage.k8s.io/v1/storageclasses", storageClass);
    await Promise.all(nodesOf(region).map((node) => api.createIfMissing("/api/v1/nodes", node)));
    // Otherwise a node may be away because a rehearsal of its loss goes on.
    const areReady = async () => (await api.request<{ items: Node[] }>("/api/v1/nodes")).items.every(isReady);
    if (started.length === 0) return { region, started };
    let isSecond = false;
    await wait("ready nodes", areReady, async () => {
      // KWOK 0.8 crashes now and then while the controllers of its stages begin, all at the same time.
      if (isSecond || processes.isRunning("kwok")) return;
      isSecond = true;
      await startKwok();
    });
    return { region, started };
  } catch (error) {
    // A process that ended says more than the request that failed for it.
    processes.assertRunning();
    throw error;
  }
}

/** A new node keeps its taint for a moment after it is ready; one that was cordoned is not waited for. */
function isReady({ spec, status }: Node): boolean {
  const ready = status.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True");
  return ready === true && !spec.taints?.some(({ key }) => /^node\.kubernetes\.io\/(not-ready|unreachable)$/.test(key));
}

/** Ends the control planes of all regions; their data stays. Answers the regions. */
export async function stopControlPlanes(paths: RehearsalPaths): Promise<string[]> {
  const regions = regionsIn(paths);
  const stop = async (region: string) => {
    const processes = new ProcessGroup(join(paths.controlPlanes, region));
    for (const name of [...componentNames].reverse()) await processes.stop(name);
  };
  await Promise.all(regions.map((region) => withLock(lockFile(paths, region), () => stop(region))));
  return regions;
}

/** kubectl for all regions: `--context <region>`, by default the first one. */
export function kubectlCommand(args: string[], { tools, paths }: ControlPlaneOptions): string[] {
  return [tools.kubectl, "--kubeconfig", paths.kubeconfig, ...args];
}

function regionsIn(paths: RehearsalPaths): string[] {
  return readdirSync(paths.controlPlanes).filter((name) => readSettings(join(paths.controlPlanes, name)));
}

function portsIn(paths: RehearsalPaths): number[] {
  return regionsIn(paths).flatMap((region) => readSettings(join(paths.controlPlanes, region))?.port ?? []);
}

const serverAt = (port: number) => `https://127.0.0.1:${port}`;

/** Names every region that was ever started, so that one stack's start doesn't take away another's context. */
function writeSharedKubeconfig(paths: RehearsalPaths, [first]: string[]): void {
  const connections = regionsIn(paths).flatMap((name) => {
    const folder = join(paths.controlPlanes, name);
    const settings = readSettings(folder);
    const certificateAuthority = readFileIfExists(join(folder, certificateAuthorityFile));
    if (settings === undefined || certificateAuthority === undefined) return [];
    return [{ name, server: serverAt(settings.port), certificateAuthority, token: settings.tokens.admin }];
  });
  if (first !== undefined) writeKubeconfig(paths.kubeconfig, connections, first);
}
