import { existsSync } from "node:fs";
import { join } from "node:path";

/** Absolute paths of what a control plane is made of. */
export interface ControlPlaneTools {
  etcd: string;
  kubeApiserver: string;
  kubeControllerManager: string;
  kubeScheduler: string;
  kwok: string;
  kubectl: string;
  /** The KWOK module's `kustomize` folder: its stages and the CRD of stages. */
  kwokManifests: string;
  /** Files or folders with the CustomResourceDefinitions of the operators. */
  customResourceDefinitions: string[];
}

/** The tools in the folder OMEGA_TOOLS_BIN: binaries, `kwok-manifests/` and `crds/`. */
export function rehearsalTools(bin = process.env.OMEGA_TOOLS_BIN): ControlPlaneTools {
  if (!bin) throw new Error("Set OMEGA_TOOLS_BIN to the folder with etcd, kube-apiserver, kwok and kubectl.");
  const definitions = join(bin, "crds");
  return {
    etcd: join(bin, "etcd"),
    kubeApiserver: join(bin, "kube-apiserver"),
    kubeControllerManager: join(bin, "kube-controller-manager"),
    kubeScheduler: join(bin, "kube-scheduler"),
    kwok: join(bin, "kwok"),
    kubectl: join(bin, "kubectl"),
    kwokManifests: join(bin, "kwok-manifests"),
    customResourceDefinitions: existsSync(definitions) ? [definitions] : [],
  };
}
