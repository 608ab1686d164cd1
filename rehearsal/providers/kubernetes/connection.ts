import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import type { Configuration } from "./configuration";

/** The cluster that the provider's arguments lead to, else the one that kubectl would talk to. */
export function loadKubeconfig({ kubeconfig: contents, context, cluster }: Configuration): KubeConfig {
  const kubeconfig = new KubeConfig();
  if (contents === undefined) {
    const files = (process.env.KUBECONFIG ?? join(homedir(), ".kube", "config")).split(delimiter);
    if (!files.some((file) => existsSync(file))) throw new Error("no kubeconfig has been provided");
    kubeconfig.loadFromDefault();
  } else {
    kubeconfig.loadFromString(contents);
  }
  const name = context || kubeconfig.getCurrentContext();
  const chosen = kubeconfig.getContextObject(name);
  if (chosen === null) {
    throw new Error(`context "${name}" does not exist in the kubeconfig`);
  }
  kubeconfig.setCurrentContext(name);
  if (cluster !== "") {
    kubeconfig.contexts = [{ ...chosen, cluster }];
  }
  if (kubeconfig.getCurrentCluster() === null) {
    throw new Error(`cluster "${cluster || chosen.cluster}" does not exist in the kubeconfig`);
  }
  return kubeconfig;
}
