import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  connectionOf,
  kubeconfigFor,
  mergeKubeconfigs,
  readKubeconfig,
  writeKubeconfig,
} from "../../../rehearsal/control-plane/kubeconfig";

const connection = (port: number) => ({
  server: `https://127.0.0.1:${port}`,
  certificateAuthority: "-----BEGIN CERTIFICATE-----\n",
  token: `token-${port}`,
});

test("every region has a context of its own name", () => {
  const merged = mergeKubeconfigs(
    kubeconfigFor("us-east-1", connection(20001)),
    kubeconfigFor("eu-west-1", connection(20002)),
  );
  expect(connectionOf(merged, "us-east-1")).toEqual(connection(20001));
  expect(connectionOf(merged, "eu-west-1")).toEqual(connection(20002));
});

test("a region's new entries replace its old ones", () => {
  const merged = mergeKubeconfigs(
    kubeconfigFor("us-east-1", connection(20001)),
    kubeconfigFor("us-east-1", connection(20002)),
  );
  expect(merged).toEqual(kubeconfigFor("us-east-1", connection(20002)));
});

test("an unknown region is named", () => {
  expect(() => connectionOf(kubeconfigFor("us-east-1", connection(20001)), "mars")).toThrow('no context "mars"');
});

test("only the owner can read the file", () => {
  const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
  const path = join(folder, "kubeconfig");
  expect(readKubeconfig(path)).toBeUndefined();
  writeKubeconfig(path, kubeconfigFor("us-east-1", connection(20001)));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readKubeconfig(path)).toEqual(kubeconfigFor("us-east-1", connection(20001)));
  rmSync(folder, { recursive: true });
});
