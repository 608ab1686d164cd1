import { existsSync } from "node:fs";
import { join } from "node:path";
import { ProjectCopy } from "./support";

jest.setTimeout(600_000);

interface List<Item> {
  items: Item[];
}
interface Named {
  kind: string;
  metadata: { name: string; uid: string; labels?: Record<string, string> };
}
interface Pod extends Named {
  spec: { nodeName: string };
}

const replicas = "replicas: { min: 3, max: 12 }";
const ours = "deploy,svc,hpa,pdb,netpol,sa,secret,destinationrule,peerauthentication,authorizationpolicy";

describe("the dev stack", () => {
  const project = new ProjectCopy();
  afterAll(() => project.remove());

  const pods = async () => (await project.json<List<Pod>>("-n", "shop", "get", "pods")).items;
  const objects = async () => (await project.json<List<Named>>("-n", "shop", "get", ours)).items;

  test("a wrong configuration is refused with every error, before anything exists", async () => {
    const undo = project.edit("Pulumi.dev.yaml", replicas, "replicas: { min: 1, max: 12 }\n      port: 0");
    const { code, output } = await project.omega("up");
    undo();
    expect(output).toContain("services[0].replicas.min: must be at least 2");
    expect(output).toContain("services[0].port: must be at least 1");
    expect(output).not.toMatch(/^\s+at /m);
    expect(code).toBe(1);
    expect(existsSync(join(project.rehearsal, "control-planes", "us-east"))).toBe(false);
  });

  test("a component that breaks a policy is stopped in preview: policy, resource, reason and fix are named", async () => {
    const undo = project.edit(
      "components/service/agentic-service.ts",
      "progressDeadlineSeconds:",
      "replicas: 1,\n progressDeadlineSeconds:",
    );
    const { code, output } = await project.omega("up");
    undo();
    expect(output).toContain("stopped the preview before anything was created");
    expect(output).toMatch(/minimum-replicas.*catalog-deployment.*spec\.replicas.*is 1, must be at least 2.*Fix:/s);
    expect(output).not.toMatch(/^\s+at /m);
    expect(code).toBe(1);
    await expect(project.kubectl("get", "namespace", "shop")).rejects.toThrow("NotFound");
  });

  test("it comes up, over three zones, and says what is simulated", async () => {
    const { code, output } = await project.omega("up");
    expect(output).toContain("Simulated:");
    expect(code).toBe(0);
    expect((await objects()).map(({ metadata }) => metadata.name)).toContain("catalog");
    await project.kubectl(
      "-n",
      "shop",
      "wait",
      "deployment/catalog",
      "--for=jsonpath={.status.availableReplicas}=3",
      "--timeout=120s",
    );
    const zones = new Set((await pods()).map(({ spec }) => spec.nodeName.replace(/-\d+$/, "")));
    expect(zones.size).toBe(3);
  });

  test("a second up changes nothing", async () => {
    const { code, output } = await project.omega("up");
    expect(output.match(/nothing changes/g)).toHaveLength(2);
    expect(code).toBe(0);
  });

  test("down leaves none of the stack's objects", async () => {
    const { code, output: told } = await project.omega("down");
    expect({ code, told: code === 0 ? "" : told }).toEqual({ code: 0, told: "" });
    const left = async (kind: string) => (await project.kubectl("get", kind, "-o", "name")).trim().split("\n").sort();
    expect(await left("namespaces")).toEqual(
      ["default", "kube-node-lease", "kube-public", "kube-system"].map((name) => `namespace/${name}`),
    );
    expect((await left("priorityclasses")).filter((name) => name.includes("omega"))).toEqual([]);
    const { output } = await project.omega("kubectl", {
      argv: ["get", ours, "-A", "-l", "app.kubernetes.io/name=catalog"],
    });
    expect(output).toContain("No resources found");
  });
});

/** Made again and again, and so without what these tests don't ask about. */
describe("the services of the dev stack", () => {
  const project = new ProjectCopy().reduce();
  afterAll(() => project.remove());

  const objects = async () => (await project.json<List<Named>>("-n", "shop", "get", ours)).items;

  beforeAll(async () => expect((await project.omega("up")).code).toBe(0));

  test("refresh names exactly the field that somebody patched, and up takes it back", async () => {
    await project.kubectl("-n", "shop", "patch", "hpa", "catalog", "--type=merge", "-p", '{"spec":{"maxReplicas":50}}');
    const refreshed = await project.omega("refresh");
    expect(refreshed.output.match(/drifted .*/g)).toEqual([
      expect.stringMatching(/^drifted HorizontalPodAutoscaler catalog-autoscaler .*: spec\.maxReplicas$/),
    ]);
    const { output } = await project.omega("up");
    expect(output).toMatch(/update HorizontalPodAutoscaler catalog-autoscaler .*: spec\.maxReplicas/);
    expect(await project.kubectl("-n", "shop", "get", "hpa", "catalog", "-o", "jsonpath={.spec.maxReplicas}")).toBe(
      "12",
    );
  });

  test("a change of an immutable field replaces the objects that have it, and only them", async () => {
    const uids = async () =>
      new Map((await objects()).map(({ metadata, kind }) => [metadata.uid, `${kind} ${metadata.name}`]));
    const before = await uids();
    const undo = project.edit(
      "components/service/agentic-service.ts",
      '"app.kubernetes.io/name": contract.name }',
      '"app.kubernetes.io/name": contract.name, "app.kubernetes.io/component": "api" }',
    );
    const { code, output } = await project.omega("up");
    expect(output).toMatch(/Deployment catalog-deployment/);
    expect(code).toBe(0);
    const after = await uids();
    const gone = [...before].flatMap(([uid, object]) => (after.has(uid) ? [] : [object]));
    expect(gone.sort()).toEqual(["Deployment cart", "Deployment catalog"]);
    undo();
    expect((await project.omega("up")).code).toBe(0);
  });

  test("a service too big for the nodes fails with the scheduler's own reason", async () => {
    const undoSize = project.edit("components/service/size.ts", 'cpu: "4"', 'cpu: "64"');
    const undoRollout = project.edit(
      "Pulumi.dev.yaml",
      "- name: catalog\n",
      "- name: catalog\n      size: large\n      rolloutSeconds: 5\n",
    );
    const { code, output } = await project.omega("up");
    undoSize();
    undoRollout();
    expect(output).toMatch(/Deployment catalog-deployment: .*Insufficient cpu/s);
    expect(code).toBe(1);
    expect((await project.omega("up")).code).toBe(0);
  });
});
