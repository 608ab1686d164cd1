import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ProjectCopy, run } from "./support";

jest.setTimeout(600_000);

interface Preview {
  steps: { op: string; newState: { type: string; urn: string; custom: boolean; deletedWith?: string } }[];
}

describe("the production stacks", () => {
  const project = new ProjectCopy();
  afterAll(() => project.remove());

  describe("plan", () => {
    const programs = mkdtempSync(join(tmpdir(), "omega-e2e-node-"));
    beforeAll(() => {
      symlinkSync(process.execPath, join(programs, "node"));
      symlinkSync(join(dirname(process.execPath), "npm"), join(programs, "npm"));
      for (const program of ["sh", "env"]) symlinkSync(join("/usr/bin", program), join(programs, program));
    });
    afterAll(() => rmSync(programs, { recursive: true }));
    const plan = (stack: string) => project.omega("plan", { stack, environment: { PATH: programs } });

    test.each([
      ["dev", "Deployment catalog-deployment", 'region: "us-east"'],
      ["prod", "R2Bucket assets-bucket", 'assets: "prod-assets"'],
      ["prod-us-east", "Cluster us-east-cluster", 'cluster: "prod-us-east"'],
    ])("of %s needs Node alone: tree, verdicts and outputs", async (stack, resource, output) => {
      const planned = await plan(stack);
      expect(planned.output).toMatch(new RegExp(`^${stack}: \\d+ resources? in \\d+ components?$`, "m"));
      expect(planned.output).toMatch(new RegExp(`^ {4}${resource}$`, "m"));
      expect(planned.output).toMatch(/^Policies: the pack's \d+ pure rules.*\n {2}no violation$/m);
      expect(planned.output).toContain(`  ${output}`);
      expect(planned.code).toBe(0);
      expect(existsSync(project.rehearsal)).toBe(false);
    });

    test("names the path and the file of a wrong value that a region inherits", async () => {
      const undo = project.edit("Pulumi.prod.yaml", "{ min: 6,", "{ min: 1,");
      const { code, output } = await plan("prod-us-east");
      undo();
      expect(output).toContain("services[0].replicas.min: must be at least 2 (in Pulumi.prod.yaml)");
      expect(code).toBe(1);
    });
  });

  test("what the regions share waits for the regions, and says for which", async () => {
    const { code, output } = await project.omega("preview", {
      stack: "prod",
      environment: { OMEGA_REGIONS: "none" },
    });
    expect(output).toMatch(
      /the stack prod-[a-z-]+ is not there yet, and this one reads its outputs: make up STACK=prod-/,
    );
    expect(output).not.toContain("control plane");
    expect(code).toBe(1);
  });

  test("the first preview of an empty region passes: what is in the cluster waits for its kubeconfig", async () => {
    const { code, output } = await project.omega("preview", { stack: "prod-us-east" });
    for (const resource of [
      "Cluster us-east-cluster",
      "Namespace shop-namespace",
      "DestinationRule catalog-destination-rule",
    ]) {
      expect(output).toContain(`create ${resource}`);
    }
    expect(code).toBe(0);
  });

  test("a rule that is broken inside the cluster that is yet to be made stops that preview", async () => {
    const undo = project.edit(
      "components/service/agentic-service.ts",
      "progressDeadlineSeconds:",
      "replicas: 1,\n progressDeadlineSeconds:",
    );
    const { code, output } = await project.omega("preview", { stack: "prod-us-east" });
    undo();
    expect(output).toMatch(/minimum-replicas.*catalog-deployment.*spec\.replicas.*is 1/s);
    expect(code).toBe(1);
  });

  test("every object in the cluster is deleted with it, but the gateway's, whose load balancer must go first", async () => {
    const cli = "node --require tsx/cjs rehearsal/cli.ts";
    const typed = `eval "$(${cli} env prod-us-east)" && pulumi preview --json --stack prod-us-east --non-interactive`;
    const { output } = await run("bash", ["-c", `exec 2>/dev/null; ${typed}`], {
      cwd: project.root,
      env: project.environment(),
    });
    const { steps } = JSON.parse(output) as Preview;
    const states = steps.map(({ newState }) => newState);
    const cluster = states.find(({ type }) => type === "aws:eks/cluster:Cluster")?.urn;
    const inCluster = states.filter(({ type, custom }) => custom && type.startsWith("kubernetes:"));
    expect(cluster).toBeDefined();
    expect(inCluster.length).toBeGreaterThan(10);
    const gateway = inCluster.filter(({ urn }) => urn.includes("::omega:index:Gateway$"));
    expect(gateway.map(({ type }) => type)).toContain("kubernetes:core/v1:Service");
    const kept = inCluster.filter(({ deletedWith }) => deletedWith !== cluster);
    expect(kept.map(({ urn }) => urn).sort()).toEqual(gateway.map(({ urn }) => urn).sort());
  });
});
