import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type ControlPlaneOptions, startControlPlanes } from "./control-plane";
import { type EngineTools } from "./engine/session";
import { rehearsedClusters } from "./engine/stack-file";
import { projectRoot, type RehearsalPaths } from "./paths";
import { provideTools, type ToolName } from "./toolchain";

type Log = (line: string) => void;

/** Tools that are there already say nothing. */
const unlessCached =
  (log: Log): Log =>
  (line) => {
    if (!line.endsWith("cached")) log(line);
  };

const engineTools = ["pulumi", "istio-crds"] as const satisfies ToolName[];
const clusterTools = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok",
  "kwok-stages",
  "kubectl",
  "gateway-api-crds",
] as const satisfies ToolName[];

/** What `make up` needs on the machine; the language host is for the literal CLI. */
export const allTools: ToolName[] = [...engineTools, ...clusterTools, "pulumi-language-nodejs"];

export interface Environment extends EngineTools {
  /** What the clusters of this rehearsal are, for the user; undefined: the stack has none. */
  cluster: string | undefined;
  /** Pods are objects only: nothing runs them. */
  hasSimulatedNodes: boolean;
}

/**
 * Brings up everything that a stack's rehearsal needs: tools, and a control plane for each cluster, unless KUBECONFIG
 * names the user's own cluster.
 */
export async function provideEnvironment(paths: RehearsalPaths, stack: string, log: Log): Promise<Environment> {
  const own = ownKubeconfig(paths);
  const clusters = own ? [] : rehearsedClusters(projectRoot, stack);
  const tools = await provideTools(engineTools, { log: unlessCached(log) });
  const customResourceDefinitions = join(paths.root, "crds");
  link(customResourceDefinitions, { istio: join(tools["istio-crds"], "kubernetes") });
  const common = { pulumi: tools.pulumi, customResourceDefinitions };
  if (own) {
    return { ...common, kubeconfig: own, cluster: `your own, by KUBECONFIG=${own}`, hasSimulatedNodes: false };
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
    kubeconfig: paths.kubeconfig,
    cluster:
      clusters.length > 0 ? "a real API server and scheduler here; nodes and pods are simulated by KWOK" : undefined,
    hasSimulatedNodes: true,
  };
}

/** The user's own cluster, not the one that `make env` has put into the same variable. */
export function ownKubeconfig(paths: RehearsalPaths): string | undefined {
  const { KUBECONFIG } = process.env;
  return KUBECONFIG && KUBECONFIG !== paths.kubeconfig ? KUBECONFIG : undefined;
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
      // Istio's come with its chart, as on a real cluster: what needs them too early must fail here too.
      customResourceDefinitions: [join(tools["gateway-api-crds"], "config/crd/standard")],
    },
  };
}

function link(folder: string, targets: Record<string, string>): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  for (const [name, target] of Object.entries(targets)) symlinkSync(target, join(folder, name));
}
