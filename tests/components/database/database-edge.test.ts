import * as pulumi from "@pulumi/pulumi";
import { DatabaseEdge, type DatabaseEdgeArgs } from "../../../components/database/database-edge";
import { Dialect } from "../../../components/database/dialect";

const args: DatabaseEdgeArgs = {
  accountId: "0".repeat(32),
  dialect: Dialect.PostgreSql,
  host: "shop.cockroach.example",
  database: "orders",
  username: "edge",
  password: "hidden",
};

const inputs = new Map<string, unknown>();

beforeAll(() =>
  pulumi.runtime.setMocks({
    newResource: (resource) => {
      if (resource.type === "cloudflare:index/hyperdriveConfig:HyperdriveConfig")
        inputs.set(resource.name, resource.inputs);
      return { id: "configuration", state: resource.inputs };
    },
    call: () => ({}),
  }),
);

async function inputsOf(name: string, given: DatabaseEdgeArgs): Promise<unknown> {
  const edge = new DatabaseEdge(name, given);
  expect(await new Promise((resolve) => edge.configurationId.apply(resolve))).toBe("configuration");
  return inputs.get(`${name}-hyperdrive`);
}

test("asks the database itself, by the dialect's port, unless answers may be given again", async () => {
  expect(await inputsOf("shop", args)).toMatchObject({
    name: "shop",
    // All of it is a secret, for the password is.
    origin: {
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      value: { scheme: "postgresql", host: "shop.cockroach.example", port: 5432, database: "orders", user: "edge" },
    },
    caching: { disabled: true },
    originConnectionLimit: 20,
  });
  expect(await inputsOf("cached", { ...args, port: 26_257, cacheSeconds: 60, connections: 50 })).toMatchObject({
    origin: { value: { port: 26_257 } },
    caching: { disabled: false, maxAge: 60 },
    originConnectionLimit: 50,
  });
});

test.each<[Partial<DatabaseEdgeArgs>, string]>([
  [{ port: 0 }, "port"],
  [{ cacheSeconds: 3601 }, "cacheSeconds"],
  [{ connections: 4 }, "connections"],
])("%j is refused", (change, path) => {
  expect(() => new DatabaseEdge("shop", { ...args, ...change })).toThrow(path);
});
