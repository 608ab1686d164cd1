import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ConfigResourceTypes,
  ResourcePatternTypes,
} from "kafkajs";
import { planStack } from "../../../rehearsal/engine/plan";
import { projectRoot } from "../../../rehearsal/paths";
import { KafkaCluster } from "./cluster";
import { applyStrimzi, brokerConfigurationIn, type DeclaredObject, rightsIn, topicsIn, usersIn } from "./operators";

jest.setTimeout(600_000);

/** All that the dev stack declares of its bus, on brokers: entities, retries, dead letters, the registry and the operator too. */

let cluster: KafkaCluster;
let passwords: ReadonlyMap<string, string>;
let objects: DeclaredObject[];

beforeAll(async () => {
  const { resources } = await planStack(projectRoot, "dev");
  const strimzi = resources.filter(({ type }) => type.startsWith("kubernetes:kafka.strimzi.io/"));
  objects = strimzi.map(({ props }) => props as unknown as DeclaredObject);
  cluster = await KafkaCluster.start(brokerConfigurationIn(objects));
  passwords = await applyStrimzi(cluster, objects);
});

afterAll(() => cluster.stop());

const settingsIn = (entries: { configName: string; configValue: string }[]) =>
  Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));

const asText = (entries: [string, unknown][]) =>
  Object.fromEntries(entries.map(([key, value]) => [key, String(value)]));

test("each broker knows, and has, the configuration that is declared", async () => {
  const admin = cluster.client().admin();
  await admin.connect();
  const brokers = [1, 2, 3].map((id) => ({ type: ConfigResourceTypes.BROKER, name: String(id) }));
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: brokers });
  await admin.disconnect();
  const wanted = Object.entries(brokerConfigurationIn(objects));
  expect(wanted.length).toBeGreaterThan(0);
  expect(resources).toHaveLength(3);
  for (const { configEntries } of resources) expect(settingsIn(configEntries)).toMatchObject(asText(wanted));
});

test("topics are on the brokers as they were declared, a replica in each rack", async () => {
  const declared = topicsIn(objects);
  const admin = cluster.client().admin();
  await admin.connect();
  const { topics } = await admin.fetchTopicMetadata();
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [...declared.keys()].map((name) => ({ type: ConfigResourceTypes.TOPIC, name })),
  });
  await admin.disconnect();
  const names = topics.map(({ name }) => name).filter((name) => !name.startsWith("__"));
  expect(names.sort()).toEqual([...declared.keys()].sort());
  for (const [name, { partitions, replicas, config }] of declared) {
    const found = topics.find((topic) => topic.name === name)?.partitions ?? [];
    expect(found.map((partition) => new Set(partition.replicas).size)).toEqual(Array(partitions).fill(replicas));
    const entries = resources.find(({ resourceName }) => resourceName === name)?.configEntries ?? [];
    expect(settingsIn(entries)).toMatchObject(asText(Object.entries(config)));
  }
});

test("rights, passwords and quotas are those declared, and nobody has another right", async () => {
  const admin = cluster.client().admin();
  await admin.connect();
  const { resources } = await admin.describeAcls({
    resourceType: AclResourceTypes.ANY,
    resourcePatternType: ResourcePatternTypes.ANY,
    operation: AclOperationTypes.ANY,
    permissionType: AclPermissionTypes.ANY,
  });
  await admin.disconnect();
  const actual = resources.flatMap(({ acls, ...resource }) => acls.map((acl) => ({ ...resource, ...acl })));
  const inOrder = (rights: object[]) => rights.map((right) => JSON.stringify(right, Object.keys(right).sort())).sort();
  expect(inOrder(actual)).toEqual(inOrder(rightsIn(objects)));
  const users = await cluster.tool("kafka.admin.ConfigCommand", "--describe", "--entity-type", "users");
  for (const user of passwords.keys()) expect(users).toMatch(new RegExp(`'${user}'.* SCRAM-SHA-512=`));
  const rates = [...users.matchAll(/'(\S+)' are consumer_byte_rate=(\S+), producer_byte_rate=(\S+)/g)];
  const actualQuotas = rates.map(([, user, consumer, producer]) => [
    user,
    { consumerByteRate: Number(consumer), producerByteRate: Number(producer) },
  ]);
  const declaredQuotas = [...usersIn(objects)].map(([user, { quotas }]) => [user, quotas]);
  expect(Object.fromEntries(actualQuotas)).toEqual(Object.fromEntries(declaredQuotas));
});
