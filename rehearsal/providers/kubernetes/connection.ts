import { existsSync } from "node:fs";
import type { RequestOptions } from "node:https";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { KubernetesClient } from "./client";
import type { Configuration } from "./configuration";

/** The cluster that the provider's arguments lead to, else the one that kubectl would talk to. */
export function loadKubeconfig({ kubeconfig: contents, context }: Configuration): KubeConfig {
  const kubeconfig = new KubeConfig();
  if (contents === "") {
    const files = (process.env.KUBECONFIG ?? join(homedir(), ".kube", "config")).split(delimiter);
    if (!files.some((file) => existsSync(file))) throw new Error("no kubeconfig has been provided");
    kubeconfig.loadFromDefault();
  } else {
    kubeconfig.loadFromString(contents);
  }
  const name = context || kubeconfig.getCurrentContext();
  if (kubeconfig.getContextObject(name) === null) {
    throw new Error(`context "${name}" does not exist in the kubeconfig`);
  }
  kubeconfig.setCurrentContext(name);
  return kubeconfig;
}

/** Whatever way of signing in the user's own kubeconfig has; the library knows them all. */
export async function connect(kubeconfig: KubeConfig): Promise<KubernetesClient> {
  const cluster = kubeconfig.getCurrentCluster();
  if (cluster === null) throw new Error("the kubeconfig's context leads to no cluster");
  const credentials: RequestOptions = {};
  await kubeconfig.applyToHTTPSOptions(credentials);
  const client = new KubernetesClient(cluster.server, credentials);
  await client.request("/version");
  return client;
}
