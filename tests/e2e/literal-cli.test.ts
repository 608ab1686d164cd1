import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ProjectCopy, run } from "./support";

jest.setTimeout(600_000);

interface State {
  deployment: { resources: { urn: string; type: string }[] };
}

describe("the CLI typed by hand in the repository's root, in a shell of `make env`", () => {
  const project = new ProjectCopy().reduce();
  afterAll(() => project.remove());

  const read = (file: string) => readFileSync(join(project.root, file), "utf8");
  const urns = () => {
    const state = JSON.parse(read(".rehearsal/dev.json")) as State;
    return state.deployment.resources.map(({ urn }) => urn).sort();
  };
  let exports = "";
  let commands: string[] = [];
  const type = (command: string) =>
    run("bash", ["-c", `${exports}\n${command}`], { cwd: project.root, env: project.environment() });
  /** One of the commands that `make env` says to type. */
  const suggested = (words: string) => {
    const found = commands.find((command) => command.includes(words));
    if (found === undefined) throw new Error(`make env does not mention ${words}: ${commands.join("; ")}`);
    return found;
  };

  beforeAll(async () => {
    const { code, output } = await project.omega("up");
    if (code !== 0) throw new Error(output);
    const lines = (await project.omega("env")).output.split("\n");
    exports = lines.filter((line) => line.startsWith("export ")).join("\n");
    commands = lines.filter((line) => line.startsWith("#   ")).map((line) => line.slice(1).trim());
  });

  test("preview of what `make up` made finds nothing to do, and leaves the stack file as it is", async () => {
    const stackFile = read("Pulumi.dev.yaml");
    const { code, output } = await type(`${suggested("pulumi preview")} --expect-no-changes`);
    expect(output).toMatch(/Resources:\s+\d+ unchanged\s*$/m);
    expect(code).toBe(0);
    expect(read("Pulumi.dev.yaml")).toBe(stackFile);
  });

  test("up gives the same URNs as `make up`", async () => {
    expect((await type(suggested("stack export"))).code).toBe(0);
    const made = urns();
    expect(made.length).toBeGreaterThan(20);
    // Something to do, so that an update that does nothing at all isn't taken for one that keeps the URNs.
    const undo = project.edit(
      "components/service/agentic-service.ts",
      '"app.kubernetes.io/version": contract.version,',
      '"app.kubernetes.io/version": contract.version, "app.kubernetes.io/part-of": "shop",',
    );
    const { code, output } = await type(`${suggested("pulumi up")} --yes --skip-preview`);
    undo();
    expect(output).toMatch(/HorizontalPodAutoscaler catalog-autoscaler updated.*metadata/);
    expect(code).toBe(0);
    expect((await type(suggested("stack export"))).code).toBe(0);
    expect(urns()).toEqual(made);
  });

  test("the policy pack passes the exported state, and names what a changed one breaks", async () => {
    const command = suggested("policy analyze");
    expect(await type(command)).toEqual({ code: 0, output: expect.stringContaining("✅ omega-policies") as string });
    const state = JSON.parse(read(".rehearsal/dev.json")) as State;
    state.deployment.resources = state.deployment.resources.filter(({ type: kind }) => !kind.includes("Disruption"));
    writeFileSync(join(project.root, ".rehearsal/dev.json"), JSON.stringify(state));
    const { code, output } = await type(command);
    expect(output).toMatch(/\[mandatory\].*disruption-budget.*catalog-deployment.*Fix:/s);
    expect(code).not.toBe(0);
  });

  test("`make up` works in such a shell too: on the rehearsal's cluster, with the pack", async () => {
    const { code, output } = await type("node --require tsx/cjs rehearsal/cli.ts up");
    expect(output).toContain("Kubernetes: a real API server");
    expect(output).toMatch(/update HorizontalPodAutoscaler catalog-autoscaler .*: metadata/);
    expect(code).toBe(0);
  });
});
