import * as pulumi from "@pulumi/pulumi";
import { TenantIsolation } from "../../../components";
import { type Tenant, TenantTier } from "../../../components/tenancy/tenant";
import { TenantDirectory, type TenantDirectoryArgs } from "../../../components/tenancy/tenant-directory";
import { recorded, type RecordedResource } from "./recorded";

const acme: Tenant = {
  ...{ id: "acme", tier: TenantTier.Enterprise, dataRegion: "eu-west", staysInRegion: true },
  ...{ isolation: TenantIsolation.DatabasePerTenant, customDomains: ["shop.acme-tenant.net"] },
};
const globex: Tenant = {
  ...{ id: "globex", tier: TenantTier.Free, dataRegion: "us-east", isolation: TenantIsolation.SharedDatabase },
};

const args: TenantDirectoryArgs = {
  accountId: "0".repeat(32),
  title: "prod-tenants",
  zone: { id: "1".repeat(32), name: "shop.example" },
  regions: ["us-east", "eu-west"],
  hosts: ["api.shop.example"],
  domain: "shop.example",
  customDomainTarget: "customers.shop.example",
  tenants: [acme, globex],
};
const made = (change: Partial<TenantDirectoryArgs> = {}) =>
  recorded(() => void new TenantDirectory("tenants", { ...args, ...change }));
const ofType = (resources: RecordedResource[], type: string) => resources.filter((each) => each.type.endsWith(type));
const withoutHosts = (): TenantDirectoryArgs => {
  const rest: TenantDirectoryArgs = { ...args, tenants: [globex] };
  delete rest.domain;
  delete rest.customDomainTarget;
  return rest;
};

test("what a directory is made of", async () => expect(await made()).toMatchSnapshot());

test("limits are the architecture's with those that are given in their place", async () => {
  const limitsOf = async (requestsPerMinute?: Record<string, number>) =>
    ofType(await made(requestsPerMinute === undefined ? {} : { requestsPerMinute }), "WorkersKv")
      .filter(({ inputs }) => String(inputs.keyName).startsWith("tenant:"))
      .map(({ inputs }) => (JSON.parse(String(inputs.value)) as { requestsPerMinute: number }).requestsPerMinute);
  expect(await limitsOf()).toEqual([6000, 60]);
  expect(await limitsOf({ free: 10 })).toEqual([6000, 10]);
});

test("a domain below the zone's first level has a certificate of its own", async () => {
  expect(ofType(await made(), "CertificatePack")).toEqual([]);
  const [certificate] = ofType(await made({ domain: "tenants.shop.example" }), "CertificatePack");
  expect(certificate?.inputs).toMatchObject({
    hosts: ["shop.example", "tenants.shop.example", "*.tenants.shop.example"],
    type: "advanced",
  });
});

test("without a domain and custom domains there are no hosts at all", async () => {
  const resources = await recorded(() => void new TenantDirectory("tenants", withoutHosts()));
  expect(resources.map(({ name }) => name)).toEqual(["tenants-namespace", "tenants-tenant-globex"]);
});

test("the Worker is told which store it is", async () => {
  let namespaceId: pulumi.Output<string> | undefined;
  await recorded(() => {
    ({ namespaceId } = new TenantDirectory("tenants", args));
  });
  expect(await new Promise((resolve) => namespaceId?.apply(resolve))).toBe("tenants-namespace");
});

test("every problem is reported, each with its path, and nothing is made", () => {
  const wrong: TenantDirectoryArgs = {
    ...args,
    domain: "tenants.elsewhere.example",
    customDomainTarget: "api.shop.example",
    tenants: [{ ...acme, dataRegion: "mars" }, { ...globex, dataRegion: "mars" }, acme],
  };
  let refused: unknown;
  try {
    new TenantDirectory("tenants", wrong);
  } catch (error) {
    refused = error;
  }
  const { errors } = refused as pulumi.InputPropertiesError;
  expect(errors?.map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`)).toEqual([
    "domain: tenants.elsewhere.example must be a host name in the zone shop.example",
    "customDomainTarget: api.shop.example is there already: it needs a name of its own",
    'tenants[0].dataRegion: "mars" must be one of us-east, eu-west',
    'tenants[1].dataRegion: "mars" must be one of us-east, eu-west',
    'tenants[2].id: "acme" is another tenant\'s too',
  ]);
});

test.each<[string, TenantDirectoryArgs, string]>([
  [
    "custom domains that are CNAMEs of nothing",
    { ...withoutHosts(), tenants: args.tenants },
    "customDomainTarget: is missing: the custom domains of tenants[0] must be CNAMEs of something",
  ],
  [
    "the zone itself as what they are CNAMEs of",
    { ...args, customDomainTarget: "shop.example" },
    "customDomainTarget: shop.example is there already",
  ],
  [
    "a tenant whose host is what they are CNAMEs of",
    { ...args, tenants: [{ ...globex, id: "customers" }] },
    "tenants[0].id: customers.shop.example belongs to the platform itself",
  ],
])("%s: refused", (_, wrong, problem) => expect(() => new TenantDirectory("tenants", wrong)).toThrow(problem));
