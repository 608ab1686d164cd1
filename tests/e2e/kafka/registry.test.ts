import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventBus, EventBusEngine, IssuerKind } from "../../../components";
import { eventSchemas, eventSchemasFolder, type EventSchema } from "../../../components/events/event-schemas";
import { registrations, registrationScript } from "../../../components/events/registry/registrations";
import { SchemaRegistry } from "../../../components/events/registry/schema-registry";
import { RegistryTopics } from "../../../components/events/registry/storage";
import { planProgram } from "../../../rehearsal/engine/plan";
import { provideTools } from "../../../rehearsal/toolchain";
import { freePort } from "../data-plane/ports";
import { RunningProgram } from "../data-plane/processes";
import { run } from "../support";
import { KafkaCluster } from "./cluster";
import { applyStrimzi, brokerConfigurationIn, type DeclaredObject } from "./operators";

jest.setTimeout(600_000);

const { schemas } = eventSchemas();
const user = "schema-registry";

type Variables = { name: string; value?: string; valueFrom?: { secretKeyRef: { name: string; key: string } } }[];

/** What the stack declares of the registry and of its storage. */
async function declared(): Promise<{ objects: DeclaredObject[]; variables: Variables }> {
  const program = async () => {
    const bus = new EventBus("events", {
      ...{ engine: EventBusEngine.Strimzi, namespace: "kafka", clientsNamespace: "shop", clients: [user] },
      issuer: { kind: IssuerKind.Issuer, name: "internal" },
    });
    const storage = new RegistryTopics("registry", { bus, namespace: "shop" }).connection;
    new SchemaRegistry("schema-registry", { namespace: "shop", schemas, storage });
  };
  const { resources } = await planProgram(program, "test", { config: {}, secrets: [] });
  const deployment = resources.find(({ name }) => name === "schema-registry-deployment");
  const { spec } = deployment?.props as { spec: { template: { spec: { containers: { env: Variables }[] } } } };
  return {
    objects: resources
      .filter(({ type }) => type.startsWith("kubernetes:kafka.strimzi.io/"))
      .map(({ props }) => props as unknown as DeclaredObject),
    variables: spec.template.spec.containers[0]?.env ?? [],
  };
}

const folder = mkdtempSync(join(tmpdir(), "omega-registry-"));
let cluster: KafkaCluster;
let password: string;
let variables: Variables;
let apicurio: string;
let java: string;
const running: RunningProgram[] = [];

beforeAll(async () => {
  const tools = await provideTools(["apicurio-registry", "java-runtime"]);
  apicurio = join(tools["apicurio-registry"], "quarkus-run.jar");
  java = join(tools["java-runtime"], "bin/java");
  const stack = await declared();
  variables = stack.variables;
  cluster = await KafkaCluster.start(brokerConfigurationIn(stack.objects));
  password = (await applyStrimzi(cluster, stack.objects)).get(user) ?? "";
});

afterAll(async () => {
  await Promise.all(running.map((program) => program.stop()));
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A replica of the registry with the declared environment, but for what is another place here. */
async function startReplica(): Promise<{ url: string; program: RunningProgram }> {
  const { brokers, certificateAuthority = "" } = cluster.connection({ username: user, password });
  const authorityFile = join(folder, "ca.crt");
  writeFileSync(authorityFile, certificateAuthority);
  const login = `org.apache.kafka.common.security.scram.ScramLoginModule required username="${user}" password="${password}";`;
  const here: Record<string, string> = {
    APICURIO_KAFKASQL_BOOTSTRAP_SERVERS: brokers.join(","),
    APICURIO_KAFKA_COMMON_SSL_TRUSTSTORE_LOCATION: authorityFile,
    APICURIO_KAFKA_COMMON_SASL_JAAS_CONFIG: login,
  };
  const names = variables.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(Object.keys(here)));
  const [port, management] = [await freePort(), await freePort()];
  const program = new RunningProgram({
    command: java,
    args: ["-Xmx384m", "-XX:TieredStopAtLevel=1", "-jar", apicurio],
    folder,
    logFile: join(folder, `registry-${port}.log`),
    environment: {
      ...Object.fromEntries(variables.map(({ name, value = "" }) => [name, value])),
      ...here,
      QUARKUS_HTTP_HOST: "127.0.0.1",
      QUARKUS_HTTP_PORT: String(port),
      QUARKUS_MANAGEMENT_HOST: "127.0.0.1",
      QUARKUS_MANAGEMENT_PORT: String(management),
    },
  });
  running.push(program);
  const isReady = async () => {
    try {
      return (await fetch(`http://127.0.0.1:${management}/health/ready`)).ok;
    } catch {
      return false;
    }
  };
  await program.until(isReady, 120);
  return { url: `http://127.0.0.1:${port}`, program };
}

/** As the job does. */
async function register(url: string, all: readonly EventSchema[]) {
  const content = mkdtempSync(join(folder, "content-"));
  for (const [name, body] of Object.entries(registrations(all))) writeFileSync(join(content, name), body);
  const environment = { PATH: process.env.PATH ?? "", REGISTRY_URL: url };
  return run("/bin/sh", ["-ceu", registrationScript(content)], { env: environment });
}

const read = (url: string, path: string) => fetch(`${url}/apis/registry/v3/groups/omega/artifacts/${path}`);

test("all schemas are registered, a second time changes nothing, and a replica that starts later has them", async () => {
  const first = await startReplica();
  expect(await register(first.url, schemas)).toEqual({ code: 0, output: "" });
  expect(await register(first.url, schemas)).toEqual({ code: 0, output: "" });
  await first.program.stop();
  const { url } = await startReplica();
  const found: unknown = await (await fetch(`${url}/apis/registry/v3/search/artifacts?limit=500`)).json();
  expect(found).toMatchObject({ count: new Set(schemas.map(({ type }) => type)).size + 1 });
  for (const { type, version, schema } of schemas) {
    const answer = await read(url, `${type}/versions/${version}/content`);
    expect(await answer.json()).toEqual(schema);
  }
  const envelope: unknown = JSON.parse(readFileSync(join(eventSchemasFolder, "envelope.json"), "utf8"));
  expect(await (await read(url, "envelope/versions/1/content")).json()).toEqual(envelope);
});

test("a version that was registered can't be changed, and the next one comes beside it", async () => {
  const { url } = await startReplica();
  const [first, ...others] = schemas;
  if (first === undefined) throw new Error("There are no schemas.");
  const { type, schema } = first;
  const refused = await register(url, [{ ...first, schema: { ...schema, title: "another" } }, ...others]);
  expect(refused.code).toBe(1);
  expect(refused.output).toContain(`-${type}-1.artifact.json is refused with 409`);
  expect(refused.output).toContain("A version that is published never changes: add the next one.");
  const next = { type, version: 2, schema: { ...schema, $id: `urn:omega:event:${type}:2` } };
  expect(await register(url, [...schemas, next])).toEqual({ code: 0, output: "" });
  expect(await (await read(url, `${type}/versions/2/content`)).json()).toEqual(next.schema);
  expect(await (await read(url, `${type}/versions/1/content`)).json()).toEqual(schema);
});
