import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import * as k8s from "@pulumi/kubernetes";
import { ConfigureRequest, CreateRequest, type CreateResponse } from "@pulumi/pulumi/proto/provider_pb";
import { installPlugins, pluginExecutable } from "../../rehearsal/providers/install";
import { encode } from "../../rehearsal/providers/wire";
import { ask, connectThroughProxy, whenConnected } from "../rehearsal/providers/client";
import { TestRehearsal } from "./support";

jest.setTimeout(600_000);

const rehearsal = new TestRehearsal();
const { paths } = rehearsal;
const kubeconfigNow = () => readFileSync(paths.kubeconfig, "utf8");

beforeAll(() => rehearsal.startClusters(["one", "two"]));
afterAll(() => rehearsal.remove());

const configMapsIn = (context: string) => rehearsal.kubectl(`--context ${context} get configmaps -n default -o name`);

test("objects land in their own provider's cluster, one of which is only known during the update", async () => {
  const stack = await rehearsal.stack("regions", async () => {
    const one = new k8s.Provider("one", { kubeconfig: kubeconfigNow(), context: "one" });
    const first = new k8s.core.v1.ConfigMap("first", { metadata: { name: "first" } }, { provider: one });
    const two = new k8s.Provider("two", { kubeconfig: first.metadata.uid.apply(kubeconfigNow), context: "two" });
    new k8s.core.v1.ConfigMap("second", { metadata: { name: "second" } }, { provider: two });
  });
  expect((await stack.preview()).changeSummary).toEqual({ create: 5 });
  await stack.up();
  expect(configMapsIn("one")).toContain("configmap/first");
  expect(configMapsIn("one")).not.toContain("second");
  expect(configMapsIn("two")).toContain("configmap/second");
  expect(configMapsIn("two")).not.toContain("first");
});

describe("plug-in processes", () => {
  const processes: ChildProcess[] = [];
  afterAll(() => processes.forEach((plugin) => plugin.kill()));

  async function plugin(region: string) {
    const started = spawn(pluginExecutable(paths.pulumiHome, "kubernetes"), { stdio: ["pipe", "pipe", "inherit"] });
    processes.push(started);
    const [port] = await once(started.stdout.setEncoding("utf8"), "data");
    const connection = await connectThroughProxy(Number(port));
    const settings = encode({ kubeconfig: kubeconfigNow(), context: region });
    const configuration = new ConfigureRequest().setArgs(settings);
    await ask((reply) => connection.client.configure(configuration, reply));
    const create = (name: string) => {
      const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" } };
      const type = "kubernetes:core/v1:ConfigMap";
      const request = new CreateRequest().setUrn(`urn:pulumi:dev::test::${type}::${name}`).setType(type).setName(name);
      request.setProperties(encode(object));
      return ask<CreateResponse>((reply) => connection.client.create(request, whenConnected, reply));
    };
    return { region, create, ...connection };
  }

  test("each keeps its configuration, and writes to its own cluster, also after its client came back", async () => {
    installPlugins(paths.pulumiHome);
    const plugins = await Promise.all(["one", "two"].map(plugin));
    for (const { create, region } of plugins) await create(`before-${region}`);
    for (const { cut } of plugins) await cut();
    for (const { create, region } of plugins) await create(`after-${region}`);
    for (const { close } of plugins) close();
    for (const [own, other] of [
      ["one", "two"],
      ["two", "one"],
    ]) {
      const found = configMapsIn(String(own));
      for (const when of ["before", "after"]) {
        expect(found).toContain(`configmap/${when}-${own}`);
        expect(found).not.toContain(`${when}-${other}`);
      }
    }
  });
});
