import { Bulkhead, Size, TenantTier, TenantTiers, type TierQuota } from "../../../components";
import { bulkheads, podPriority } from "../../../components/mesh/bulkheads";
import { poolUnits, quotaOf, replicaUnits, tierPodPriority, tierUnits } from "../../../components/tenancy/tiers";
import { tiers } from "../../../components/tenancy/tenant";
import { planProgram } from "../../../rehearsal/engine/plan";

jest.setTimeout(60_000);

test.each([
  // (250 m + 100 m of the proxy) / 100 m; (1000 + 100) / 100; 8192 MiB and 128 are 33 units, 4100 m are 41.
  [Size.Small, 4],
  [Size.Medium, 11],
  [Size.Large, 41],
])("a %s replica takes %d compute units with its proxy", (size, units) => {
  expect(replicaUnits(size)).toBe(units);
});

test("a pool has room for its rollouts, and a tier for its first tenant", () => {
  expect(poolUnits(4, Size.Small)).toBe(20);
  expect(poolUnits(5, Size.Small)).toBe(28);
  const allowance = { computeUnits: 100, gibibytes: 50 };
  expect([0, 1, 3].map((tenants) => tierUnits(allowance, tenants))).toEqual([100, 100, 300]);
  expect(quotaOf(1000)).toEqual({ "requests.cpu": "100", "requests.memory": "250Gi" });
  expect(quotaOf(3)).toEqual({ "requests.cpu": "300m", "requests.memory": "768Mi" });
});

test("a higher tier is placed first, and never before a higher class of requests", () => {
  const priorities = bulkheads.flatMap((bulkhead) => tiers.map((tier) => tierPodPriority(bulkhead, tier)));
  for (const bulkhead of bulkheads) {
    const [free = 0, pro = 0, enterprise = 0] = tiers.map((tier) => tierPodPriority(bulkhead, tier));
    expect([podPriority(bulkhead), free, pro, enterprise]).toEqual(
      [podPriority(bulkhead), free, pro, enterprise].sort((one, other) => one - other),
    );
  }
  expect(new Set(priorities).size).toBe(priorities.length);
  expect(tierPodPriority(Bulkhead.Standard, TenantTier.Enterprise)).toBeLessThan(podPriority(Bulkhead.Critical));
  expect(tierPodPriority(Bulkhead.Background, TenantTier.Enterprise)).toBeLessThan(podPriority(Bulkhead.Standard));
});

const planned = async (given: TierQuota[]) => {
  const program = () => {
    new TenantTiers("tiers", { namespace: "workplace", tiers: given });
    return Promise.resolve({});
  };
  return (await planProgram(program, "dev", { config: {}, secrets: [] })).resources;
};

test("each tier has a class for each kind of requests, and one quota that counts pods by them", async () => {
  const resources = await planned([
    { tier: TenantTier.Pro, computeUnits: 300 },
    { tier: TenantTier.Enterprise, computeUnits: 1000 },
  ]);
  const classes = resources.filter(({ type }) => type.endsWith(":PriorityClass"));
  expect(classes.map(({ props }) => props["metadata"])).toContainEqual({
    ...{ name: "omega-critical-enterprise", labels: { "omega-platform/tier": "enterprise" } },
  });
  expect(classes).toHaveLength(6);
  const quota = resources.find(({ name }) => name === "tiers-pro-quota");
  expect(quota?.props).toMatchObject({
    metadata: { name: "tier-pro", namespace: "workplace" },
    spec: {
      hard: { "requests.cpu": "30", "requests.memory": "75Gi" },
      scopeSelector: {
        matchExpressions: [
          {
            ...{ scopeName: "PriorityClass", operator: "In" },
            values: ["omega-critical-pro", "omega-standard-pro", "omega-background-pro"],
          },
        ],
      },
    },
  });
  expect(resources.filter(({ type }) => type.endsWith(":LimitRange"))).toHaveLength(1);
});

test("what is wrong is told at once", async () => {
  const refused = await planned([
    { tier: TenantTier.Pro, computeUnits: 0 },
    { tier: TenantTier.Pro, computeUnits: 1.5 },
  ]).catch((error: unknown) => String(error));
  expect(refused).toContain("tiers[0].computeUnits: is 0");
  expect(refused).toContain('tiers[1].tier: "pro" is there already');
  expect(refused).toContain("tiers[1].computeUnits: is 1.5");
  await expect(planned([])).rejects.toThrow("tiers: must name one at least");
});
