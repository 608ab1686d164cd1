import fc from "fast-check";
import {
  capabilitiesOf,
  Consistency,
  DatabaseEngine,
  ExternalProduct,
  lacks,
  ReadPreference,
  type Wanted,
} from "../../../components/database/capabilities";
import { recoveryProblems } from "../../../components/data/recovery";
import { TenantIsolation } from "../../../components/database/tenancy";

const all = [
  capabilitiesOf(DatabaseEngine.Vitess),
  capabilitiesOf(DatabaseEngine.Aurora),
  ...Object.values(ExternalProduct).map((product) => capabilitiesOf(DatabaseEngine.External, product)),
];
const reasonsOf = (engine: DatabaseEngine, wanted: Wanted) =>
  lacks(capabilitiesOf(engine), wanted).map(({ field, reason }) => `${field} ${reason}`);

test("one VitessCluster does not span Kubernetes clusters", () => {
  const strong = { preference: ReadPreference.Primary, consistency: Consistency.Strong };
  expect(reasonsOf(DatabaseEngine.Vitess, { regions: 1, reads: strong })).toEqual([]);
  const [reason, ...others] = reasonsOf(DatabaseEngine.Vitess, { regions: 2, reads: strong });
  expect(others).toEqual([]);
  expect(reason).toBe(
    "regions is 2 regions' own, and vitess does not span regions; aurora, external planetscale, external cockroachdb, " +
      "external yugabytedb, external other could",
  );
});

test.each<[string, DatabaseEngine, Wanted, string]>([
  ["shards", DatabaseEngine.Aurora, { shards: 4 }, "vitess could"],
  [
    "a tenant isolation",
    DatabaseEngine.Vitess,
    { tenantIsolation: TenantIsolation.SchemaPerTenant },
    "aurora, external yugabytedb",
  ],
  [
    "reads that replicas can't give",
    DatabaseEngine.Aurora,
    { regions: 4, reads: { preference: ReadPreference.Nearest, consistency: Consistency.BoundedStaleness } },
    "external cockroachdb, external yugabytedb could",
  ],
  [
    "what nobody has",
    DatabaseEngine.Vitess,
    { reads: { preference: ReadPreference.Replica, consistency: Consistency.Strong } },
    "no engine does it all",
  ],
])("%s: the error names who could", (_, engine, wanted, expected) => {
  const reasons = reasonsOf(engine, wanted);
  expect(reasons).toHaveLength(1);
  expect(reasons[0]).toContain(expected);
});

const anyWanted: fc.Arbitrary<Wanted> = fc.record(
  {
    shards: fc.constantFrom(1, 2, 256),
    regions: fc.integer({ min: 1, max: 4 }),
    reads: fc.record({
      preference: fc.constantFrom(...Object.values(ReadPreference)),
      consistency: fc.constantFrom(...Object.values(Consistency)),
    }),
    tenantIsolation: fc.constantFrom(...Object.values(TenantIsolation)),
  },
  { requiredKeys: [] },
);

test("whoever an error names really could, and nobody else", () => {
  fc.assert(
    fc.property(fc.constantFrom(...all), anyWanted, (capabilities, wanted) => {
      for (const { reason } of lacks(capabilities, wanted)) {
        const remedy = reason.split("; ").at(-1) ?? "";
        const named = remedy.startsWith("no engine") ? [] : remedy.replace(/ could$/, "").split(", ");
        const able = all.filter((other) => lacks(other, wanted).length === 0).map(({ name }) => name);
        expect(named).toEqual(able);
      }
    }),
  );
});

test("weaker reads are had wherever stronger ones are", () => {
  const { Strong, BoundedStaleness, Eventual } = Consistency;
  for (const capabilities of all) {
    for (const preference of Object.values(ReadPreference)) {
      const isHad = (consistency: Consistency) =>
        lacks(capabilities, { reads: { preference, consistency } }).length === 0;
      expect(isHad(Eventual)).toBe(true);
      expect(isHad(Strong) && !isHad(BoundedStaleness)).toBe(false);
    }
  }
});

test("every engine promises what a region's failures cost", () => {
  for (const { name, recoveryInRegion } of all)
    expect([name, recoveryProblems(name, recoveryInRegion)]).toEqual([name, []]);
});
