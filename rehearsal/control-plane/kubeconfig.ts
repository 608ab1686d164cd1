import { parse, stringify } from "yaml";
import { z } from "zod";
import { readFileIfExists, writePrivateFile } from "./files";

const schema = z.object({
  apiVersion: z.literal("v1"),
  kind: z.literal("Config"),
  clusters: z.array(
    z.object({
      name: z.string(),
      cluster: z.object({ server: z.url(), "certificate-authority-data": z.base64() }),
    }),
  ),
  users: z.array(z.object({ name: z.string(), user: z.object({ token: z.string() }) })),
  contexts: z.array(z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string() }) })),
  "current-context": z.string(),
});

export type Kubeconfig = z.infer<typeof schema>;

export interface Connection {
  server: string;
  /** Certificates in PEM form. */
  certificateAuthority: string;
  token: string;
}

export function kubeconfigFor(name: string, { server, certificateAuthority, token }: Connection): Kubeconfig {
  const certificates = Buffer.from(certificateAuthority).toString("base64");
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server, "certificate-authority-data": certificates } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  };
}

/** Entries of the same name are replaced; the second one's current context wins. */
export function mergeKubeconfigs(existing: Kubeconfig, added: Kubeconfig): Kubeconfig {
  const merge = <Entry extends { name: string }>(before: Entry[], after: Entry[]) => [
    ...before.filter(({ name }) => !after.some((entry) => entry.name === name)),
    ...after,
  ];
  return {
    ...added,
    clusters: merge(existing.clusters, added.clusters),
    users: merge(existing.users, added.users),
    contexts: merge(existing.contexts, added.contexts),
  };
}

export function readKubeconfig(path: string): Kubeconfig | undefined {
  const text = readFileIfExists(path);
  return text === undefined ? undefined : schema.parse(parse(text));
}

export function writeKubeconfig(path: string, kubeconfig: Kubeconfig): void {
  writePrivateFile(path, stringify(kubeconfig));
}

export function connectionOf(kubeconfig: Kubeconfig, name = kubeconfig["current-context"]): Connection {
  const context = kubeconfig.contexts.find((entry) => entry.name === name)?.context;
  const cluster = kubeconfig.clusters.find((entry) => entry.name === context?.cluster)?.cluster;
  const user = kubeconfig.users.find((entry) => entry.name === context?.user)?.user;
  if (!cluster || !user) throw new Error(`The kubeconfig has no context "${name}".`);
  const certificateAuthority = Buffer.from(cluster["certificate-authority-data"], "base64").toString();
  return { server: cluster.server, certificateAuthority, token: user.token };
}
