import * as pulumi from "@pulumi/pulumi";
import { CounterStore } from "../../../components/gateway/counter-store";
import { RateLimiter, type RateLimiterArgs } from "../../../components/gateway/rate-limiter";
import { type PlannedResource, planProgram } from "../../../rehearsal/engine/plan";

const args: Omit<RateLimiterArgs, "redis"> = {
  namespace: "ingress",
  gateway: { labels: { "app.kubernetes.io/name": "gateway" }, serviceAccount: "gateway" },
};

async function make(given: Partial<RateLimiterArgs> = {}): Promise<PlannedResource[]> {
  const program = async () => {
    const { redis } = new CounterStore("counters", { namespace: args.namespace });
    new RateLimiter("limiter", { ...args, redis, ...given });
  };
  return (await planProgram(program, "test", { config: {}, secrets: [] })).resources;
}

function propsOf(resources: PlannedResource[], name: string): unknown {
  return resources.find((resource) => resource.name === name)?.props;
}

test("what a gateway gets unless it is told otherwise", async () => {
  const graph = (await make()).map(({ type, name, props }) => ({ type, name, props }));
  expect(graph.sort((left, right) => (left.name < right.name ? -1 : 1))).toMatchSnapshot();
});

test("other limits are other configuration, and so a rollout", async () => {
  const annotations = async (given: Partial<RateLimiterArgs>) => {
    const { spec } = propsOf(await make(given), "limiter-deployment") as {
      spec: { template: { metadata: { annotations: Record<string, string> } } };
    };
    return spec.template.metadata.annotations["omega-platform/configuration"];
  };
  const usual = await annotations({});
  expect(usual).toMatch(/^[0-9a-f]{16}$/);
  expect(await annotations({ requestsPerMinute: { free: 60 } })).toBe(usual);
  expect(await annotations({ requestsPerMinute: { free: 61 } })).not.toBe(usual);
});

test("a store elsewhere: its password comes from the Secret, and its port alone is open", async () => {
  const redis = {
    ...{ host: "cache.example.com", port: 6380, tls: true },
    passwordSecret: { secretName: "cache", key: "password" },
  };
  const resources = await make({ redis });
  const { spec: deployment } = propsOf(resources, "limiter-deployment") as {
    spec: { template: { spec: { containers: { env: object[] }[] } } };
  };
  expect(deployment.template.spec.containers[0]?.env).toEqual(
    expect.arrayContaining([
      { name: "REDIS_URL", value: "cache.example.com:6380" },
      { name: "REDIS_TLS", value: "true" },
      { name: "REDIS_AUTH", valueFrom: { secretKeyRef: { name: "cache", key: "password" } } },
    ]),
  );
  const { spec } = propsOf(resources, "limiter-network-policy") as { spec: { egress: object[] } };
  expect(spec.egress.at(-1)).toEqual({ ports: [{ port: 6380, protocol: "TCP" }] });
});

test("a store in the cluster with an authority of its own: its certificate is checked, and its pods alone are reached", async () => {
  const redis = {
    ...{ host: "counters.cache.svc.cluster.local", tls: true, authoritySecretName: "stores-trust" },
    ...{ podNamespace: "cache", podLabels: { app: "counters" } },
  };
  const resources = await make({ redis });
  const { spec: deployment } = propsOf(resources, "limiter-deployment") as {
    spec: { template: { spec: { containers: { env: object[]; volumeMounts: object[] }[]; volumes: object[] } } };
  };
  const [container] = deployment.template.spec.containers;
  expect(container?.env).toContainEqual({ name: "REDIS_TLS_CACERT", value: "/etc/omega/counters/ca.crt" });
  expect(container?.volumeMounts).toContainEqual({
    ...{ name: "authority", mountPath: "/etc/omega/counters", readOnly: true },
  });
  expect(deployment.template.spec.volumes).toContainEqual({
    name: "authority",
    secret: { secretName: "stores-trust", items: [{ key: "ca.crt", path: "ca.crt" }] },
  });
  const { spec } = propsOf(resources, "limiter-network-policy") as { spec: { egress: object[] } };
  expect(spec.egress.at(-1)).toEqual({
    to: [
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "cache" } },
        podSelector: { matchLabels: { app: "counters" } },
      },
    ],
    ports: [{ port: 6379, protocol: "TCP" }],
  });
});

test("every problem of the arguments is reported, each with its path", () => {
  const wrong: RateLimiterArgs = {
    namespace: "ingress",
    gateway: { labels: {}, serviceAccount: "gateway" },
    redis: { host: "cache", port: 0 },
    requestsPerMinute: { free: 0 },
    backstopRequestsPerSecond: 0.5,
    replicas: { min: 1, max: 101 },
    breaker: { consecutiveFailures: 0, ejectionSeconds: 0 },
  };
  const thrown = (() => {
    try {
      return new RateLimiter("limiter", wrong);
    } catch (error) {
      return error;
    }
  })();
  if (!pulumi.InputPropertiesError.isInstance(thrown)) throw thrown;
  expect(thrown.errors.map(({ propertyPath }) => propertyPath)).toEqual([
    "requestsPerMinute.free",
    "backstopRequestsPerSecond",
    "gateway.labels",
    "redis.port",
    "replicas.min",
    "replicas.max",
    "breaker.consecutiveFailures",
    "breaker.ejectionSeconds",
  ]);
});
