import { parse, stringify } from "yaml";
import { readFileIfExists, writePrivateFile } from "../files";

export interface Connection {
  /** Of the cluster, its user and its context. */
  name: string;
  server: string;
  /** Certificates in PEM form. */
  certificateAuthority: string;
  token: string;
}

/** As this project writes it. */
interface Kubeconfig {
  apiVersion: "v1";
  kind: "Config";
  clusters: { name: string; cluster: { server: string; "certificate-authority-data": string } }[];
  users: { name: string; user: { token: string } }[];
  contexts: { name: string; context: { cluster: string; user: string } }[];
  "current-context": string;
}

/** One context for each cluster; kubectl uses the current one where it isn't told another. */
export function writeKubeconfig(path: string, connections: Connection[], current: string): void {
  const kubeconfig: Kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    clusters: connections.map(({ name, server, certificateAuthority }) => {
      const certificates = Buffer.from(certificateAuthority).toString("base64");
      return { name, cluster: { server, "certificate-authority-data": certificates } };
    }),
    users: connections.map(({ name, token }) => ({ name, user: { token } })),
    contexts: connections.map(({ name }) => ({ name, context: { cluster: name, user: name } })),
    "current-context": current,
  };
  writePrivateFile(path, stringify(kubeconfig));
}

export function readKubeconfig(path: string): Kubeconfig | undefined {
  const text = readFileIfExists(path);
  if (text === undefined) return undefined;
  const kubeconfig: Kubeconfig = parse(text);
  return kubeconfig;
}
