import { readKubeconfig } from "../../control-plane/kubeconfig";

/**
 * The `aws` command of the rehearsal, for kubeconfigs that sign in by `aws eks get-token`: answers with the token of the
 * control plane that stands for the region's cluster, whose context has the region's name.
 */
function answer(argv: string[]): string {
  if (argv[0] !== "eks" || argv[1] !== "get-token") throw new Error("the rehearsal knows only `aws eks get-token`");
  const region = argv[argv.indexOf("--region") + 1];
  const user = readKubeconfig(process.env.KUBECONFIG ?? "")?.users.find(({ name }) => name === region)?.user;
  if (user === undefined) throw new Error(`no control plane of this rehearsal stands for a cluster in ${region}`);
  const apiVersion = "client.authentication.k8s.io/v1beta1";
  return JSON.stringify({ kind: "ExecCredential", apiVersion, spec: {}, status: { token: user.token } });
}

try {
  console.log(answer(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
