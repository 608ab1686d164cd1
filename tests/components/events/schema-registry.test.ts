import * as pulumi from "@pulumi/pulumi";
import { EventBusEngine, IssuerKind } from "../../../components";
import { EventBus } from "../../../components/events/event-bus";
import { type EventSchema, eventSchemas } from "../../../components/events/event-schemas";
import { registrations } from "../../../components/events/registry/registrations";
import { SchemaRegistry, type SchemaRegistryArgs } from "../../../components/events/registry/schema-registry";
import { databaseConnection, RegistryTopics } from "../../../components/events/registry/storage";
import { type PlannedResource, planProgram } from "../../../rehearsal/engine/plan";

const { schemas } = eventSchemas();
const [one, two] = schemas as [EventSchema, EventSchema];

async function planOf(program: () => void): Promise<PlannedResource[]> {
  return (await planProgram(async () => program(), "test", { config: {}, secrets: [] })).resources;
}

const inKafka = (args: Partial<SchemaRegistryArgs> = {}) =>
  planOf(() => {
    const bus = new EventBus("events", {
      ...{ engine: EventBusEngine.Strimzi, namespace: "kafka", clientsNamespace: "shop", clients: ["schema-registry"] },
      issuer: { kind: IssuerKind.ClusterIssuer, name: "stores" },
    });
    const storage = new RegistryTopics("registry", { bus, namespace: "shop" }).connection;
    new SchemaRegistry("schema-registry", { namespace: "shop", schemas: [one, two], storage, ...args });
  });

const propsOf = (resources: PlannedResource[], wanted: string) =>
  resources.find(({ name }) => name === wanted)?.props as {
    metadata: { name: string };
    spec: { template: { spec: { containers: { env: { name: string; value?: string }[] }[] } } };
    data: Record<string, string>;
  };

const environment = (resources: PlannedResource[]) => {
  const [container] = propsOf(resources, "schema-registry-deployment").spec.template.spec.containers;
  return Object.fromEntries((container?.env ?? []).map(({ name, ...rest }) => [name, rest]));
};

test("what a registry is, with its storage in Kafka", async () => {
  const graph = (await inKafka())
    .filter(({ name }) => /registry/.test(name))
    .map(({ type, name, props }) => ({ type, name, props }));
  expect(graph.sort((left, right) => (left.name < right.name ? -1 : 1))).toMatchSnapshot();
});

test("what it was told is kept when the stack lets go of it", async () => {
  const kept = (await inKafka()).filter(({ isProtected }) => isProtected).map(({ name }) => name);
  expect(kept).toEqual(expect.arrayContaining(["registry-journal", "registry-snapshots"]));
});

test("other schemas are another job, and the same ones the same", async () => {
  const job = async (some: EventSchema[]) =>
    propsOf(await inKafka({ schemas: some }), "schema-registry-registrar-job").metadata.name;
  const first = await job([one]);
  expect(first).toMatch(/^schema-registry-registrar-[0-9a-f]{10}$/);
  expect(await job([one])).toBe(first);
  expect(await job([one, two])).not.toBe(first);
});

test("each schema is told with its type and its version, in an order that never changes", () => {
  const bodies = registrations(schemas);
  const names = Object.keys(bodies);
  expect(names).toEqual([...names].sort());
  expect(names.slice(0, 3)).toEqual(["0000-group.json", "0000-rule.json", "0001-envelope-1.artifact.json"]);
  expect(names).toHaveLength(schemas.length + 3);
  for (const { type, version, schema } of schemas) {
    const [name = ""] = names.filter((each) => each.endsWith(`-${type}-${version}.artifact.json`));
    const body = JSON.parse(bodies[name] ?? "") as { firstVersion: { content: { content: string } } };
    expect(body).toMatchObject({ artifactId: type, artifactType: "JSON", firstVersion: { version: String(version) } });
    expect(JSON.parse(body.firstVersion.content.content)).toEqual(schema);
  }
});

test("two versions of the same content are told apart", () => {
  const { type, schema } = one;
  const bare = { ...schema };
  delete bare.$id;
  const bodies = registrations([1, 2].map((version) => ({ type, version, schema: bare })));
  const [, second, third] = Object.values(bodies).slice(1);
  expect(second).not.toBe(third?.replace('"version":"2"', '"version":"1"'));
});

test("in a database of one's own its password comes from the Secret, and Kafka is not asked for", async () => {
  const storage = databaseConnection({
    ...{ host: "registry.example.com", username: "registry" },
    password: { secretName: "registry-database", key: "password" },
  });
  const variables = environment(
    await planOf(() => void new SchemaRegistry("schema-registry", { namespace: "shop", schemas: [one], storage })),
  );
  expect(variables).toMatchObject({
    APICURIO_STORAGE_KIND: { value: "sql" },
    APICURIO_DATASOURCE_URL: {
      value: "jdbc:postgresql://registry.example.com:5432/schema_registry?sslmode=verify-full",
    },
    APICURIO_DATASOURCE_PASSWORD: { valueFrom: { secretKeyRef: { name: "registry-database", key: "password" } } },
  });
  expect(Object.keys(variables).filter((name) => name.includes("KAFKA"))).toEqual([]);
});

test("schemas that break their consumers are refused", () => {
  const broken = { ...one, version: 2, schema: { ...one.schema, required: [] } };
  const thrown = (() => {
    try {
      const storage = databaseConnection({
        ...{ host: "registry.example.com", username: "registry" },
        password: { secretName: "registry-database", key: "password" },
      });
      return new SchemaRegistry("schema-registry", { namespace: "shop", schemas: [one, broken], storage });
    } catch (error) {
      return error;
    }
  })();
  if (!pulumi.InputPropertiesError.isInstance(thrown)) throw thrown;
  expect(thrown.errors[0]?.propertyPath).toBe(`schemas.${one.type}/2.json`);
  expect(thrown.errors[0]?.reason).toContain("breaks consumers that know version 1");
});
