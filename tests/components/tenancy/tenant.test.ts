import { array, assert, constantFrom, property, record, uniqueArray } from "fast-check";
import { TenantIsolation } from "../../../components";
import {
  hasFeature,
  hostKey,
  type Tenant,
  tenantEntries,
  tenantKey,
  tenantRecord,
  TenantTier,
  tierFeatures,
  tiers,
} from "../../../components/tenancy/tenant";
import { isHostName, tenantProblems, type TenantSurroundings } from "../../../components/tenancy/tenant-problems";

const limits = { free: 60, pro: 600, enterprise: 6000 };
const acme: Tenant = {
  ...{ id: "acme", tier: TenantTier.Pro, dataRegion: "eu-west", isolation: TenantIsolation.SharedDatabase },
};
const around: TenantSurroundings = {
  ...{ domain: "shop.example", zone: "shop.example", limits },
  ...{ hosts: ["api.shop.example", "*.internal.acme-corp.com"], regions: ["us-east", "eu-west"] },
};
const told = (tenants: Tenant[], change: Partial<TenantSurroundings> = {}) =>
  tenantProblems(tenants, { ...around, ...change }).map(({ path, reason }) => `${path}: ${reason}`);

test("each tier has what the one below it has, and more", () => {
  expect(tiers.map(tierFeatures)).toEqual([
    ["core"],
    ["core", "advanced", "integrations"],
    ["core", "advanced", "integrations", "sso", "audit"],
  ]);
});

test("what the edge knows of a tenant", () => {
  expect(tenantRecord({ ...acme, features: ["sso"], staysInRegion: true }, limits)).toEqual({
    ...{ id: "acme", tier: "pro", isolation: "shared-database", dataRegion: "eu-west", staysInRegion: true },
    ...{ requestsPerMinute: 600, suspended: false, features: ["advanced", "core", "integrations", "sso"] },
  });
  expect(() => tenantRecord(acme, {})).toThrow("tier pro of tenant acme has no limit");
});

test("features are gated by the tier, and by what is beyond it", () => {
  const free = tenantRecord({ ...acme, tier: TenantTier.Free }, limits);
  expect(hasFeature(free, "core")).toBe(true);
  expect(hasFeature(free, "advanced")).toBe(false);
  expect(hasFeature(tenantRecord({ ...acme, tier: TenantTier.Free, features: ["advanced"] }, limits), "advanced")).toBe(
    true,
  );
});

test("it is found by its id and by each of its hosts, which give the same", () => {
  const tenant = { ...acme, customDomains: ["shop.acme-tenant.net", "example.org"] };
  const entries = tenantEntries([tenant], "shop.example", limits);
  expect(entries.map(({ key }) => key)).toEqual([
    "tenant:acme",
    "host:acme.shop.example",
    "host:shop.acme-tenant.net",
    "host:example.org",
  ]);
  expect(new Set(entries.map(({ value }) => value))).toEqual(new Set([tenantRecord(tenant, limits)]));
  expect(tenantEntries([acme], undefined, limits).map(({ key }) => key)).toEqual(["tenant:acme"]);
});

test("tenants that overlap with nothing are taken", () => {
  expect(
    told([
      { ...acme, customDomains: ["shop.acme-tenant.net"] },
      { ...acme, id: "globex" },
    ]),
  ).toEqual([]);
});

test("all that is wrong is told at once, with where", () => {
  const wrong: Tenant = {
    ...acme,
    ...{ id: "Acme", dataRegion: "mars", tier: "gold" as TenantTier, features: ["Big"] },
    customDomains: ["Shop.acme-tenant.net", "x.shop.example", "10.0.0.1", "shop.customer.example"],
  };
  expect(told([wrong, { ...acme, features: ["core"] }, acme])).toEqual([
    'tenants[0].id: "Acme" must be a DNS label: 1 to 63 of a-z, 0-9 and inner hyphens',
    'tenants[0].tier: "gold" must be one of free, pro, enterprise',
    'tenants[0].dataRegion: "mars" must be one of us-east, eu-west',
    'tenants[0].customDomains[0]: "Shop.acme-tenant.net" must be a host name in small letters, such as shop.example.net',
    "tenants[0].customDomains[1]: x.shop.example is in shop.example, where each tenant has <id>.shop.example alone",
    'tenants[0].customDomains[2]: "10.0.0.1" must be a host name in small letters, such as shop.example.net',
    "tenants[0].customDomains[3]: shop.customer.example is in example, which no certificate is issued for",
    'tenants[0].features[0]: "Big" must be named by a-z, 0-9 and inner hyphens',
    'tenants[1].features[0]: "core" comes with tier pro: leave it out',
    'tenants[2].id: "acme" is another tenant\'s too',
  ]);
});

test.each<[string, Tenant[], Partial<TenantSurroundings>, string[]]>([
  [
    "a domain that two tenants want",
    [
      { ...acme, customDomains: ["acme-tenant.net"] },
      { ...acme, id: "globex", customDomains: ["example.org", "acme-tenant.net"] },
    ],
    {},
    ['tenants[1].customDomains[1]: acme-tenant.net belongs to tenant "acme"'],
  ],
  [
    "a domain that a tenant has twice",
    [{ ...acme, customDomains: ["acme-tenant.net", "acme-tenant.net"] }],
    {},
    ['tenants[0].customDomains[1]: acme-tenant.net belongs to tenant "acme"'],
  ],
  [
    "an id that makes a host of the platform",
    [{ ...acme, id: "api" }],
    {},
    ["tenants[0].id: api.shop.example belongs to the platform itself"],
  ],
  [
    "a custom domain that is the platform's by a wildcard",
    [{ ...acme, customDomains: ["acme.internal.acme-corp.com"] }],
    {},
    ["tenants[0].customDomains[0]: acme.internal.acme-corp.com belongs to the platform itself"],
  ],
  ["the wildcard of the tenants' own domain", [acme], { hosts: ["*.shop.example"] }, []],
  [
    "a custom domain in the zone",
    [{ ...acme, customDomains: ["acme.shop.example.com"] }],
    { domain: "tenants.shop.example.com", zone: "shop.example.com" },
    ["tenants[0].customDomains[0]: acme.shop.example.com is in the platform's own zone shop.example.com"],
  ],
  [
    "a custom domain that is too long for a certificate",
    [{ ...acme, customDomains: [`${"a".repeat(60)}.acme-tenant.net`] }],
    {},
    [
      `tenants[0].customDomains[0]: ${"a".repeat(60)}.acme-tenant.net has 76 characters, may have 64: a certificate names no longer ones`,
    ],
  ],
  [
    "a tier without a limit",
    [acme],
    { limits: { free: 60 } },
    ['tenants[0].tier: "pro" has no limit: set gateway.rateLimits.requestsPerMinute.pro'],
  ],
])("%s", (_, tenants, change, expected) => expect(told(tenants, change)).toEqual(expected));

test.each(["shop.acme-tenant.net", "a.b", "xn--bcher-kva.acme-tenant.net", "1.acme-tenant.net"])(
  "%s is a host name",
  (host) => expect(isHostName(host)).toBe(true),
);
test.each(["", "net", ".net", "a..net", "a.net.", "-a.net", "a_b.net", "*.acme-tenant.net", "1.2.3.4", "a.net:80"])(
  "%j is none",
  (host) => expect(isHostName(host)).toBe(false),
);

test("whatever tenants there are: where nothing is wrong, no key leads to two of them", () => {
  const hosts = ["acme-tenant.net", "shop.acme-tenant.net", "acme.shop.example", "example.org", "api.shop.example"];
  const tenant = record({
    ...{ id: constantFrom("acme", "globex", "api", "initech"), tier: constantFrom(...tiers) },
    ...{ dataRegion: constantFrom("us-east", "eu-west"), isolation: constantFrom(...Object.values(TenantIsolation)) },
    customDomains: uniqueArray(constantFrom(...hosts), { maxLength: 3 }),
  });
  let taken = 0;
  assert(
    property(array(tenant, { maxLength: 4 }), (tenants) => {
      const entries = tenantEntries(tenants, around.domain, limits);
      const keys = entries.map(({ key }) => key);
      const isUnique = new Set(keys).size === keys.length && !keys.includes(hostKey("api.shop.example"));
      if (told(tenants).length === 0) {
        taken += 1;
        expect(isUnique).toBe(true);
      }
      for (const { key, value } of entries) if (key.startsWith("tenant:")) expect(key).toBe(tenantKey(value.id));
    }),
    { numRuns: 500 },
  );
  expect(taken).toBeGreaterThan(50);
});
