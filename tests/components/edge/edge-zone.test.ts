import { EdgeZone, type EdgeZoneArgs } from "../../../components/edge/edge-zone";
import { OriginTrust } from "../../../components/edge/origin-trust";
import { CloudflarePlan } from "../../../components/edge/plan";
import { evaluate } from "../../../policies/rules";
import { graph, made, ofType, plans, zone } from "./fixture";

const args: EdgeZoneArgs = {
  zone,
  originHosts: ["origin-us-east.shop.example", "origin-eu-west.shop.example"],
  assetsHost: "assets.shop.example",
  cachedPaths: ["/products", "/"],
};
const edgeZone = (change: Partial<EdgeZoneArgs> = {}) => new EdgeZone("edge", { ...args, ...change });

test.each([true, false])("what a zone is made of; in preview: %s", async (isPreview) =>
  expect(graph(await made(() => void edgeZone(), isPreview))).toMatchSnapshot(),
);

interface CacheRule {
  ref: string;
  expression: string;
  actionParameters: { cacheKey?: { customKey?: { header: { includes: string[] } } } };
}

async function sharedRule(plan: CloudflarePlan): Promise<CacheRule | undefined> {
  const rulesets = ofType(await made(() => void edgeZone({ plan })), "Ruleset");
  const ruleset = rulesets.find(({ props }) => props.phase === "http_request_cache_settings");
  return (ruleset?.props.rules as CacheRule[] | undefined)?.find(({ ref }) => ref === "shared-answers");
}

test.each(plans)("%s: one tenant's answers are no other's", async (plan) => {
  const rule = await sharedRule(plan);
  const isKeyed = rule?.actionParameters.cacheKey?.customKey?.header.includes.includes("x-omega-edge-tenant") === true;
  const isLeftOut = rule?.expression.includes('len(http.request.headers["x-omega-edge-tenant"]) eq 0') === true;
  expect([isKeyed, isLeftOut]).toEqual(plan === CloudflarePlan.Enterprise ? [true, false] : [false, true]);
});

test("without routes that are kept for all, no answer of a region is kept", async () => {
  const rulesets = ofType(await made(() => void edgeZone({ cachedPaths: [] })), "Ruleset");
  expect(JSON.stringify(rulesets)).not.toContain("bypass_by_default");
});

test("regional tiers are Enterprise's alone", async () => {
  const tiersOf = async (plan: CloudflarePlan) =>
    ofType(await made(() => void edgeZone({ plan })), "RegionalTieredCache").length;
  expect(await tiersOf(CloudflarePlan.Business)).toBe(0);
  expect(await tiersOf(CloudflarePlan.Enterprise)).toBe(1);
});

test.each(plans)("%s: it breaks no rule of the pack", async (plan) => {
  const resources = await made(() => void edgeZone({ plan }));
  expect(evaluate(resources).map(({ message }) => message)).toEqual([]);
});

test("too few requests of an address", () =>
  expect(() => edgeZone({ requestsPerTenSeconds: 0 })).toThrow(
    "requestsPerTenSeconds: is 0, must be a whole number from 1 to 1000000",
  ));

test("a certificate of the zone's own comes before it is asked for, and its key is a secret", async () => {
  const client = {
    certificate: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    privateKey: "hush-hush",
  };
  const resources = await made(() => void new OriginTrust("edge", { zone, client }));
  expect(graph(resources)).toMatchSnapshot();
  expect(ofType(resources, "AuthenticatedOriginPullsCertificate")[0]?.secretProperties).toContain("privateKey");
});
