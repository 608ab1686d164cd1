import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { buildPolicyPack } from "../../rehearsal/policy-pack";
import { LiteralCli } from "./literal";
import { installed, pack } from "./packed";
import { TestRehearsal } from "./support";

jest.setTimeout(900_000);

const rehearsal = new TestRehearsal();
const folder = mkdtempSync(join(tmpdir(), "omega-remote-"));
const program = join(folder, "program");
/** What the engine starts; its folder is named in the program. */
const plugin = join(folder, "plugin");
const executable = join(plugin, "pulumi-resource-omega");
let cli: LiteralCli;

const zone = { id: "fedcba9876543210fedcba9876543210", name: "saas.example" };
const tenant = { id: "acme", tier: "pro", isolation: "shared-database", dataRegion: "eu-west" };
const project = (tenants: object[]) => ({
  name: "remote",
  runtime: "yaml",
  plugins: { providers: [{ name: "omega", path: plugin }] },
  resources: {
    tenants: {
      type: "omega:index:TenantDirectory",
      properties: {
        accountId: "0123456789abcdef0123456789abcdef",
        ...{ zone, tenants, regions: ["eu-west"], hosts: ["api.saas.example"], domain: "saas.example" },
      },
    },
  },
  outputs: { namespaceId: "${tenants.namespaceId}" },
});
const write = (tenants: object[]) => writeFileSync(join(program, "Pulumi.yaml"), stringify(project(tenants)));

interface State {
  deployment: { resources: { urn: string; type: string; parent?: string; outputs?: Record<string, unknown> }[] };
}

beforeAll(async () => {
  const provider = await installed("provider", await pack(folder), join(folder, "provider"));
  mkdirSync(plugin);
  // As newer language hosts start the folder of a PulumiPlugin.yaml; the one that can be had here is too old to.
  const runner = join(provider, "node_modules/@pulumi/pulumi/cmd/run-plugin/index.js");
  const script = `#!/bin/sh\ncd '${provider}' && exec '${process.execPath}' '${runner}' '${provider}' "$@"\n`;
  writeFileSync(executable, script, { mode: 0o700 });
  await buildPolicyPack();
  cli = await LiteralCli.of(rehearsal, ["pulumi-language-yaml"]);
  mkdirSync(program);
  write([tenant]);
  const { code, output } = await cli.run(program, "stack", "init", "dev");
  if (code !== 0) throw new Error(output);
});
afterAll(async () => {
  await rehearsal.remove();
  rmSync(folder, { recursive: true, force: true });
});

test("a YAML program makes a component, whose children are its own", async () => {
  const { code, output } = await cli.run(program, "up", "--yes", "--skip-preview", "--stack", "dev");
  expect([code, output]).toEqual([0, expect.stringContaining("created")]);
  expect((await cli.judge(program, "dev")).output).toContain("✅ omega-policies");
  const { deployment } = JSON.parse(readFileSync(join(program, "state.json"), "utf8")) as State;
  const component = deployment.resources.find(({ type }) => type === "omega:index:TenantDirectory");
  const children = deployment.resources.filter(({ parent }) => parent === component?.urn);
  expect(children.map(({ type }) => type)).toContain("cloudflare:index/workersKvNamespace:WorkersKvNamespace");
  expect(deployment.resources[0]?.outputs?.namespaceId).toEqual(expect.any(String));
});

test("what the component refuses is said in the YAML program's words", async () => {
  write([{ ...tenant, dataRegion: "mars" }]);
  const { code, output } = await cli.run(program, "preview", "--stack", "dev");
  expect(output).toMatch(/tenants\[0\]\.dataRegion/);
  expect(code).not.toBe(0);
});
