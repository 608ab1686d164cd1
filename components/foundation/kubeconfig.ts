export interface KubeconfigArgs {
  clusterName: string;
  endpoint: string;
  /** The cluster's certificate authority, PEM in base64. */
  certificateAuthority: string;
  /** AWS region. */
  region: string;
}

/** JSON is YAML: every client reads it. */
export function kubeconfig({ clusterName, endpoint, certificateAuthority, region }: KubeconfigArgs): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      { name: clusterName, cluster: { server: endpoint, "certificate-authority-data": certificateAuthority } },
    ],
    users: [
      {
        name: clusterName,
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1beta1",
            command: "aws",
            args: ["eks", "get-token", "--cluster-name", clusterName, "--region", region],
            interactiveMode: "Never",
          },
        },
      },
    ],
    contexts: [{ name: clusterName, context: { cluster: clusterName, user: clusterName } }],
    "current-context": clusterName,
  });
}
