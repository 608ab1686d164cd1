import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";

/** Root of the Pulumi project that is rehearsed: this repository. */
export const projectRoot = resolve(__dirname, "..");

/** Everything that a rehearsal leaves on disk, in one folder that only its owner can read. */
export interface RehearsalPaths {
  root: string;
  /** PULUMI_HOME: plug-ins of the stand-ins, workspaces; the user's own ~/.pulumi is never touched. */
  pulumiHome: string;
  /** File backend: stack states and checkpoints. */
  state: string;
  passphraseFile: string;
  /** One folder a region: etcd data, certificates, logs, process ids. */
  controlPlanes: string;
  /** All regions' clusters, one context a region, named like the region. */
  kubeconfig: string;
  /** What exists in the simulated clouds: one folder a package. */
  clouds: string;
  logs: string;
}

/** Of one stack: the stack file as it is rehearsed, its kubeconfig, and what is known of its last run. */
export function workFolder(paths: RehearsalPaths, stack: string): string {
  const folder = join(paths.root, "work", stack);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Default `.rehearsal` beside this package; OMEGA_REHEARSAL_DIR moves it (tests run several side by side). */
export function rehearsalPaths(
  root = process.env.OMEGA_REHEARSAL_DIR ?? join(projectRoot, ".rehearsal"),
): RehearsalPaths {
  const paths: RehearsalPaths = {
    root,
    pulumiHome: join(root, "pulumi"),
    state: join(root, "state"),
    passphraseFile: join(root, "passphrase"),
    controlPlanes: join(root, "control-planes"),
    kubeconfig: join(root, "kubeconfig"),
    clouds: join(root, "clouds"),
    logs: join(root, "logs"),
  };
  for (const folder of [root, paths.pulumiHome, paths.state, paths.controlPlanes, paths.clouds, paths.logs]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  return paths;
}
