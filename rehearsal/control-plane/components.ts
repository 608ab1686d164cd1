import type { User } from "./credentials";
import type { ProcessDefinition } from "./processes";

/** Absolute paths of the programs. */
export interface ComponentTools {
  etcd: string;
  kubeApiserver: string;
  kubeControllerManager: string;
  kubeScheduler: string;
  kwok: string;
}

/** Order of start; the reverse is the order of stop. */
export const componentNames = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"] as const;

export type ComponentName = (typeof componentNames)[number];

/** Who each component that speaks to the API server is, and the kubeconfig that says so. */
export const componentUsers: [ComponentName, User][] = [
  ["kube-controller-manager", "system:kube-controller-manager"],
  ["kube-scheduler", "system:kube-scheduler"],
  ["kwok", "kwok"],
];

/** Where the API server writes the certificate that it makes for itself. */
export const servingCertificateFile = "certificates/apiserver.crt";
export const certificateAuthorityFile = "certificate-authority.crt";

/**
 * Command lines, to be run in the control plane's folder. Only the API server has a port: etcd listens on sockets in that
 * private folder (named relatively, as a socket's path is limited to about 100 characters), the others on nothing.
 */
export function componentsFor(tools: ComponentTools, port: number): Record<ComponentName, ProcessDefinition> {
  const component = (name: ComponentName, command: string, args: string[]) => ({ name, command, args });
  const controller = ["--leader-elect=false", "--secure-port=0", "--profiling=false"];
  return {
    etcd: component("etcd", tools.etcd, [
      "--data-dir=etcd",
      "--listen-client-urls=unix://etcd.sock",
      "--advertise-client-urls=unix://etcd.sock",
      "--listen-peer-urls=unix://etcd-peer.sock",
      "--initial-advertise-peer-urls=unix://etcd-peer.sock",
      "--initial-cluster=default=unix://etcd-peer.sock",
      "--auto-compaction-retention=1h",
      "--log-format=console",
      "--log-level=warn",
    ]),
    "kube-apiserver": component("kube-apiserver", tools.kubeApiserver, [
      "--etcd-servers=unix://etcd.sock",
      "--encryption-provider-config=encryption.yaml",
      "--bind-address=127.0.0.1",
      "--advertise-address=127.0.0.1",
      `--secure-port=${port}`,
      "--endpoint-reconciler-type=none",
      "--cert-dir=certificates",
      "--anonymous-auth=false",
      "--token-auth-file=tokens.csv",
      "--authorization-mode=RBAC",
      "--service-account-issuer=https://kubernetes.default.svc",
      "--service-account-key-file=service-account.key",
      "--service-account-signing-key-file=service-account.key",
      "--service-cluster-ip-range=10.96.0.0/16",
      "--profiling=false",
    ]),
    "kube-controller-manager": component("kube-controller-manager", tools.kubeControllerManager, [
      "--kubeconfig=kube-controller-manager.kubeconfig",
      "--use-service-account-credentials",
      "--service-account-private-key-file=service-account.key",
      `--root-ca-file=${certificateAuthorityFile}`,
      ...controller,
    ]),
    "kube-scheduler": component("kube-scheduler", tools.kubeScheduler, [
      "--kubeconfig=kube-scheduler.kubeconfig",
      ...controller,
    ]),
    kwok: component("kwok", tools.kwok, [
      "--kubeconfig=kwok.kubeconfig",
      "--manage-all-nodes=true",
      "--node-lease-duration-seconds=40",
      "--enable-crds=Stage",
    ]),
  };
}
