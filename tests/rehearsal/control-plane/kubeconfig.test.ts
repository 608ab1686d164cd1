import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readKubeconfig, writeKubeconfig } from "../../../rehearsal/control-plane/kubeconfig";
import { clusterIn } from "../../../rehearsal/providers/clouds/cluster";

const connection = (name: string, port: number) => ({
  name,
  server: `https://127.0.0.1:${port}`,
  certificateAuthority: "-----BEGIN CERTIFICATE-----\n",
  token: `token-${port}`,
});

test("every region has a context of its own name, in a file for the owner only", () => {
  const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
  const path = join(folder, "kubeconfig");
  writeKubeconfig(path, [connection("us-east-1", 20001), connection("eu-west-1", 20002)], "eu-west-1");
  const kubeconfig = readKubeconfig(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  rmSync(folder, { recursive: true });
  expect(readKubeconfig(path)).toBeUndefined();
  expect(clusterIn(kubeconfig, "us-east-1")?.server).toBe("https://127.0.0.1:20001");
  expect(clusterIn(kubeconfig)?.server).toBe("https://127.0.0.1:20002");
  expect(kubeconfig).toMatchObject({ users: [{ user: { token: "token-20001" } }, { user: { token: "token-20002" } }] });
});
