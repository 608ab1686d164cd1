import { validate } from "../../stacks/validation";
import { planned } from "./planned";

const service = (name: string, given: object = {}) => ({
  ...{ name, version: "1.0.0", capabilities: ["search"], image: `registry.example.com/${name}:1` },
  ...given,
});
const shop = {
  ...{
    scope: "single",
    environment: "dev",
    regions: [{ name: "us-east", aws: "us-east-1", cidrBlock: "10.0.0.0/16" }],
  },
  services: [service("catalog", { dependencies: [{ service: "schema-registry", bulkhead: "background" }] })],
  events: { topics: [{ name: "orders", events: ["order.*"] }] },
  schemaRegistry: {},
};
const database = {
  host: "db.example.com",
  username: "registry",
  password: { secretName: "registry", key: "password" },
};

const errorsOf = (change: object) =>
  validate({ ...shop, ...change }, []).errors.map(({ path, reason }) => `${path}: ${reason}`);

test("a registry keeps its schemas in the bus, and whoever depends on it is let in", () => {
  const { sections, errors } = validate(shop, []);
  expect(errors).toEqual([]);
  expect(sections?.schemaRegistry).toEqual({ replicas: { min: 2, max: 4 } });
});

test.each<[string, object, string[]]>([
  [
    "a service that depends on a registry that isn't there",
    { schemaRegistry: undefined },
    ['services[0].dependencies[0].service: "schema-registry" is no service of this platform'],
  ],
  ["one without a bus", { events: undefined }, ["schemaRegistry: needs the section events, and there is none"]],
  [
    "one in MSK",
    { events: { ...shop.events, engine: "msk" }, cluster: { source: "eks" } },
    [
      "schemaRegistry.database: is missing: events.engine is msk, where the registry's client can't log in, so it needs a database",
    ],
  ],
  [
    "one in a database, beside MSK",
    { events: { ...shop.events, engine: "msk" }, cluster: { source: "eks" }, schemaRegistry: { database } },
    [],
  ],
  [
    "fewer replicas at most than at least",
    { schemaRegistry: { replicas: { min: 5, max: 3 } } },
    ["schemaRegistry.replicas.max: must be at least replicas.min, which is 5"],
  ],
  [
    "a service of its name",
    { services: [service("schema-registry"), service("schema-registry-registrar")] },
    [
      'services[0].name: "schema-registry" is the schema registry\'s own',
      'services[1].name: "schema-registry-registrar" is the schema registry\'s own',
    ],
  ],
])("%s", (_, change, expected) => {
  expect(errorsOf(change)).toEqual(expected);
});

test("it is in the plan with the schemas of entities too, and its brokers let it in", async () => {
  const { resources } = await planned("dev", { "omega:schemaRegistry": "{}" });
  const propsOf = (wanted: string) => JSON.stringify(resources.find(({ name }) => name === wanted)?.props ?? {});
  expect(propsOf("schema-registry-registrar-content")).toContain("user.created-1.artifact.json");
  expect(propsOf("schema-registry-registrar-content")).toContain("order.created-1.artifact.json");
  expect(propsOf("events-kafka")).toContain('"schema-registry"');
  expect(propsOf("schema-registry-deployment")).toContain("kafka-schema-registry");
});
