import { EdgeZone, type EdgeZoneArgs } from "../../../components/edge/edge-zone";
import { OriginTrust } from "../../../components/edge/origin-trust";
import { CloudflarePlan } from "../../../components/edge/plan";
import { evaluate } from "../../../policies/rules";
import { graph, made, ofType, plans, zone } from "./fixture";

const args: EdgeZoneArgs = {
  zone,
  originHosts: ["origin-us-east.shop.example", "origin-eu-west.shop.example"],
  assetsHost: "assets.shop.example",
  machineHosts: ["flags.shop.example"],
  workersDomain: "shop.workers.dev",
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

const rulesOf = async (phase: string, change: Partial<EdgeZoneArgs> = {}): Promise<CacheRule[]> => {
  const rulesets = ofType(await made(() => void edgeZone(change)), "Ruleset");
  return (rulesets.find(({ props }) => props.phase === phase)?.props.rules ?? []) as CacheRule[];
};

test.each(plans)(
  "%s: what regions answer is kept where the key tells tenants and purges apart, and nowhere else",
  async (plan) => {
    const rules = await rulesOf("http_request_cache_settings", { plan });
    const shared = rules.find(({ ref }) => ref === "shared-answers");
    const keyed = shared?.actionParameters.cacheKey?.customKey?.header.includes;
    expect(keyed).toEqual(plan === CloudflarePlan.Enterprise ? ["x-omega-edge-key", "x-omega-edge-tenant"] : undefined);
  },
);

test("no rule compares with a header that may not be there: such a comparison is false, whatever it asks", async () => {
  const resources = await made(() => void edgeZone({ plan: CloudflarePlan.Enterprise }));
  const expressions = ofType(resources, "Ruleset").flatMap(({ props }) =>
    (props.rules as CacheRule[]).map(({ expression }) => expression),
  );
  expect(expressions.length).toBeGreaterThan(8);
  expect(expressions.filter((expression) => expression.includes("http.request.headers["))).toEqual([]);
});

test("other people's Workers aren't visitors of nobody, and our own without a zone may ask the regions", async () => {
  const [strange, origins] = await rulesOf("http_request_firewall_custom");
  expect(strange?.expression).toBe('not cf.worker.upstream_zone in {"" "shop.example" "shop.workers.dev"}');
  expect(origins?.expression).toMatch(
    / and not cf\.worker\.upstream_zone in \{"shop\.example" "shop\.workers\.dev"\}$/,
  );
});

test("a customer's own domain promises nothing for what is below it", async () => {
  const hsts = async (takesCustomDomains: boolean) =>
    ofType(await made(() => void edgeZone({ takesCustomDomains })), "ZoneSetting").find(
      ({ props }) => props.settingId === "security_header",
    )?.props.value;
  expect(await hsts(false)).toMatchObject({ strict_transport_security: { include_subdomains: true } });
  expect(await hsts(true)).toMatchObject({ strict_transport_security: { include_subdomains: false } });
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
