import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { type ControlPlaneOptions, startControlPlanes } from "./control-plane";
import { readKubeconfig } from "./control-plane/kubeconfig";
import { ownDefinitions } from "./definitions";
import { runWithInput } from "./engine/command";
import { type EngineTools } from "./engine/session";
import { rehearsedClusters } from "./engine/stack-file";
import { UserError } from "./errors";
import { readFileIfExists, replaceLink, writePrivateFile } from "./files";
import { projectRoot, type RehearsalPaths, workFolder } from "./paths";
import { provideTools, type ToolName } from "./toolchain";

type Log = (line: string) => void;

/** Tools that are there already say nothing. */
const unlessCached =
  (log: Log): Log =>
  (line) => {
    if (!line.endsWith("cached")) log(line);
  };

const definitionTools = [
  "istio-crds",
  "cert-manager-crds",
  "chaos-mesh-crds",
  "gateway-api-crds",
  "keda-crds",
  "prometheus-operator-crds",
  "strimzi-crds",
] as const satisfies ToolName[];
const clusterTools = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok",
  "kwok-stages",
  "kubectl",
  "karpenter-crds",
] as const satisfies ToolName[];

/** What `make up` needs on the machine; the language host is for the literal CLI. */
export const allTools: ToolName[] = ["pulumi", ...definitionTools, ...clusterTools, "pulumi-language-nodejs"];

export interface Environment extends EngineTools {
  /** What the clusters of this rehearsal are, for the user; undefined: the stack has none. */
  cluster: string | undefined;
  /** Pods are objects only: nothing runs them. */
  hasSimulatedNodes: boolean;
}

/**
 * Brings up everything that a stack's rehearsal needs: tools, and a control plane for each cluster, unless the user asks
 * for a cluster of their own.
 */
export async function provideEnvironment(paths: RehearsalPaths, stack: string, log: Log): Promise<Environment> {
  const own = ownKubeconfig();
  refuseOtherCluster(paths, stack, own);
  const clusters = own ? [] : rehearsedClusters(projectRoot, stack);
  const { pulumi } = await provideTools(["pulumi"], { log: unlessCached(log) });
  const customResourceDefinitions = join(paths.root, "crds");
  await linkDefinitions(customResourceDefinitions, log);
  const common = { pulumi, customResourceDefinitions };
  if (own) {
    await assertReachable(own);
    return { ...common, kubeconfig: own, cluster: `your own, of ${own}`, hasSimulatedNodes: false };
  }
  if (clusters.length > 0) {
    const options = await controlPlaneOptions(paths, log);
    const started = await startControlPlanes(clusters, options);
    for (const { region, started: components } of started) {
      log(`control plane ${region}: ${components.length === 0 ? "running" : `started ${components.join(", ")}`}`);
    }
  }
  return {
    ...common,
    kubeconfig: writeStackKubeconfig(paths, stack, clusters),
    cluster:
      clusters.length > 0 ? "a real API server and scheduler here; nodes and pods are simulated by KWOK" : undefined,
    hasSimulatedNodes: clusters.length > 0,
  };
}

/**
 * Kubeconfig of the user's own cluster, by `make up KUBECONFIG=<file>`. One that the shell happens to have exported is left
 * alone: a rehearsal must not reach a cluster by accident.
 */
export function ownKubeconfig(): string | undefined {
  return process.env.OMEGA_KUBECONFIG || undefined;
}

async function assertReachable(kubeconfig: string): Promise<void> {
  if (!existsSync(kubeconfig)) throw new UserError(`KUBECONFIG: there is no file ${kubeconfig}`);
  const { kubectl } = await provideTools(["kubectl"]);
  const argv = ["--kubeconfig", kubeconfig, "--request-timeout=10s", "get", "--raw", "/version"];
  await runWithInput(kubectl, argv, projectRoot, {});
}

/** Of one stack: another one that is started later must not change where this one's objects go. */
function writeStackKubeconfig(paths: RehearsalPaths, stack: string, [current]: string[]): string {
  const file = join(workFolder(paths, stack), "kubeconfig");
  const shared = readKubeconfig(paths.kubeconfig);
  if (shared !== undefined && current !== undefined) {
    writePrivateFile(file, stringify({ ...shared, "current-context": current }));
  }
  return file;
}

const rehearsed = "the cluster that is rehearsed here";
const clusterFile = (paths: RehearsalPaths, stack: string): string => join(workFolder(paths, stack), "cluster");

/** Objects that the state knows would be looked for, and made again, in a cluster that has none of them. */
function refuseOtherCluster(paths: RehearsalPaths, stack: string, own: string | undefined): void {
  const known = readFileIfExists(clusterFile(paths, stack));
  if (known === undefined || known === (own ?? rehearsed)) return;
  const there = known === rehearsed ? "make down" : `make down KUBECONFIG=${known}`;
  throw new UserError(`stack ${stack} is in ${known}: ${there} STACK=${stack} first`);
}

/** To be called before the stack's first object is made. */
export function rememberCluster(paths: RehearsalPaths, stack: string): void {
  writePrivateFile(clusterFile(paths, stack), ownKubeconfig() ?? rehearsed);
}

/** To be called when its last object is gone. */
export function forgetCluster(paths: RehearsalPaths, stack: string): void {
  rmSync(clusterFile(paths, stack), { force: true });
}

export async function controlPlaneOptions(paths: RehearsalPaths, log: Log): Promise<ControlPlaneOptions> {
  const tools = await provideTools(clusterTools, { log: unlessCached(log) });
  return {
    paths,
    tools: {
      etcd: tools.etcd,
      kubeApiserver: tools["kube-apiserver"],
      kubeControllerManager: tools["kube-controller-manager"],
      kubeScheduler: tools["kube-scheduler"],
      kwok: tools.kwok,
      kubectl: tools.kubectl,
      kwokManifests: join(tools["kwok-stages"], "kustomize"),
      // Vitess' operator has no chart, so that clusters have it already. Others come with theirs, as on a real cluster: what
      // needs them too early must fail here too.
      customResourceDefinitions: [
        ownDefinitions.vitess,
        // As EKS Auto Mode brings it.
        join(tools["karpenter-crds"], "pkg/apis/crds/karpenter.sh_nodepools.yaml"),
      ],
    },
  };
}

/** Makes a folder of what charts bring, by the names that the Helm stand-in knows them by. */
export async function linkDefinitions(folder: string, log: Log): Promise<void> {
  const tools = await provideTools(definitionTools, { log: unlessCached(log) });
  const targets = {
    istio: join(tools["istio-crds"], "kubernetes"),
    "cert-manager": join(tools["cert-manager-crds"], "deploy/crds"),
    "chaos-mesh": join(tools["chaos-mesh-crds"], "config/crd/bases"),
    "gateway-api": join(tools["gateway-api-crds"], "config/crd/standard"),
    keda: join(tools["keda-crds"], "config/crd/bases"),
    "prometheus-operator": join(tools["prometheus-operator-crds"], "example/prometheus-operator-crd"),
    strimzi: tools["strimzi-crds"],
    "dragonfly-operator": ownDefinitions.dragonfly,
  };
  // Other stacks' runs may be reading, and linking, here: what is right already stays.
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const former = readdirSync(folder).filter((name) => !(name in targets) && !name.includes("."));
  for (const name of former) rmSync(join(folder, name), { force: true });
  for (const [name, target] of Object.entries(targets)) replaceLink(join(folder, name), target);
}
