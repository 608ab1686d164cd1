import { build, graphOf, msk, strimzi } from "./fixture";

// Each builds a bus or two, which takes seconds on a busy machine.
jest.setTimeout(60_000);

const clientNamespaces = { shipping: "shop-shipping" };

interface Metadata {
  name: string;
  namespace: string;
}

/** Objects by kind, name and namespace. */
async function objects(
  kind: string,
  args = strimzi,
): Promise<{ metadata: Metadata; props: Record<string, unknown> }[]> {
  const { resources } = await build({ ...args, clientNamespaces });
  return resources
    .filter(({ type }) => type.endsWith(`:${kind}`))
    .map(({ props }) => ({ metadata: props["metadata"] as Metadata, props: props as Record<string, unknown> }));
}

test("a client in a namespace of its own has its password there, and its user where the operator watches", async () => {
  const users = await objects("KafkaUser");
  expect(users.map(({ metadata }) => metadata.namespace)).toEqual(users.map(() => "shop"));
  const given = users.find(({ metadata }) => metadata.name === "shipping")?.props["spec"];
  expect(given).toMatchObject({
    authentication: { password: { valueFrom: { secretKeyRef: { name: "kafka-shipping-password", key: "password" } } } },
  });
  const secrets = (await objects("Secret")).map(({ metadata: { name, namespace } }) => `${namespace}/${name}`);
  expect(secrets.sort()).toEqual(["shop-shipping/kafka-shipping", "shop/kafka-shipping-password"]);
});

test("brokers let each namespace's own clients in, and KEDA logs in from there", async () => {
  const [kafka] = await objects("Kafka");
  const text = JSON.stringify(kafka?.props["spec"]);
  const peer = (namespace: string, ...values: string[]) =>
    JSON.stringify({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
      podSelector: { matchExpressions: [{ key: "app.kubernetes.io/name", operator: "In", values }] },
    });
  expect(text).toContain(peer("shop", "catalog", "order"));
  expect(text).toContain(peer("shop-shipping", "shipping"));
  for (const args of [strimzi, msk]) {
    const logins = await objects("TriggerAuthentication", args);
    expect(logins.map(({ metadata }) => metadata)).toEqual([
      expect.objectContaining({ name: "kafka-shipping", namespace: "shop-shipping" }),
    ]);
  }
});

test("without such namespaces nothing is other than it was", async () => {
  expect(graphOf(await build({ ...strimzi, clientNamespaces: {} }))).toEqual(graphOf(await build(strimzi)));
});
