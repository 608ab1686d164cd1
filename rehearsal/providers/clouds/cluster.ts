import { existsSync, readFileSync } from "node:fs";
import { delimiter } from "node:path";
import { parse } from "yaml";
import type { Properties } from "../stand-in";
import { isObject } from "../wire";

export interface ClusterAccess {
  endpoint: string;
  /** PEM, in base64, as in a kubeconfig. */
  certificateAuthority: string;
}

// Valid, and trusted by nobody: its key was thrown away.
const placeholder = `-----BEGIN CERTIFICATE-----
MIIBfzCCASWgAwIBAgIUTRqiDwqVVEZZYRxZlz6UI0JK3k8wCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJcmVoZWFyc2FsMCAXDTI2
MTEyMzE4MDQyNVoYDzIxMjYxMDMwMTgwNDI1WjAUMRIwEAYDVQQDDAlyZWhlYXJzYWwwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AASmPPkTkIHHeQ+gKxnn8lWtbK0m3XPVlTlO2Zm7pkOnZZcvr2cPIhV9yIz8wTfy3kDPh7Zlm8kP+sgSV9C/t3+Mo1MwUTAdBgNV
HQ4EFgQUyoXGlNclT5jtYlucr5eIQbm4ROEwHwYDVR0jBBgwFoAUyoXGlNclT5jtYlucr5eIQbm4ROEwDwYDVR0TAQH/BAUwAwEB
/zAKBggqhkjOPQQDAgNIADBFAiEA4QhuPJz8/2FOgratJOCosoexXxdA9Sxzs8OsZFSpERACIBo6BCy/1+5JFsseju08l7ReXmfU
tAp/4AFNudIewDxD
-----END CERTIFICATE-----
`;

export const placeholderAuthority = Buffer.from(placeholder).toString("base64");

/** The cluster that a kubeconfig's context, by default its current one, leads to. */
export function clusterIn(kubeconfig: unknown, context = ""): Properties | undefined {
  if (!isObject(kubeconfig)) return undefined;
  const find = (list: unknown, name: unknown, part: string): Properties | undefined => {
    const entry: unknown = Array.isArray(list) ? list.find((one) => isObject(one) && one.name === name) : undefined;
    return isObject(entry) && isObject(entry[part]) ? entry[part] : undefined;
  };
  const chosen = find(kubeconfig.contexts, context || kubeconfig["current-context"], "context");
  return find(kubeconfig.clusters, chosen?.cluster, "cluster");
}

/** The control plane that stands for a region's cluster: the context of the region's name, if there is one. */
export function localCluster(kubeconfig: unknown, region: string): ClusterAccess | undefined {
  const files = String(kubeconfig ?? "").split(delimiter);
  for (const file of files.filter(existsSync)) {
    const cluster = clusterIn(parse(readFileSync(file, "utf8")), region);
    const [endpoint, certificateAuthority] = [cluster?.server, cluster?.["certificate-authority-data"]];
    if (typeof endpoint === "string" && typeof certificateAuthority === "string")
      return { endpoint, certificateAuthority };
  }
  return undefined;
}
