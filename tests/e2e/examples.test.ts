import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linkDefinitions } from "../../rehearsal/environment";
import { projectRoot } from "../../rehearsal/paths";
import { buildPolicyPack } from "../../rehearsal/policy-pack";
import { LiteralCli } from "./literal";
import { installed, pack } from "./packed";
import { run, TestRehearsal } from "./support";

jest.setTimeout(900_000);

const rehearsal = new TestRehearsal();
const folder = mkdtempSync(join(tmpdir(), "omega-examples-"));
let archive = "";
let cli: LiteralCli;

beforeAll(async () => {
  archive = await pack(folder);
  await linkDefinitions(rehearsal.charts, () => undefined);
  // What the examples say that their cluster has.
  const there = ["istio", "cert-manager", "strimzi", "prometheus-operator"];
  await rehearsal.startClusters(
    ["one"],
    there.map((name) => join(rehearsal.charts, name)),
  );
  for (const namespace of ["cert-manager", "backend"]) rehearsal.kubectl(`create namespace ${namespace}`);
  await buildPolicyPack();
  cli = await LiteralCli.of(rehearsal, ["pulumi-language-nodejs"]);
});
afterAll(async () => {
  await rehearsal.remove();
  rmSync(folder, { recursive: true, force: true });
});

interface State {
  deployment: { resources: { type: string; outputs?: Record<string, unknown> }[] };
}

async function succeeded(command: ReturnType<typeof run>): Promise<string> {
  const { code, output } = await command;
  if (code !== 0) throw new Error(output);
  return output;
}

describe.each([
  {
    example: "service-on-existing-cluster",
    has: ["omega:index:AgenticService", "kubernetes:apps/v1:Deployment", "kubernetes:policy/v1:PodDisruptionBudget"],
    outputs: { host: "catalog.shop.svc.cluster.local" },
  },
  {
    example: "edge-only",
    has: ["omega:index:EdgeWorker", "cloudflare:index/workerVersion:WorkerVersion", "cloudflare:index/ruleset:Ruleset"],
    outputs: { version: expect.any(String) as string },
  },
  {
    example: "event-bus-only",
    has: ["omega:index:EventBus", "kubernetes:kafka.strimzi.io/v1:Kafka", "kubernetes:kafka.strimzi.io/v1:KafkaUser"],
    outputs: { connections: expect.objectContaining({ order: expect.anything() as object }) as object },
  },
  {
    example: "saas-tenants",
    has: ["omega:index:TenantDirectory", "cloudflare:index/customHostname:CustomHostname"],
    outputs: { flagsNamespaceId: expect.any(String) as string },
  },
])("examples/$example, copied and installed from the packed package", ({ example, has, outputs }) => {
  const project = join(folder, example);

  beforeAll(async () => {
    await installed(join("examples", example), archive, project);
    await succeeded(cli.run(project, "stack", "init", "dev"));
  });

  test("is short and compiles under strict", async () => {
    const lines = readFileSync(join(projectRoot, "examples", example, "index.ts"), "utf8").split("\n");
    expect(lines.length).toBeLessThanOrEqual(80);
    await succeeded(run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "."], { cwd: project }));
  });

  test("comes up by the literal pulumi, once", async () => {
    await succeeded(cli.run(project, "up", "--yes", "--skip-preview", "--stack", "dev"));
    const output = await succeeded(cli.run(project, "preview", "--expect-no-changes", "--stack", "dev"));
    expect(output).toMatch(/\d+ unchanged/);
  });

  test("breaks no rule of the pack, and is what it says", async () => {
    expect(await succeeded(cli.judge(project, "dev"))).toContain("omega-policies");
    const state = JSON.parse(readFileSync(join(project, "state.json"), "utf8")) as State;
    const { resources } = state.deployment;
    expect(resources.map(({ type }) => type)).toEqual(expect.arrayContaining(has));
    expect(resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs).toMatchObject(outputs);
  });
});
