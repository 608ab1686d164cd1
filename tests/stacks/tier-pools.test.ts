import { readStackFile } from "../../rehearsal/engine/stack-file";
import { projectRoot } from "../../rehearsal/paths";
import { eventDeclarations } from "../../stacks/entities";
import { emptyLayout } from "../../stacks/previous";
import { validate } from "../../stacks/validation";
import { planned } from "./planned";

// Each plan takes seconds, and minutes beside other work.
jest.setTimeout(600_000);

interface Service extends Record<string, unknown> {
  name: string;
}

const { config } = readStackFile(projectRoot, "saas-dev");
const services = config["omega:services"] as Service[];
const changed = (name: string, change: object) =>
  services.map((service) => (service.name === name ? { ...service, ...change } : service));

const validated = (given: object[], further: object = {}) => {
  const sections = Object.fromEntries(
    Object.entries({ ...config, "omega:services": given, ...further })
      .filter(([key]) => key.startsWith("omega:"))
      .map(([key, value]) => [key.slice("omega:".length), value]),
  );
  return validate(sections, [], emptyLayout);
};

const told = (given: object[], further: object = {}) =>
  validated(given, further).errors.map(({ path, reason }) => `${path}: ${reason}`);

test("the tokens' tier decides which replicas answer, by a rule before that for all", async () => {
  const { resources } = await planned("saas-dev");
  const route = resources.find(({ name }) => name === "gateway-route-document-documents");
  const { rules } = route?.props["spec"] as { rules: { name: string; matches: object[]; backendRefs: object[] }[] };
  expect(rules.map(({ name, matches, backendRefs }) => [name, matches[0], backendRefs[0]])).toEqual([
    [
      "document-documents.enterprise",
      {
        path: { type: "PathPrefix", value: "/documents" },
        headers: [{ name: "x-omega-tier", value: "enterprise" }],
      },
      { name: "document-enterprise", port: 8080, weight: 100 },
    ],
    [
      "document-documents",
      { path: { type: "PathPrefix", value: "/documents" } },
      { name: "document", port: 8080, weight: 100 },
    ],
  ]);
});

test("a pool may tell of the changes that it makes to its service's entities", () => {
  const schemas = [{ type: "object", properties: { text: { type: "string" } }, required: ["text"] }];
  const note = { name: "note", owner: "document", keyspace: "documents", schemas };
  const { sections, errors } = validated(services, { "omega:entities": [note] });
  if (sections === undefined) throw new Error(JSON.stringify(errors));
  const { contracts } = eventDeclarations(sections);
  const publishes = (service: string) => contracts.find(({ name }) => name === service)?.publishes ?? [];
  expect(publishes("document")).toEqual(expect.arrayContaining(["note.created", "note.updated"]));
  expect(publishes("document-enterprise").sort()).toEqual([...publishes("document")].sort());
});

test("a pool has all that keeps a service apart, and its tier's class and quota", async () => {
  const { resources } = await planned("saas-dev");
  const ofPool = resources.filter(({ name }) => name.startsWith("document-enterprise"));
  const types = new Set(ofPool.map(({ type }) => type.split(":").at(-1)));
  for (const type of [
    ...["AgenticService", "Deployment", "Service", "ServiceAccount", "HorizontalPodAutoscaler", "PodDisruptionBudget"],
    ...["NetworkPolicy", "DestinationRule", "VirtualService", "Sidecar", "AuthorizationPolicy", "KafkaUser"],
  ]) {
    expect(types).toContain(type);
  }
  const deployment = ofPool.find(({ name }) => name === "document-enterprise-deployment");
  expect(deployment?.props).toMatchObject({
    metadata: { labels: { "omega-platform/tier": "enterprise" } },
    spec: { template: { spec: { priorityClassName: "omega-standard-enterprise" } } },
  });
  const environment = JSON.stringify(deployment?.props);
  expect(environment).toContain("DATABASE_POOL_SIZE");
  expect(environment).not.toContain("DATABASE_POOL_BY_TIER");
  const shared = resources.find(({ name }) => name === "document-deployment");
  expect(JSON.stringify(shared?.props)).toContain("DATABASE_POOL_BY_TIER");
});

test("events stay the service's own work", async () => {
  const pools = changed("billing", { tierPools: { pro: {} } });
  const { resources } = await planned("saas-dev", { "omega:services": pools });
  const subscriptions = resources.filter(({ type }) => type.endsWith(":EventSubscription")).map(({ name }) => name);
  expect(subscriptions.filter((name) => name.includes("billing"))).toHaveLength(2);
  expect(subscriptions.filter((name) => name.includes("billing-pro"))).toEqual([]);
});

test("a path with versions has a rule for each pair, so that none answers for another", async () => {
  const routes = [{ path: "/documents" }, { path: "/documents", version: "2", backends: [{ service: "workspace" }] }];
  const { resources } = await planned("saas-dev", { "omega:services": changed("document", { routes }) });
  const rules = resources.flatMap(({ type, props }) =>
    type.endsWith(":HTTPRoute")
      ? (props["spec"] as { rules: { name: string; backendRefs: { name: string }[] }[] }).rules
      : [],
  );
  const to = Object.fromEntries(rules.map(({ name, backendRefs }) => [name, backendRefs[0]?.name]));
  expect(to).toMatchObject({
    "document-documents": "document",
    "document-documents.enterprise": "document-enterprise",
    "document-documents-v2": "workspace",
    "document-documents-v2.enterprise": "workspace",
  });
});

test("a public path has none: nobody verified the tier", async () => {
  const routes = [{ path: "/documents", isPublic: true }];
  const { resources } = await planned("saas-dev", { "omega:services": changed("document", { routes }) });
  const route = resources.find(({ name }) => name === "gateway-route-document-documents");
  expect((route?.props["spec"] as { rules: object[] }).rules).toHaveLength(1);
});

test("what is wrong with a pool is said of its entry", () => {
  expect(told(changed("document", { tierPools: { pro: { replicas: { min: 2, max: 60 } } } }))).toEqual([
    expect.stringMatching(/^database\.external\.connectionBudget: is 300, and the .* add up to 372/),
    expect.stringMatching(
      /^services\[1\]\.tierPools\.pro\.replicas\.max: come to 300 compute units \(document-pro 300 for 60 replicas.*have 200 together/,
    ),
  ]);
  expect(told(changed("document", { tierPools: { pro: { replicas: { min: 4, max: 2 } } } }))).toEqual([
    "services[1].tierPools.pro.replicas.max: must be at least replicas.min, which is 4",
  ]);
  expect(told([...services, { ...services[0], name: "document-enterprise", owns: [], routes: [] }])).toEqual([
    'services[1].tierPools.enterprise: "document-enterprise" is taken by services[4]',
  ]);
});

test("more room for a tier is one number", () => {
  const pools = changed("document", { tierPools: { pro: { replicas: { min: 2, max: 20 } } } });
  const roomy = { "omega:tenancy": { ...(config["omega:tenancy"] as object), tiers: { pro: { computeUnits: 50 } } } };
  expect(told(pools)).toEqual([]);
  expect(told(pools, roomy)).toHaveLength(0);
  const tight = { "omega:tenancy": { ...(config["omega:tenancy"] as object), tiers: { pro: { computeUnits: 49 } } } };
  expect(told(pools, tight)).toEqual([expect.stringContaining("have 98 together")]);
});
