import { Scope } from "../../stacks/schema";
import { z } from "zod";
import { lenient } from "../../stacks/lenient";
import { sections } from "../../stacks/schema";
import { tenancySchema, tenantsSchema } from "../../stacks/schema/tenants";
import { buildTenants, type EdgeSurroundings, tenantErrors } from "../../stacks/tenants";
import { recorded } from "../components/tenancy/recorded";

const { regions, gateway, database } = sections;
const schema = z.strictObject({ tenants: tenantsSchema, tenancy: tenancySchema, regions, gateway, database });
const acme = { id: "acme", tier: "pro", dataRegion: "us-east" };
const dev = { regions: [{ name: "us-east" }, { name: "eu-west" }], tenants: [acme] };
const edge: EdgeSurroundings = { zone: "shop.example", hosts: ["api.shop.example"] };
const shop = {
  engine: "vitess",
  keyspaces: [{ name: "shop", tenantIsolation: "shared-database" }],
};
const told = (input: object, at: EdgeSurroundings | undefined = edge) =>
  tenantErrors(lenient(schema).parse({ ...dev, ...input }), at).map(({ path, reason }) => `${path}: ${reason}`);

test("a tenant is three words", () => {
  const { tenants, tenancy } = schema.parse(dev);
  expect(tenants).toEqual([
    {
      ...acme,
      ...{ isolation: "shared-database", staysInRegion: false, suspended: false, customDomains: [], features: [] },
    },
  ]);
  expect(tenancy).toEqual({ tiers: { free: {}, pro: {}, enterprise: {} } });
  expect(told({})).toEqual([]);
  expect(told({ tenancy: { domain: "shop.example", customDomainTarget: "customers.shop.example" } })).toEqual([]);
});

test.each<[string, object]>([
  ["an id that is no DNS label", { tenants: [{ ...acme, id: "Acme" }] }],
  ["an unknown tier", { tenants: [{ ...acme, tier: "gold" }] }],
  ["an unknown isolation", { tenants: [{ ...acme, isolation: "none" }] }],
  ["a domain with capitals", { tenancy: { domain: "Shop.example" } }],
])("%s has the wrong form", (_, change) => {
  expect(schema.safeParse({ ...dev, ...change }).success).toBe(false);
});

test("what tenants must go together with is told all at once", () => {
  const tenants = [
    { ...acme, dataRegion: "mars", customDomains: ["acme-tenant.net", "api.shop.example"] },
    { ...acme, id: "globex", customDomains: ["acme-tenant.net"], isolation: "schema-per-tenant" },
    { ...acme, id: "api" },
  ];
  expect(told({ tenants, tenancy: { domain: "shop.example" }, database: shop })).toEqual([
    "tenancy.customDomainTarget: is missing: the custom domains of tenants[0] must be CNAMEs of something",
    'tenants[0].dataRegion: "mars" must be one of us-east, eu-west',
    "tenants[0].customDomains[1]: api.shop.example is in shop.example, where each tenant has <id>.shop.example alone",
    "tenants[0].customDomains[1]: api.shop.example belongs to the platform itself",
    'tenants[1].customDomains[0]: acme-tenant.net belongs to tenant "acme"',
    "tenants[2].id: api.shop.example belongs to the platform itself",
    "tenants[1].isolation: is schema-per-tenant, which no keyspace of the database has: shared-database",
  ]);
});

test.each<[string, object, string[]]>([
  [
    "a tenant without a place in the database",
    {
      tenants: [{ ...acme, isolation: "schema-per-tenant" }],
      database: { ...shop, keyspaces: [{ name: "shop", tenantIsolation: "schema-per-tenant" }], tenants: [] },
    },
    ["tenants[0].isolation: is schema-per-tenant: add acme to database.tenants, or leave that out"],
  ],
  [
    "tenants that say themselves where they are",
    {
      tenants: [acme, { ...acme, id: "globex", isolation: "database-per-tenant" }],
      database: { ...shop, keyspaces: [{ name: "shop", tenantIsolation: "by-tenant" }], tenants: undefined },
    },
    [],
  ],
  [
    "a place in the database without a tenant",
    { database: { ...shop, tenants: ["acme", "globex"] } },
    [
      'database.tenants[0]: "acme" is no tenant whose data is apart',
      'database.tenants[1]: "globex" is no tenant whose data is apart',
    ],
  ],
  [
    "one who shares, where a keyspace has only places of their own",
    {
      database: {
        ...shop,
        keyspaces: [
          { name: "shop", tenantIsolation: "shared-database" },
          { name: "files", tenantIsolation: "database-per-tenant" },
        ],
      },
    },
    [
      'tenants[0].isolation: is shared-database, and keyspace "files" is database-per-tenant for all: make it by-tenant',
    ],
  ],
  [
    "tenants in a database that keeps none apart",
    { database: { ...shop, keyspaces: [{ name: "shop" }] } },
    ["tenants[0].isolation: is shared-database, which no keyspace of the database has: none keeps tenants apart"],
  ],
  [
    "both where they belong",
    {
      tenants: [{ ...acme, isolation: "database-per-tenant" }],
      database: { ...shop, keyspaces: [{ name: "shop", tenantIsolation: "database-per-tenant" }], tenants: ["acme"] },
    },
    [],
  ],
  ["no tenants, whatever the database divides", { tenants: [], database: { ...shop, tenants: ["acme"] } }, []],
])("%s", (_, change, expected) => expect(told(change)).toEqual(expected));

test("hosts of tenants need an edge", () => {
  const { tenants, tenancy, ...rest } = lenient(schema).parse({
    ...dev,
    tenants: [{ ...acme, customDomains: ["acme-tenant.net"] }],
    tenancy: { domain: "shop.example" },
  });
  const errors = tenantErrors({ tenants, tenancy, ...rest }, undefined).map(({ path, reason }) => `${path}: ${reason}`);
  expect(errors).toEqual([
    "tenancy.domain: needs the section edge, and there is none",
    "tenants[0].customDomains: need the section edge, and there is none",
  ]);
});

test("they go to a directory that is named after the environment, with the gateway's limits", async () => {
  const config = schema.parse({
    ...{ ...dev, tenancy: { domain: "shop.example" } },
    gateway: {
      ...{ hosts: ["api.shop.example"], sources: ["10.0.0.0/8"] },
      rateLimits: { requestsPerMinute: { pro: 700 } },
    },
  });
  const place = { accountId: "0".repeat(32), zone: { id: "1".repeat(32), name: "shop.example" }, hosts: edge.hosts };
  const resources = await recorded(
    () => void buildTenants({ ...config, environment: "prod", scope: Scope.Global }, place, {}),
  );
  const named = (name: string) => resources.find((each) => each.name === name)?.inputs;
  expect(named("tenants-namespace")).toMatchObject({ title: "prod-tenants" });
  expect(JSON.parse(String(named("tenants-host-acme.shop.example")?.value))).toMatchObject({
    ...{ id: "acme", requestsPerMinute: 700 },
  });
});
