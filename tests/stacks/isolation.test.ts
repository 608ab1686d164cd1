import { DatabaseEngine, Isolation } from "../../components";
import { databaseParts } from "../../stacks/database-parts";
import { dedicatedNamespace, namespaceOf } from "../../stacks/isolation";
import { callersFrom } from "../../stacks/namespaces";
import { validate } from "../../stacks/validation";
import { parse } from "yaml";
import { readFileSync } from "node:fs";
import { join } from "node:path";

type Sections = Record<string, unknown>;

/** The dev stack's own file, which is right, as validation gets it. */
function devSections(): Sections {
  const file: { config: Sections } = parse(readFileSync(join(__dirname, "../../Pulumi.dev.yaml"), "utf8"));
  const entries = Object.entries(file.config).filter(([key]) => key.startsWith("omega:"));
  return Object.fromEntries(entries.map(([key, value]) => [key.slice("omega:".length), value]));
}

/** Problems after a change of one service's entry. */
function problems(name: string, change: object, further: Sections = {}): string[] {
  const sections = devSections();
  const services = Array.isArray(sections["services"]) ? sections["services"] : [];
  const changed = services.map((service: { name: string }) =>
    service.name === name ? { ...service, ...change } : service,
  );
  const { errors } = validate({ ...sections, services: changed, ...further }, []);
  return errors.map(({ path, reason }) => `${path}: ${reason}`);
}

function config() {
  const { sections } = validate(devSections(), []);
  if (sections === undefined) throw new Error("the dev stack is wrong");
  return sections;
}

test("the shop as it is has nothing to complain of", () => {
  expect(problems("payment", {})).toEqual([]);
});

test.each([
  [
    "a route of its own",
    "payment",
    { routes: [{ path: "/payments" }] },
    "services[3].routes[0]: leads from the gateway",
  ],
  [
    "a route of another service that leads to it",
    "order",
    { routes: [{ path: "/orders", backends: [{ service: "payment", weight: 100 }] }] },
    "services[2].routes[0]: leads from the gateway",
  ],
  ["the shared cache", "payment", { cache: { profile: "private" } }, "services[3].cache: is shared"],
  [
    "its keyspace used by another",
    "inventory",
    { database: { keyspace: "payments" } },
    'services[4].database.keyspace: "payments" is "payment"\'s alone',
  ],
  [
    "a datum that another one owns",
    "shipping",
    { owns: ["shipments", "transactions"] },
    'services[5].owns[1]: "transactions" is owned by services[3]',
  ],
])("%s is an error", (_, service, change, problem) => {
  expect(problems(service, change)).toEqual([expect.stringContaining(problem)]);
});

test("experiments on it are an error", () => {
  const limits = { errorRatePercent: 5, p99Milliseconds: 1000 };
  const chaos = { limits, window: { cron: "0 10 * * 2-4", minutes: 60 }, targets: [{ service: "payment" }] };
  expect(problems("payment", {}, { chaos })).toEqual([
    expect.stringContaining('chaos.targets[0].service: "payment" takes no experiments'),
  ]);
});

test("one database for all has no part that is its own", () => {
  const { database } = config();
  const external = { ...database, engine: DatabaseEngine.External };
  expect(problems("payment", {}, { database: external })).toEqual(
    expect.arrayContaining([
      expect.stringContaining("services[3].isolation: is dedicated, and database.engine external"),
    ]),
  );
});

test("its keyspace is in a cluster of its own, and only there", () => {
  const { database, services, namespace } = config();
  if (database === undefined) throw new Error("no database");
  const [shared, own, ...others] = databaseParts(database, { services, namespace });
  expect(others).toEqual([]);
  expect(shared).toMatchObject({ name: "database", clientsNamespace: "shop", section: { namespace: "database" } });
  expect(shared?.section.keyspaces.map(({ name }) => name)).toEqual(["shop"]);
  expect(shared?.services.map(({ name }) => name)).not.toContain("payment");
  expect(own).toMatchObject({
    ...{ name: "payment-database", clientsNamespace: "shop-payment", keyspaceIndexes: [1] },
    section: { namespace: "database-payment" },
  });
  expect(own?.section.keyspaces.map(({ name }) => name)).toEqual(["payments"]);
  expect(own?.services.map(({ name }) => name)).toEqual(["payment"]);
});

test("without a dedicated service there is one database, as before", () => {
  const { database, namespace, ...rest } = config();
  if (database === undefined) throw new Error("no database");
  const services = rest.services.map((service) => ({ ...service, isolation: Isolation.Shared }));
  const parts = databaseParts(database, { services, namespace });
  expect(parts).toHaveLength(1);
  expect(parts[0]?.section).toEqual(database);
});

test("callers of another namespace are named with theirs", () => {
  const { services, namespace } = config();
  const platform = { services, namespace };
  expect(namespaceOf("payment", platform)).toBe(dedicatedNamespace("shop", "payment"));
  expect(callersFrom("payment", [{ service: "order" }], platform)).toEqual([{ service: "order", namespace: "shop" }]);
  expect(callersFrom("catalog", [{ service: "order" }], platform)).toEqual([{ service: "order" }]);
  expect(callersFrom("catalog", [{ service: "payment" }], platform)).toEqual([
    { service: "payment", namespace: "shop-payment" },
  ]);
});
