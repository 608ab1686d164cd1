import { TenantIsolation } from "../../components";
import { type Plan, planProgram } from "../../rehearsal/engine/plan";
import { readStackFile } from "../../rehearsal/engine/stack-file";
import { projectRoot } from "../../rehearsal/paths";
import { readConfiguration } from "../../stacks/config";
import { buildPlatform } from "../../stacks/platform";
import { type DataLayout, emptyLayout, TenantStage } from "../../stacks/previous";
import { validate } from "../../stacks/validation";

// Each plan takes seconds, and minutes beside other work.
jest.setTimeout(600_000);

const { config, secrets } = readStackFile(projectRoot, "saas-dev");
type Tenant = Record<string, unknown> & { id: string };
const tenants = config["omega:tenants"] as Tenant[];

/** All tenants with one changed, or left out. */
const withTenant = (id: string, change: object | undefined): Tenant[] =>
  tenants.flatMap((tenant) => (tenant.id !== id ? [tenant] : change === undefined ? [] : [{ ...tenant, ...change }]));

/** What an update with these tenants would be. */
function planOf(given: Tenant[], previous: DataLayout, change: object = {}): Promise<Plan> {
  const program = () =>
    Promise.resolve({ ...buildPlatform(readConfiguration(projectRoot, previous)) } as Record<string, unknown>);
  return planProgram(program, "saas-dev", { config: { ...config, "omega:tenants": given, ...change }, secrets });
}

interface Difference {
  added: string[];
  removed: string[];
  changed: string[];
}

function difference(before: Plan, after: Plan): Difference {
  const short = ({ type, name }: Plan["resources"][number]) => `${type.split(":").at(-1)} ${name}`;
  const [old, next] = [before, after].map((plan) => new Map(plan.resources.map((each) => [each.engineUrn, each])));
  const missingIn = (plan: Plan, there: typeof old) =>
    plan.resources.filter(({ engineUrn }) => !there?.has(engineUrn)).map(short);
  return {
    added: missingIn(after, old).sort(),
    removed: missingIn(before, next).sort(),
    changed: after.resources
      .filter(
        ({ engineUrn, props }) =>
          old?.has(engineUrn) && JSON.stringify(old.get(engineUrn)?.props) !== JSON.stringify(props),
      )
      .map(short)
      .sort(),
  };
}

let base: Plan;
let layout: DataLayout;
beforeAll(async () => {
  base = await planOf(tenants, emptyLayout);
  // Nobody leaves, so all of it is known in a preview too.
  layout = { ...emptyLayout, ...(base.outputs["layout"] as DataLayout) };
});

/** The layout, with acme so far on its way. */
const acmeAt = (stage: TenantStage): DataLayout => ({
  ...layout,
  tenants: {
    ...layout.tenants,
    acme: { isolation: TenantIsolation.DatabasePerTenant, dataRegion: "eu-west", stage },
  },
});

const differenceOf = async (given: Tenant[], previous = layout) => difference(base, await planOf(given, previous));
const told = (given: Tenant[], previous: DataLayout, change: object = {}) => {
  const sections = Object.fromEntries(
    Object.entries({ ...config, "omega:tenants": given, ...change })
      .filter(([key]) => key.startsWith("omega:"))
      .map(([key, value]) => [key.slice("omega:".length), value]),
  );
  return validate(sections, [], previous).errors.map(({ path, reason }) => `${path}: ${reason}`);
};

const entries = (id: string, ...hosts: string[]) =>
  [`WorkersKv tenants-tenant-${id}`, ...hosts.map((host) => `WorkersKv tenants-host-${host}`)].sort();

test("a tenant that comes is an entry: where tenants share, the edge learns of it, and nothing else changes", async () => {
  const initech = { id: "initech", tier: "pro", dataRegion: "eu-west" };
  expect(await differenceOf([...tenants, initech])).toEqual({
    ...{ added: entries("initech", "initech.workplace.example"), removed: [], changed: [] },
  });
});

test("one whose data is apart gets its place, and those services alone are told that have it", async () => {
  const initech = { id: "initech", tier: "enterprise", dataRegion: "eu-west", isolation: "database-per-tenant" };
  const { added, removed, changed } = await differenceOf([...tenants, initech]);
  expect(added).toEqual(entries("initech", "initech.workplace.example"));
  expect(removed).toEqual([]);
  expect(changed).toEqual([
    "ConfigMap database-migration-content",
    "Deployment document-deployment",
    "Deployment document-enterprise-deployment",
    // Its content is in its name: the engine makes another job.
    "Job database-migration-job",
    "ResourceQuota tiers-enterprise-quota",
  ]);
});

test("an upgrade changes what the edge knows and the tier's quota, and replaces nothing", async () => {
  expect(await differenceOf(withTenant("globex", { tier: "enterprise" }))).toEqual({
    ...{ added: [], removed: [] },
    changed: [...entries("globex", "globex.workplace.example"), "ResourceQuota tiers-enterprise-quota"].sort(),
  });
});

test("a suspension is said at the edge alone", async () => {
  expect(await differenceOf(withTenant("globex", { suspended: true }))).toEqual({
    ...{ added: [], removed: [], changed: entries("globex", "globex.workplace.example") },
  });
});

const exportTo = {
  ...{ bucket: "workplace-exports", region: "eu-west-1" },
  credentials: { name: "export-credentials", key: "credentials" },
};

describe("a tenant that leaves", () => {
  const leaving = withTenant("acme", { offboarding: { exportTo } });
  const deleted = withTenant("acme", { offboarding: { exportTo, deleteData: true } });

  test("is refused at the edge and exported; its data stays", async () => {
    const { added, removed, changed } = await differenceOf(leaving);
    expect(added).toEqual([
      "ConfigMap offboarding-acme-export-content",
      "Job offboarding-acme-export-job",
      "NetworkPolicy offboarding-acme-export-network",
      "TenantOffboarding offboarding-acme",
    ]);
    expect(removed).toEqual([]);
    expect(changed).toEqual(entries("acme", "acme.workplace.example", "work.acme-tenant.net"));
    const { resources } = await planOf(leaving, layout);
    const entry = resources.find(({ name }) => name === "tenants-host-work.acme-tenant.net");
    expect(JSON.parse(String(entry?.props["value"]))).toMatchObject({ suspended: true });
  });

  test("loses its data in a later update alone, and its entry after that", async () => {
    expect(told(deleted, layout)).toEqual([
      "tenants[4].offboarding.deleteData: must come in a later update: the one before has to have its data kept first",
    ]);
    const exported = acmeAt(TenantStage.Offboarding);
    expect(told(deleted, exported)).toEqual([]);
    const { added, changed } = await differenceOf(deleted, exported);
    expect(added).toContain("Job offboarding-acme-removal-job");
    expect(added).not.toContain("Job offboarding-acme-export-job");
    expect(changed).toContain("ConfigMap database-migration-content");

    const without = withTenant("acme", undefined);
    const flags = { "omega:flags": {} };
    expect(told(without, exported, flags)).toEqual([
      expect.stringMatching(/^tenants: lack "acme", whose data is there/),
    ]);
    const gone = acmeAt(TenantStage.Deleted);
    expect(told(without, gone, flags)).toEqual([]);
    expect(told(tenants, gone)).toEqual([expect.stringMatching(/^tenants\[4\]: "acme" has left/)]);
    // Its id stays spent when its entry is left out.
    const { outputs } = await planOf(without, gone, flags);
    expect(outputs["layout"]).toMatchObject({ tenants: { acme: gone.tenants["acme"] } });
  });

  test("may come back as long as its data is there", () => {
    expect(told(tenants, acmeAt(TenantStage.Offboarding))).toEqual([]);
  });
});

test("data that would be left behind is told of, with the way", () => {
  const moved = withTenant("stark", { isolation: "database-per-tenant" });
  expect(told(moved, layout)).toEqual([
    expect.stringMatching(/^tenants\[3\]\.isolation: is database-per-tenant, and was schema-per-tenant: .*another id/),
  ]);
  const regions = [{ name: "eu-west", location: { latitude: 53.3, longitude: -6.3 } }];
  const elsewhere = { isolation: TenantIsolation.SharedDatabase, dataRegion: "us-east", stage: TenantStage.Active };
  const before = { ...layout, tenants: { globex: elsewhere } };
  expect(told(tenants, before, { "omega:regions": regions })).toEqual([
    expect.stringMatching(/^tenants\[2\]\.dataRegion: is eu-west, and was us-east: .*docs\/tenants\.md/),
  ]);
  expect(told(withTenant("umbrella", undefined), layout)).toEqual([
    expect.stringMatching(/^tenants: lack "umbrella", whose data is there: give it offboarding/),
  ]);
});

test.each<[string, object, RegExp]>([
  ["neither a bucket nor a place", {}, /offboarding: must have either exportTo, or keptAt/],
  ["both", { exportTo, keptAt: "a safe" }, /offboarding: must have either exportTo, or keptAt/],
])("an off-boarding with %s is refused", (_, offboarding, reason) => {
  expect(told(withTenant("acme", { offboarding }), layout)).toEqual([expect.stringMatching(reason)]);
});

test("what no Job can do is said to be done by hand", () => {
  const database = config["omega:database"] as { external: Record<string, unknown> };
  const external = { ...database.external };
  delete external["adminSecretName"];
  const change = { "omega:database": { ...database, external } };
  const leaving = withTenant("acme", { offboarding: { exportTo } });
  expect(told(leaving, layout, change)).toEqual([
    expect.stringMatching(
      /^tenants\[4\]\.offboarding\.exportTo: needs database\.external\.adminSecretName: export .* by hand/,
    ),
  ]);
  const byHand = withTenant("acme", { offboarding: { keptAt: "vault 7", deleteData: "by-hand" } });
  expect(told(byHand, acmeAt(TenantStage.Offboarding), change)).toEqual([]);
});
