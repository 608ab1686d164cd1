import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { ProjectCopy } from "./support";

jest.setTimeout(900_000);

interface Quota {
  metadata: { name: string };
  status: { hard: Record<string, string>; used: Record<string, string> };
}

interface Job {
  metadata: { name: string };
  status: { succeeded?: number };
}

type Tenant = Record<string, unknown> & { id: string };

const stack = "saas-dev";
const exportTo = {
  ...{ bucket: "workplace-exports", region: "eu-west-1" },
  credentials: { name: "export-credentials", key: "credentials" },
};

describe("the SaaS stack", () => {
  const project = new ProjectCopy();
  afterAll(() => project.remove());

  const path = join(project.root, `Pulumi.${stack}.yaml`);
  const file = parse(readFileSync(path, "utf8")) as { config: Record<string, unknown> };
  /** Writes the stack file with the tenant changed, or left out. */
  const change = (id: string, entry: object | undefined) => {
    const tenants = (file.config["omega:tenants"] as Tenant[]).flatMap((tenant) =>
      tenant.id !== id ? [tenant] : entry === undefined ? [] : [{ ...tenant, ...entry }],
    );
    writeFileSync(path, stringify({ config: { ...file.config, "omega:tenants": tenants } }));
  };
  const up = () => project.omega("up", { stack });
  const kubectl = async <Result>(...argv: string[]): Promise<Result> => {
    const { code, output } = await project.omega("kubectl", { stack, argv: [...argv, "-o", "json"] });
    if (code !== 0) throw new Error(output);
    return JSON.parse(output) as Result;
  };
  const jobs = async () => {
    const { items } = await kubectl<{ items: Job[] }>("-n", "database", "get", "jobs");
    return items.filter(({ metadata }) => metadata.name.startsWith("offboarding-"));
  };

  test("comes up, and its quota counts the pods of its pool alone", async () => {
    const { code, output } = await up();
    expect({ code, told: code === 0 ? "" : output }).toEqual({ code: 0, told: "" });
    const { items } = await kubectl<{ items: Quota[] }>("-n", "workplace", "get", "resourcequotas");
    expect(items.map(({ metadata }) => metadata.name)).toEqual(["tier-enterprise"]);
    // Two replicas of 250 m and 256 MiB; no proxies are injected here.
    expect(items[0]?.status.used).toEqual({ "requests.cpu": "500m", "requests.memory": "512Mi" });
    expect(items[0]?.status.hard).toEqual({ "requests.cpu": "100", "requests.memory": "250Gi" });
  });

  test("changes nothing the second time", async () => {
    const { code, output } = await up();
    expect(output.match(/nothing changes/g)).toHaveLength(2);
    expect(code).toBe(0);
  });

  test("loses no tenant by a line that is gone", async () => {
    change("stark", undefined);
    const { code, output } = await up();
    expect(output).toContain('tenants: lack "stark", whose data is there');
    expect(output).not.toContain("Update, with the policy pack");
    expect(code).toBe(1);
  });

  test("lets a tenant go in three updates: exported, deleted, forgotten", async () => {
    change("stark", { offboarding: { exportTo } });
    const exported = await up();
    expect({ code: exported.code, told: exported.code === 0 ? "" : exported.output }).toEqual({ code: 0, told: "" });
    const [exporting, ...others] = await jobs();
    expect(exporting?.metadata.name).toMatch(/^offboarding-stark-export-/);
    expect(exporting?.status.succeeded).toBe(1);
    expect(others).toEqual([]);

    change("stark", { offboarding: { exportTo, deleteData: true } });
    const deleted = await up();
    expect({ code: deleted.code, told: deleted.code === 0 ? "" : deleted.output }).toEqual({ code: 0, told: "" });
    expect((await jobs()).map(({ metadata }) => metadata.name)).toEqual([
      expect.stringMatching(/^offboarding-stark-removal-/),
    ]);

    change("stark", undefined);
    const forgotten = await up();
    expect({ code: forgotten.code, told: forgotten.code === 0 ? "" : forgotten.output }).toEqual({ code: 0, told: "" });
    expect(await jobs()).toEqual([]);
  });
});
